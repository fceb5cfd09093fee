"""Models that fail, servers that are down: a sentence that says what is kept, and the next request works."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select, update

from llm import base
from llm.base import ModelError
from llm.scripted import Step
from mmapp import services
from mmapp.db import clock
from mmapp.errors import WrongKey
from mmapp.jobs import engines, lanes, queue, worker
from mmapp.jobs.payload import Payload
from mmapp.models import Job
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

NOT_FOUND = (
    '{"id": "app.post.get.app_error", "message": "Unable to get the post.", "request_id": "r", "status_code": 404}'
)


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
    line.playground.faults.add("GET /api/v4/posts/[a-z0-9]{26}$", status=404, body=NOT_FOUND)
    line.ask(line.ann, "Why?", answer="Because.")
    line.playground.delete("ai", line.posts()[0])
    line.playground.server.pending.clear()  # a server that lost its last commits has lost these as well
    line.hurry()
    line.settle()
    assert len(line.answers()) == 1


def test_a_post_that_a_filter_deletes_each_time_is_not_made_for_ever(line: Line) -> None:
    line.playground.faults.add("GET /api/v4/posts/[a-z0-9]{26}$", status=404, body=NOT_FOUND, times=99)
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


IN_BETWEEN = [
    {"status": 302, "headers": {"Location": "/maintenance"}},
    {"status": 200, "body": "<html>maintenance</html>", "content_type": "text/html"},
    *(
        {"status": status, "body": "<html>no</html>", "content_type": "text/html"}
        for status in (400, 403, 404, 405, 408, 413)
    ),
]


@pytest.mark.parametrize("fault", IN_BETWEEN, ids=lambda fault: str(fault["status"]))
@pytest.mark.parametrize("path", ["POST /api/v4/posts$", "GET /api/v4/channels/", "/thread", "POST /hooks"])
def test_what_a_proxy_answers_in_place_of_mattermost_costs_nobody_anything(
    line: Line, fault: dict[str, object], path: str
) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.playground.faults.add(path, times=2, **fault)
    line.ask(line.bob, "Why?", root=root, answer=Step("Because."))
    line.say(line.bob, "ask hm", line.secret)
    for _ in range(6):
        line.hurry()
        line.settle()
    assert "Because." in line.answers()[0]
    assert len(line.answers()) == 1
    assert any("/invite @ai" in text for text in (*line.told(line.bob), *line.private_answers(line.bob)))
    assert line.jobs("failed") == 1


def test_a_server_that_asks_for_days_of_patience_is_asked_again_within_minutes(line: Line) -> None:
    line.playground.faults.rate_limit("POST /api/v4/posts$", retry_after="900000")
    line.ask(line.ann, "Why?", answer="Because.")
    with line.worker.database.read() as session:
        wait = session.scalars(select(Job.run_at).where(Job.kind == "post")).one() - clock(session)
    assert wait.total_seconds() <= 300


def test_one_job_that_cannot_be_read_stops_no_other(line: Line) -> None:
    line.say(line.ann, "ask Lost?")
    with line.worker.database.engine.begin() as connection:
        connection.exec_driver_sql("update job set payload = x'00', words = x'00'")
        connection.exec_driver_sql("update message set text = x'00'")
    line.ask(line.bob, "Why?", answer="Because.")
    for _ in range(8):
        line.hurry()
        line.settle()
    assert len(line.answers()) == 1
    assert "Because." in line.answers()[0]
    assert line.jobs("queued") == line.jobs("running") == 0
    assert any("Something went wrong" in text for text in line.private_answers(line.ann))


def test_a_payload_of_another_version_is_read_as_far_as_it_is_known(line: Line) -> None:
    payload = Payload(person_id="p", model="tiny")
    newer = json.dumps({**json.loads(payload.to_json()), "streamed": True})
    assert Payload.from_json(newer) == payload
    assert Payload.from_json("{}") == Payload()


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


def test_a_delivery_that_nobody_can_read_ends_and_keeps_nothing_else_from_ending(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.step("model:tiny")
    with line.worker.database.engine.begin() as connection:
        connection.exec_driver_sql("update message set text = x'00'")
        connection.exec_driver_sql(
            "update job set state = 'running', attempts = 5, lease_token = 'gone', lease_until = '2020-01-01'"
        )
    queue.reap(line.worker.database, partial(worker.on_dead, line.worker))
    assert line.jobs("running") == 0


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


def test_a_response_url_that_is_used_up_makes_the_refusal_a_direct_message(line: Line) -> None:
    line.say(line.ann, "ask Why?", line.secret)
    line.playground.advance(31 * 60)
    line.playground.faults.add("POST /hooks/commands", status=404, body=NOT_FOUND, times=9)
    line.settle()
    assert "/invite @ai" in line.private_answers(line.ann)[0]
