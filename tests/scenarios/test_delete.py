"""Deletion that really deletes: the posts, the words in the database, and what the model would meet again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from llm.base import EngineFault
from llm.scripted import Step
from mmapp.jobs import lanes, stream
from tests.conftest import KEY
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import allow_only
from tests.scenarios.writing import writing

SECRET = "swordfish"


def kept(line: Line) -> str:
    """Every word that the database holds, read with the key."""
    columns = (
        "select text from message",
        "select raw from message",
        "select payload from job",
        "select words from job",
    )
    with line.worker.database.engine.connect() as connection:
        found = [bytes(row) for column in columns for row in connection.scalars(text(column)) if row is not None]
    return "\n".join(Fernet(KEY).decrypt(each).decode() for each in found)


def do_all(line: Line) -> None:
    """What is retried has its time."""
    for _ in range(3):
        line.settle()
        line.hurry()
    line.settle()


def asked(line: Line, who: Doc | None = None) -> Doc:
    line.ask(who or line.ann, f"Is it {SECRET}?", answer=f"It is {SECRET}.")
    return line.posts()[-1]


def test_who_asked_deletes_the_newest_answer_here_and_nothing_of_it_is_kept(line: Line) -> None:
    asked(line)
    assert SECRET in kept(line)
    said = line.say(line.ann, "delete")
    assert SECRET in said.text  # which one
    do_all(line)
    assert line.posts() == []
    assert SECRET not in kept(line)


def test_an_older_one_is_deleted_by_its_link_and_others_stay(line: Line) -> None:
    first = asked(line)
    line.ask(line.ann, "Why?", answer="Because.")
    line.say(line.ann, f"delete {line.playground.link(first)}")
    do_all(line)
    assert ["Because." in text for text in line.answers()] == [True]


def test_deleting_again_takes_the_one_before_and_then_there_is_nothing(line: Line) -> None:
    asked(line)
    asked(line)
    for left in (1, 0):
        line.say(line.ann, "delete")
        do_all(line)
        assert len(line.posts()) == left
    assert "no answer of yours" in line.say(line.ann, "delete").text


def test_somebody_else_may_not_and_is_told_and_an_admin_of_the_channel_may(line: Line) -> None:
    post = asked(line)
    line.say(line.bob, f"delete {line.playground.link(post)}")
    do_all(line)
    assert len(line.posts()) == 1
    assert any("Only who asked" in text for text in (*line.told(line.bob), *line.private_answers(line.bob)))
    assert all("Only who asked" not in text for text in (*line.told(line.ann), *line.private_answers(line.ann)))
    line.playground.make_channel_admin(line.bob, line.town)
    line.say(line.bob, f"delete {line.playground.link(post)}")
    do_all(line)
    assert line.posts() == []


def test_a_link_to_somebody_s_message_is_refused(line: Line) -> None:
    post = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    assert "no answer of mine" in line.say(line.ann, f"delete {line.playground.link(post)}").text


def test_what_was_deleted_is_not_met_again_by_the_model(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, f"Is it {SECRET}?", root=root, answer=f"It is {SECRET}.")
    line.say(line.ann, "delete", root=root)
    do_all(line)
    line.ask(line.bob, "Why?", root=root, answer="Because.")
    assert SECRET not in line.prompt()


def test_an_answer_is_deleted_while_it_is_written(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    with writing(line, f"It is {SECRET}. And", "more of it.") as answer:
        answer.shows(SECRET)
        line.say(line.ann, "delete")
        assert line.step("admit")
        answer.lane.join(10)
        do_all(line)
    assert line.posts() == []
    assert SECRET not in kept(line)


def test_a_question_that_waits_is_deleted(line: Line) -> None:
    line.say(line.ann, f"ask Is it {SECRET}?")
    line.say(line.ann, "delete")
    do_all(line)
    assert line.posts() == []
    assert line.model.history == []
    assert SECRET not in kept(line)


def test_the_wastebasket_by_who_asked_deletes_and_by_others_does_not(line: Line) -> None:
    post = asked(line)
    line.playground.react(line.bob, post, "wastebasket")
    line.hear()
    do_all(line)
    assert len(line.posts()) == 1
    line.playground.react(line.ann, post, "wastebasket")
    line.hear()
    do_all(line)
    assert line.posts() == []
    assert SECRET not in kept(line)


def test_an_answer_deleted_in_mattermost_is_not_kept_either(line: Line) -> None:
    root = line.playground.add_user("root", roles="system_admin system_user")
    line.playground.delete(root, asked(line))
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)


def test_a_thread_deleted_in_mattermost_takes_all_that_was_asked_in_it(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, f"Is it {SECRET}?", root=root, answer=f"It is {SECRET}.")
    line.playground.delete(line.ann, root)
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)


def test_so_does_one_below_an_answer_in_one_s_direct_message_and_what_stands_beside_it_stays(line: Line) -> None:
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why?", direct, answer="Because.")
    first = line.posts(direct)[0]
    line.mention(line.ann, f"Is it {SECRET}?", direct, root=first, answer=f"It is {SECRET}.")
    line.mention(line.ann, "What is a pump?", direct, answer="It moves water.")
    line.say(line.ann, f"delete {line.playground.link(first)}", direct)
    do_all(line)
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)
    assert ["It moves water." in text for text in line.private_answers(line.ann)] == [True]
    assert "It moves water." in kept(line)


def test_so_does_one_below_a_private_answer_about_another_channel_s_thread(line: Line) -> None:
    direct, root = line.direct(line.ann), line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, f"--thread {line.playground.link(root)} Why?", direct, answer="Because.")
    line.mention(line.ann, f"Is it {SECRET}?", direct, root=line.posts(direct)[0], answer=f"It is {SECRET}.")
    line.say(line.ann, f"delete {line.playground.link(line.posts(direct)[0])}", direct)
    do_all(line)
    line.hear()
    do_all(line)
    assert line.posts(direct) == []
    assert SECRET not in kept(line)


def test_a_question_deleted_in_mattermost_stops_its_answer_and_leaves_no_post(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    question = line.playground.post_as(line.ann, line.town, f"@ai is it {SECRET}?", root)
    line.hear()
    line.model.enqueue(f"It is {SECRET}.")
    line.step("admit")
    line.playground.delete(line.ann, question)
    line.hear()
    do_all(line)
    assert line.posts() == []
    assert SECRET not in kept(line)


def test_an_answer_outlives_its_question(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    question = line.mention(line.ann, "@ai why?", root=root, answer="Because.")
    line.playground.delete(line.ann, question)
    line.hear()
    do_all(line)
    assert len(line.answers()) == 1


def test_an_answer_that_is_written_anew_outlives_its_question_as_well(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    question = line.mention(line.ann, "@ai why?", root=root, answer="Because.")
    line.pick(line.ann, line.more(line.ann), what="again")
    line.playground.delete(line.ann, question)
    line.hear()
    line.model.enqueue("The seal broke.")
    do_all(line)
    assert ["The seal broke." in text for text in line.answers()] == [True]


def test_a_question_that_the_model_could_not_answer_goes_with_its_post(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    allow_only(line, "tiny")  # else the next one answers
    line.model.enqueue(*[Step("", error=EngineFault("boom"))] * 2)
    question = line.mention(line.ann, f"@ai is it {SECRET}?", root=root)
    do_all(line)
    assert SECRET in kept(line)
    line.playground.delete(line.ann, question)
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)


def test_after_an_older_one_was_answered_again_the_newest_is_still_the_one_asked_last(line: Line) -> None:
    line.ask(line.ann, "First?", answer="One.")
    (first,) = line.posts()
    line.ask(line.ann, "Second?", answer="Two.")
    line.model.enqueue("Uno.")
    line.pick(line.ann, line.more(line.ann, first), what="again")
    line.settle()
    assert "Second?" in line.say(line.ann, "delete").text


def test_somebody_else_is_not_told_first_that_it_is_being_deleted(line: Line) -> None:
    said = line.say(line.bob, f"delete {line.playground.link(asked(line))}").text
    assert "I look whether you may delete it" in said
    assert "Deleting" not in said


# Posts that stay


def archived(line: Line) -> None:
    line.playground.archive(line.town, by=line.bob)


def kicked(line: Line) -> None:
    line.playground.remove_member(line.bot, line.town)


def notices(line: Line, who: Doc) -> str:
    """All that somebody was told, alone."""
    return "\n".join([*line.told(who), *line.private_answers(who)])


def refused(status: int) -> str:
    """An error in Mattermost's own words."""
    return json.dumps({"id": "api.context.error", "message": "No.", "status_code": status})


