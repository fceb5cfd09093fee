"""A digest that somebody has typed for: it is theirs while it is made, whoever's digest it is, and stands in nobody's way."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.scripted import Step
from mmapp.db import clock
from mmapp.jobs import engines, waiting
from mmapp.models import ModelRecord
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import Show, at_nine, digest, in_town, known, look, states
from tests.scenarios.ordering import demote, typed
from tests.scenarios.summaries import WRITTEN, summary, talk

RUN = "**bob** has asked for one of your digest #1 just now, beside those that come by themselves."  # its owner reads

# Beside what is planned


def say(line: Line) -> None:
    """Two messages more."""
    for words in ("The pump runs again since a new filter was put in", "Its oil was changed as well today"):
        line.playground.post_as(line.bob, line.town, words)


@pytest.mark.parametrize(("verb", "next_one"), [("run", 2), ("preview", 10)])
def test_one_that_is_only_planned_keeps_nobody_from_having_one_now(
    line: Line, show: Show, verb: str, next_one: int
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    show("8:31")
    assert "is being made, for you" in (said := typed(line, line.ann, f"{verb} 1")) or "is being made now" in said
    assert "8 of 8 messages read" in summary(line, line.ann)
    say(line)
    look(line, "8:55", "9:00", show=show)
    assert f"{next_one} of {next_one} messages read" in summary(line, line.ann)
    assert states(line, number) == ["posted", "posted"]


def test_one_that_has_begun_is_waited_for_and_says_when_it_comes(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    show("8:56")
    assert "Digest #1 is being made already, and comes today, Thursday 26 November, 09:00." in typed(
        line, line.ann, "run 1"
    )
    typed(line, line.ann, "preview 1")
    assert "8 of 8 messages read" in summary(line, line.ann)
    look(line, "9:00", show=show)
    assert states(line, number) == ["posted", "posted"]


# Whose it is


@pytest.fixture
def hers(line: Line, show: Show) -> int:
    """Ann's, posted in the town, of which bob is an admin too."""
    line.playground.make_channel_admin(line.bob, line.town)
    return at_nine(line, line.ann, [line.town], line.town)


def begun(line: Line, who: Doc, words: str, channel: Doc | None = None) -> None:
    """Somebody types it, and all is done that needs no model."""
    line.say(who, words, channel)
    while line.step("admit", "notify"):
        pass


@pytest.mark.usefixtures("hers")
def test_who_has_typed_for_it_hears_that_somebody_else_has_removed_it(line: Line) -> None:
    talk(line)
    begun(line, line.bob, "digest run 1")
    begun(line, line.ann, "digest remove 1")
    line.settle()
    assert line.private_answers(line.bob) == [
        "Digest #1 was removed while the one that you have asked for was made, so that one does not come. `/ai digest` starts "
        "a new one."
    ]
    assert line.answers() == []


@pytest.mark.usefixtures("hers")
def test_and_nothing_more_where_they_have_removed_it_themselves(line: Line) -> None:
    talk(line)
    begun(line, line.bob, "digest run 1")
    begun(line, line.bob, "digest remove 1")
    line.settle()
    assert line.private_answers(line.bob) == []


@pytest.mark.usefixtures("hers")
@pytest.mark.parametrize("words", ["remove 1", "edit 1 --to me"])
def test_what_stands_there_stays_where_the_answer_to_its_last_edit_is_late(line: Line, words: str) -> None:
    talk(line)
    begun(line, line.bob, "digest run 1")
    assert line.step("model:tiny")
    line.playground.faults.add("GET /api/v4/posts/", status=503, times=99)  # it is posted, and cannot be read again
    assert line.step("post")
    line.playground.faults.clear()
    typed(line, line.ann, words)
    line.hurry()
    line.settle()
    assert "8 of 8 messages read" in in_town(line)
    assert states(line, 1) == ["posted"]


@pytest.mark.usefixtures("hers")
def test_who_has_typed_for_it_hears_that_there_is_nothing_and_nobody_else(line: Line) -> None:
    typed(line, line.bob, "run 1")
    assert "There is nothing for digest #1 to tell" in summary(line, line.bob)
    assert line.private_answers(line.ann) == [RUN]


