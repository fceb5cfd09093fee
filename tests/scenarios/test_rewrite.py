"""Answer again, by another model, or shorter: the old answer stays until the new one has succeeded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llm.base import Chunk, EngineFault
from llm.scripted import ScriptedModel, Step
from mmapp.jobs import engines
from mmapp.jobs.post import THUMBS
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.switching import switch
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_more import answered, buttons, problem
from tests.scenarios.test_summarize_late import READ


def again(line: Line, post: Doc, answer: str, what: str = "again", **values: str) -> None:
    """Pick it in the dialog, and let the model do it."""
    line.model.enqueue(answer)
    assert line.pick(line.ann, line.more(line.ann, post), what=what, **values) == {}
    line.settle()
    line.look()


def test_the_new_answer_takes_the_old_one_s_place_in_the_same_post_and_nobody_is_notified(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="Because of the valve.")
    (post,) = line.posts()
    before = [line.playground.pushes(who) for who in (line.ann, line.bob, line.carol)]
    again(line, post, "The seal broke.")
    (now,) = line.posts()
    assert now["id"] == post["id"]
    assert "The seal broke." in now["message"]
    assert "valve" not in now["message"]
    assert [line.playground.pushes(who) for who in (line.ann, line.bob, line.carol)] == before
    assert buttons(line, now) == ["More…"]


def test_the_model_is_asked_what_it_was_asked_then_and_has_read_it_already(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="Because of the valve.")
    first = line.prompt()
    line.playground.post_as(line.bob, line.town, "Now it runs.", root)
    line.ask(line.carol, "Is it over?", root=root, answer="Yes.")
    again(line, line.posts()[0], "The seal broke.")
    assert line.prompt() == first


def test_what_is_asked_next_builds_on_the_new_answer(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="Because of the valve.")
    again(line, line.posts()[0], "The seal broke.")
    line.ask(line.ann, "Which?", root=root, answer="The left one.")
    assert "The seal broke." in line.prompt()
    assert "valve" not in line.prompt()


def test_the_same_model_is_asked_to_vary_and_another_one_can_be_picked(line: Line) -> None:
    post = answered(line)
    again(line, post, "The seal broke.")
    assert [options.temperature for options in line.model.options] == [0.2, 0.8]


def test_while_it_is_written_the_old_answer_stays_and_shows_stop(line: Line) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.look()
    assert buttons(line, post) == ["Stop"]
    assert line.playground.post(post)["message"] == post["message"]


def test_stop_ends_it_and_the_old_answer_stays_with_its_button(line: Line) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.look()
    line.playground.click(line.ann, line.playground.post(post), "Stop")
    line.settle()
    line.look()
    assert buttons(line, post) == ["More…"]
    assert "Because of the valve." in line.playground.post(post)["message"]
    assert len(line.model.history) == 1


@pytest.mark.parametrize(
    "fails",
    [
        Step("The seal", error=EngineFault("boom")),
        Step(""),
        Step("The seal broke, and", reason="length"),
        Step("Again. Again. Again.", reason="repeat", keep=7),
    ],
)
def test_where_it_fails_the_old_answer_stays_and_its_asker_is_told(line: Line, fails: Step) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.look()
    line.model.enqueue(fails)
    do_all(line)
    line.look()
    assert line.playground.post(post)["message"] == post["message"]
    assert buttons(line, post) == ["More…"]
    (told,) = line.private_answers(line.ann)
    assert "There is no new answer" in told
    assert told.endswith("The answer that was there stays as it is.")


def test_an_answer_that_is_deleted_while_it_is_written_anew_is_gone(line: Line) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.look()
    line.model.enqueue("The seal broke.")
    line.say(line.ann, f"delete {line.playground.link(post)}")
    do_all(line)
    line.look()
    assert line.posts() == []


def test_whoever_has_five_questions_waiting_has_no_answer_written_anew_meanwhile(line: Line) -> None:
    answered(line)
    for number in range(5):
        line.say(line.ann, f"ask Question {number}?")
    assert "You already have 5 questions waiting" in problem(line.pick(line.ann, line.more(line.ann), what="again"))


def test_a_new_answer_that_comes_while_stop_is_put_under_the_old_one_has_its_button(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.model.enqueue("The seal broke.")
    patch_post = line.worker.client.patch_post

    def overtaken(*args: Any, **kwargs: Any) -> object:
        monkeypatch.setattr(line.worker.client, "patch_post", patch_post)
        line.settle()
        return patch_post(*args, **kwargs)

    monkeypatch.setattr(line.worker.client, "patch_post", overtaken)
    line.look()
    assert "The seal broke." in line.playground.post(post)["message"]
    assert buttons(line, post) == ["More…"]


def test_nor_is_stop_left_under_a_new_answer_whose_delivery_is_tried_again(line: Line) -> None:
    """It stood there, and could not be read back; Stop came under it meanwhile."""
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.model.enqueue("The seal broke.")
    line.playground.faults.add(READ, status=503, times=3)
    line.settle()
    line.look()
    do_all(line)
    line.look()
    assert "The seal broke." in line.playground.post(post)["message"]
    assert buttons(line, post) == ["More…"]


def ends_with(line: Line, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody acts behind the model's last word, before the worker's next heartbeat."""
    generate = line.model.generate

    def generated(*args: Any) -> Iterator[Chunk]:
        yield from generate(*args)
        act()

    monkeypatch.setattr(line.model, "generate", generated)


