"""A digest that is broken off tells what was read, says until when that is, and the next one goes on there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import select

from mmapp.chat.source import from_json
from mmapp.jobs import lanes, queue
from mmapp.models import Message
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import WORDS, Show, admitted, begin, digest, due, runs, states, trucks
from tests.scenarios.summaries import WRITTEN, summary

MINUTES = 10 * 60.0  # seconds between two messages


def stopped(line: Line, *channels: Doc) -> int:
    """One of ann's that somebody stops when it has read one part; its number."""
    number = written(line, *channels)
    line.settle()
    return number


def written(line: Line, *channels: Doc) -> int:
    """The same, and nothing of it is posted yet."""
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, list(channels or (line.town,)))
    request_id = begin(line, number)
    admitted(line)
    claimed = line.claim("model:tiny")
    assert claimed
    _stop_after_one_part(line, request_id)
    lanes.do(line.worker, claimed)
    return number


def _stop_after_one_part(line: Line, request_id: str) -> None:
    original = line.model.generate

    def generate(*given: object) -> object:
        yield from original(*given)  # type: ignore[arg-type]
        line.model.generate = original  # type: ignore[method-assign]
        with line.worker.database.write() as session:
            queue.stop(session, request_id)

    line.model.generate = generate  # type: ignore[assignment, method-assign]


def receipt(line: Line) -> tuple[int, int, str]:
    """How many messages ann's newest one has read, of how many, and the last time that it names."""
    found = re.search(r"\n\*(\d+) of (\d+) messages read · .*(\d\d:\d\d)\*\n", summary(line, line.ann))
    assert found, summary(line, line.ann)
    return int(found[1]), int(found[2]), found[3]


def reads_until(line: Line, request_id: str) -> set[int]:
    """Until when it has read its channels, as what is asked below it is told."""
    with line.worker.database.read() as session:
        answer = session.scalars(select(Message).where(Message.question_id == request_id)).one()
        return {one.until for one in from_json(answer.provenance["summary"]["read"])}


def clock_of(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%H:%M}"


def slow_trucks(line: Line, channel: Doc | None = None) -> list[int]:
    """Forty of them in hours, enough for several parts; when each was told of (ms)."""
    trucks(line, 0)
    made = []
    for number in range(40):
        line.playground.advance(MINUTES)
        made.append(line.playground.post_as(line.bob, channel or line.town, WORDS.format(number, number % 7, number)))
    return [int(post["create_at"]) for post in made]


def test_one_that_is_stopped_in_its_middle_tells_what_was_read_and_the_next_one_goes_on_there(line: Line) -> None:
    trucks(line)
    number = stopped(line)
    assert "stopped: this is what was read until then" in summary(line, line.ann)
    (run,) = runs(line, number)
    read = [post for post in line.playground.posts(line.town) if post["create_at"] <= run.until]
    assert run.state == "posted"
    assert f"*{len(read)} of 40 messages read" in summary(line, line.ann)
    assert 0 < len(read) < 40
    due(line, number, "2026-11-27T09:00")
    assert f"{40 - len(read)} of {40 - len(read)} messages read" in summary(line, line.ann)


def test_one_that_is_made_again_before_it_is_posted_tells_all_and_the_next_one_nothing_of_it(
    line: Line, show: Show
) -> None:
    trucks(line)
    number = written(line)
    first, *_, last = [post for post in line.playground.posts(line.town) if not post["type"]]
    line.playground.edit(line.ann, first, "Nothing has passed.")
    show("8:01")
    line.settle()
    assert "*40 of 40 messages read" in summary(line, line.ann)
    (run,) = runs(line, number)
    assert (run.state, run.until) == ("posted", last["create_at"])


def test_its_receipt_says_until_when_it_has_read(line: Line) -> None:
    times = slow_trucks(line)
    stopped(line)
    read, of, until = receipt(line)
    assert of == len(times)
    assert until == clock_of(times[read] - 1) != clock_of(times[-1])


def test_written_again_it_tells_what_it_has_told_and_nothing_of_the_next_one(line: Line) -> None:
    dock = line.playground.add_channel("O", "dock", members=(line.ann, line.bob, line.bot))
    slow_trucks(line, dock)
    slow_trucks(line)
    number = stopped(line, line.town, dock)
    before, of, _ = receipt(line)
    assert of == 80
    line.model.steps = []
    line.model.enqueue("Trucks have passed the gates with cement. [1]\n- Truck 0 has passed gate 0 [1]\n")
    (post,) = line.posts(line.direct(line.ann))
    assert line.pick(line.ann, line.more(line.ann, post), what="again") == {}
    line.settle()
    read, of, _ = receipt(line)
    assert (read, of) == (before, before)
    assert "Trucks have passed the gates" in summary(line, line.ann)
    assert states(line, number) == ["posted"]
    (run,) = runs(line, number)
    assert reads_until(line, run.request_id) == {run.until}  # also what is asked below it
    line.model.enqueue(WRITTEN)
    due(line, number, "2026-11-27T09:00")
    assert receipt(line)[:2] == (80 - before, 80 - before)
