"""Somebody has a thread or a channel summed up: all of it is read, and each line has its message."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from llm.base import EmptyAnswer, ModelDied
from llm.scripted import Step
from mmapp.models import Node
from tests.line import Line
from tests.scenarios.summaries import TALK, WRITTEN, summary, talk, typed_in


def test_a_thread_is_summed_up_for_who_asks_alone(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert line.answers() == []
    text = summary(line, line.ann)
    assert text.startswith("**The checkout was down; a memory limit was the cause.**")
    assert "8 of 8 messages read" in text
    assert "3 people" in text


def test_each_line_links_to_its_very_message(line: Line) -> None:
    root = talk(line)
    posts = line.playground.posts(line.town)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    killed = next(post for post in posts if "killed" in post["message"])
    assert f"* The payment pods were killed, the limit is 256 MB [[2]]({line.playground.url}/" in text
    assert f"/pl/{killed['id']})" in text


def test_decisions_tasks_and_open_questions_stand_by_themselves(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    assert "**Decided** · raise the limit now" in text
    assert "**To do** · carol: post-mortem" in text
    assert "**Open** · Who fixes the cache" in text


def test_what_is_posted_first_is_a_headline_without_anybody_s_words(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    (post,) = line.posts(line.direct(line.ann))
    created = next(
        one for one in line.playground.store.events(0) if one["event"] == "posted" and post["id"] in str(one)
    )
    assert "**Summary** of 8 messages" in str(created)
    assert "checkout" not in str(created)
    assert post["edit_at"]


def test_the_whole_prompt_holds_every_message_once_numbered_with_its_author(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    prompt = line.prompt()
    for number, (who, words) in enumerate(TALK, 1):
        assert prompt.count(words) == 1
        assert f"[{number}] {who} " in prompt


def test_the_same_again_costs_nothing(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    typed_in(line, line.bob, root, "summarize")
    assert len(line.model.history) == 1
    assert summary(line, line.bob).splitlines()[0] == summary(line, line.ann).splitlines()[0]


def test_what_another_version_has_noted_in_another_form_is_noted_anew(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN, WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    with line.worker.database.write() as session:
        node = session.scalars(select(Node)).one()
        node.notes = json.dumps({name: value for name, value in json.loads(node.notes).items() if name != "held"})
    typed_in(line, line.bob, root, "summarize")
    assert "8 of 8 messages read" in summary(line, line.bob)
    assert len(line.model.history) == 2
    typed_in(line, line.carol, root, "summarize")
    assert len(line.model.history) == 2


def test_ten_new_messages_are_read_with_the_next_one(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN, WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    for number in range(10):
        line.playground.post_as(line.bob, line.town, f"The cache {number} is fixed", root)
    typed_in(line, line.ann, root, "summarize")
    assert "18 of 18 messages read" in summary(line, line.ann)
    assert len(line.model.history) == 2


def test_by_a_mention_in_a_thread_it_is_posted_there(line: Line) -> None:
    root = talk(line)
    line.mention(line.ann, "@ai summarize", root=root, answer=WRITTEN)
    (post,) = line.posts()
    assert post["root_id"] == root["id"]
    assert "8 of 8 messages read" in post["message"]


def test_a_public_one_is_one_reply_in_its_thread(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize --public")
    (post,) = line.posts()
    assert post["root_id"] == root["id"]
    assert line.private_answers(line.ann) == []


def test_a_channel_is_read_for_its_last_day(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_number_that_was_not_read_is_removed_and_counted(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN.replace("[3]", "[3] [77]"))
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    assert "[77" not in text  # and not in any link: an id may hold the digits
    assert "5 of its 6 citations hold*" in text


def test_a_line_that_no_message_supports_says_so(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(f"{WRITTEN}- The marketing budget for spring was doubled by the board [4]\n")
    typed_in(line, line.ann, root, "summarize")
    assert "doubled by the board ⚠ *no message supports this line*" in summary(line, line.ann)


@pytest.mark.parametrize(
    "step",
    [
        "The main points are:\n- The board doubled the marketing budget for spring\n- Nobody likes the new logo colours",
        "La la la.",
        Step("", error=EmptyAnswer()),
    ],
)
def test_where_a_model_writes_what_nobody_said_the_messages_are_quoted(line: Line, step: str | Step) -> None:
    root = talk(line)
    line.model.enqueue(step)
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    assert text.startswith("**The messages that say most of it**")
    assert "**bob**: " in text
    assert "these are quotations, since tiny wrote nothing that the messages support" in text
    assert "budget" not in text


def test_the_built_in_model_quotes(line: Line) -> None:
    root = talk(line)
    typed_in(line, line.ann, root, "summarize --model quotes")
    text = summary(line, line.ann)
    assert text.startswith("**The messages that say most of it**")
    assert "/pl/" in text
    assert line.model.history == []


def test_who_asks_further_is_answered_from_the_same_messages(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN, "Carol.")
    typed_in(line, line.ann, root, "summarize")
    (post,) = line.posts(line.direct(line.ann))
    line.mention(line.ann, "Who writes the post-mortem?", line.direct(line.ann), root=post)
    assert "I write the post-mortem" in line.prompt()
    assert "memory limit was the cause" in line.prompt()


def test_also_below_it_and_not_in_its_thread(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN, "Carol.")
    line.say(line.ann, "summarize channel --since 24h")
    line.settle()
    line.mention(line.ann, "Who writes the post-mortem?", line.direct(line.ann))
    assert "I write the post-mortem" in line.prompt()


def test_it_can_be_shared_in_its_thread(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    (post,) = line.posts(line.direct(line.ann))
    dialog = line.more(line.ann, post)
    assert line.pick(line.ann, dialog, line.direct(line.ann), what="share", channel="") == {}
    line.settle()
    (shared,) = line.posts()
    assert shared["root_id"] == root["id"]
    assert "8 of 8 messages read" in shared["message"]


def test_a_wish_in_ones_own_words_stands_behind_the_messages(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize --kind actions what does it mean for the release?")
    assert line.prompt().endswith("Above all: what does it mean for the release?")
    assert "To do: name: task, date" in line.prompt()


def test_it_is_written_in_the_reader_s_language(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize --language de")
    assert "Write in German, but for the words Decided:, To do: and Open:." in line.prompt()


def test_several_links_make_one_context(line: Line) -> None:
    first, second = talk(line), line.playground.post_as(line.bob, line.town, "Lunch is at noon in the big hall.")
    line.playground.post_as(line.carol, line.town, "I bring the salad for everybody.", second)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(first)} {line.playground.link(second)}")
    line.settle()
    assert "10 of 10 messages read" in summary(line, line.ann)
    assert "salad" in line.prompt()


def anew(line: Line, **picked: str) -> None:
    """Press More… under the summary and pick what is to be done with it."""
    (post,) = line.posts(line.direct(line.ann))
    assert line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), **picked) == {}
    line.settle()


def test_another_model_can_write_it_anew(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    anew(line, what="with", model="quotes")
    (text,) = [summary(line, line.ann)]
    assert text.startswith("**The messages that say most of it**")
    assert len(line.private_answers(line.ann)) == 1


def test_the_same_model_makes_another_one(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    line.model.enqueue(WRITTEN.replace("The checkout was down", "Customers could not pay"))
    anew(line, what="again")
    assert summary(line, line.ann).startswith("**Customers could not pay; a memory limit was the cause.**")
    assert line.model.options[-1].temperature > 0


def test_a_shorter_one_has_fewer_lines(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    line.model.enqueue("The checkout was down; a memory limit was the cause. [3]\n")
    anew(line, what="shorter")
    assert "at most 4 lines" in line.prompt()
    assert "Decided" not in summary(line, line.ann)


def test_where_the_new_one_fails_the_old_one_stays(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    before = line.private_answers(line.ann)
    line.model.enqueue(*[Step("", error=ModelDied("it was killed"))] * 2)
    anew(line, what="again")
    line.hurry()
    line.settle()
    assert line.private_answers(line.ann)[0] == before[0]
    assert "The answer that was there stays as it is." in line.private_answers(line.ann)[1]


def test_without_a_word_about_it_the_language_is_the_reader_s_own(line: Line) -> None:
    line.playground.store.put("user", line.ann["id"], line.playground.user(line.ann) | {"locale": "pt-BR"})
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "Write in Portuguese" in line.prompt()


def test_alerts_of_webhooks_are_read_with_what_is_attached_to_them(line: Line) -> None:
    root = talk(line)
    alert = {"attachments": [{"title": "pump 2", "text": "pressure is 9 bar", "fallback": "an alert"}]}
    hook = {"props": alert | {"from_webhook": "true"}, "type": "slack_attachment"}
    line.playground.post_as(line.bob, line.town, "", root, **hook)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "pump 2\nbob: pressure is 9 bar" in line.prompt()
    assert "9 of 9 messages read" in summary(line, line.ann)


def test_a_timeline_may_begin_each_line_with_its_time(line: Line) -> None:
    root = talk(line)
    said = line.playground.posts(line.town)
    at = f"{datetime.fromtimestamp(said[2]['create_at'] / 1000, UTC):%H:%M}"
    line.model.enqueue(f"- {at} The payment pods were killed by the memory limit [3]\n- {at} The limit was raised [6]")
    typed_in(line, line.ann, root, "summarize --kind timeline")
    text = summary(line, line.ann)
    assert f"* {at} The payment pods were killed" in text
    assert "⚠" not in text
