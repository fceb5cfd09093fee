"""Models that fail, servers that are down: a sentence that says what is kept, and the next request works."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from llm import base
from llm.base import ModelError
from llm.scripted import Step
from mmapp import services
from mmapp.errors import WrongKey
from mmapp.jobs import lanes
from mmapp.web.app import create_app
from tests.line import Line

SENTENCES = {
    base.ModelBroken: "cannot be loaded",
    base.ModelUnsupported: "GPT4All cannot run",
    base.EngineMissing: "does not run on this machine",
    base.OutOfMemory: "does not fit into this machine",
    base.ModelHung: "gave no sign of life",
    base.EngineFault: "reported an error",
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
    assert "`tiny` (default): tiny – cannot be used" in str(line.playground.dialogs(line.bob)[-1])


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


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503, "body": "<html>"}, {"drop": "before"}, {"drop": "after"}, {"half": True}]
)
def test_a_post_that_mattermost_did_not_confirm_is_made_once(line: Line, fault: dict[str, object]) -> None:
    line.playground.faults.add("POST /api/v4/posts$", times=4, **fault)
    line.ask(line.ann, "Why?", answer="Because.")
    for _ in range(8):
        line.hurry()
        line.settle()
    assert len(line.answers()) == 1
    assert line.jobs("queued") == line.jobs("running") == 0


def test_a_mattermost_that_is_down_at_admission_costs_nobody_the_question(line: Line) -> None:
    line.playground.faults.add("GET /api/v4/channels", status=502, times=20)
    line.ask(line.ann, "Why?", answer="Because.")
    assert line.answers() == []
    line.playground.faults.clear()
    line.hurry()
    line.settle()
    assert "Because." in line.answers()[0]


def test_a_token_revoked_for_a_while_costs_nobody_the_answer(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.playground.revoke("ai")
    line.settle()
    line.playground.restore("ai")
    line.hurry()
    line.settle()
    assert len(line.answers()) == 1


def test_a_post_that_is_lost_right_after_its_creation_is_made_again(line: Line) -> None:
    line.playground.faults.add("GET /api/v4/posts/[a-z0-9]{26}$", status=404, body="{}")
    line.ask(line.ann, "Why?", answer="Because.")
    line.playground.delete("ai", line.posts()[0])
    line.playground.server.pending.clear()  # a server that lost its last commits has lost these as well
    line.hurry()
    line.settle()
    assert len(line.answers()) == 1


def test_a_post_that_a_filter_deletes_each_time_is_not_made_for_ever(line: Line) -> None:
    line.playground.faults.add("GET /api/v4/posts/[a-z0-9]{26}$", status=404, body="{}", times=99)
    line.ask(line.ann, "Why?", answer="Because.")
    for _ in range(5):
        line.hurry()
        line.settle()
    assert len(line.answers()) == 1
    assert line.jobs("queued") == 0


def test_a_long_answer_that_cannot_be_posted_reaches_its_asker_whole(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.model.enqueue("\n\n".join(f"Paragraph {number}. " + "It ran dry. " * 40 for number in range(60)))
    line.say(line.bob, "ask Why?", root=root)
    line.step("admit")
    line.step("model:tiny")
    line.playground.delete(line.ann, root)
    line.settle()
    told = "\n".join(line.private_answers(line.bob))
    assert all(f"Paragraph {number}." in told for number in range(60))


def test_with_a_wrong_key_nothing_starts_and_a_running_worker_lives_on(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    wrong = line.settings.model_copy(update={"encryption_keys": (SecretStr(Fernet.generate_key().decode()),)})
    with pytest.raises(WrongKey, match="Put the old key back"):
        create_app(wrong)
    mistaken = replace(line.worker, database=services.open_database(wrong), stopping=threading.Event())
    lane = lanes.start("lane", mistaken, lambda: ["admit"])
    time.sleep(0.5)
    assert lane.is_alive()
    mistaken.stopping.set()
    lane.join()
    mistaken.database.close()
    line.settle()
    assert line.jobs("running") == 0


def test_a_response_url_that_is_used_up_makes_the_refusal_a_direct_message(line: Line) -> None:
    line.say(line.ann, "ask Why?", line.secret)
    line.playground.advance(31 * 60)
    line.playground.faults.add("POST /hooks/commands", status=404, body="{}", times=9)
    line.settle()
    assert "/invite @ai" in line.private_answers(line.ann)[0]