@pytest.mark.parametrize("happens", [archived, kicked])
def test_where_the_posts_cannot_be_deleted_the_words_are_all_the_same_and_who_wanted_it_is_told_who_can(
    line: Line, happens: Callable[[Line], None]
) -> None:
    asked(line)
    happens(line)
    line.say(line.ann, "delete")
    do_all(line)
    assert SECRET not in kept(line)
    assert len(line.posts()) == 1
    assert "Its posts stay, as Mattermost does not let me delete them" in notices(line, line.ann)
    assert line.jobs("queued") == line.jobs("failed") == 0


@pytest.mark.parametrize("status", [403, 404])
def test_where_the_posts_are_gone_already_nobody_is_told_that_they_stay(line: Line, status: int) -> None:
    post = asked(line)
    line.say(line.ann, "delete")
    line.playground.faults.add("DELETE /api/v4/posts/", status=status, body=refused(status))
    line.playground.delete(line.playground.add_user("root", roles="system_admin system_user"), post)
    do_all(line)
    assert "stay" not in notices(line, line.ann)


def test_while_mattermost_is_down_the_words_are_deleted_and_then_the_posts(line: Line) -> None:
    asked(line)
    line.playground.faults.add("DELETE /api/v4/posts/", status=502)
    line.say(line.ann, "delete")
    line.settle()
    assert SECRET not in kept(line)
    do_all(line)
    assert line.posts() == []


