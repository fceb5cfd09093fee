"""`@ai …` in a channel, a thread or a direct message: the same verbs as `/ai`, and any other words are a question."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text

from mmapp.commands import notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.jobs import marks
from mmapp.listen import catchup, mention
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Edited, Gap, Posted
from mmapp.mattermost.payloads import Post
from mmapp.models import Message
from tests.line import Line

HOURGLASS = ("ai", marks.EMOJI)


def test_a_mention_in_a_channel_is_answered_in_a_thread_below_it(line: Line) -> None:
    post = line.mention(line.ann, "@ai why did the pump stop?", answer="It ran dry.")
    (answer,) = line.posts()
    assert answer["root_id"] == post["id"]
    assert answer["message"].startswith("It ran dry.")  # everybody has seen the question
    assert line.model.history[-1].question == "why did the pump stop?"


def test_a_mention_in_a_thread_knows_its_thread_on_every_server(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@ai why?", root=root, answer="It ran dry.")
    assert line.posts()[0]["root_id"] == root["id"]
    assert "The pump stopped." in line.prompt()


def test_the_question_s_own_post_is_no_message_beside_it_now_or_later(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@ai why?", root=root, answer="It ran dry.")
    line.mention(line.carol, "@ai since when?", root=root, answer="Since nine.")
    assert line.prompt().count("why?") == 1
    assert line.prompt().count("since when?") == 1
    assert "read 1 of 1 message" in line.answers()[1]


def test_a_follow_up_by_mention_and_one_by_command_share_the_conversation(line: Line) -> None:
    post = line.mention(line.ann, "@ai why did it stop?", answer="It ran dry.")
    line.ask(line.bob, "Since when?", root=post, answer="Since nine.")
    assert [turn.text for turn in line.model.history[-1].turns][-1] == "It ran dry."


def test_everything_in_a_direct_message_is_said_to_the_bot(line: Line) -> None:
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why did it stop?", direct, answer="It ran dry.")
    line.mention(line.ann, "Since when?", direct, answer="Since nine.")
    assert [text.splitlines()[0] for text in line.private_answers(line.ann)] == ["It ran dry.", "Since nine."]
    assert [turn.text for turn in line.model.history[-1].turns] == ["Why did it stop?", "It ran dry."]


def test_a_thread_in_a_direct_message_is_a_conversation_of_its_own(line: Line) -> None:
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why did it stop?", direct, answer="It ran dry.")
    line.mention(line.ann, "Since when?", direct, root=line.posts(direct)[0], answer="Since nine.")
    assert line.posts(direct)[1]["root_id"] == line.posts(direct)[0]["id"]
    assert "It ran dry." in line.prompt()


def test_an_hourglass_stands_under_the_question_until_its_answer_is_there(line: Line) -> None:
    line.model.enqueue("It ran dry.")
    post = line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    line.step("admit")
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == [HOURGLASS]
    line.settle()
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == []


def test_the_hourglass_of_a_question_that_was_stopped_goes_as_well(line: Line) -> None:
    post = line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    line.step("admit")
    line.mention(line.ann, "@ai stop")
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == []
    assert line.answers() == []


def test_a_mention_is_answered_without_a_word_before_it(line: Line) -> None:
    line.mention(line.ann, "@ai why?", answer="Because.")
    assert line.told(line.ann) == []
    assert line.private_answers(line.ann) == []


def test_while_no_worker_runs_who_asks_is_told_so_at_once(line: Line) -> None:
    with line.worker.database.engine.begin() as connection:
        connection.exec_driver_sql("delete from worker")
    line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    (told,) = line.private_answers(line.ann)
    assert "no worker is running" in told
    line.model.enqueue("Because.")
    line.settle()
    assert line.private_answers(line.ann) == [told]  # and nothing more once one does


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@AI why?", "why?"),
        ("@ai, why?", "why?"),
        ("hey @ai, why?", "hey, why?"),
        ("Why, @ai?", "Why?"),
        ("@ai ask why?", "why?"),
        ("@ai help me with the pump", "help me with the pump"),
        ("> The pump stopped.\n\n@ai why?", "why?\n\n> The pump stopped."),
    ],
)
def test_what_is_asked_is_what_was_said_to_the_bot(line: Line, text: str, question: str) -> None:
    line.mention(line.ann, text, answer="Because.")
    assert line.model.history[-1].asked == question


@pytest.mark.parametrize("text", ["`@ai why?`", "```\n@ai why?\n```", "mail me@ai.example", "@aide why?", "AI why?"])
def test_what_is_no_mention_is_not_answered(line: Line, text: str) -> None:
    line.mention(line.ann, text)
    assert (line.model.history, line.answers(), line.jobs("failed")) == ([], [], 0)


def test_bots_webhooks_and_the_bot_itself_are_not_answered(line: Line) -> None:
    other = line.playground.add_bot("other")
    line.playground.join(other, line.town)
    line.mention(other, "@ai why?")
    line.mention(line.bot, "@ai why?")
    line.playground.post_as(line.ann, line.town, "@ai why?", props={"from_webhook": "true"})
    line.hear()
    assert line.jobs("queued") == 0


def test_a_mention_that_an_edit_adds_counts_for_ten_minutes(line: Line) -> None:
    post = line.mention(line.ann, "why?")
    line.model.enqueue("Because.")
    line.playground.advance(540)
    line.playground.edit(line.ann, post, "@ai why?")
    line.hear()
    line.settle()
    assert len(line.answers()) == 1


def test_a_mention_that_an_edit_adds_later_does_not_and_one_that_was_answered_is_not_again(line: Line) -> None:
    late = line.mention(line.ann, "why?")
    answered = line.mention(line.ann, "@ai what?", answer="That.")
    line.playground.edit(line.ann, answered, "@ai what now?")
    line.playground.advance(660)
    line.playground.edit(line.ann, late, "@ai why?")
    line.hear()
    line.settle()
    assert len(line.answers()) == 1


def test_a_question_that_is_edited_while_it_is_answered_stays_what_was_asked(line: Line) -> None:
    line.model.enqueue("Because of the valve.")
    post = line.playground.post_as(line.ann, line.town, "@ai why did it stop?")
    line.hear()
    line.step("admit")
    line.playground.edit(line.ann, post, "@ai why is it green?")
    line.hear()
    line.settle()
    assert [prompt.asked for prompt in line.model.history] == ["why did it stop?"]
    assert len(line.answers()) == 1


def test_the_verbs_that_stand_alone_work_by_mention(line: Line) -> None:
    line.mention(line.ann, "@ai help")
    (said,) = [*line.told(line.ann), *line.private_answers(line.ann)]
    assert "/ai ask" in said
    assert line.model.history == []


def test_a_verb_with_a_link_behind_it_is_that_verb_and_with_other_words_a_question(line: Line) -> None:
    line.mention(line.ann, "@ai why?", answer="Because.")
    (answer,) = line.posts()
    line.mention(line.ann, "@ai delete the old files, how?", answer="With rm.")
    assert "delete the old files, how?" in line.prompt()
    line.mention(line.ann, f"@ai delete {line.playground.link(answer)}")
    for _ in range(3):
        line.settle()
        line.hurry()
    assert ["With rm." in text for text in line.answers()] == [True]


def test_who_is_refused_hears_why(line: Line) -> None:
    line.mention(line.ann, "@ai --model nonesuch why?")
    assert any("nonesuch" in text for text in (*line.told(line.ann), *line.private_answers(line.ann)))
    assert line.answers() == []


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
