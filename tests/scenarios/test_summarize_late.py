"""Words that had to wait are looked at before anybody sees them: whether they may still be told, and still stand. Where they
are not told, nothing of them stays, and nobody's reply goes with it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mmapp.jobs import begun
from mmapp.models import AnswerPost
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import TALK, WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_delete import do_all, kept, refused
from tests.scenarios.test_privacy import opted_out
from tests.scenarios.test_share_origins import UNWILLING, newest
from tests.scenarios.test_summarize_deleted import noted

POST, PATCH, READ = "POST /api/v4/posts$", "PUT /api/v4/posts/.*/patch$", "GET /api/v4/posts/[a-z0-9]{26}$"
SECRET = "swordfish"
SUMMARY = f"The code word of the plan is {SECRET}. [1]\n- The plan begins on Monday [2]\n"
LIMIT = "256 MB"
FIRST = (
    "Customers cannot pay by the checkout API. [1]\n- The limit was raised [5]\n- carol writes the post-mortem [7]\n"
)
ANEW = f"The memory limit of the payment pods is {LIMIT}. [3]\n- The limit was raised [5]\n- carol writes the post-mortem [7]\n"
REPLY = "I do not agree with the second line."


def board(line: Line) -> tuple[Doc, Doc, Doc]:
    """A private channel without carol, the root of what is told there, and another channel of the same people."""
    members = (line.ann, line.bob, line.bot)
    source, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    root = line.playground.post_as(line.bob, source, f"The code word of the plan is {SECRET}.")
    line.playground.post_as(line.ann, source, "The plan begins on Monday.", root)
    return source, root, few


def own(line: Line, root: Doc) -> Doc:
    """Ann has a summary of it, alone; its post."""
    line.model.enqueue(SUMMARY)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.settle()
    assert SECRET in summary(line, line.ann)
    return newest(line)


def shared_late(line: Line, post: Doc, channel: Doc, call: str) -> None:
    """Ann shares it, and Mattermost does not take it at once."""
    picked = line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="share", channel=channel["id"])
    assert picked == {}
    line.playground.faults.add(call, status=503, times=1)
    line.settle()
    assert not any(SECRET in text for text in line.answers(channel))


def headline(line: Line, root: Doc, how: str = "--public", channel: Doc | None = None) -> Doc:
    """Of a summary its headline stands, and Mattermost takes no edits for now; the post."""
    line.say(line.ann, f"summarize {how} {line.playground.link(root)}", channel)
    line.playground.faults.add(PATCH, status=503, times=1)
    line.settle()
    (post,) = line.posts(channel)
    assert post["message"].startswith("**Summary** of ")
    return post


# What is shared


def test_a_shared_one_whose_headline_stands_is_not_filled_in_for_who_has_come_since(line: Line) -> None:
    _, root, few = board(line)
    shared_late(line, own(line, root), few, PATCH)
    assert len(line.answers(few)) == 1
    line.playground.join(line.carol, few)
    do_all(line)
    assert line.answers(few) == []
    assert "It was not shared: not everybody in that channel" in found(line, line.ann)


def test_nor_is_one_that_was_to_be_public(line: Line) -> None:
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    headline(line, root, channel=few)
    line.playground.join(line.carol, few)
    do_all(line)
    assert line.answers(few) == []
    assert "Somebody has come into that channel who may not read" in found(line, line.ann)


@pytest.mark.parametrize("call", [POST, PATCH])
def test_what_somebody_has_opted_out_of_is_not_shared_once_it_can_be_posted(line: Line, call: str) -> None:
    _, root, few = board(line)
    shared_late(line, own(line, root), few, call)
    opted_out(line, line.bob)
    do_all(line)
    assert line.answers(few) == []
    assert UNWILLING in found(line, line.ann)


def test_nor_what_is_from_a_channel_that_was_closed_meanwhile(line: Line) -> None:
    source, root, few = board(line)
    shared_late(line, own(line, root), few, POST)
    line.playground.make_channel_admin(line.bob, source)
    line.say(line.bob, "privacy", source)
    line.pick(line.bob, line.playground.dialogs(line.bob)[-1], source, me="yes", channel="no")
    do_all(line)
    assert line.answers(few) == []
    assert "does not want its messages read" in found(line, line.ann)


def test_nor_where_its_sharer_may_not_have_the_bot_speak_any_more(line: Line) -> None:
    _, root, few = board(line)
    shared_late(line, own(line, root), few, POST)
    line.playground.remove_member(line.ann, few)
    do_all(line)
    assert line.answers(few) == []
    assert "you are not a member of that channel" in found(line, line.ann)


def test_of_what_was_not_shared_after_all_no_later_prompt_holds_a_word(line: Line) -> None:
    _, root, few = board(line)
    shared_late(line, own(line, root), few, PATCH)
    opted_out(line, line.bob)
    do_all(line)
    line.ask(line.bob, "What is a pump?", few, answer="It moves water.")
    assert SECRET not in line.prompt()


# What is written anew


def rewritten_late(line: Line, call: str = PATCH, what: str = "again") -> tuple[Doc, Doc]:
    """Ann has a summary written anew, and Mattermost does not take it at once; the root of what was read, and her post."""
    root = talk(line)
    line.model.enqueue(
        FIRST,
        ANEW
        if what == "again"
        else f"They were killed: the memory limit is {LIMIT}. [3]\n- The limit was raised [6]\n",
    )
    typed_in(line, line.ann, root, "summarize")
    post = newest(line)
    assert line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what=what) == {}
    line.step("admit")
    line.step("model:tiny")
    line.playground.faults.add(
        call, status=503, times=3 if call == READ else 1
    )  # what is read is asked for three times
    line.settle()
    return root, post


def regretted(line: Line, root: Doc) -> None:
    """Who has told of the limit deletes it."""
    line.playground.delete(line.bob, next(one for one in line.playground.thread(root) if LIMIT in one["message"]))
    line.hear()


def test_one_that_is_written_anew_and_waits_is_made_once_more_without_what_is_deleted(line: Line) -> None:
    root, _ = rewritten_late(line)
    regretted(line, root)
    line.model.enqueue(FIRST.replace("Customers", "The customers").replace("[5]", "[4]").replace("[7]", "[6]"))
    do_all(line)
    (text,) = line.private_answers(line.ann)
    assert text.startswith("**The customers cannot pay by the checkout API.**")
    assert "7 of 7 messages read" in text
    assert LIMIT not in noted(line)


def test_where_there_is_no_other_the_old_one_stays_and_is_what_is_asked_about(line: Line) -> None:
    root, post = rewritten_late(line)
    regretted(line, root)
    line.model.enqueue(FIRST)  # the very same words
    do_all(line)
    assert line.private_answers(line.ann)[0].startswith("**Customers cannot pay by the checkout API.**")
    assert "The answer that was there stays as it is." in line.private_answers(line.ann)[1]
    line.mention(line.ann, "Since when?", line.direct(line.ann), root=post, answer="Since 9:10.")
    assert "Customers cannot pay by the checkout API." in line.prompt()
    assert "pods is 256 MB" not in line.prompt()


def test_one_that_was_to_be_shorter_is_as_short_the_second_time(line: Line) -> None:
    root, _ = rewritten_late(line, what="shorter")
    regretted(line, root)
    line.model.enqueue("Customers cannot pay. [1]\n- The limit was raised [5]\n")
    do_all(line)
    assert ["at most 4 lines" in prompt.system for prompt in line.model.history] == [False, True, True]


def test_whoever_loses_the_right_before_the_new_one_is_shown_keeps_the_old_one(line: Line) -> None:
    source, root, _ = board(line)
    post = own(line, root)
    before = post["message"]
    line.model.enqueue(SUMMARY.replace("The code", "Their code"))
    assert line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="again") == {}
    line.playground.faults.add(PATCH, status=503, times=1)
    line.settle()
    line.playground.remove_member(line.ann, source)
    do_all(line)
    line.look()
    assert line.private_answers(line.ann)[0] == before
    assert "You are not a member of that channel" in line.private_answers(line.ann)[1]
    assert "The answer that was there stays as it is." in line.private_answers(line.ann)[1]


def test_a_new_one_that_stood_there_already_gives_way_to_the_old_one(line: Line) -> None:
    """It was posted, and could not be read back."""
    root, _ = rewritten_late(line, READ)
    assert LIMIT in line.private_answers(line.ann)[0]
    regretted(line, root)
    line.hurry()
    line.step("post")
    assert line.private_answers(line.ann)[0].startswith("**Customers cannot pay by the checkout API.**")


# What is not told at all


@pytest.mark.parametrize("happens", ["refused", "stopped", "deleted", "opted out", "left"])
def test_no_headline_of_nothing_is_left_however_it_ends(line: Line, happens: str) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    headline(line, root)
    others = [post for post in line.playground.thread(root)[1:] if post["user_id"] != line.bot["id"]]
    if happens == "refused":  # one short message is left, and that is no summary
        for post in others:
            line.playground.delete(post["user_id"], post)
    elif happens == "stopped":
        line.playground.delete(line.bob, others[1])
        line.hurry()
        line.step("post")  # it is to be made again
        line.say(line.ann, "stop")
    elif happens == "deleted":
        line.say(line.ann, "delete")
    elif happens == "opted out":
        for who in (line.ann, line.bob, line.carol):
            opted_out(line, who)
    else:
        line.playground.remove_member(line.ann, line.town)
    line.hear()
    do_all(line)
    assert line.answers() == []
    assert line.jobs("queued") == 0


def test_nor_where_its_delivery_ends_for_good_and_it_is_told_its_person_alone(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    headline(line, root)
    line.playground.faults.add(PATCH, status=418, body=refused(418), times=9)
    do_all(line)
    assert line.answers() == []
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()


def test_nor_one_that_a_worker_has_made_just_before_it_died(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.playground.faults.add(POST, drop="after")
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.settle()
    assert len(line.answers()) == 1
    line.playground.remove_member(line.ann, line.town)
    do_all(line)
    assert line.answers() == []


def test_a_headline_has_no_button_before_there_is_something_to_be_done_with(line: Line) -> None:
    line.model.enqueue(WRITTEN)
    post = headline(line, talk(line))
    assert "attachments" not in post["props"]
    line.hurry()
    line.settle()
    assert line.more(line.ann)["dialog"]["title"] == "This answer"


@pytest.mark.parametrize("late", [False, True])
def test_who_deletes_the_headline_in_mattermost_wants_no_summary(line: Line, *, late: bool) -> None:
    """Also where nobody listens at that moment, and it is met by who comes to fill it in."""
    admin = line.playground.add_user("root", roles="system_admin system_user")
    line.model.enqueue(WRITTEN)
    root = talk(line)
    line.playground.delete(admin, headline(line, root))
    for _ in range(2):
        if not late:
            line.hear()
        do_all(line)
        late = False
    assert line.answers() == []
    assert len(line.model.history) == 1
    assert "a memory limit was the cause" not in kept(line)
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()


@pytest.mark.parametrize("call", ["patch_post", "post"])
def test_a_headline_that_the_server_has_lost_is_made_anew(
    line: Line, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Before it is filled in, or before it is read back; nobody has deleted it, so nobody hears of that."""
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.step("admit")
    line.step("model:tiny")
    send, lost = getattr(line.worker.client, call), []

    def losing(*args: object, **kwargs: object) -> object:
        if not lost:
            lost.extend(line.posts())
            line.playground.store.put_post(lost[0] | {"delete_at": 1})
            line.playground.server.pending.clear()
        return send(*args, **kwargs)

    monkeypatch.setattr(line.worker.client, call, losing)
    do_all(line)
    (post,) = line.posts()
    assert post["id"] != lost[0]["id"]
    assert "8 of 8 messages read" in post["message"]
    line.ask(line.bob, "Who writes the post-mortem?", root=root, answer="Carol.")
    assert "a memory limit was the cause" in line.prompt()


