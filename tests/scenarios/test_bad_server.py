"""A Mattermost that is down, slow, or speaks with another's voice: every question is answered once, or its asker told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mmapp.db import clock
from mmapp.mattermost import connection, retry
from mmapp.models import Job
from tests.line import Line

NOT_FOUND = (
    '{"id": "app.post.get.app_error", "message": "Unable to get the post.", "request_id": "r", "status_code": 404}'
)
CALLS = {
    "member check": "GET /api/v4/channels/[a-z0-9]{26}/members/",
    "message": "GET /api/v4/posts/ROOT$",
    "thread": "GET /api/v4/posts/[a-z0-9]{26}/thread",
    "names": "POST /api/v4/users/ids",
    "creation": "POST /api/v4/posts$",
    "reading it back": "GET /api/v4/posts/(?!ROOT)[a-z0-9]{26}$",
    "response_url": "POST /hooks/commands/",
    "direct channel": "POST /api/v4/channels/direct",
}
HTML = {"body": "<html>We will be back soon.</html>", "content_type": "text/html"}
LIMITED = {"status": 429, "body": "limit exceeded\n", "content_type": "text/plain; charset=utf-8"}
FAULTS: dict[str, dict[str, Any]] = {
    "HTML": {"status": 200, **HTML},
    "HTML though it was done": HTML,
    "half a JSON": {"body": '{"id": "'},
    "a body that breaks off": {"half": True},
    "no answer, and nothing done": {"drop": "before"},
    "no answer, and all done": {"drop": "after"},
    "a byte at a time": {"drip": 0.02},
    "an answer that comes too late": {"delay": 0.7},
    "429": {**LIMITED, "headers": {"Retry-After": "1"}},
    "429, twice said": {**LIMITED, "headers": {"Retry-After": "21, 21"}},
    "429 for days": {**LIMITED, "headers": {"Retry-After": "900000"}},
    "429 until a date": {**LIMITED, "headers": {"Retry-After": "Sun, 22 Nov 2026 15:17:42 GMT"}},
    "429 for nobody knows how long": LIMITED,
    "a redirect": {"status": 302, "headers": {"Location": "/maintenance"}},
    **{str(status): {"status": status, **HTML} for status in (400, 403, 404, 405, 408, 413, 500, 502, 503)},
}
ROUNDS = 40


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time here; and a server has 0.6 s for its whole answer, not 30."""
    taken: list[float] = []
    monkeypatch.setattr(retry, "sleep", taken.append)
    exchange = connection.exchange

    def hurried(*given: Any, within: float = 30.0, **more: Any) -> Any:
        return exchange(*given, **more | {"timeout": (0.6, 0.4)}, within=min(within, 0.6))

    monkeypatch.setattr(connection, "exchange", hurried)
    return taken


def come_to_an_end(line: Line) -> None:
    """Bounded: a job that waited for ever would be left over."""
    for _ in range(ROUNDS):
        line.hurry()
        if not line.settle() and not line.jobs("queued"):
            break
    assert line.jobs("queued") == line.jobs("running") == 0


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_a_bad_server_answers_at_each_call_costs_nobody_anything(
    line: Line, naps: list[float], fault: dict[str, Any]
) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    faults = [line.playground.faults.add(path.replace("ROOT", root["id"]), times=2, **fault) for path in CALLS.values()]
    line.model.enqueue("Because of this.", "Because of that.")
    line.say(line.bob, f"ask --thread {root['id']} Why here?")
    line.say(line.carol, f"ask --thread {root['id']} --private Why there?")
    line.say(line.ann, "ask hm", line.secret)
    come_to_an_end(line)
    assert [call for call, each in zip(CALLS, faults, strict=True) if not each.seen] == []
    (public,), (private,) = line.answers(), line.private_answers(line.carol)
    assert ("Why here?" in public, "Because of" in public) == (True, True)
    assert ("Why there?" in private, "Because of" in private) == (True, True)
    assert any("/invite @ai" in text for text in (*line.told(line.ann), *line.private_answers(line.ann)))
    assert line.jobs("failed") == 1  # the refusal
    assert max(naps, default=0) <= retry.MAX_WAIT


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
    line.worker.edits.refused()  # nothing is shown of it before it is whole
    line.say(line.bob, "ask Why?", root=root)
    line.step("admit")
    line.step("model:tiny")
    line.playground.delete(line.ann, root)
    line.settle()
    told = "\n".join(line.private_answers(line.bob))
    assert all(f"Paragraph {number}." in told for number in range(60))


def test_a_server_that_asks_for_days_of_patience_is_asked_again_within_minutes(line: Line) -> None:
    line.playground.faults.rate_limit("POST /api/v4/posts$", retry_after="900000")
    line.ask(line.ann, "Why?", answer="Because.")
    with line.worker.database.read() as session:
        wait = session.scalars(select(Job.run_at).where(Job.kind == "post")).one() - clock(session)
    assert wait.total_seconds() <= 300


def test_a_response_url_that_is_used_up_makes_the_refusal_a_direct_message(line: Line) -> None:
    line.say(line.ann, "ask Why?", line.secret)
    line.playground.advance(31 * 60)
    line.playground.faults.add("POST /hooks/commands", status=404, body=NOT_FOUND, times=9)
    line.settle()
    assert "/invite @ai" in line.private_answers(line.ann)[0]
