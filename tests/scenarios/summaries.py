"""A talk that is worth a summary, and a model's words about it."""

from __future__ import annotations

from tests.line import Line
from tests.playground.store import Doc
from tests.playground.world import Answer

TALK = (
    ("ann", "The checkout API has returned 502 since 9:10. Customers cannot pay."),
    ("bob", "Looking at the payment pods now."),
    ("bob", "They were killed: the memory limit is 256 MB since the release."),
    ("carol", "We cannot roll back because of the migration."),
    ("ann", "Then we raise the limit to 512 MB now and fix the cache on Monday. Decided."),
    ("bob", "Limit raised, the checkout is back."),
    ("carol", "I write the post-mortem by Friday."),
    ("ann", "Who fixes the cache on Monday?"),
)
WRITTEN = """The checkout was down; a memory limit was the cause. [1]
- The payment pods were killed, the limit is 256 MB [3]
- Decided: raise the limit now and fix the cache on Monday [5]
- To do: carol: post-mortem by Friday [7]
- Open: Who fixes the cache on Monday? [8]
"""


def talk(line: Line, channel: Doc | None = None) -> Doc:
    """They talk in a thread of a channel, the town unless told; its root."""
    root: Doc | None = None
    for who, words in TALK:
        post = line.playground.post_as(getattr(line, who), channel or line.town, words, root or "")
        root = root or post
    assert root is not None
    return root


def typed_in(line: Line, who: Doc, root: Doc, text: str, channel: Doc | None = None) -> Answer:
    """Type `/ai …` in a thread, and wait until all is done. 5.37 does not tell in which, so people name it."""
    verb, _, rest = text.partition(" ")
    named = f"{verb} {line.playground.link(root)} {rest}".strip() if line.playground.age == "5.37" else text
    said = line.say(who, named, channel, root)
    line.settle()
    return said


def summary(line: Line, who: Doc) -> str:
    """The newest one in somebody's direct message."""
    return line.private_answers(who)[-1].replace("\u200b", "")


def found(line: Line, who: Doc) -> str:
    """All that somebody was told, alone."""
    return "\n".join([*line.told(who), *line.private_answers(who)])
