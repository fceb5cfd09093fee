"""What a job carries with it: where the request came from, and what has become of it so far."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from mmapp.chat.source import NO_END, Source, from_json, to_json
from mmapp.errors import WrongKey
from mmapp.models import Job

GARBLED = (WrongKey, ValueError, AttributeError)  # what a payload raises that cannot be read


@dataclass(frozen=True)
class Payload:
    """One request on its way. Kept encrypted: `response_url` lets anyone speak to the asker.

    `bot`: the name of the bot whose job it is, empty for the main one. `post_id`: the post that asked, empty for a command.
    `tells_root`: whether `root_id` would say that it was typed in a thread (5.37 never says so of a command). `asked_at` is
    the database's time in ms; `thread` a permalink or post id that the person gave; `verb` and `flags` are what they typed
    around their words; `public` is for whom the bot is to post in a channel, `chosen` what is to be set for a thread
    (choice.keep). After admission `to_channel` and `to_root` say where the answer goes (`direct`: the asker's own direct
    message), `sources` what it reads. `wanted`: it is a summary, of this (wanted.py); `rereads`: how often it was read again
    since some posts had changed, `changes` how often each of these has, by its id, and `unsteady` the ids of those that are
    left out for it, and `until` the time (ms) of the last one that is read then, 0 for all; `digest`: the digest that it is
    one of. `doing`: what is done with the digest of this `number`, by what was `said`, and as it was `shown` then (plan.py);
    `asked_by` and `asked_in`: who has typed for one that is made now, and where, while `person_id` is whose rights it is made
    with. `model` is the one that answers, `once` the one that its person named for this once; `instead_of`: the one that it
    stands in for, of those that were `tried` and could not answer; `manner`: how it is written: what the model is `told` of
    it, whose each part of that is (`origins`), temperature and length. `rewrite`: how an answer that is there is written
    anew, `take`: which time that is, by the job that wrote it first, also where it has to be made once more; `shared`: a
    private one that others are to read. `unsure`: a post of it may have been made that nobody remembers. A delivery carries
    besides what a summary was made from, as it was `seen` (seen.py), and the answer and the items that were there `before` it
    was written anew; and so does what puts these back (restore.py).
    """

    bot: str = ""
    person_id: str = ""
    person_name: str = ""
    team_id: str = ""
    team_name: str = ""
    channel_id: str = ""
    channel_name: str = ""
    root_id: str = ""
    tells_root: bool = False
    response_url: str = ""
    post_id: str = ""
    asked_at: int = 0
    thread: str = ""
    private: bool = False
    model: str = ""
    once: str = ""
    instead_of: str = ""
    tried: tuple[str, ...] = ()
    manner: dict[str, Any] = dataclasses.field(default_factory=dict)
    verb: str = ""
    flags: str = ""
    public: str = ""
    chosen: dict[str, Any] = dataclasses.field(default_factory=dict)

    to_channel: str = ""
    to_root: str = ""
    sources: tuple[Source, ...] = ()
    wanted: dict[str, Any] = dataclasses.field(default_factory=dict)
    rereads: int = 0
    changes: dict[str, int] = dataclasses.field(default_factory=dict)
    unsteady: tuple[str, ...] = ()
    until: int = 0
    digest: int = 0
    doing: str = ""
    number: int = 0
    said: dict[str, str] = dataclasses.field(default_factory=dict)
    shown: dict[str, Any] = dataclasses.field(default_factory=dict)
    asked_by: str = ""
    asked_in: str = ""
    direct: bool = False

    rewrite: str = ""
    take: int = 0
    shared: bool = False
    answer_id: str = ""
    unsure: bool = False
    seen: dict[str, Any] = dataclasses.field(default_factory=dict)
    before: dict[str, Any] = dataclasses.field(default_factory=dict)
    sentence: str = ""

    def to_json(self) -> str:
        written = vars(self) | {"sources": to_json(self.sources)}
        return json.dumps({name: value for name, value in written.items() if value})

    @classmethod
    def from_json(cls, text: str) -> Payload:
        """What another version of Chorus wrote is read as far as it is known here. Raises ValueError."""
        known = {field.name for field in dataclasses.fields(cls)}
        found = {name: value for name, value in json.loads(text).items() if name in known}
        listed = {name: tuple(found.get(name, ())) for name in ("tried", "unsteady")}
        return cls(**found | listed | {"sources": from_json(found.get("sources", ()))})

    @classmethod
    def of(cls, job: Job) -> Payload:
        """A job's; where its key is gone or it is garbled, the little that stands beside it."""
        try:
            return cls.from_json(job.payload)
        except GARBLED:
            return cls(person_id=job.person_id, channel_id=job.channel_id, model=job.model)

    @property
    def asker(self) -> str:
        """Who waits for it, has the turn that it takes, may stop it and hears what becomes of it."""
        return self.asked_by or self.person_id

    @property
    def reads(self) -> tuple[Source, ...]:
        """Its sources as far as it reads them. What is asked below it reads them to their end."""
        return tuple(dataclasses.replace(one, until=min(one.until, self.until or NO_END)) for one in self.sources)

    @property
    def is_summary(self) -> bool:
        """Whether it is one, by itself or as a digest, and no question."""
        return self.verb in ("summarize", "digest")

    @property
    def makes_digest(self) -> bool:
        """Whether it is a digest in the making, and none that stands there and is written anew."""
        return self.digest != 0 and not self.rewrite

    @property
    def goes_on(self) -> bool:
        """Whether it is asked below a summary in the asker's own direct message: what that has read, all that is said there
        reads too, until it is begun anew."""
        return self.direct and not self.is_summary

    @property
    def manner_told(self) -> str:
        """What the model is told of how to answer."""
        return str(self.manner.get("told", ""))

    @property
    def thread_read(self) -> Source | None:
        """The one thread that it reads, where it is one."""
        return self.sources[0] if len(self.sources) == 1 and self.sources[0].root_id else None

    def telling(self, sentence: str) -> Payload:
        """Somebody is told this, and nothing of an answer with it."""
        return self.but(sentence=sentence, answer_id="", seen={}, before={})

    def but(self, **changes: Any) -> Payload:
        """The same payload, further on its way."""
        return dataclasses.replace(self, **changes)
