"""Models that fail: a sentence that says what is kept, and the next request works."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from llm import base
from llm.base import ModelError
from llm.scripted import Step
from mmapp.db import clock
from mmapp.jobs import engines, queue, worker
from mmapp.models import Job
from tests.line import Line

SENTENCES = {
    base.ModelBroken: "cannot be loaded",
    base.ModelUnsupported: "cannot be run as it is",
    base.EngineMissing: "is not installed on this machine",
    base.OutOfMemory: "does not fit into this machine",
    base.ModelHung: "gave no sign of life",
    base.EngineFault: "reported an error",
    base.EndpointDown: "cannot be reached",
    base.KeyRefused: "does not accept Chorus' key",
    base.EmptyAnswer: "had nothing to say",
}


@pytest.mark.parametrize("fault", SENTENCES, ids=lambda fault: fault.__name__)
def test_a_model_that_fails_is_explained_and_the_question_given_back(line: Line, fault: type[ModelError]) -> None:
    line.model.enqueue(Step(error=fault("detail")), Step(error=fault("detail")))
    line.ask(line.ann, "--model tiny Why did it stop?")
    line.hurry()
    line.settle()
    text = line.told(line.ann)[-1]
    assert SENTENCES[fault] in text
    assert "/ai ask --model tiny Why did it stop?" in text
    assert line.answers() == []
    assert line.jobs("queued") == line.jobs("running") == 0


def test_the_next_question_works_after_a_failure(line: Line) -> None:
    line.ask(line.ann, "Why?", answer=Step(error=base.EngineFault("x")))
    line.ask(line.bob, "Why?", answer="Because.")
    assert "Because." in line.answers()[0]


@pytest.mark.parametrize("fault", [base.ModelHung, base.EngineFault])
def test_words_that_were_written_before_a_failure_are_posted(line: Line, fault: type[ModelError]) -> None:
    line.ask(line.ann, "Why?", answer=Step("The pump ran dry", error=fault("x")))
    assert "The pump ran dry" in line.answers()[0]
    assert "(cut off: " in line.answers()[0]


def test_after_a_death_the_answer_goes_on_from_its_words(line: Line) -> None:
    line.model.enqueue(Step("The pump ", error=base.ModelDied("signal 6")), Step("The pump ran dry."))
    line.ask(line.ann, "Why?")
    line.hurry()
    line.settle()
    assert line.model.history[-1].begun == "The pump "
    assert "The pump ran dry." in line.answers()[0]
    assert "cut off" not in line.answers()[0]


def test_a_question_that_kills_its_model_twice_ends_with_a_sentence(line: Line) -> None:
    line.model.enqueue(Step(error=base.ModelDied("signal 6")), Step(error=base.ModelDied("signal 6")))
    line.ask(line.ann, "Why?")
    line.hurry()
    line.settle()
    assert "twice over this question" in line.told(line.ann)[-1]
    assert len(line.model.history) == 2


def test_a_model_that_fails_to_load_twice_rests_and_people_are_told(line: Line) -> None:
    line.model.enqueue(Step(error=base.ModelBroken("x")), Step(error=base.ModelBroken("x")))
    line.ask(line.ann, "Why?")
    line.hurry()
    line.settle()
    line.ask(line.bob, "Why?")
    assert "tried again in 10 minutes" in line.told(line.bob)[-1]
    assert len(line.model.history) == 2
    line.say(line.bob, "")
    line.playground.click(line.bob, line.playground.ephemerals(line.bob)[-1], "Models")
    assert "`tiny`: tiny, not measured here yet – cannot be used" in str(line.playground.dialogs(line.bob)[-1])


def test_a_prompt_that_does_not_fit_is_answered_with_the_figures(line: Line) -> None:
    line.ask(line.ann, "Why?", answer=Step(error=base.PromptTooLong(9_123, 2_048)))
    assert "9,123 tokens" in line.told(line.ann)[-1]
    assert "2,048" in line.told(line.ann)[-1]


def test_a_model_that_vanished_is_told_and_blocks_nothing(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    line.step("admit")
    del line.worker.registry.extra["tiny"]
    line.settle()
    assert "no longer there" in line.told(line.ann)[-1]


def test_loops_end_before_their_repetition(line: Line) -> None:
    line.ask(line.ann, "Why?", answer=Step("It ran dry. It ran dry.", reason="repeat", keep=11))
    (answer,) = line.answers()
    assert answer.count("It ran dry.") == 1
    assert "(ended: it began to repeat itself)" in answer


def begun(line: Line) -> None:
    """An answer of which some words were written before its model died."""
    line.model.enqueue(Step("The pump ran ", error=base.ModelDied("signal 6")))
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.step("model:tiny")
    line.hurry()


def test_words_that_were_written_are_posted_though_the_model_is_gone(line: Line) -> None:
    begun(line)
    del line.worker.registry.extra["tiny"]
    line.settle()
    assert "The pump ran" in line.answers()[0]
    assert "cut off: it could not be finished" in line.answers()[0]
    assert any("no longer there" in text for text in line.told(line.ann))


def test_words_that_were_written_are_posted_though_no_attempt_is_left(line: Line) -> None:
    begun(line)
    for _ in range(queue.MAX_ATTEMPTS - 1):
        claimed = line.claim()
        assert claimed
        with line.worker.database.write() as session:
            past = clock(session) - timedelta(seconds=1)
            session.execute(update(Job).where(Job.id == claimed.id).values(lease_until=past))
        queue.reap(line.worker.database, partial(worker.on_dead, line.worker))
    line.settle()
    assert line.jobs("dead") == 1
    assert line.answers() == []  # whoever died may still be heard for a moment
    line.hurry()
    line.settle()
    assert "The pump ran" in line.answers()[0]
    assert any("tried several times" in text and "/ai ask Why?" in text for text in line.told(line.ann))


def test_an_answer_whose_delivery_has_no_attempt_left_reaches_its_asker(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.step("model:tiny")
    for _ in range(queue.MAX_ATTEMPTS):
        line.hurry()
        claimed = line.claim("post")
        assert claimed
        with line.worker.database.write() as session:
            past = clock(session) - timedelta(seconds=1)
            session.execute(update(Job).where(Job.id == claimed.id).values(lease_until=past))
        queue.reap(line.worker.database, partial(worker.on_dead, line.worker))
    line.settle()
    assert any("could not be posted" in text and "Because." in text for text in line.told(line.ann))


def test_a_default_model_that_is_not_there_leaves_the_others_answering(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "loop.gguf").symlink_to(tmp_path / "loop.gguf")
    with Line(database_url, tmp_path, default_model="lama-typo") as running:
        engines.probe(running.worker, running.worker.registry.default_name())
        running.ask(running.ann, "Why?", answer="Because.")
        assert "Because." in running.answers()[0]


def test_an_answer_of_invisible_signs_is_no_answer(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="\u200b\u202e \u200b")
    assert line.answers() == []
    assert "had nothing to say" in line.told(line.ann)[-1]