def test_where_it_cannot_be_taken_away_it_is_left_and_not_tried_for_ever(line: Line) -> None:
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    headline(line, root, channel=few)
    line.playground.join(line.carol, few)
    line.playground.faults.add("DELETE /api/v4/posts/", status=403, body=refused(403), times=9)
    seen = line.playground.faults.add("GET /api/v4/posts/", times=0)
    do_all(line)
    assert len(line.answers(few)) == 1
    tries = seen.seen
    begun.take_away(line.worker)
    assert seen.seen == tries


def test_while_mattermost_is_down_it_waits_and_goes_then(line: Line) -> None:
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    headline(line, root, channel=few)
    line.playground.join(line.carol, few)
    line.playground.faults.add("DELETE /api/v4/posts/", status=503, times=3)
    line.hurry()
    line.settle()
    assert len(line.answers(few)) == 1
    do_all(line)
    assert line.answers(few) == []


def test_one_that_cannot_be_looked_at_keeps_no_other_there(line: Line) -> None:
    _, root, few = board(line)
    for _ in range(2):
        line.model.enqueue(SUMMARY)
        line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
        line.playground.faults.add(PATCH, status=503, times=1)
        line.settle()
    with line.worker.database.read() as session:
        ids = session.scalars(select(AnswerPost.post_id).order_by(AnswerPost.request_id))
        first = next(iter(ids))
    line.playground.join(line.carol, few)
    line.playground.faults.add(f"GET /api/v4/posts/{first}/thread", status=500, times=1000)
    do_all(line)
    assert [post["id"] for post in line.posts(few)] == [first]


