"""A worker killed with -9 while an answer is written anew: the old one stays until another worker has the new one done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from tests.acceptance.house import STORY, House
from tests.acceptance.processes import Process, eventually
from tests.playground import shapes
from tests.playground.store import Doc

BRIEF = "Seven clogged filters and one leaking valve stopped it, and nobody saw them in time."
SCRIPT: list[Doc] = [
    {"contains": "Say your last answer again", "answer": BRIEF, "delay_ms": 100, "delay_ms_per_word": 60},
    {"answer": STORY},
]
QUICK = ("--settle", "0.5")
POINTS = [
    "answer: after its claim",
    "answer: in its middle, after words were saved",
    "answer: after the last token, before its commit",
    "answer: after its commit",
    "delivery: after its claim",
    "delivery: after the post was read back, before its commit",
]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, script=SCRIPT) as standing:
        yield standing


def buttons(house: House) -> list[str]:
    (post,) = [post for post in house.bot_posts() if not post["delete_at"]]
    return [one["name"] for part in shapes.attachments(post) for one in part.get("actions") or ()]


def answered(house: House) -> None:
    """A question, its answer, and a worker that has gone."""
    with house.worker("never", *QUICK) as worker:
        house.ask("Why did it stop?")
        house.at_rest(worker)


def wish_for_less(house: House) -> None:
    """Press More… and pick the shorter answer."""
    (post,) = house.bot_posts()
    house.playground.click(house.ann, post, "More…")
    (dialog,) = house.playground.dialogs(house.ann)
    picked = house.playground.submit(house.ann, dialog, {"what": "shorter"}, house.town)
    assert (picked.status, picked.json or {}) == (200, {})


def settled(house: House, worker: Process) -> None:
    """The one post has the new words and its button; nothing says that it is still being written."""
    house.at_rest(worker)
    eventually(lambda: buttons(house) == ["More…"], "the button is not back", unless=worker.trouble)
    eventually(
        lambda: house.messages("answer")[0].rewriting == "", "it says that it is being written", unless=worker.trouble
    )
    (post,) = house.bot_posts()
    (answer,) = house.messages("answer")
    assert answer.raw == BRIEF
    assert post["message"].count(BRIEF) == 1
    assert STORY not in post["message"]
    assert not [text for text in house.told() if "could not" in text or "no new answer" in text]


# One database a point, by turns: that claims and fencing are the same on both, tests/unit/test_queue.py shows.
@pytest.mark.parametrize(
    ("point", "database_url"),
    list(zip(POINTS, cycle(("sqlite", "postgresql")), strict=False)),
    indirect=["database_url"],
)
def test_the_new_answer_comes_once_though_its_worker_is_killed(house: House, point: str) -> None:
    answered(house)
    with house.worker(point) as dying:
        wish_for_less(house)
        assert dying.ended() == -signal.SIGKILL, dying.said
    (answer,) = house.messages("answer")
    assert answer.raw in (STORY, BRIEF)  # never half of one
    with house.worker("never", *QUICK) as second:
        settled(house, second)
    assert len(house.bot_posts()) == 1