@pytest.mark.usefixtures("hers")
def test_who_has_typed_for_it_can_stop_it_and_nobody_else(line: Line) -> None:
    talk(line)
    begun(line, line.bob, "digest run 1")
    assert "nothing to stop" in line.say(line.ann, "stop").text
    assert "Stopped" in line.say(line.bob, "stop").text
    line.settle()
    assert line.answers() == []


@pytest.mark.usefixtures("hers")
def test_it_is_stopped_where_it_was_typed(line: Line) -> None:
    talk(line)
    ops = line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))
    begun(line, line.bob, "digest run 1", ops)
    assert "nothing to stop" in line.say(line.bob, "stop").text
    assert "Stopped" in line.say(line.bob, "stop", ops).text


def test_one_that_comes_to_oneself_alone_is_stopped_where_it_was_typed(line: Line, show: Show) -> None:
    talk(line)
    at_nine(line, line.ann, [line.town])
    begun(line, line.ann, "digest preview 1")
    assert "Stopped" in line.say(line.ann, "stop").text


@pytest.mark.usefixtures("hers")
def test_it_has_the_turn_of_who_has_typed_for_it_and_its_owner_s_question_does_not_wait(line: Line) -> None:
    talk(line)
    begun(line, line.bob, "digest run 1")
    assert line.claim("model:tiny")  # it is being written
    begun(line, line.bob, "ask Is it?")
    assert not line.claimable("model:tiny")
    begun(line, line.ann, "ask Is it?")
    asked = line.claim("model:tiny")
    assert asked
    assert asked.payload.person_id == line.ann["id"]


@pytest.mark.parametrize("verb", ["run", "preview"])
def test_what_it_takes_of_the_model_is_weighed_against_nobody_but_writing_it_again_is(line: Line, verb: str) -> None:
    talk(line)
    digest(line, line.ann, [line.town], line.town)
    line.playground.make_channel_admin(line.bob, line.town)
    line.model.enqueue(Step(WRITTEN, delay_ms=300))
    typed(line, line.bob if verb == "run" else line.ann, f"{verb} 1")
    assert weighed(line) == set()
    (post,) = line.posts() if verb == "run" else line.posts(line.direct(line.ann))
    line.model.enqueue(Step("The checkout was down. [1]\n- The limit is 512 MB now [5]\n", delay_ms=300))
    line.pick(line.ann, line.more(line.ann, post), what="again")
    line.settle()
    assert weighed(line) == {line.ann["id"]}


def weighed(line: Line) -> set[str]:
    """Whose next question is weighed by what a model has done."""
    with line.worker.database.read() as session:
        return set(waiting.used(session, clock(session)))


# What is wrong


@pytest.mark.usefixtures("hers")
def test_its_rights_are_its_owner_s_and_who_has_typed_for_it_hears_that_it_is_paused(line: Line) -> None:
    talk(line)
    line.say(line.bob, "digest run 1")
    line.step("admit")
    demote(line, line.ann)
    line.settle()
    assert "Digest #1 is paused: you are no admin of **Town** any more" in summary(line, line.ann)
    assert summary(line, line.bob) == (
        "Digest #1 was not made: it is paused, since its owner may not have it posted there. Once that is mended, "
        "`/ai digest resume 1` lets it go on."
    )
    assert line.answers() == []


def test_who_types_for_one_that_is_paused_hears_each_time_what_is_to_be_mended(line: Line, hers: int) -> None:
    talk(line)
    line.say(line.ann, "digest preview 1")
    line.step("admit")
    demote(line, line.ann)
    line.settle()
    assert known(line, hers).state == "paused"
    assert "you are no admin of **Town** any more" in summary(line, line.ann)
    assert "Only its admins can have a digest posted in `~town`" in typed(line, line.ann, "preview 1")
    assert "`/ai digest edit 1 --to me` has it sent to you alone" in typed(line, line.ann, "run 1")


@pytest.mark.usefixtures("hers")
def test_who_has_typed_for_it_hears_that_no_model_can_be_used(line: Line) -> None:
    talk(line)
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "It cannot be loaded.", clock(session) + engines.REST
    typed(line, line.bob, "run 1")
    assert summary(line, line.bob).startswith("Digest #1 was not made this time: no model")
    assert "told again" not in summary(line, line.bob)
    assert line.private_answers(line.ann) == [RUN]
