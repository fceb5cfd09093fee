"""Digests: what a week costs whose days were told before, and two hundred that are due at one moment on one worker."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from mmapp import migrate, nodes
from mmapp.db import Database, clock
from mmapp.jobs import tick
from mmapp.models import Digest, DigestRun, Installation, Job
from tests.acceptance.processes import Process, eventually
from tests.bench.site import LONG, Site, working
from tests.bench.summary import said
from tests.bench.table import Row
from tests.conftest import KEY
from tests.line import Line
from tests.noting import NotingModel, tokens
from tests.playground.store import Doc

DAYS, A_DAY, EVERY = 7, 120, 600  # posts, seconds between two
MOST_SHARE = 0.35
DUE, POSTS = 200, 6
DELAY = 0.1  # seconds of the made model for a part
AHEAD = DUE * 2 * DELAY + 90  # seconds: as long before their time as they are begun, and what looking takes
MOST_LATE, MOST_PARTS = 60, 1.5
ALONE = "a digest of the same messages where nothing was told before"
MODEL = "the model's own seconds for all of them, one after the other"
PART = "what the model takes for one part"


def rows(folder: Path) -> Iterator[Row]:
    yield _week(folder / "week")
    yield from _at_nine(folder / "nine")


# A week


def _week(folder: Path) -> Row:
    model = NotingModel()
    with _line(folder, model) as line:
        daily, weekly = (_digest(line, zone="UTC") for _ in range(2))
        for day in range(DAYS):
            _day(line, day)
            _made(line, daily, day)
        value = _tokens(line, model, weekly)
        with line.worker.database.write() as session:
            nodes.drop_all(session)
        baseline = _tokens(line, model, _digest(line, zone="Atlantic/Reykjavik"))  # UTC all year, and shares no days
    return Row("tokens read, a week whose days were told", value, "tokens", baseline, MOST_SHARE, ALONE)


@contextmanager
def _line(folder: Path, model: NotingModel) -> Iterator[Line]:
    (folder / "models").mkdir(parents=True)
    url = f"sqlite:///{folder / 'chorus.db'}"
    database = Database(url, (KEY,))
    migrate.upgrade(database)
    database.close()
    with Line(url, folder / "models", model, log_level="WARNING", default_model=model.name) as line:
        yield line


def _digest(line: Line, zone: str) -> int:
    with line.worker.database.write() as session:
        now = clock(session)
        made = Digest(
            bot="ai",
            person_id=line.ann["id"],
            person_name="ann",
            channels=[line.town["id"]],
            line="0 9 * * *",
            zone=zone,
            read_until=0,
            next_at=now + timedelta(days=1),
            next_key="2026-11-27T09:00",
            planned_at=now,
            created_at=now,
        )
        session.add(made)
        session.flush()
        return made.id


def _day(line: Line, day: int) -> None:
    people = (line.ann, line.bob, line.carol)
    for number in range(A_DAY):
        line.playground.advance(EVERY)
        words = f"{said(day * A_DAY + number)} {said(10_000 + day * A_DAY + number)} {said(20_000 + number)}"
        line.playground.post_as(people[number % len(people)], line.town, words)
    line.playground.advance(86_400 - A_DAY * EVERY)


def _made(line: Line, number: int, day: int) -> None:
    """It is due on that day, made and posted."""
    with line.worker.database.write() as session:
        now = clock(session)
        tick.enqueue(session, session.get_one(Digest, number), f"2026-11-{day + 1:02}T09:00", now, now=now)
    line.settle()
    with line.worker.database.read() as session:
        _require(set(session.scalars(select(DigestRun.state))) == {"posted"}, "a digest is not posted")


def _tokens(line: Line, model: NotingModel, number: int) -> int:
    """What the whole week costs it."""
    before = len(model.history)
    _made(line, number, 20)
    told = line.private_answers(line.ann)[-1].replace("\u200b", "")
    _require(f"{DAYS * A_DAY} of {DAYS * A_DAY} messages read" in told, "not all was read")
    return sum(map(tokens, model.history[before:]))


# Two hundred at once


def _at_nine(folder: Path) -> Iterator[Row]:
    site = Site(folder, {}, script=[{"answer": "A ship came. [1]\n- It came with coal [2]", "delay_ms": DELAY * 1000}])
    with working(site, 800, "--scripted") as worker:
        channels = [_channel(site, number) for number in range(DUE)]
        with planning(site) as scheduler:

            def trouble() -> str:
                return worker.trouble() + scheduler.trouble()

            first = _all_due(site, channels, timedelta(seconds=AHEAD))
            eventually(lambda: _states(site, first) == {"posted"}, "not all are posted", within=LONG, unless=trouble)
            ahead = _lateness(site, first)
            made = _in_order(site, first)
            for channel in channels:
                _talk(site, channel, 1)
            second = _all_due(site, channels, timedelta(0))
            eventually(lambda: _parts(site, second) > DUE // 20, "they are not begun", within=LONG, unless=trouble)
            site.ask("Is the coal there?")
            eventually(lambda: _states(site, second) == {"posted"}, "not all are posted", within=LONG, unless=trouble)
            behind = _lateness(site, second)
        parts = [job.model_seconds for job in site.jobs("summarize")]
        (answer,) = site.jobs("answer")
        (asked,) = site.jobs("admit")
    waited = (answer.started_at - asked.created_at).total_seconds() if answer.started_at else LONG
    alone = sum(parts[DUE:])
    yield Row("200 digests due at once, the latest", ahead, "s", alone, MOST_LATE, MODEL, limited="value")
    yield Row("200 digests due at once, made in order", made, "digests", DUE, 0.98, "all of them", least=True)
    yield Row("200 digests that nobody was there for, the latest", behind, "s", alone, None, MODEL)
    name = "a question while 200 digests are made"
    yield Row(name, waited, "s", statistics.median(parts), MOST_PARTS, PART)


@contextmanager
def planning(site: Site) -> Iterator[Process]:
    """The scheduler as administrators start it, once it has looked."""

    def has_looked() -> bool:
        with site.database.read() as session:
            return session.scalars(select(Installation.ticked_at)).one() is not None

    program = ("-m", "flask", "--app", "app", "scheduler")
    with Process(*program, env=site.env, log=site.folder / "scheduler.log") as process:
        eventually(has_looked, "the scheduler does not come up", within=LONG, unless=process.trouble)
        yield process


def _channel(site: Site, number: int) -> Doc:
    channel = site.playground.add_channel("O", f"berth-{number}", members=(site.ann, site.bot))
    _talk(site, channel, 0)
    return channel


def _talk(site: Site, channel: Doc, part: int) -> None:
    for number in range(POSTS):
        site.playground.post_as(
            site.ann, channel, f"{said(number + part * POSTS)} came to {channel['name']} with coal."
        )


def _all_due(site: Site, channels: list[Doc], ahead: timedelta) -> list[int]:
    """One of each channel, all due at the same moment; their numbers. The next time of each is half a day away."""
    with site.database.write() as session:
        now = clock(session)
        hour = (now.hour + 12) % 24
        made = [
            Digest(
                bot="ai",
                person_id=site.ann["id"],
                person_name="ann",
                channels=[channel["id"]],
                line=f"0 {hour} * * *",
                zone="UTC",
                read_until=0,
                seconds=DELAY,
                next_at=now + ahead,
                next_key=f"{now:%Y-%m-%d}T{hour:02}:00",
                planned_at=now,
                created_at=now,
            )
            for channel in channels
        ]
        session.add_all(made)
        session.flush()
        return [each.id for each in made]


def _runs(site: Site, numbers: list[int]) -> list[DigestRun]:
    with site.database.read() as session:
        return list(session.scalars(select(DigestRun).where(DigestRun.digest_id.in_(numbers))))


def _states(site: Site, numbers: list[int]) -> set[str]:
    found = _runs(site, numbers)
    return {run.state for run in found} if len(found) == len(numbers) else set()


def _lateness(site: Site, numbers: list[int]) -> float:
    """Seconds from its time to its post, of the latest."""
    return max((_ended(run) - run.due_at).total_seconds() for run in _runs(site, numbers))


def _ended(run: DigestRun) -> datetime:
    assert run.ended_at
    return run.ended_at


def _written(site: Site, numbers: list[int]) -> list[Job]:
    """The jobs that a model has done for these, in the order in which they were done."""
    requests = [run.request_id for run in _runs(site, numbers)]
    with site.database.read() as session:
        done = select(Job).where(Job.request_id.in_(requests), Job.kind == "summarize", Job.state == "done")
        return list(session.scalars(done.order_by(Job.started_at)))


def _parts(site: Site, numbers: list[int]) -> int:
    return len(_written(site, numbers))


def _in_order(site: Site, numbers: list[int]) -> int:
    """How many were made in the place of their number."""
    number_of = {run.request_id: run.digest_id for run in _runs(site, numbers)}
    made = [number_of[job.request_id] for job in _written(site, numbers)]
    return sum(one == other for one, other in zip(made, sorted(numbers), strict=True))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
