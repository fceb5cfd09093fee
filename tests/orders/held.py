"""Who reads which word when: looked at after each thing that happens, as nobody can come or go in between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from llm.base import Prompt
from tests.orders.echo import Echo, words_of
from tests.orders.world import TAKE, WORD, World
from tests.playground.store import Doc


class Broken(BaseException):
    """Something does not hold: which rule, and where. No lane of the worker catches it."""

    def __init__(self, rule: str, where: str) -> None:
        super().__init__(f"{rule}: {where}")
        self.rule = rule


@dataclass
class Held:
    """What was seen so far: the texts of each answer's posts, and who was told which words alone."""

    world: World
    model: Echo
    slow: bool = True
    """Whether all that is posted has waited, and so is looked at once more. Else what was answered just now may be known to the
    next question before it is posted, and what is deleted in that very second be in a summary."""
    number: int = 0
    texts: dict[str, list[str]] = field(default_factory=dict)
    takes: set[str] = field(default_factory=set)
    """Answers that somebody has read, by the model's own word in each."""
    told: dict[str, set[str]] = field(default_factory=dict)

    def look(self) -> None:
        """At all that came about since the last look. Raises Broken."""
        for event in self.world.line.playground.store.events(self.number):
            self.number = event["seq"]
            if event["event"] == "post_deleted":
                self.world.forget_thread(json.loads(event["data"]["post"])["id"])
            elif event["event"] == "open_dialog":
                self._opened(event["receivers"], event["data"]["dialog"])
            elif event["event"] == "ephemeral_message":
                self._alone(event["receivers"], json.loads(event["data"]["post"]))
            elif event["event"] in ("posted", "post_edited"):
                self._posted(json.loads(event["data"]["post"]))

    def prompt(self, prompt: Prompt) -> None:
        """Of messages a model is told those that stand, by people who want it; and answers that somebody has read.

        Raises Broken.
        """
        self.look()
        stale = [word for word in words_of(prompt, "post", "question") if not self.world.read(word)]
        if stale:
            raise Broken("a model is told what is gone, or who does not want to be read", f"{stale}")
        answers = "\n".join(turn.text for turn in prompt.turns if turn.role == "answer")
        if (unread := set(TAKE.findall(answers)) - self.takes) and self.slow:
            raise Broken("a model is told an answer that nobody has read", f"{sorted(unread)}")

    def _alone(self, receivers: list[str], post: Doc) -> None:
        self.takes.update(TAKE.findall(post["message"]))
        for name in self.world.PEOPLE:
            if self.world.person(name)["id"] in receivers:
                self._tell(name, post["message"], set(WORD.findall(post["message"])))

    def _opened(self, receivers: list[str], dialog: str) -> None:
        """What a dialog shows stands, and its reader may read it."""
        words = set(WORD.findall(dialog))
        for name in self.world.PEOPLE:
            if self.world.person(name)["id"] in receivers:
                self._tell(name, dialog, words)
                if stale := [word for word in sorted(words) if not self.world.read(word)]:
                    raise Broken("a dialog shows what is gone, or who does not want to be read", f"{stale}: {dialog}")

    def _posted(self, post: Doc) -> None:
        if post["user_id"] != self.world.line.bot["id"] or post["type"]:
            return
        text, request_id = post["message"], str((post["props"] or {}).get("chorus_request", ""))
        self.takes.update(TAKE.findall(text))
        before = self.texts.setdefault(f"{post['channel_id']} {request_id or post['id']}", [])
        if text in before:  # also an old answer that is put back
            return
        new = set(WORD.findall(text)) - set(WORD.findall(before[-1] if before else ""))
        before.append(text)
        place = self.world.place_of(post["channel_id"])
        if place in self.world.places:
            self._show(place, text, new)
        else:
            self._tell(place.removeprefix("the bot's with "), text, new)
        if sharer := self.world.sharer(request_id):
            self._require_willing(sharer, text, new)
        else:
            self._require_fresh(text, new)

    def _show(self, place: str, text: str, words: set[str]) -> None:
        """Where others read, each is a member of the channel that a word comes from."""
        for name in self.world.members(place):
            if shut := [word for word in sorted(words) if not self.world.inside(self.world.words[word].place, name)]:
                raise Broken("somebody reads what they may not", f"{name} reads {shut} in {place}: {text!r}")

    def _tell(self, name: str, text: str, words: set[str]) -> None:
        """What somebody was told alone before they were told."""
        told = self.told.setdefault(name, set())
        if shut := [word for word in sorted(words - told) if not self.world.may_read(name, word)]:
            raise Broken("somebody is told what they may not read", f"{name} is told {shut}: {text!r}")
        told |= words
        self._require_fresh(text, words)

    def _require_willing(self, sharer: str, text: str, words: set[str]) -> None:
        """One's own are one's own to share."""
        of = [self.world.words[word] for word in sorted(words)]
        if unwilling := [
            one for one in of if one.place in self.world.closed or one.author in self.world.unread - {sharer}
        ]:
            raise Broken("who opted out is shared", f"{[one.word for one in unwilling]}: {text!r}")

    def _require_fresh(self, text: str, words: set[str]) -> None:
        """A summary is looked at until all of it is shown."""
        asked = {take.question for take in self.model.takes if take.word in text} if self.slow else set()
        if asked & self.world.summaries and (stale := [word for word in sorted(words) if not self.world.read(word)]):
            raise Broken("a summary shows what is gone, or who does not want to be read", f"{stale}: {text!r}")