def test_what_an_admin_has_begun_to_delete_goes_though_they_are_none_by_the_time_its_posts_can(line: Line) -> None:
    asked(line)
    line.playground.make_channel_admin(line.bob, line.town)
    line.pick(line.bob, line.more(line.bob), what="delete")
    line.playground.faults.add("DELETE /api/v4/posts/", status=502)
    line.settle()
    assert SECRET not in kept(line)
    line.playground.remove_member(line.bob, line.town)
    do_all(line)
    assert line.posts() == []
    assert "Only who asked" not in notices(line, line.bob)


def test_an_admin_s_deletion_that_fails_is_told_to_the_admin_and_not_to_who_asked(line: Line) -> None:
    asked(line)
    line.playground.make_channel_admin(line.bob, line.town)
    line.playground.faults.add("DELETE /api/v4/posts/", status=418, body=refused(418))
    line.pick(line.bob, line.more(line.bob), what="delete")
    before = notices(line, line.ann)
    do_all(line)
    assert "was not done" in notices(line, line.bob)
    assert notices(line, line.ann) == before


def test_a_deletion_by_mattermost_that_fails_is_told_to_nobody(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "Why?", root=root, answer="Because.")
    before = notices(line, line.bob)
    line.playground.faults.add("DELETE /api/v4/posts/", status=418, body=refused(418))
    line.playground.delete(line.ann, root)
    line.hear()
    do_all(line)
    assert notices(line, line.bob) == before
    assert line.private_answers(line.ann) == []


# An answer that could not be posted where it was asked for


def handed_over(line: Line) -> Doc:
    """The question; its channel was archived before the answer came."""
    question = line.playground.post_as(line.ann, line.town, f"@ai is it {SECRET}?")
    line.hear()
    line.step("admit")
    archived(line)
    line.model.enqueue(f"It is {SECRET}.")
    while line.step("model:tiny", "post"):
        pass
    return question


def test_one_that_its_asker_was_told_alone_is_deleted_there(line: Line) -> None:
    question = handed_over(line)
    line.playground.advance(3600)  # who asked does not look there any more
    do_all(line)
    assert SECRET in line.private_answers(line.ann)[-1]
    line.say(line.ann, f"delete {line.playground.link(question)}", line.direct(line.ann))
    do_all(line)
    assert all(SECRET not in text for text in line.private_answers(line.ann))
    assert SECRET not in kept(line)


def test_the_wastebasket_under_it_deletes_it_too(line: Line) -> None:
    handed_over(line)
    do_all(line)
    line.playground.react(line.ann, line.posts(line.direct(line.ann))[-1], "wastebasket")
    line.hear()
    do_all(line)
    assert line.private_answers(line.ann) == []
    assert SECRET not in kept(line)


def test_one_that_is_still_to_be_told_is_told_no_more(line: Line) -> None:
    question = handed_over(line)
    line.say(line.ann, f"delete {line.playground.link(question)}", line.direct(line.ann))
    assert line.step("admit")
    do_all(line)
    assert f"It is {SECRET}." not in notices(line, line.ann)
    assert SECRET not in kept(line)


def test_one_that_is_being_told_just_now_is_deleted_once_it_is_told(line: Line) -> None:
    question = handed_over(line)
    telling = line.claim("notify")
    assert telling is not None
    line.say(line.ann, f"delete {line.playground.link(question)}", line.direct(line.ann))
    assert line.step("admit")
    lanes.do(line.worker, telling)
    assert SECRET in line.private_answers(line.ann)[-1]
    do_all(line)
    assert line.private_answers(line.ann) == []
    assert SECRET not in kept(line)
