"""Four schedulers, two by two, and two workers, some killed with -9 in the middle: each digest is posted once, at its time."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mmapp.db import clock
from mmapp.models import Digest, DigestRun
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually
from tests.playground.store import Doc

DIGESTS = 12
SCRIPT: list[Doc] = [{"answer": "Trucks bring cement. [1]\n- Cement passed the gate with a truck [2]", "delay_ms": 50}]
DEATHS = (("before", "3"), ("after", "2"))
DYING = "delivery: after the post was made, before we know"


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, script=SCRIPT) as standing:
        yield standing


def scheduler(house: House, number: int, *death: str) -> Process:
    program = ("-m", "tests.acceptance.hurried_scheduler", *death)
    return Process(*program, env=house.env, log=house.folder / f"scheduler-{number}.log")


def digests(house: House) -> None:
    """As many of ann's, to be posted in a few seconds; the next time of each is half a day away."""
    for count in range(6):
        house.playground.post_as(house.ann, house.town, f"Truck {count} has passed the gate with cement for the wall.")
    with house.database.write() as session:
        now = clock(session)
        hour = (now.hour + 12) % 24
        for _ in range(DIGESTS):
            made = Digest(
                bot="ai",
                person_id=house.ann["id"],
                person_name="ann",
                team_id=house.team["id"],
                team_name="eng",
                channels=[house.town["id"]],
                line=f"0 {hour} * * *",
                zone="UTC",
                read_until=0,
                next_at=now + timedelta(seconds=4),
                next_key=f"{now:%Y-%m-%d}T{hour:02}:00",
                planned_at=now,
                created_at=now,
            )
            session.add(made)


def runs(house: House) -> list[DigestRun]:
    with house.database.read() as session:
        return list(session.scalars(select(DigestRun)))


def posts(house: House) -> list[Doc]:
    return [post for post in house.bot_posts() if not post["delete_at"]]


def test_each_is_posted_once_and_not_before_its_time(house: House) -> None:
    digests(house)
    with ExitStack() as stack:
        killed = [stack.enter_context(scheduler(house, number, *death)) for number, death in enumerate(DEATHS)]
        dying, other = (stack.enter_context(house.worker(point, "--settle", "0.5")) for point in (DYING, "never"))
        assert {one.ended() for one in killed} == {-signal.SIGKILL}  # before they could plan all of it
        alive = [stack.enter_context(scheduler(house, number)) for number in (2, 3)]

        def trouble() -> str:
            return "".join(one.trouble() for one in (*alive, other))

        eventually(lambda: len(runs(house)) == DIGESTS, "not all are planned", unless=trouble)
        done = ("posted",) * DIGESTS
        eventually(lambda: tuple(run.state for run in runs(house)) == done, "not all are posted", unless=trouble)
        assert dying.ended() == -signal.SIGKILL
        house.at_rest(other)
        assert Counter(post["props"]["chorus_request"] for post in posts(house)) == Counter(
            run.request_id for run in runs(house)
        )
        assert {run.due_at <= run.ended_at for run in runs(house) if run.ended_at} == {True}
        _is_small_and_knows_no_engine(alive[0])
        for one in alive:
            one.signal(signal.SIGTERM)
        assert [one.ended(within=5) for one in alive] == [0, 0]
        assert all("Traceback" not in one.said and '"level": "error"' not in one.said for one in (*killed, *alive))


def _is_small_and_knows_no_engine(process: Process) -> None:
    maps, status = (Path(f"/proc/{process.pid}/{name}").read_text() for name in ("maps", "status"))
    assert not [name for name in ("gpt4all", "llama") if name in maps]
    assert int(status.partition("VmRSS:")[2].split()[0]) < 120_000  # kB