def test_that_the_bot_takes_it_away_is_heard_as_nobody_s_wish(line: Line) -> None:
    """What was noted stays noted, of its own sources too, and of what was said below it."""
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    headline(line, root, channel=few)
    for who, words in TALK[:3]:
        line.playground.post_as(getattr(line, who), few, words)
    line.model.enqueue("The memory limit of the payment pods is 256 MB. [3]\n- The checkout API returned 502 [1]\n")
    line.say(line.bob, "summarize channel", few)
    while line.step("admit", "model:tiny", "notify"):
        pass
    before = noted(line)
    assert [words in before for words in (SECRET, LIMIT)] == [True, True]
    line.playground.join(line.carol, few)
    do_all(line)
    line.hear()
    do_all(line)
    assert not any("**Summary**" in text for text in line.answers(few))
    assert noted(line) == before


def test_under_a_headline_that_is_taken_back_nobody_s_reply_is_lost(line: Line) -> None:
    source, root, few = board(line)
    line.model.enqueue(SUMMARY)
    post = headline(line, root, channel=few)
    line.playground.post_as(line.bob, few, REPLY, post)
    line.playground.remove_member(line.ann, source)
    do_all(line)
    assert [one["message"] for one in line.playground.thread(post)] == [
        "*What was to stand here was taken back.*",
        REPLY,
    ]
    assert "but by now it may not be told" in found(line, line.ann)