def test_stop_behind_the_last_word_still_keeps_the_old_answer(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    post = answered(line)
    line.pick(line.ann, line.more(line.ann), what="again")
    line.look()
    line.model.enqueue("The seal broke.")
    ends_with(line, lambda: line.playground.click(line.ann, line.playground.post(post), "Stop"), monkeypatch)
    line.settle()
    line.look()
    assert line.playground.post(post)["message"] == post["message"]
    assert buttons(line, post) == ["More…"]


def test_thumbs_that_were_taken_away_are_not_put_under_a_new_answer_again(line: Line) -> None:
    post = answered(line)
    for emoji in THUMBS:
        line.playground.unreact(line.bot, post, emoji)
    again(line, post, "The seal broke.")
    assert line.playground.reactions(post) == []


def test_two_presses_write_one_new_answer(line: Line) -> None:
    post = answered(line)
    first, second = line.more(line.ann, post), line.more(line.ann, post)
    assert line.pick(line.ann, first, what="again") == {}
    assert "being written anew already" in problem(line.pick(line.ann, second, what="shorter"))
    line.settle()
    assert len(line.model.history) == 2


def test_a_dialog_that_was_done_does_nothing_a_second_time(line: Line) -> None:
    post = answered(line)
    dialog = line.more(line.ann, post)
    line.pick(line.ann, dialog, what="again")
    line.settle()
    assert "was done already" in problem(line.pick(line.ann, dialog, what="again"))
    line.settle()
    assert len(line.model.history) == 2


def test_an_answer_that_grows_gets_more_posts_and_one_that_shrinks_loses_them(line: Line) -> None:
    post = answered(line)
    again(line, post, "A line of the long answer.\n" * 900)
    assert len(line.posts()) == 2
    assert [buttons(line, each) for each in line.posts()] == [[], ["More…"]]
    again(line, line.posts()[-1], "Short.")
    (left,) = line.posts()
    assert left["id"] == post["id"]
    assert buttons(line, left) == ["More…"]


def test_who_has_left_the_channel_has_nothing_answered_there(line: Line) -> None:
    post = answered(line)
    dialog = line.more(line.ann, post)
    line.playground.remove_member(line.ann, line.town)
    line.pick(line.ann, dialog, line.direct(line.ann), what="again")
    line.settle()
    assert len(line.model.history) == 1
    assert any("not a member of that channel" in text for text in line.private_answers(line.ann))


@pytest.mark.parametrize("place", ["thread", "group"])
def test_in_a_listed_installation_a_private_answer_about_a_thread_and_one_in_a_group_message_are_written_anew(
    listed: Line, place: str
) -> None:
    switch(listed, "bob")
    if place == "thread":
        root = listed.playground.post_as(listed.bob, listed.town, "The pump stopped.")
        listed.ask(listed.ann, "--private Why?", root=root, answer="Because of the valve.")
    else:
        group = listed.playground.add_channel("G", "a" * 40, members=(listed.ann, listed.bob, listed.carol))
        listed.ask(listed.ann, "Why?", group, answer="Because of the valve.")
    (post,) = listed.posts(listed.direct(listed.ann))
    listed.model.enqueue("The seal broke.")
    assert listed.pick(listed.ann, listed.more(listed.ann, post), what="again") == {}
    listed.settle()
    assert "The seal broke." in listed.private_answers(listed.ann)[-1]


# Another model


def other_model(line: Line) -> ScriptedModel:
    """A second one, which people can pick."""
    other = ScriptedModel(name="other")
    line.worker.registry.extra["other"] = other
    engines.list_models(line.worker)
    return other


def test_another_model_answers_and_the_foot_names_it(line: Line) -> None:
    post = answered(line)
    other_model(line).enqueue("The seal broke.")
    again(line, post, "", what="with", model="other")
    (now,) = line.posts()
    assert "The seal broke." in now["message"]
    assert "*other ·" in now["message"]


def test_another_model_must_be_picked_and_be_one_that_is_there(line: Line) -> None:
    answered(line)
    assert line.pick(line.ann, line.more(line.ann), what="with")["errors"]["model"].startswith("Please pick the model")
    tampered = line.pick(line.ann, line.more(line.ann), what="with", model="rm -rf")
    assert tampered["errors"]["model"].startswith("Please pick one of those")


# Shorter


def test_shorter_asks_the_model_for_less_of_its_own_answer(line: Line) -> None:
    post = answered(line, answer="Because of the valve, which nobody had looked at for years.")
    again(line, post, "The valve.", what="shorter")
    assert "The valve." in line.posts()[0]["message"]
    prompt = line.prompt()
    assert "which nobody had looked at for years" in prompt
    assert prompt.endswith("Keep names, numbers and dates.")


@pytest.mark.parametrize(
    ("what", "said"),
    [("again", "Because of the valve."), ("shorter", "Because of the valve, which was old and stuck.")],
)
def test_the_same_words_again_or_more_of_them_where_less_was_wanted_are_no_new_answer(
    line: Line, what: str, said: str
) -> None:
    post = answered(line)
    again(line, post, said, what)
    line.settle()
    assert line.playground.post(post)["message"] == post["message"]
    (told,) = line.private_answers(line.ann)
    assert told.endswith("The answer that was there stays as it is.")
