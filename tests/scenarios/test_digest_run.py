"""A digest that is due: it is made, posted where it belongs, and the next one goes on from its end."""

from __future__ import annotations

from mmapp.models import Digest
from tests.line import Line
from tests.scenarios.digesting import digest, due
from tests.scenarios.summaries import TALK, WRITTEN, summary, talk


def test_it_comes_to_its_person_alone(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    line.model.enqueue(WRITTEN)
    due(line, number)
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert not line.answers(line.town)


def test_it_is_posted_in_a_channel(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line.town)
    line.model.enqueue(WRITTEN)
    due(line, number)
    assert f"{len(TALK)} of {len(TALK)} messages read" in line.answers(line.town)[-1].replace("\u200b", "")


def test_the_next_one_begins_where_this_one_has_ended(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    line.model.enqueue(WRITTEN, "A bridge was built. [1]\n- The bridge stands over the river since today [1]\n")
    due(line, number)
    for words in ("The bridge stands over the river since today", "The bridge is open for lorries as well"):
        line.playground.post_as(line.bob, line.town, words)
    due(line, number, "2026-11-27T09:00")
    assert "2 of 2 messages read" in summary(line, line.ann)
    with line.worker.database.read() as session:
        assert session.get_one(Digest, number).made == 2
