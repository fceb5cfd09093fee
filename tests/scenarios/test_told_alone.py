"""An answer that cannot be posted where it was to go is told its asker alone: as late as that is, it is looked at again first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import Unreachable
from mmapp.models import Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.switching import switch
from tests.scenarios.test_bots_gone import told_by_main, without
from tests.scenarios.test_delete import do_all, kept, refused
from tests.scenarios.test_privacy import opted_out
from tests.scenarios.test_summarize_late import POST, SECRET, SUMMARY, board
from tests.scenarios.test_untold import later


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


def nowhere(line: Line) -> tuple[Doc, Doc, Doc]:
    """Ann's summary of a private channel is to be public in another one, which takes no posts; both, and what was read."""
    source, root, few = board(line)
    line.model.enqueue(SUMMARY)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    assert SECRET not in found(line, line.ann)
    return source, root, few


def leaves(line: Line, source: Doc, _root: Doc) -> None:
    line.playground.remove_member(line.ann, source)


def deletes(line: Line, _source: Doc, root: Doc) -> None:
    line.playground.delete(line.bob, root)


def edits(line: Line, _source: Doc, root: Doc) -> None:
    line.playground.edit(line.bob, root, "The code word of the plan is another one.")


def opts_out(line: Line, _source: Doc, _root: Doc) -> None:
    opted_out(line, line.bob)


MEANWHILE = [leaves, deletes, edits, opts_out]


def test_it_is_told_alone_where_nothing_has_changed(line: Line) -> None:
    nowhere(line)
    do_all(line)
    assert "takes no posts any more. Here it is:\n\n" in found(line, line.ann)
    assert f"**The code word of the plan is {SECRET}.**" in found(line, line.ann)


@pytest.mark.parametrize("happens", MEANWHILE)
def test_what_may_not_be_told_any_more_is_not_told_alone_either(
    line: Line, happens: Callable[[Line, Doc, Doc], None]
) -> None:
    source, root, few = nowhere(line)
    happens(line, source, root)
    line.hear()
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "may not be told you alone either, so nothing of it is shown" in found(line, line.ann)
    assert SECRET not in kept(line)
    line.ask(line.bob, "What is a pump?", few, answer="It moves water.")
    assert SECRET not in line.prompt()


def test_nor_where_nobody_could_be_told_for_hours(line: Line) -> None:
    """Neither by what the command left to answer by, nor by a direct message."""
    source, _, few = nowhere(line)
    line.playground.faults.add("POST /hooks/", status=503, times=1)
    line.playground.faults.add("POST /api/v4/posts/ephemeral", status=503, times=1)
    line.settle()
    assert line.jobs("queued") == 1
    leaves(line, source, few)
    do_all(line)
    assert SECRET not in found(line, line.ann)


def test_of_what_could_not_be_told_alone_either_no_later_prompt_holds_a_word(line: Line) -> None:
    _, _, few = nowhere(line)
    for call in ("POST /hooks/", "POST /api/v4/posts/ephemeral", POST):
        line.playground.faults.add(call, status=403, body=refused(403), times=9)
    do_all(line)
    line.playground.faults.clear()
    assert line.jobs("queued") == 0
    assert SECRET not in found(line, line.ann)
    assert SECRET not in kept(line)
    line.ask(line.bob, "What is a pump?", few, answer="It moves water.")
    assert SECRET not in line.prompt()


def test_nor_an_answer_to_a_question(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.model.enqueue(f"It is {SECRET}.")
    line.say(line.ann, "ask Why?", line.town, root)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    line.playground.remove_member(line.ann, line.town)
    line.playground.store.drop("team_member", f"{line.team['id']}:{line.ann['id']}")
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "may not be told you alone either" in found(line, line.ann)


def answered_late(line: Line, channel: Doc) -> None:
    """Ann has asked in a thread of it, and Mattermost takes no posts for now."""
    root = line.playground.post_as(line.bob, channel, "The pump stopped.")
    line.model.enqueue(f"It is {SECRET}.")
    line.say(line.ann, "ask Why?", channel, root)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=503, times=1)
    line.settle()
    later(line)


def test_to_look_who_may_read_it_the_bot_joins_nothing_that_it_was_taken_out_of(listed: Line) -> None:
    switch(listed, "bob")
    answered_late(listed, listed.town)
    switch(listed, "bob", "off")
    listed.playground.remove_member(listed.bot, listed.town)
    listed.hurry()
    do_all(listed)
    assert listed.playground.server.member(listed.town["id"], listed.bot["id"]) is None
    assert f"It is {SECRET}." in found(listed, listed.ann)


def test_where_the_bot_cannot_see_any_more_who_may_read_it_nobody_is_said_to_be_no_member(line: Line) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    answered_late(line, channel)
    line.playground.remove_member(line.bot, channel)
    line.hurry()
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "ai cannot look into that channel any more" in found(line, line.ann)
    assert "You are not a member" not in found(line, line.ann)


@pytest.mark.parametrize("status", [403, 418])
def test_where_mattermost_does_not_let_it_look_it_says_so(line: Line, status: int) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.model.enqueue(f"It is {SECRET}.")
    line.say(line.ann, "ask Why?", line.town, root)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    line.playground.faults.add("GET /api/v4/channels/[a-z0-9]{26}$", status=status, body=refused(status))
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "nobody can see whether you may read it" in found(line, line.ann)


def cannot_be_met(line: Line) -> None:
    """Ann has left the team, and the bot may not write to her."""
    line.playground.faults.add("POST /api/v4/channels/direct$", status=403, body=refused(403), times=99)
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job).where(Job.kind == "notify", Job.state == "queued")):
            job.payload = Payload.of(job).but(response_url="", asked_at=0).to_json()  # she has asked long ago


