"""Who is there, and who has said which word where: what the playground itself does not tell afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import select

from mmapp.models import Job, Message
from tests.line import Line
from tests.orders.worker import Steps
from tests.playground.store import Doc

WORD = re.compile(r"\bsecret[a-z]{2}\b")
QUESTION = re.compile(r"\basked[a-z]{2}\b")
TAKE = re.compile(r"\btake[a-z]{2}\b")
THINGS = ("pump", "valve", "crane", "ferry", "gate", "scale", "lift", "bridge")


def letters(number: int) -> str:
    """Two of them: a number would be held against the messages (chat/exact.py)."""
    return chr(97 + number // 26 % 26) + chr(97 + number % 26)


@dataclass
class Word:
    """A word of one message: nobody else has ever said it. `gone`: its message was deleted, or reads otherwise."""

    word: str
    place: str
    author: str
    post: Doc
    gone: bool = False


@dataclass
class World:
    """Three people and the bot in a public channel, two private ones and their direct messages with it."""

    line: Line
    places: dict[str, Doc] = field(default_factory=dict)
    words: dict[str, Word] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    """The channels whose admin does not want them read."""
    dialogs: list[tuple[str, str, Doc]] = field(default_factory=list)
    """Those that are open: whose, where, and what it shows."""
    summaries: set[str] = field(default_factory=set)
    """The questions that ask for one."""
    posted: set[str] = field(default_factory=set)
    """The questions that stand in messages, which are not the bot's to delete."""
    count: dict[str, int] = field(default_factory=dict)
    act: Steps = field(init=False)

    PEOPLE = ("ann", "bob", "carol")

    def __post_init__(self) -> None:
        """Carol is in the town alone, and nobody reads the direct messages of another."""
        line = self.line
        few = (line.ann, line.bob, line.bot)
        self.places = {"the town": line.town}
        self.places |= {
            f"the {name}": line.playground.add_channel("P", name, members=few) for name in ("board", "crew")
        }
        for name, channel in self.places.items():
            line.playground.make_channel_admin(line.bob, channel)
            self.say("bob", name)
            for other in ("ann", "bob"):
                self.say(other, name, self.said_in(name)[0].post)

    def new(self, kind: str) -> str:
        """A word of its own: a `secret`, the `asked` of a question, the `take` of an answer."""
        number = self.count[kind] = self.count.get(kind, -1) + 1
        return f"{kind}{letters(number)}"

    # People and places

    def person(self, name: str) -> Doc:
        return self.line.playground.user(name)

    def name_of(self, user_id: str) -> str:
        return str(self.line.playground.user(user_id)["username"])

    def place(self, name: str) -> Doc:
        """A channel, or somebody's direct message with the bot."""
        return self.places.get(name) or self.line.direct(self.person(name.removeprefix("the bot's with ")))

    def place_of(self, channel_id: str) -> str:
        """Its name; empty for one of the server's that nobody reads here."""
        every = {name: self.place(name) for name in (*self.places, *(f"the bot's with {one}" for one in self.PEOPLE))}
        return next((name for name, channel in every.items() if channel["id"] == channel_id), "")

    def inside(self, place: str, name: str = "ai") -> bool:
        return self.line.playground.server.member(self.place(place)["id"], self.person(name)["id"]) is not None

    def administers(self, name: str, place: str) -> bool:
        member = self.line.playground.server.member(self.place(place)["id"], self.person(name)["id"]) or {}
        return bool(member.get("scheme_admin"))

    def members(self, place: str) -> list[str]:
        return [name for name in self.PEOPLE if self.inside(place, name)]

    def may_read(self, name: str, word: str) -> bool:
        """Whether somebody could open its channel now: everybody is in the team."""
        where = self.words[word].place
        return where == "the town" or self.inside(where, name)

    def sharer(self, request_id: str) -> str:
        """Who has shared this answer; empty where it was asked where it stands."""
        with self.line.worker.database.read() as session:
            question = session.get(Message, request_id)
            kinds = set(session.scalars(select(Job.kind).where(Job.request_id == request_id)))
        return self.name_of(question.person_id) if question and "admit" not in kinds else ""

    # Words

    def sentence(self) -> tuple[str, str]:
        """A word, and the message that it stands in."""
        word = self.new("secret")
        thing = THINGS[self.count["secret"] % len(THINGS)]
        return word, f"The {thing} is called {word} from today on."

    def say(self, name: str, place: str, root: Doc | None = None) -> str:
        """Somebody posts a message with a word of its own; that word."""
        word, text = self.sentence()
        top = self.line.playground.post(root["root_id"] or root["id"]) if root else None
        post = self.line.playground.post_as(self.person(name), self.place(place), text, top or "")
        self.words[word] = Word(word, place, name, post)
        return word

    def said_in(self, place: str) -> list[Word]:
        """What stands there, of people."""
        return [one for one in self.words.values() if one.place == place and not one.gone]

    def edit(self, one: Word) -> str:
        """Its author writes another word in its place; that word."""
        word, text = self.sentence()
        self.line.playground.edit(self.person(one.author), one.post, text)
        self.words[word] = Word(word, one.place, one.author, one.post)
        one.gone = True
        return word

    def type(self, name: str, command: str, place: str, root: Doc | None = None) -> str:
        """Somebody types a command; what is said at once, shortened."""
        said = self.line.say(self.person(name), command, self.place(place), root)
        return f" [{said.text[:50]}]" if said.text else ""

    def ask(self, name: str, place: str, text: str, root: Doc | None = None) -> None:
        """Somebody posts a question."""
        self.posted.update(QUESTION.findall(text))
        self.line.playground.post_as(self.person(name), self.place(place), text, root or "")

    def read(self, word: str) -> bool:
        """Whether it stands, and who said it wants to be read, and where it was said one may."""
        one = self.words[word]
        return not one.gone and one.author not in self.unread and one.place not in self.closed

    def forget_thread(self, root_id: str) -> None:
        """With a root go its replies."""
        for one in self.words.values():
            one.gone = one.gone or root_id in (one.post["id"], one.post["root_id"])
