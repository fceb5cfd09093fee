"""`/ai model` typed in a thread, where the server says so: for everybody there, by who may ask there."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import select

from llm.scripted import Step
from mmapp import choice
from mmapp.jobs import lanes
from mmapp.models import ModelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import USUAL, add, answered_by, introduction, opened, options, pick
from tests.scenarios.test_gaps import nobody_listening
from tests.scenarios.test_model_dialog import errors


@pytest.fixture
def age() -> str:
    return "11"


@pytest.fixture
def root(line: Line) -> Doc:
    return line.playground.post_as(line.bob, line.town, "The pump stopped.")


@pytest.fixture
def gus(line: Line) -> Doc:
    guest = line.playground.add_user("gus", roles="system_guest")
    line.playground.join(guest, line.town)
    return guest


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]


def kept(line: Line) -> list[str]:
    """All that is set for anybody, once the worker has swept."""
    choice.sweep(line.worker.database)
    with line.worker.database.read() as session:
        return list(session.scalars(select(ModelSettings.owner_id)))


def test_by_name_the_worker_asks_whether_one_may_and_then_it_holds(line: Line, root: Doc) -> None:
    said = line.say(line.ann, "model large --for conversation", line.town, root).text
    assert "Changing that for everybody in this thread, if you may ask here." in said
    line.settle()
    assert "From now on **large** (`large`) answers in this conversation." in line.told(line.ann)[-1]
    assert answered_by(line, line.bob, "Why?", line.town, root) == "large"
    assert "**large** answers here: set for this conversation." in introduction(
        opened(line, line.bob, "model", line.town, root)
    )


def test_what_was_typed_last_holds_in_whatever_order_it_is_done(line: Line, root: Doc) -> None:
    line.say(line.ann, "model large --for conversation", line.town, root)
    first = line.claim("admit")
    assert first is not None
    line.say(line.ann, "model other --for conversation", line.town, root)
    line.step("admit")
    lanes.do(line.worker, first)
    line.settle()
    assert line.told(line.ann)[-1].endswith("**other** answers here: set for this conversation.")
    assert answered_by(line, line.bob, "Why?", line.town, root) == "other"


@pytest.mark.parametrize("before", ["", "model other --for conversation"])
def test_also_where_what_was_typed_last_takes_back_what_was_chosen(line: Line, root: Doc, before: str) -> None:
    if before:
        line.say(line.carol, before, line.town, root)
        line.settle()
    line.say(line.bob, "model large --for conversation", line.town, root)
    first = line.claim("admit")
    assert first is not None
    line.say(line.ann, "model reset --for conversation", line.town, root)
    line.step("admit")
    choice.sweep(line.worker.database)
    lanes.do(line.worker, first)
    line.settle()
    assert line.told(line.bob)[-1].removeprefix("**ai**").strip() == "**tiny** answers here: the usual one."
    assert answered_by(line, line.bob, "Why?", line.town, root) == "tiny"
    assert kept(line) == []


def test_and_where_it_is_taken_back_by_the_dialog(line: Line, root: Doc) -> None:
    line.say(line.bob, "model large --for conversation", line.town, root)
    first = line.claim("admit")
    assert first is not None
    shown = opened(line, line.ann, "model --for conversation", line.town, root)
    assert pick(line, line.ann, shown, model=USUAL) == {}
    lanes.do(line.worker, first)
    assert answered_by(line, line.bob, "Why?", line.town, root) == "tiny"
    assert kept(line) == []


@pytest.mark.parametrize("by", ["name", "dialog"])
def test_nothing_is_left_of_what_was_taken_back(line: Line, root: Doc, by: str) -> None:
    line.say(line.bob, "model large --for conversation", line.town, root)
    line.settle()
    if by == "name":
        line.say(line.ann, "model reset --for conversation", line.town, root)
        line.settle()
    else:
        shown = opened(line, line.ann, "model --for conversation", line.town, root)
        assert pick(line, line.ann, shown, model=USUAL) == {}
    assert kept(line) == []


@pytest.mark.parametrize("done", [True, False])
def test_also_where_it_was_taken_back_while_somebody_wished_for_another_thread(
    line: Line, root: Doc, gus: Doc, *, done: bool
) -> None:
    other = line.playground.post_as(line.bob, line.town, "The valve leaks.")
    line.say(line.bob, "model large --for conversation", line.town, root)
    line.settle()
    line.say(line.carol if done else gus, "model other --for conversation", line.town, other)
    shown = opened(line, line.ann, "model --for conversation", line.town, root)
    assert pick(line, line.ann, shown, model=USUAL) == {}
    line.settle()
    assert kept(line) == [f"{line.town['id']}:{other['id']}"] * done


def test_what_was_set_and_taken_back_while_a_dialog_was_open_keeps_nobody_from_it(line: Line, root: Doc) -> None:
    line.say(line.bob, "model large --for conversation", line.town, root)
    first = line.claim("admit")
    assert first is not None
    shown = opened(line, line.ann, "model --for conversation", line.town, root)
    line.say(line.carol, "model reset --for conversation", line.town, root)
    line.step("admit")
    assert pick(line, line.ann, shown, model="other") == {}
    lanes.do(line.worker, first)
    assert answered_by(line, line.bob, "Why?", line.town, root) == "other"


def test_a_root_that_is_none_of_the_channel_s_is_refused(line: Line) -> None:
    elsewhere = line.playground.post_as(line.bob, line.secret, "The pump stopped.")
    line.say(line.ann, "model large --for conversation", line.town, elsewhere)
    line.settle()
    assert kept(line) == []


@pytest.mark.parametrize("typed", ["model", "model more --for conversation"])
@pytest.mark.parametrize("which", ["none", "another channel's", "a reply", "deleted"])
def test_by_the_dialog_neither(line: Line, root: Doc, typed: str, which: str) -> None:
    wrong = {
        "none": {"id": "a" * 26},
        "another channel's": line.playground.post_as(line.bob, line.secret, "The pump stopped."),
        "a reply": line.playground.post_as(line.bob, line.town, "It did.", root),
        "deleted": root,
    }[which]
    dialog = opened(line, line.ann, typed, line.town, wrong)
    if which == "deleted":
        line.playground.delete(line.bob, root)
    changes = {"language": "de"} if "more" in typed else {"instructions": "Lie.", "for": "conversation"}
    assert "There is no such thread here, or not any more. Nothing was saved." in errors(
        pick(line, line.ann, dialog, **changes)
    )
    assert kept(line) == []


def test_what_is_set_for_a_thread_goes_with_it(line: Line, root: Doc) -> None:
    other = line.playground.post_as(line.bob, line.town, "The valve leaks.")
    for thread in (root, other):
        dialog = opened(line, line.ann, "model", line.town, thread)
        assert pick(line, line.ann, dialog, instructions="Answer in rhymes.", **{"for": "conversation"}) == {}
    reply = line.playground.post_as(line.bob, line.town, "It drips.", other)
    for post in (root, reply):
        line.playground.delete(line.bob, post)
    line.hear()
    assert kept(line) == [f"{line.town['id']}:{other['id']}"]


def test_also_where_nobody_listens(line: Line, root: Doc) -> None:
    line.say(line.ann, "model large --for conversation", line.town, root)
    line.settle()
    with nobody_listening(line):
        line.playground.delete(line.bob, root)
    assert kept(line) == []


def test_by_the_dialog_for_everybody_there(line: Line, root: Doc) -> None:
    dialog = opened(line, line.ann, "model", line.town, root)
    assert list(options(dialog, "for")) == ["me", "channel", "conversation"]
    assert pick(line, line.ann, dialog, model="large", **{"for": "conversation"}) == {}
    assert answered_by(line, line.bob, "Why?", line.town, root) == "large"
    assert answered_by(line, line.bob) == "tiny"


def test_a_guest_steers_nobody_else_s_answers_by_it(line: Line, root: Doc, gus: Doc) -> None:
    dialog = opened(line, gus, "model", line.town, root)
    refused = pick(line, gus, dialog, instructions="Say that all is well.", **{"for": "conversation"})
    assert "Only who may ask in this channel can choose for its conversations." in errors(refused)
    more = opened(line, gus, "model more --for conversation", line.town, root)
    assert "Only who may ask in this channel" in errors(pick(line, gus, more, language="de"))
    line.say(gus, "model large --for conversation", line.town, root)
    line.settle()
    assert "Guests cannot ask here." in line.told(gus)[-1]
    assert kept(line) == []


def test_who_has_left_the_channel_neither(line: Line) -> None:
    line.playground.join(line.bot, line.secret)
    root = line.playground.post_as(line.bob, line.secret, "The pump stopped.")
    dialog = opened(line, line.ann, "model", line.secret, root)
    line.say(line.ann, "model large --for conversation", line.secret, root)
    line.playground.remove_member(line.ann, line.secret)
    refused = pick(line, line.ann, dialog, instructions="Lie.", **{"for": "conversation"})
    assert "Only who may ask in this channel" in errors(refused)
    line.settle()
    assert kept(line) == []


def test_where_the_bot_cannot_look_it_is_said_what_to_do(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.secret, "The pump stopped.")
    dialog = opened(line, line.ann, "model", line.secret, root)
    assert "/invite @ai" in errors(pick(line, line.ann, dialog, model="large", **{"for": "conversation"}))
    assert kept(line) == []


def test_in_a_public_channel_neither_where_it_would_not_hear_when_the_thread_is_deleted(line: Line) -> None:
    plaza = line.playground.add_channel("O", "plaza", members=(line.ann, line.bob))
    root = line.playground.post_as(line.bob, plaza, "The pump stopped.")
    dialog = opened(line, line.ann, "model", plaza, root)
    assert "/invite @ai" in errors(pick(line, line.ann, dialog, model="large", **{"for": "conversation"}))
    assert kept(line) == []


def test_by_name_it_joins_a_public_channel_for_it(line: Line) -> None:
    plaza = line.playground.add_channel("O", "plaza", members=(line.ann, line.bob))
    root = line.playground.post_as(line.bob, plaza, "The pump stopped.")
    line.say(line.ann, "model large --for conversation", plaza, root)
    line.settle()
    line.ask(line.bob, "Why?", plaza, root)
    assert "*large · " in line.answers(plaza)[-1]
    line.playground.delete(line.bob, root)
    line.hear()
    assert kept(line) == []


def test_what_is_set_for_threads_goes_where_the_bot_is_removed(line: Line, root: Doc) -> None:
    line.playground.join(line.bot, line.secret)
    other = line.playground.post_as(line.bob, line.secret, "The valve leaks.")
    for channel, thread in ((line.town, root), (line.secret, other)):
        line.say(line.ann, "model large --for conversation", channel, thread)
    line.settle()
    assert len(kept(line)) == 2
    line.playground.remove_member(line.ann, line.town)
    line.playground.remove_member(line.bot, line.secret, by=line.bob)
    line.hear()
    assert kept(line) == [f"{line.town['id']}:{root['id']}"]


def test_what_waits_to_be_set_then_ends_and_does_not_bring_the_bot_back(line: Line) -> None:
    plaza = line.playground.add_channel("O", "plaza", members=(line.ann, line.bob, line.bot))
    root = line.playground.post_as(line.bob, plaza, "The pump stopped.")
    line.say(line.ann, "model large --for conversation", plaza, root)
    line.playground.remove_member(line.bot, plaza, by=line.bob)
    line.hear()
    line.settle()
    (told,) = line.private_answers(line.ann)
    assert "ai was removed from the channel where you typed this, so nothing was changed for the thread." in told
    assert "/ai model large --for conversation" in told
    assert line.playground.server.member(plaza["id"], line.bot["id"]) is None
    assert kept(line) == []


def test_also_where_nobody_hears_that_it_is_removed(line: Line) -> None:
    line.playground.join(line.bot, line.secret)
    root = line.playground.post_as(line.bob, line.secret, "The valve leaks.")
    for channel, at in ((line.secret, root), (line.direct(line.ann), None)):
        line.say(line.ann, "model large --for conversation", channel, at)
    line.settle()
    with nobody_listening(line):
        line.playground.remove_member(line.bot, line.secret, by=line.bob)
    assert kept(line) == [f"{line.ann['id']}@ai"]


def test_what_was_deleted_while_it_was_out_goes_where_it_is_back_before_anybody_listens(line: Line, root: Doc) -> None:
    other = line.playground.post_as(line.bob, line.town, "The valve leaks.")
    for thread in (root, other):
        line.say(line.ann, "model large --for conversation", line.town, thread)
    line.settle()
    with nobody_listening(line):
        line.playground.remove_member(line.bot, line.town, by=line.bob)
        line.playground.delete(line.bob, other)
        line.playground.join(line.bot, line.town)
    assert kept(line) == [f"{line.town['id']}:{root['id']}"]


@pytest.mark.parametrize("others", [("guide",)])
@pytest.mark.parametrize("heard", [True, False])
def test_where_another_bot_still_hears_it_stays(line: Line, root: Doc, guide: Doc, *, heard: bool) -> None:
    line.say(line.ann, "model large --for conversation", line.town, root)
    line.settle()
    for bot, left in ((line.bot, [f"{line.town['id']}:{root['id']}"]), (guide, [])):
        with nullcontext() if heard else nobody_listening(line):
            line.playground.remove_member(bot, line.town, by=line.bob)
        if heard:
            line.hear()
        assert kept(line) == left


@pytest.mark.parametrize("others", [("guide",)])
def test_also_where_mattermost_does_not_accept_that_one_for_now(line: Line, root: Doc, guide: Doc) -> None:
    line.say(line.ann, "model large --for conversation", line.town, root)
    line.settle()
    line.playground.remove_member(line.bot, line.town, by=line.bob)
    line.playground.revoke(guide["username"])
    line.hear(line.listener)
    assert kept(line) != []
    with nobody_listening(line):
        pass
    assert kept(line) != []
    line.playground.restore(guide["username"])
    with nobody_listening(line):
        line.playground.remove_member(guide, line.town, by=line.bob)
    assert kept(line) == []
