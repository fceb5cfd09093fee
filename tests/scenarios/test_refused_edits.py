"""Where an answer's post cannot be edited, another takes its place: nobody else's words go with it, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from mmapp.errors import LeaseLost
from mmapp.jobs import stream
from mmapp.models import AnswerPost
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import found
from tests.scenarios.test_delete import SECRET, do_all, kept
from tests.scenarios.test_more import answered
from tests.scenarios.test_rewrite import again
from tests.scenarios.writing import writing


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)


def refuse_edits(line: Line) -> None:
    line.playground.server.settings["MayEdit"] = False


def said(line: Line, channel: Doc | None = None) -> list[str]:
    """What stands in a channel, by whomever, without our feet and quotes."""
    found = [post["message"] for post in line.playground.posts(channel or line.town) if not post["type"]]
    return [text.replace("\u200b", "").removeprefix("> **ann**: Why?\n\n").split("\n")[0] for text in found]


def hear_at_each_deletion(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener is as fast as can be: it hears of a deletion before its request has returned."""
    delete_post = line.worker.client.delete_post

    def deleted_and_heard(post_id: str) -> None:
        delete_post(post_id)
        line.hear()

    monkeypatch.setattr(line.worker.client, "delete_post", deleted_and_heard)


def test_an_answer_with_replies_that_is_written_anew_stays_and_the_new_one_follows_below_it(line: Line) -> None:
    post = answered(line)
    line.playground.post_as(line.bob, line.town, "My long reply.", post)
    refuse_edits(line)
    again(line, post, "The seal broke.")
    line.hear()
    do_all(line)
    assert said(line) == ["Because of the valve.", "My long reply.", "The seal broke."]
    assert [one["root_id"] for one in line.posts()] == ["", post["id"]]


def test_a_third_answer_takes_the_place_of_the_second_and_of_nobody_s_reply(line: Line) -> None:
    post = answered(line)
    line.playground.post_as(line.bob, line.town, "My long reply.", post)
    refuse_edits(line)
    again(line, post, "The seal broke.")
    again(line, line.posts()[-1], "It was the filter.")
    line.hear()
    do_all(line)
    assert said(line) == ["Because of the valve.", "My long reply.", "It was the filter."]


def test_who_replies_while_it_is_written_keeps_the_reply_and_gets_the_whole_answer_below(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        shown = answer.shows("It ran dry.")
        line.playground.post_as(line.bob, line.town, "My long reply.", shown)
        refuse_edits(line)
        answer.end()
    line.hear()
    do_all(line)
    assert said(line)[1:] == ["My long reply.", "It ran dry. And then it stopped."]
    assert line.posts()[-1]["root_id"] == shown["id"]


def test_what_is_asked_below_goes_on_from_the_answer_that_followed(line: Line) -> None:
    post = answered(line)
    line.playground.post_as(line.bob, line.town, "My long reply.", post)
    refuse_edits(line)
    again(line, post, "The seal broke.")
    line.ask(line.bob, "Which?", root=post, answer="The left one.")
    assert "The seal broke." in line.prompt()


def test_delete_takes_the_old_one_as_well(line: Line) -> None:
    post = answered(line)
    line.playground.post_as(line.bob, line.town, "My long reply.", post)
    refuse_edits(line)
    again(line, post, "The seal broke.")
    line.say(line.ann, f"delete {line.playground.link(line.posts()[-1])}")
    do_all(line)
    assert line.posts() == []


def test_a_thread_that_an_admin_deletes_takes_the_answer_that_stayed_along(line: Line) -> None:
    root = line.playground.add_user("root", roles="system_admin system_user")
    post = answered(line, answer=f"It is {SECRET}.")
    line.playground.post_as(line.bob, line.town, "My long reply.", post)
    refuse_edits(line)
    again(line, post, f"It was {SECRET}.")
    line.playground.delete(root, post)
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)


def test_a_post_that_another_takes_the_place_of_is_not_heard_as_a_person_s_deletion(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear_at_each_deletion(line, monkeypatch)
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        answer.shows("It ran dry.")
        refuse_edits(line)
        answer.end()
    do_all(line)
    assert said(line) == ["It ran dry. And then it stopped."]
    line.ask(line.bob, "Why dry?", root=line.posts()[0], answer="A leak.")
    assert "And then it stopped." in line.prompt()


def test_an_answer_that_shrinks_is_not_heard_as_deleted(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    post = answered(line)
    again(line, post, "A line of the long answer.\n" * 900)
    hear_at_each_deletion(line, monkeypatch)
    again(line, line.posts()[-1], "Short.")
    do_all(line)
    assert said(line) == ["Short."]


def test_one_that_shrinks_leaves_the_part_that_has_replies(line: Line) -> None:
    post = answered(line)
    again(line, post, "A line of the long answer.\n" * 900)
    line.playground.post_as(line.bob, line.town, "My long reply.", line.posts()[-1])
    again(line, line.posts()[-1], "Short.")
    assert "My long reply." in said(line)


def dies(line: Line, monkeypatch: pytest.MonkeyPatch, call: str, *, after: bool) -> None:
    """The worker dies over one such call to Mattermost, before it is sent or after it was done; then another goes on."""
    once: list[str] = []
    send: Callable[..., object] = getattr(line.worker.client, call)

    def dying(*args: object, **kwargs: object) -> object:
        if once:
            return send(*args, **kwargs)
        once.append(call)
        if after:
            send(*args, **kwargs)
        line.playground.server.pending.clear()  # another attempt comes too late for what the server remembers
        raise LeaseLost

    monkeypatch.setattr(line.worker.client, call, dying)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["create_post", "delete_post"])
def test_a_worker_that_dies_over_it_leaves_neither_two_answers_nor_none(
    line: Line, monkeypatch: pytest.MonkeyPatch, call: str, after: bool
) -> None:
    post = answered(line)
    refuse_edits(line)
    dies(line, monkeypatch, call, after=after)
    again(line, post, "The seal broke.")
    expire(line)
    do_all(line)
    assert said(line) == ["The seal broke."]
    with line.worker.database.read() as session:
        assert list(session.scalars(select(AnswerPost.post_id))) == [line.posts()[0]["id"]]


def test_what_waits_below_an_old_one_is_answered_though_the_bot_hears_itself_delete_that(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear_at_each_deletion(line, monkeypatch)
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why?", direct, answer="It ran dry.")
    (post,) = line.posts(direct)
    line.pick(line.ann, line.more(line.ann, post), what="again")
    line.say(line.ann, "ask Which?", direct, post)
    while line.step("admit"):
        pass
    refuse_edits(line)
    line.model.enqueue("The seal broke.", "The left one.")
    do_all(line)
    assert "It ran dry." not in found(line, line.ann)
    assert "The seal broke." in found(line, line.ann)
    assert "The left one." in found(line, line.ann)
