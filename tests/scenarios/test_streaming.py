"""An answer is seen while it is written: one post, whose creation brings words, and which notifies nobody twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from mmapp.db import clock
from mmapp.jobs import queue, stream, typing
from mmapp.jobs.payload import Payload
from mmapp.models import AnswerPost, Job, PersonSettings
from tests.acceptance.processes import eventually
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.writing import writing


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits come at each look: what is shown matters here, and test_stream.py has the times."""
    monkeypatch.setattr(stream, "EDITS", [number / 100 for number in range(1, 10_000)])
    monkeypatch.setattr(stream, "TICK", 0.01)


def creations(line: Line) -> int:
    """How many posts the bot has made in town, those that were deleted again included."""
    made = line.playground.store.posts("channel_id = ? and original_id = ''", line.town["id"])
    return sum(post["user_id"] == line.bot["id"] and not post["type"] for post in made)


def remembered(line: Line) -> int:
    with line.worker.database.read() as session:
        return session.scalar(select(func.count()).select_from(AnswerPost)) or 0


def saved_words(line: Line) -> str:
    with line.worker.database.read() as session:
        return session.scalars(select(Job.words).where(Job.kind == "answer")).one() or ""


def test_the_first_sentence_makes_the_post_and_the_rest_comes_by_edits(line: Line) -> None:
    with writing(line, "It ran dry. And", "then", "it stopped.") as answer:
        first = answer.shows("It ran dry.")
        assert first["message"].splitlines()[0] == "> **ann**: Why?".replace("ann", "a\u200bnn")
        answer.go_on()
        assert answer.shows("And then")["id"] == first["id"]
        answer.end()
    (last,) = line.posts()
    assert last["id"] == first["id"]
    assert "It ran dry. And then it stopped." in last["message"]
    assert "*tiny" in last["message"].splitlines()[-1]
    assert creations(line) == 1


def test_before_the_first_sentence_there_is_typing_and_no_post(line: Line) -> None:
    with writing(line, "It ran", "dry. So", "it stopped.") as answer:
        eventually(lambda: answer.lane.is_alive() and line.model.history, "nothing is written")
        typing.announce(line.worker)
        assert line.posts() == []
        assert len(line.playground.typing_events()) == 1
        answer.go_on()
        answer.shows("It ran dry.")
        eventually(lambda: remembered(line), "the post is not remembered")
        typing.announce(line.worker)
        assert len(line.playground.typing_events()) == 1


