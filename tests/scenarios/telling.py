"""What digests tell, as tests have it told and read it."""

from __future__ import annotations

from sqlalchemy import select, update

from mmapp import nodes
from mmapp.models import Digest, DigestItem
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import digest, due
from tests.scenarios.summaries import WRITTEN, talk

# Who says what on a busy day, and the line that a model makes of it.
BUSY = (
    ("ann", "Decided: gate 3 is closed for lorries on Sunday.", "Decided: gate 3 is closed for lorries on Sunday"),
    ("bob", "Decided: the night shift loads the ferry first.", "Decided: the night shift loads the ferry first"),
    ("carol", "Decided: pallets stay in the northern hall.", "Decided: pallets stay in the northern hall"),
    ("ann", "Decided: the old scanner is switched off.", "Decided: the old scanner is switched off"),
    ("carol", "I write the report about the flooded cellar.", "To do: carol: write the report about the flooded cellar"),
    ("bob", "I order new tyres for the forklift.", "To do: bob: order new tyres for the forklift"),
    ("ann", "I call the insurance about the broken window.", "To do: ann: call the insurance about the broken window"),
    ("bob", "I paint the lines of the parking lot.", "To do: bob: paint the lines of the parking lot"),
    ("ann", "Who renews the certificate of the scales?", "Open: Who renews the certificate of the scales?"),
    ("carol", "Which berth takes the tanker from Oslo?", "Open: Which berth takes the tanker from Oslo?"),
    ("bob", "Does the customs office open on Saturday?", "Open: Does the customs office open on Saturday?"),
    ("ann", "Where are the keys of the pilot boat?", "Open: Where are the keys of the pilot boat?"),
    ("bob", "Release 4.2 is out on two of five sites.", "Release 4.2 is out on two of five sites"),
    ("carol", "The new dashboard is liked by everybody.", "The new dashboard is liked by everybody"),
    ("ann", "The lift in the tower was repaired today.", "The lift in the tower was repaired today"),
    ("bob", "Fuel became cheaper by three cents.", "Fuel became cheaper by three cents"),
)  # fmt: skip
VERDICT = "On Sunday gate 3 is closed for lorries."
ALL = f"{VERDICT} [1]\n" + "".join(f"- {told} [{number}]\n" for number, (*_, told) in enumerate(BUSY, 1))
QUIET = "The scales of the harbour were calibrated today."


def words(line: str) -> str:
    """Without what it is."""
    return line.removeprefix("Decided: ").removeprefix("To do: ").removeprefix("Open: ")


def busy(line: Line, written: str = "") -> list[Doc]:
    """They say it in the town, and the model writes all of it unless told otherwise. Their messages."""
    line.model.enqueue(written or ALL)
    return [line.playground.post_as(getattr(line, who), line.town, said) for who, said, _ in BUSY]


def first(line: Line, to: Doc | None = None, **more: str) -> int:
    """A digest of the talk in the town, told once; its number."""
    talk(line)
    number = digest(line, line.ann, [line.town], to, **more)
    line.model.enqueue(WRITTEN)
    due(line, number)
    return number


def next_one(line: Line, number: int, key: str = "2026-11-27T09:00", said: str = QUIET, told: str = "") -> str:
    """Two messages more, and the next digest; what its person or its channel was told."""
    line.playground.post_as(line.bob, line.town, said)
    line.playground.post_as(line.bob, line.town, "The bridge is open for lorries as well.")
    line.model.enqueue(told or f"{said} [1]\n- The bridge is open for lorries as well [2]\n")
    due(line, number, key)
    return newest(line)


def change(line: Line, number: int, **values: object) -> None:
    """Its owner edits the digest."""
    with line.worker.database.write() as session:
        made = session.get_one(Digest, number)
        for name, value in values.items():
            setattr(made, name, value)


def read_again(line: Line, number: int, written: str, key: str = "2026-11-27T09:00") -> str:
    """The next digest reads the same messages, and the model writes something else of them; what was told."""
    change(line, number, read_until=0)
    with line.worker.database.write() as session:
        nodes.drop_all(session)
    line.model.enqueue(written)
    due(line, number, key)
    return newest(line)


def newest(line: Line) -> str:
    """The newest digest of the town or of ann's, its post with all that hangs below it."""
    found = [*line.posts(line.town), *line.posts(line.direct(line.ann))]
    heads = [post for post in found if not post["root_id"]]
    head = max(heads, key=lambda post: int(post["create_at"]))
    parts = [post for post in found if head["id"] in (post["id"], post["root_id"])]
    return "\n\n".join(post["message"].replace("\u200b", "") for post in parts)


def lines_of(text: str) -> list[str]:
    """Without the blank ones."""
    return [row for row in text.split("\n") if row.strip()]


def kept(line: Line) -> list[DigestItem]:
    """All that is to be told again, done or not, by the order of its messages."""
    with line.worker.database.read() as session:
        return list(session.scalars(select(DigestItem).order_by(DigestItem.post_at, DigestItem.section)))


def aged(line: Line, days: int) -> None:
    """What was told so far is so old by now."""
    with line.worker.database.write() as session:
        session.execute(update(DigestItem).values(post_at=DigestItem.post_at - days * 24 * 3_600_000))


def message(line: Line, said: str, channel: Doc | None = None) -> Doc:
    """The message with these words."""
    return next(post for post in line.playground.posts(channel or line.town) if said in post["message"])
