"""What two listeners hear, what one hears again after a gap or a death, and what cannot be taken in at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, text

from mmapp.commands import notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.listen import catchup, mention
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Edited, Event, Gap, Posted
from mmapp.mattermost.events import Events
from mmapp.mattermost.payloads import Post
from mmapp.models import Message
from tests.line import Line


def test_two_listeners_answer_once(line: Line) -> None:
    line.model.enqueue("Because.")
    line.playground.post_as(line.ann, line.town, "@ai why?")
    events = line.events_after(0)
    line.hear()
    line._heard = 0
    line.hear(Listener(line.listener._ear))
    assert len(events) > 0
    line.settle()
    assert len(line.answers()) == 1
    assert line.jobs("failed") == 0


# A listener that was away


def test_what_was_asked_while_nobody_listened_is_answered_after_a_gap(line: Line) -> None:
    line.listener.take(Gap())
    line.model.enqueue("Because.", "Because.")
    line.playground.post_as(line.ann, line.town, "@ai why?")
    line.playground.post_as(line.bob, line.direct(line.bob), "Why?")
    again = Listener(line.listener._ear)
    again.take(Gap())
    again.take(Gap())
    line.settle()
    assert len(line.answers()) == len(line.private_answers(line.bob)) == 1


def test_what_was_asked_before_the_very_first_start_is_not_answered(line: Line) -> None:
    line.playground.post_as(line.ann, line.town, "@ai why?")
    line.listener.take(Gap())
    assert line.jobs("queued") == 0


def test_what_is_asked_when_the_first_connection_is_cut_at_once_is_answered(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.model.enqueue("Because.")
    line.playground.post_as(line.ann, line.town, "@ai before?")

    async def stream(_events: Events) -> AsyncIterator[Event]:
        line.playground.post_as(line.ann, line.town, "@ai why?")  # the socket is open, and gone before anything is read
        yield Gap()
        raise asyncio.CancelledError

    monkeypatch.setattr(Events, "stream", stream)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(line.listener.listen())
    line.settle()
    assert len(line.answers()) == 1


def test_a_gap_of_more_posts_than_one_answer_holds_loses_none(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.listener.take(Gap())
    monkeypatch.setattr(catchup, "OVERLAP", 0)
    with line.playground.store.transaction():
        for number in range(1_100):
            line.playground.post_as(line.ann, line.town, f"@ai number {number}?" if number % 100 == 99 else "hm")
    Listener(line.listener._ear).take(Gap())
    with line.worker.database.engine.connect() as connection:
        asked = connection.exec_driver_sql("select count(distinct post_id) from message where post_id <> ''").scalar()
    assert asked == 11  # five wait, and six were told that a person can have five


@pytest.mark.parametrize("verb", ["delete", "stop"])
def test_a_verb_without_a_link_that_two_listeners_hear_at_once_takes_one(line: Line, verb: str) -> None:
    for number in range(3):
        line.mention(line.ann, f"@ai question {number}?", answer=f"Answer {number}." if verb == "delete" else "")
    if verb == "stop":
        for number in range(3):
            line.say(line.ann, f"ask Question {number}?")
    post = line.playground.post_as(line.ann, line.town, f"@ai {verb}")
    heard = Post.from_json(line.playground.post(post))
    ears = [line.listener, Listener(line.listener._ear)]
    together = threading.Barrier(2)

    def hear(listener: Listener) -> None:
        together.wait()
        listener.take(Posted(heard, frozenset(), "O"))

    threads = [threading.Thread(target=hear, args=(each,)) for each in ears]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if verb == "stop":
        assert line.jobs("cancelled") == 1
    else:
        line.settle()
        line.hurry()
        line.settle()
        assert len(line.answers()) == 2


def test_a_listener_that_dies_between_an_effect_and_its_notice_has_done_neither(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        line.mention(line.ann, f"@ai question {number}?", answer=f"Answer {number}.")
    line.listener.take(Gap())
    line.playground.post_as(line.ann, line.town, "@ai delete")
    with monkeypatch.context() as dying:
        dying.setattr(notice, "tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            line.hear()
    Listener(line.listener._ear).take(Gap())
    for _ in range(3):
        line.settle()
        line.hurry()
    assert len(line.answers()) == 2


def test_the_words_of_a_mention_that_was_refused_are_kept_nowhere(line: Line) -> None:
    line.mention(line.ann, "@ai --model nonesuch is carol to be dismissed?")
    line.mention(line.ann, "@ai help")
    with line.worker.database.read() as session:
        assert not any("dismissed" in text or "help" in text for text in session.scalars(select(Message.text)))


def test_a_mention_that_was_refused_is_answered_once_it_is_put_right(line: Line) -> None:
    post = line.mention(line.ann, "@ai --privat why?")
    line.model.enqueue("Because.")
    line.playground.edit(line.ann, post, "@ai --private why?")
    line.hear()
    line.settle()
    assert any("Because." in text for text in line.private_answers(line.ann))


def test_a_mention_that_was_refused_is_not_asked_when_it_is_heard_again_after_a_gap(line: Line) -> None:
    line.listener.take(Gap())
    for number in range(6):
        line.playground.post_as(line.ann, line.town, f"@ai question {number}?")
    line.hear()  # five wait, and the sixth is told that there is no room
    line.model.enqueue(*[f"Answer {number}." for number in range(6)])
    line.settle()
    Listener(line.listener._ear).take(Gap())
    line.settle()
    assert len(line.answers()) == 5


def test_an_old_mention_that_is_pinned_or_answered_is_not_heard_as_a_new_one(line: Line) -> None:
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.bob))
    post = line.playground.post_as(line.ann, harbour, "@ai why did it stop?")
    line.playground.add_member(line.bot, harbour, by=line.ann)
    line.hear()
    month = 30 * 86_400_000
    pinned = line.playground.post(post) | {"create_at": post["create_at"] - month, "is_pinned": True}
    line.listener.take(Edited(Post.from_json(pinned)))
    line.settle()
    assert line.answers(harbour) == []


def test_a_notice_to_who_mentions_in_a_channel_stands_in_the_channel_and_in_a_thread_in_the_thread(line: Line) -> None:
    if line.playground.age != "11":
        return  # 5.37 grants a bot no notices of its own
    line.playground.grant_ephemerals(line.bot)
    line.mention(line.ann, "@ai help")
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.mention(line.ann, "@ai help", root=root)
    assert [post["root_id"] for post in line.playground.ephemerals(line.ann)] == ["", root["id"]]


def test_an_answer_whose_question_cannot_be_read_any_more_deafens_no_ear(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    line.hear()
    with line.worker.database.write() as session:
        session.execute(text("update message set text = :x where role = 'question'"), {"x": b"garbage"})
    line.playground.delete(line.bot, line.posts()[-1])
    line.hear()
    Listener(line.listener._ear).take(Gap())
    line.mention(line.carol, "@ai since when?", answer="Since Monday.")
    assert "Since Monday." in line.answers()[-1]


def test_stop_that_is_heard_again_after_a_gap_stops_nothing_more(line: Line) -> None:
    line.listener.take(Gap())
    line.playground.post_as(line.ann, line.town, "@ai first?")
    line.playground.post_as(line.ann, line.town, "@ai stop")
    line.hear()
    line.playground.post_as(line.ann, line.town, "@ai second?")
    Listener(line.listener._ear).take(Gap())
    line.model.enqueue("The second.")
    line.settle()
    assert ["The second." in text for text in line.answers()] == [True]


def test_a_post_that_cannot_be_taken_in_keeps_no_other_from_being_heard(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = mention.dispatch

    def stumbling(invocation: Invocation) -> Reply:
        if "poison" in invocation.parsed.words:
            raise ValueError("of nobody's making")
        return dispatch(invocation)

    monkeypatch.setattr(mention, "dispatch", stumbling)
    line.mention(line.bob, "@ai poison?")
    line.mention(line.ann, "@ai why?", answer="Because.")
    assert len(line.answers()) == 1
