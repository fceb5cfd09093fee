"""Sharing a private answer: only where everybody may read what was read for it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from mmapp.models import Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.choosing import opened, pick
from tests.scenarios.test_delete import do_all, kept, notices, refused
from tests.scenarios.test_more import problem


def private_answer(line: Line, channel: Doc | None = None, root: Doc | None = None) -> Doc:
    line.ask(line.ann, "--private Why?", channel, root, answer="Because of the valve.")
    return line.posts(line.direct(line.ann))[-1]


def share(line: Line, post: Doc, channel: Doc | None = None) -> str:
    """Pick it, in this channel or where it was asked; what Ann is told of it."""
    before = len(line.told(line.ann)), len(line.private_answers(line.ann))
    values = {"what": "share", "channel": channel["id"] if channel else ""}
    assert line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), **values) == {}
    line.settle()
    return "\n".join([*line.told(line.ann)[before[0] :], *line.private_answers(line.ann)[before[1] :]])


def pump(line: Line, channel: Doc | None = None) -> Doc:
    return line.playground.post_as(line.ann, channel or line.town, "The pump stopped.")


def test_it_is_posted_in_the_thread_that_it_is_about_under_the_question(line: Line) -> None:
    root = pump(line)
    told = share(line, private_answer(line, root=root))
    (shared,) = line.posts()
    assert shared["root_id"] == root["id"]
    assert shared["message"].replace("\u200b", "").startswith("> **ann**: Why?")
    assert "Because of the valve." in shared["message"]
    assert f"It is shared now: [open it]({line.playground.link(shared)})" in told


def test_without_a_thread_it_is_posted_in_the_channel_where_it_was_asked(line: Line) -> None:
    share(line, private_answer(line))
    assert [post["root_id"] for post in line.posts()] == [""]


def test_what_is_asked_under_it_goes_on_from_it(line: Line) -> None:
    root = pump(line)
    share(line, private_answer(line, root=root))
    line.ask(line.bob, "Which valve?", root=root, answer="The left one.")
    assert "Because of the valve." in line.prompt()


def test_what_was_said_in_private_before_and_after_it_stays_private(line: Line) -> None:
    root = pump(line)
    line.ask(line.ann, "--private Is it bob's fault?", root=root, answer="No.")
    share(line, private_answer(line, root=root))
    line.ask(line.bob, "Which valve?", root=root, answer="The left one.")
    assert "fault" not in line.prompt()


def test_in_a_channel_of_its_readers_it_may_be_shared(line: Line) -> None:
    few = line.playground.add_channel("P", "few", members=(line.ann, line.bob, line.bot))
    share(line, private_answer(line, root=pump(line)), few)
    assert "Because of the valve." in line.answers(few)[0]


def test_where_somebody_may_not_read_the_source_it_is_not_shared(line: Line) -> None:
    few = line.playground.add_channel("P", "few", members=(line.ann, line.bot))
    post = private_answer(line, few, root=pump(line, few))
    assert "not everybody in that channel may read" in share(line, post, line.town)
    assert line.answers() == []


def shared_foot(line: Line, typed: str, channel: Doc) -> str:
    """The line under what ann has shared in the town, which was answered by instructions of these."""
    shown = opened(line, line.ann, typed, channel)
    assert pick(line, line.ann, shown, channel, instructions="Answer in rhymes.") == {}
    line.settle()
    line.ask(line.ann, "--private What is a pump?", channel, answer="It moves water.")
    share(line, line.posts(line.direct(line.ann))[-1], line.town)
    return line.answers()[-1].rpartition("\n")[2]


def test_under_it_nothing_is_called_this_conversation_s_that_was_another_s(line: Line) -> None:
    foot = shared_foot(line, "model --for conversation", line.direct(line.ann))
    assert foot == "*tiny · 0.1 s · with instructions of where it was asked*"


def test_nor_this_channel_s_what_was_another_s(line: Line) -> None:
    few = line.playground.add_channel("P", "few", members=(line.ann, line.bot))
    line.playground.make_channel_admin(line.ann, few)
    foot = shared_foot(line, "model --for channel", few)
    assert foot == "*tiny · 0.1 s · with instructions of where it was asked*"


def test_one_s_own_instructions_are_those_of_who_asked_there_too(line: Line) -> None:
    assert shared_foot(line, "model", line.town) == "*tiny · 0.1 s · with instructions of who asked*"


def test_what_has_read_nothing_may_be_shared_anywhere_its_asker_is(line: Line) -> None:
    line.ask(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    (post,) = line.posts(line.direct(line.ann))
    share(line, post, line.town)
    assert "It moves water." in line.answers()[0]


def test_asked_in_a_direct_message_it_needs_a_channel(line: Line) -> None:
    line.ask(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    (post,) = line.posts(line.direct(line.ann))
    refused = line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="share")
    assert "pick a channel" in problem(refused)


def test_into_a_channel_that_its_asker_is_not_in_nothing_is_shared(line: Line) -> None:
    others = line.playground.add_channel("O", "others", members=(line.bob,))
    assert "you are not a member" in share(line, private_answer(line), others)
    assert line.answers(others) == []


def test_into_a_private_channel_without_the_bot_nothing_is_shared(line: Line) -> None:
    assert "Invite it" in share(line, private_answer(line), line.secret)


def test_a_channel_id_of_somebody_s_own_making_shares_nothing(line: Line) -> None:
    post = private_answer(line)
    no_id = line.pick(line.ann, line.more(line.ann, post), what="share", channel="../../users/me")
    assert problem(no_id).startswith("{'channel': 'Please pick one")
    line.pick(line.ann, line.more(line.ann, post), what="share", channel="x" * 26)
    line.settle()
    assert "Invite it" in line.private_answers(line.ann)[-1] + line.told(line.ann)[-1]


def test_the_one_is_deleted_and_the_other_stays(line: Line) -> None:
    share(line, private_answer(line))
    (shared,) = line.posts()
    line.pick(line.ann, line.more(line.ann, shared), what="delete")
    do_all(line)
    assert line.answers() == []
    assert "Because of the valve." in line.private_answers(line.ann)[0]


def test_where_the_bot_posts_for_nobody_nothing_is_shared(listed: Line) -> None:
    line = listed
    line.say(line.bob, "on")
    silent = line.playground.add_channel("O", "silent", members=(line.ann, line.bob, line.bot))
    line.playground.make_channel_admin(line.bob, silent)
    line.say(line.bob, "on --public nobody", silent)
    line.settle()
    assert "ai does not post for you" in share(line, private_answer(line), silent)
    assert line.answers(silent) == []


# Bad days


@pytest.mark.parametrize("status", [403, 418])
def test_what_could_not_be_posted_there_stays_private_and_its_asker_reads_so(line: Line, status: int) -> None:
    root = pump(line)
    post = private_answer(line, root=root)
    line.playground.faults.add("POST /api/v4/posts$", status=status, body=refused(status), times=1 + (status == 403))
    told = share(line, post)
    assert ("It was not shared" if status == 403 else "was not done") in told
    assert "Because of the valve." not in told
    line.playground.faults.clear()
    line.ask(line.bob, "What else?", root=root, answer="Nothing.")
    assert "valve" not in line.prompt()
    assert kept(line).count("Because of the valve.") == 2  # what was posted to Ann, and what the model had written


def test_a_worker_that_dies_over_it_for_good_leaves_nothing_of_it_there(line: Line) -> None:
    root = pump(line)
    post = private_answer(line, root=root)
    line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="share")
    line.step("admit")
    with line.worker.database.write() as session:
        session.execute(update(Job).where(Job.kind == "post", Job.state == "queued").values(max_attempts=1))
    line.claim("post")
    expire(line)
    line.settle()
    assert "It was not shared" in notices(line, line.ann)
    line.ask(line.bob, "What else?", root=root, answer="Nothing.")
    assert "valve" not in line.prompt()


def test_what_was_asked_by_a_mention_and_is_not_shared_is_told_privately_too(line: Line) -> None:
    few = line.playground.add_channel("P", "few", members=(line.ann, line.bot))
    line.mention(line.ann, "@ai ask --private Why?", few, answer="Because of the valve.")
    told = share(line, line.posts(line.direct(line.ann))[-1], line.town)
    assert "not everybody in that channel may read" in told
    assert told in line.private_answers(line.ann)


def test_its_link_opens_also_where_nobody_has_told_the_team(line: Line) -> None:
    line.mention(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    told = share(line, line.posts(line.direct(line.ann))[-1], line.town)
    assert f"[open it]({line.playground.url}/_redirect/pl/{line.posts()[0]['id']})" in told
