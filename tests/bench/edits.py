"""An answer of two minutes, as others meet it: how often its post is edited, and what a member of the channel is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.processes import eventually
from tests.bench.seen import Arrivals, shown
from tests.bench.site import LONG, Site, working
from tests.bench.story import steadily, story
from tests.bench.table import Row
from tests.playground.world import Playground

CHARACTERS, SECONDS, MINUTE = 6_000, 120, 60
MOST_IN_A_MINUTE, MOST = 10, 15
OFTEN = "an edit a second, from the post's creation to the last edit"
WHOLE = "15 times the answer's characters, since each edit sends the whole text so far to everybody in the channel"


@dataclass(frozen=True)
class Told:
    """What others met of one answer: its characters, when its edits came (seconds after its creation), bytes to a viewer."""

    characters: int
    edits: list[float]
    sent: int


def rows(folder: Path) -> Iterator[Row]:
    told = _told(folder)
    early = sum(second <= MINUTE for second in told.edits)
    yield Row("edits in the first minute", early, "edits", MINUTE, MOST_IN_A_MINUTE, OFTEN, limited="value")
    second, found = math.floor(told.edits[-1]), len(told.edits)
    yield Row("edits of an answer of two minutes", found, "edits", second, MOST, OFTEN, limited="value")
    yield Row("bytes to a viewer, 6,000 characters", told.sent, "bytes", MOST * told.characters, 1, WHOLE)


def _told(folder: Path) -> Told:
    playground = Playground("11").start()  # its events hold more than those of 5.37
    arrivals = Arrivals(playground)
    site = Site(folder, {}, playground=playground, script=steadily(story(99)[:CHARACTERS], SECONDS))
    (viewer,) = site.people(1)
    with working(site, CHARACTERS, "--scripted") as worker, shown(playground, viewer) as frames:
        site.ask("Tell a long story.")
        eventually(lambda: site.messages("answer"), "nothing is written", within=LONG, unless=worker.trouble)
        site.at_rest(worker)
        edits = _edits(arrivals)
        eventually(lambda: _edited(frames) == len(edits), "who looks on is not sent each edit")
        (answer,) = site.messages("answer")
        return Told(len(answer.raw), edits, sum(map(len, frames)))


def _edits(arrivals: Arrivals) -> list[float]:
    """When each edit came, the last one included: seconds after the post's creation."""
    created, *_note = arrivals.of("POST /api/v4/posts")  # who waited for over a minute is sent a note
    return [one.at - created.at for one in arrivals.of("PUT /api/v4/posts/[a-z0-9]+/patch")]


def _edited(frames: Iterable[bytes]) -> int:
    return sum(json.loads(frame)["event"] == "post_edited" for frame in frames)
