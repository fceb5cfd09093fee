"""A worker killed with -9 while it summarises: another goes on with the parts that were kept, and the summary comes once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mmapp.models import Node
from tests.acceptance.crashing_worker import POINTS
from tests.acceptance.house import House
from tests.playground.store import Doc

MESSAGES = 400
WORDS = "Truck {0} has passed gate {1} with {2} pallets of cement for the harbour wall, and the driver signed for them."
SCRIPT: list[Doc] = [
    {"answer": "Trucks bring cement for the harbour wall. [1]\n- Pallets of cement passed the gate [2]", "delay_ms": 50}
]
QUICK = ("--settle", "0.5")


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, script=SCRIPT) as standing:
        yield standing


def talk(house: House) -> Doc:
    root = house.playground.post_as(house.ann, house.town, "Trucks today:")
    for number in range(1, MESSAGES):
        house.playground.post_as(house.ann, house.town, WORDS.format(number, number % 7, number % 13), root)
    return root


def kept(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(Node)) or 0


# One database a point, by turns: that claims and fencing are the same on both, tests/unit/test_queue.py shows.
@pytest.mark.parametrize(
    ("point", "database_url"),
    list(
        zip(
            sorted(point for point in POINTS if point.startswith("summary")),
            cycle(("sqlite", "postgresql")),
            strict=False,
        )
    ),
    indirect=["database_url"],
)
def test_the_summary_comes_once_and_no_part_that_was_kept_is_written_again(house: House, point: str) -> None:
    root = talk(house)
    with house.worker(point) as dying:
        house.playground.slash(house.ann, house.town, f"/ai summarize {house.playground.link(root)}", "")
        assert dying.ended() == -signal.SIGKILL, dying.said
    before, written = kept(house), bool(house.messages("answer"))
    with house.worker("never", *QUICK) as second:
        house.at_rest(second)
    (answer,) = house.messages("answer")
    (post,) = house.bot_posts()
    assert f"{MESSAGES} of {MESSAGES} messages read" in post["message"]
    if not written:  # else only its delivery was left
        assert kept(house) - before == answer.provenance["written"] // len(SCRIPT[0]["answer"].split())
    assert kept(house) == answer.provenance["summary"]["parts"] > 2
