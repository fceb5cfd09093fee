"""`/ai model … --for conversation`: what a conversation is, who may choose for it, and when that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from llm.scripted import Step
from mmapp.db import clock
from mmapp.models import Message, ModelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, answered_by, introduction, opened, options
from tests.scenarios.summaries import WRITTEN, found, talk


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]


def silent_for(line: Line, hours: int) -> None:
    """Nobody says or sets anything for so long."""
    with line.worker.database.write() as session:
        long_ago = clock(session) - timedelta(hours=hours)
        session.execute(update(Message).values(created_at=long_ago))
        session.execute(update(ModelSettings).values(set_at=long_ago))


def summed_up(line: Line) -> Doc:
    """A summary of a whole channel, which is no thread, for all to read; its post."""
    talk(line)
    line.model.steps = [Step(WRITTEN)]
    line.say(line.ann, "summarize channel --public")
    line.settle()
    line.model.steps = [Step("Because.")]
    return line.posts()[-1]


def test_in_a_direct_message_the_conversation_has_its_own_until_it_begins_anew(line: Line) -> None:
    direct = line.direct(line.ann)
    line.say(line.ann, "model other")
    said = line.say(line.ann, "model large --for conversation", direct).text
    assert "answers in your direct message with ai. `/ai model reset --for conversation` takes that back." in said
    line.ask(line.ann, "Why?", direct)
    assert "*large ·" in line.private_answers(line.ann)[-1]
    line.say(line.ann, "new")
    line.ask(line.ann, "Why?", direct)
    assert "*other ·" in line.private_answers(line.ann)[-1]


def test_or_until_it_has_been_silent_for_long(line: Line) -> None:
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct)
    line.say(line.ann, "model large --for conversation", direct)
    silent_for(line, hours=9)
    assert "**tiny** answers here" in introduction(opened(line, line.ann, "model", direct))
    line.ask(line.ann, "Why?", direct)
    assert "*tiny ·" in line.private_answers(line.ann)[-1]


def test_said_in_a_thread_it_counts_for_everybody_there(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.mention(line.ann, "@ai model large --for conversation", root=root)
    assert "From now on **large** (`large`) answers in this conversation." in found(line, line.ann)
    assert answered_by(line, line.bob, "Why?", line.town, root) == "large"
    assert answered_by(line, line.bob) == "tiny"


def test_outside_of_one_there_is_nothing_to_choose_for(line: Line) -> None:
    assert "Which conversation?" in line.say(line.ann, "model large --for conversation").text


def test_where_something_nearer_is_set_it_is_said_what_still_answers(line: Line) -> None:
    direct = line.direct(line.ann)
    line.say(line.ann, "model other --for conversation", direct)
    said = line.say(line.ann, "model large", direct).text
    assert "Here `other` still answers: set for this conversation, and that is nearer." in said


def test_at_a_post_s_top_level_there_is_none_yet(line: Line) -> None:
    line.mention(line.ann, "@ai model large --for conversation")
    assert "Which conversation? It is a thread, or your direct message with ai." in found(line, line.ann)
    assert "In a thread, type `@ai model large --for conversation`" in found(line, line.ann)
    assert "`@ai model reset --for conversation`" in line.say(line.ann, "model reset --for conversation").text


def test_the_button_for_all_models_knows_it(line: Line) -> None:
    direct = line.direct(line.ann)
    line.say(line.ann, "model large --for conversation", direct)
    line.say(line.ann, "", direct)
    told = line.playground.ephemerals(line.ann)[-1]
    line.playground.click(line.ann, told, "Models")
    assert "`large` (answers here)" in introduction(line.playground.dialogs(line.ann)[-1])
    before = len(line.playground.dialogs(line.bob))
    line.playground.click(line.bob, told, "Models")
    assert "answers here" not in "".join(map(introduction, line.playground.dialogs(line.bob)[before:]))


def test_between_two_people_it_is_that_with_the_bot(line: Line) -> None:
    theirs = line.playground.direct(line.ann, line.bob)
    assert options(opened(line, line.ann, "model", theirs), "for") == {
        "me": "me", "conversation": "my direct message with ai",
    }  # fmt: skip
    assert "in your direct message with ai" in line.say(line.ann, "model large --for conversation", theirs).text
    line.ask(line.ann, "Why?", line.direct(line.ann))
    assert "*large ·" in line.private_answers(line.ann)[-1]


def test_what_was_chosen_before_a_silence_does_not_come_back(line: Line) -> None:
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct)
    line.say(line.ann, "model large --for conversation", direct)
    silent_for(line, hours=9)
    line.ask(line.ann, "Why?", direct)
    line.ask(line.ann, "Why?", direct)
    assert "*tiny ·" in line.private_answers(line.ann)[-1]


def test_all_of_a_direct_message_is_one_conversation_its_threads_too(line: Line) -> None:
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct)
    (answer,) = line.posts(direct)
    line.say(line.ann, "model large --for conversation", direct, answer)
    assert "**large** answers here" in introduction(opened(line, line.ann, "model", direct, answer))
    line.ask(line.ann, "And?", direct, answer)
    assert "*large ·" in line.private_answers(line.ann)[-1]
    line.say(line.ann, "model other --for conversation", direct)
    line.ask(line.ann, "And?", direct, line.playground.post_as(line.ann, direct, "The pump stopped."))
    assert "*other ·" in line.private_answers(line.ann)[-1]


def test_the_thread_under_a_summary_is_one_however_much_that_has_read(line: Line) -> None:
    summary = summed_up(line)
    line.mention(line.ann, "@ai model large --for conversation", root=summary)
    assert answered_by(line, line.bob, "And?", line.town, summary) == "large"


def test_asked_privately_about_a_thread_it_is_that_thread(line: Line) -> None:
    summary = summed_up(line)
    line.mention(line.ann, "@ai model large --for conversation", root=summary)
    line.ask(line.ann, "--private And?", line.town, summary)
    assert "*large ·" in line.private_answers(line.ann)[-1]


# Who may choose for others


@pytest.fixture
def gus(line: Line) -> Doc:
    guest = line.playground.add_user("gus", roles="system_guest")
    line.playground.join(guest, line.town)
    return guest


def test_a_guest_chooses_for_nobody_else(line: Line, gus: Doc) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.mention(gus, "@ai model large --for conversation", root=root)
    assert "Guests cannot ask here." in found(line, gus)
    assert answered_by(line, line.bob, "Why?", line.town, root) == "tiny"


def test_taken_back_it_is_by_the_worker_too(line: Line, gus: Doc) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.mention(line.ann, "@ai model large --for conversation", root=root)
    line.mention(gus, "@ai model reset --for conversation", root=root)
    assert answered_by(line, line.bob, "Why?", line.town, root) == "large"
    line.mention(line.bob, "@ai model reset --for conversation", root=root)
    assert "Done: no model is chosen for this conversation any more. **tiny** answers here: the usual one." in (
        found(line, line.bob)
    )
    assert answered_by(line, line.bob, "Why?", line.town, root) == "tiny"