def kills_its_worker(line: Line) -> None:
    """Whoever is to tell her dies over it, each time."""
    for _ in range(5):
        line.claim("notify")
        expire(line)
        line.hurry()


@pytest.mark.parametrize("ends", [cannot_be_met, kills_its_worker])
def test_what_could_be_told_nobody_in_any_way_stands_in_nobody_s_prompt(
    line: Line, ends: Callable[[Line], None]
) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    ends(line)
    do_all(line)
    line.playground.faults.clear()
    assert line.jobs("queued") == 0
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()
    assert "a memory limit was the cause" not in kept(line)


LONG = "A line of the long answer."


def half_told(line: Line, monkeypatch: pytest.MonkeyPatch, channel: Doc | None = None, root: Doc | None = None) -> Doc:
    """A long answer can be posted nowhere, and breaks off while it is told Ann alone; the post that she has."""
    line.model.enqueue(f"{LONG}\n" * 900)
    line.say(line.ann, "ask Why?", channel, root)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    return breaks_off(line, monkeypatch)


def breaks_off(line: Line, monkeypatch: pytest.MonkeyPatch) -> Doc:
    """What is told Ann alone by the main bot has no second post for now; the first one."""
    create, calls = line.worker.client.create_post, []

    def once(*args: Any, **kwargs: Any) -> object:
        calls.append(args)
        if len(calls) == 2:
            raise Unreachable("down", path="/posts")
        return create(*args, **kwargs)

    monkeypatch.setattr(line.worker.client, "create_post", once)
    line.settle()
    later(line)
    (post,) = line.posts(line.direct(line.ann))
    assert LONG in post["message"]
    return post


def test_what_was_told_of_a_long_one_before_it_broke_off_can_be_deleted(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = half_told(line, monkeypatch)
    line.say(line.ann, f"delete {line.playground.link(post)}")
    do_all(line)
    assert not any(LONG in text for text in line.private_answers(line.ann))


def test_it_goes_where_its_rest_may_not_be_told_any_more(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    half_told(line, monkeypatch, channel, line.playground.post_as(line.bob, channel, "The pump stopped."))
    line.playground.remove_member(line.ann, channel)
    line.hurry()
    do_all(line)
    assert LONG not in found(line, line.ann)
    assert "may not be told you alone either, so nothing of it is shown" in found(line, line.ann)


def test_so_does_that_of_a_bot_that_is_gone(line: Line, monkeypatch: pytest.MonkeyPatch, guide: Doc) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot, guide))
    root = line.playground.post_as(line.bob, channel, "The pump stopped.")
    line.model.enqueue(f"{LONG}\n" * 900)
    line.playground.post_as(line.ann, channel, "@guide why?", root)
    line.hear()
    while line.step("admit", "model:tiny"):
        pass
    without(line, guide)
    line.step("post")
    breaks_off(line, monkeypatch)
    line.playground.remove_member(line.ann, channel)
    line.hurry()
    do_all(line)
    assert LONG not in told_by_main(line)
    assert "may not be told you alone either, so nothing of it is shown" in told_by_main(line)


def test_its_rest_is_told_behind_it_and_nothing_of_it_twice(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when Mattermost remembers no more what it was asked to make."""
    first = half_told(line, monkeypatch)
    line.playground.server.pending.clear()
    line.hurry()
    do_all(line)
    told = line.posts(line.direct(line.ann))
    assert told[0]["id"] == first["id"]
    assert sum(one["message"].count(LONG) for one in told) == 900


def test_nor_one_whose_worker_has_died_over_it(line: Line) -> None:
    source, root, few = board(line)
    line.model.enqueue(SUMMARY)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    while line.step("admit", "model:tiny"):
        pass
    for _ in range(5):
        line.claim("post")
        expire(line)
        line.hurry()
    leaves(line, source, root)
    do_all(line)
    assert line.answers(few) == []
    assert SECRET not in found(line, line.ann)
    assert "may not be told you alone either" in found(line, line.ann)


@pytest.mark.parametrize("stays", [True, False])
def test_nor_one_of_a_bot_that_is_gone(line: Line, guide: Doc, *, stays: bool) -> None:
    members = (line.ann, line.bob, line.bot, guide)
    source = line.playground.add_channel("P", "board", members=members)
    root = line.playground.post_as(line.bob, source, f"The code word of the plan is {SECRET}.")
    line.playground.post_as(line.ann, source, "The plan begins on Monday.", root)
    line.model.enqueue(SUMMARY)
    line.playground.post_as(line.ann, line.direct(line.ann, guide), f"summarize {line.playground.link(root)}")
    line.hear()
    line.playground.faults.add(POST, status=503, times=1)
    line.settle()
    if not stays:
        leaves(line, source, root)
    without(line, guide)
    do_all(line)
    assert (SECRET in told_by_main(line)) is stays
    assert "guide no longer answers here" in told_by_main(line)


def test_nor_is_an_answer_that_was_to_be_private_posted_hours_later_to_who_has_left(line: Line) -> None:
    source = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    root = line.playground.post_as(line.bob, source, "The pump stopped.")
    line.model.enqueue(f"It is {SECRET}.")
    line.say(line.ann, f"ask --thread {line.playground.link(root)} Why?", line.direct(line.ann))
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=503, times=1)
    line.step("post")
    line.playground.remove_member(line.ann, source)
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "You are not a member of that channel" in found(line, line.ann)
    assert SECRET not in kept(line)