def test_what_stands_there_whole_is_not_taken_back_whatever_happens_then(line: Line) -> None:
    """It could not be read back at once, and is no less there for that."""
    source, root, few = board(line)
    line.model.enqueue(SUMMARY)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.step("admit")
    line.step("model:tiny")
    line.playground.faults.add(READ, status=503, times=3)
    line.settle()
    (post,) = line.posts(few)
    line.playground.post_as(line.bob, few, REPLY, post)
    line.playground.remove_member(line.ann, source)
    do_all(line)
    assert [SECRET in one["message"] for one in line.playground.thread(post)] == [True, False]
    assert "not a member" not in found(line, line.ann)


# How often it is made again


def test_what_changes_again_and_again_while_it_waits_is_left_out_at_last(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    for number in range(1, 11):
        line.playground.faults.add(POST, status=503, times=1)
        line.settle()
        line.playground.edit(line.bob, status, f"Build: {number} steps of the release are done.")
        line.hear()
        line.hurry()
    do_all(line)
    assert "8 of 9 messages read" in summary(line, line.ann)
    assert len(line.model.history) == 5


def test_what_was_noted_of_other_messages_is_not_read_again_for_it(line: Line) -> None:
    """Another summary of the same channel, of the day before."""
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.bob, root, "summarize")
    line.playground.advance(3_600_000)
    late = talk(line)
    line.model.enqueue(WRITTEN)
    line.playground.faults.add(POST, status=503, times=1)
    line.say(line.ann, f"summarize {line.playground.link(late)}")
    line.settle()
    line.playground.edit(line.bob, line.playground.thread(late)[1], "Looking at the pods.")
    line.model.enqueue(WRITTEN)
    do_all(line)
    before = len(line.model.history)
    typed_in(line, line.carol, root, "summarize")
    assert len(line.model.history) == before == 3