def test_an_answer_notifies_once_with_its_first_words_however_often_it_is_edited(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    before = line.playground.mention_count("bob", line.town)
    pushed = len(line.playground.pushes("bob"))
    with writing(line, "It ran dry. And", "then @bob", "came.", root=root) as answer:
        answer.shows("It ran dry.")
        answer.go_on()
        answer.shows("then")
        answer.end()
    assert line.playground.mention_count("bob", line.town) == before
    pushes = line.playground.pushes("bob")[pushed:]
    if line.playground.age == "11":  # collapsed threads push every reply to every follower
        assert line.playground.followers(root)["bob"] == 1
        assert ["It ran dry." in push["message"] for push in pushes] == [True]
    else:
        assert pushes == []


def test_what_is_shown_was_saved_before(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        answer.shows("It ran dry.")
        assert saved_words(line).startswith("It ran dry.")


def test_a_fence_that_is_open_in_what_is_shown_is_closed(line: Line) -> None:
    with writing(line, "Look:\n```python\nprint(1)\n", "print(2)\n```\nDone.") as answer:
        shown = answer.shows("Look:")["message"]
        assert shown.count("```") in (0, 2)
        answer.end()
    assert line.answers()[0].count("```") == 2


def test_delimiters_are_not_shown_while_they_are_written(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="Dry.")
    mark = line.prompt().split("[messages ")[1].split("]")[0]
    with writing(line, "It ran dry. See", f"[messages {mark}] and", "more.", root=root) as answer:
        answer.shows("It ran dry.")
        answer.go_on()
        answer.shows("and")
        answer.end()
    texts = [post["message"] for post in (*line.playground.revisions(line.posts()[-1]), line.posts()[-1])]
    assert texts
    assert all(mark[:6] not in text for text in texts)


def test_stop_under_the_post_keeps_the_words_so_far(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        line.playground.click(line.ann, shown, "Stop")
        answer.lane.join(10)
        assert not answer.lane.is_alive()
        line.settle()
    (post,) = line.posts()
    assert "It ran dry." in post["message"]
    assert "*(stopped)*" in post["message"]
    assert "then it stopped" not in post["message"]
    assert post["id"] == shown["id"]


def test_somebody_else_s_press_of_stop_stops_nothing(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        line.playground.click(line.bob, shown, "Stop")
        answer.end()
    assert "then it stopped." in line.answers()[0]


def test_an_admin_of_the_channel_stops_another_s_answer_and_who_is_none_reads_why_not(line: Line) -> None:
    line.playground.make_channel_admin(line.carol, line.town)
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        line.playground.click(line.bob, shown, "Stop")
        assert "Only who asked" in line.playground.dialogs("bob")[-1]["dialog"]["introduction_text"]
        line.playground.click(line.carol, shown, "Stop")
        answer.lane.join(10)
        assert not answer.lane.is_alive()
        line.settle()
    assert "*(stopped)*" in line.answers()[0]
    assert line.told(line.carol) == []


def test_the_whole_answer_has_no_stop_button_any_more(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        assert buttons(answer.shows("It ran dry.")) == ["Stop"]
        answer.end()
    assert "Stop" not in buttons(line.posts()[0])


def buttons(post: Doc) -> list[str]:
    return [action["name"] for part in post["props"].get("attachments", ()) for action in part["actions"]]


def test_an_answer_that_is_deleted_while_it_is_written_stays_deleted_and_is_stopped(line: Line) -> None:
    root = line.playground.add_user("root", roles="system_admin system_user")
    with writing(line, "It ran dry. And", "then", "it stopped.") as answer:
        line.playground.delete(root, answer.shows("It ran dry."))
        answer.go_on()
        answer.lane.join(10)
        assert not answer.lane.is_alive()
        line.settle()
    assert line.posts() == []
    assert creations(line) == 1
    assert line.jobs("queued") == line.jobs("running") == line.jobs("failed") == 0


def test_an_answer_deleted_just_before_it_is_whole_stays_deleted(line: Line) -> None:
    root = line.playground.add_user("root", roles="system_admin system_user")
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        answer.end_of_the_model()
        line.playground.delete(root, shown)
        line.settle()
    assert line.posts() == []
    assert creations(line) == 1


def test_a_server_with_a_limit_for_edits_gets_one_finished_post(line: Line) -> None:
    line.playground.server.settings["PostEditTimeLimit"] = 300
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        eventually(lambda: line.playground.typing_events() or not typing.announce(line.worker), "no typing")
        answer.end()
    (post,) = line.posts()
    assert "It ran dry. And then it stopped." in post["message"]
    assert line.playground.revisions(post) == []


def test_a_server_that_refuses_edits_gets_the_whole_answer_anew_and_keeps_no_part_of_it(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        answer.shows("It ran dry.")
        line.playground.server.settings["MayEdit"] = False
        answer.end()
    (post,) = line.posts()
    assert "It ran dry. And then it stopped." in post["message"]
    with writing(line, "Again. And", "again.") as answer:
        answer.end()
    assert line.playground.revisions(line.posts()[-1]) == []
    assert creations(line) == 3


def test_a_server_that_is_busy_misses_an_edit_and_not_the_last_words(line: Line) -> None:
    with writing(line, "It ran dry. And", "then", "it stopped.") as answer:
        answer.shows("It ran dry. And")
        fault = line.playground.faults.rate_limit("PUT /api/v4/posts/.*/patch", retry_after="1", times=1)
        answer.go_on()
        eventually(lambda: fault.seen, "no edit is tried")
        answer.end()
    (post,) = line.posts()
    assert "And then it stopped." in post["message"]


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_creation_whose_answer_gets_lost_is_not_made_twice(line: Line, lost: str) -> None:
    fault = line.playground.faults.add("POST /api/v4/posts$", drop=lost)
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        eventually(lambda: fault.seen, "no creation is tried")
        answer.end()
    (post,) = line.posts()
    assert "It ran dry. And then it stopped." in post["message"]
    assert creations(line) == 1


def test_an_edit_that_comes_late_does_not_overwrite_the_last_words(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WITHIN", 0.2)
    with writing(line, "It ran dry. And", "then", "it stopped.") as answer:
        answer.shows("It ran dry. And")
        late = line.playground.faults.add("PUT /api/v4/posts/.*/patch", delay=1.0)
        answer.go_on()
        eventually(lambda: late.seen, "no edit is tried")
        answer.end_of_the_model()
        assert not line.claimable("post")  # it waits until nothing of the lost edit can arrive any more
        eventually(lambda: "then" in line.answers()[0], "the late edit does not arrive")
        line.hurry()
        line.settle()
    assert "And then it stopped." in line.answers()[0]


def test_a_worker_that_takes_over_goes_on_in_the_same_post(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLE", timedelta())
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        taken_away(line)
    line.model.enqueue("It ran dry. And so it ended.")
    line.hurry()
    line.settle()
    (post,) = line.posts()
    assert post["id"] == shown["id"]
    assert "It ran dry. And so it ended." in post["message"]
    assert creations(line) == 1


def taken_away(line: Line) -> None:
    """As if the worker had died: its lease is over, and whatever it does is refused."""
    with line.worker.database.write() as session:
        now = clock(session)
        lost: dict[str, Any] = {"state": "queued", "lease_token": None, "lease_until": now - timedelta(seconds=9)}
        session.execute(update(Job).where(Job.kind == "answer", Job.state == "running").values(lost))


def test_an_answer_after_a_minute_sends_its_asker_a_link(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    later(line)
    line.settle()
    (note,) = line.private_answers(line.ann)
    assert line.playground.link(line.posts()[0]) in note


def test_who_has_turned_the_note_off_or_asks_directly_gets_none(line: Line) -> None:
    with line.worker.database.write() as session:
        settings = PersonSettings.of(session, line.ann["id"])
        settings.note_when_late = False
        session.add(settings)
    line.model.enqueue("Because.", "Because.", "Because.")
    line.say(line.ann, "ask Why?")
    line.say(line.bob, "ask Why?", line.direct(line.bob))
    line.say(line.carol, "ask --private Why?")
    later(line)
    line.settle()
    assert line.private_answers(line.ann) == []
    assert len(line.private_answers(line.bob)) == len(line.private_answers(line.carol)) == 1


def later(line: Line) -> None:
    """All that waits was asked two minutes ago."""
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job)):
            payload = Payload.of(job)
            job.payload = payload.but(asked_at=payload.asked_at - 120_000).to_json()
