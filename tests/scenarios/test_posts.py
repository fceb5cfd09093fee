"""What is posted: as many posts as needed, harmless, notifying nobody, and saying where it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from mmapp.jobs import engines, post, typing
from mmapp.models import ModelRecord
from tests.line import Line
from tests.playground.store import Doc

LONG = "\n\n".join(f"Paragraph {number}: " + "the pump ran dry and was filled again. " * 12 for number in range(60))


def test_an_answer_longer_than_one_post_continues_in_the_next(line: Line) -> None:
    line.ask(line.ann, "Tell me all.", answer=LONG)
    posts = line.posts()
    assert len(posts) == 2
    assert all(len(post["message"]) <= 16_383 for post in posts)
    whole = "\n".join(post["message"] for post in posts)
    assert all(f"Paragraph {number}:" in whole for number in range(60))


def test_a_question_under_the_continuation_of_an_answer_goes_on_with_it(line: Line) -> None:
    line.ask(line.ann, "Tell me all.", answer=LONG)
    _first, second = line.posts()
    line.ask(line.bob, "Really?", root=second, answer="Really.")
    assert [turn.text for turn in line.model.history[-1].turns] == ["Tell me all.", LONG]
    assert line.posts()[-1]["root_id"] == second["id"]


def test_a_question_under_an_answer_that_is_not_remembered_yet_ends_in_the_same_conversation(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_back = post._read_back

    def late(*args: Any) -> None:
        monkeypatch.setattr(post, "_read_back", read_back)
        line.say(line.bob, "ask Really?", root=line.posts()[0])
        assert line.step("admit")
        read_back(*args)

    monkeypatch.setattr(post, "_read_back", late)
    line.model.enqueue("Because.")
    line.ask(line.ann, "Why?", answer="Really.")
    assert [turn.text for turn in line.model.history[-1].turns] == ["Why?", "Because."]
    assert len(line.answers()) == 2


def test_code_that_runs_over_two_posts_is_closed_and_opened_again(line: Line) -> None:
    code = "\n".join(f"print({number}, 'the pump ran dry and was filled again, at last')" for number in range(400))
    line.ask(line.ann, "Show me.", answer=f"Look:\n```python\n{code}\n```\nDone.")
    posts = [post["message"] for post in line.posts()]
    assert len(posts) == 2
    assert all(post.count("```") % 2 == 0 for post in posts)
    assert "```python" in posts[1]


def robert(line: Line) -> Doc:
    """A person whose first name is not in the username, and notifies."""
    zeke = line.playground.add_user("zeke", first_name="Robert", notify_props={"first_name": "true"})
    line.playground.join(zeke, line.town)
    return zeke


def test_an_answer_notifies_nobody_whoever_is_named_in_it(line: Line) -> None:
    zeke = robert(line)
    root = line.playground.post_as(zeke, line.town, "The pump stopped.")
    before = line.playground.mention_count("zeke", line.town)
    answer = "@zeke @all @channel @here, ask Robert. **@zeke** [@zeke](http://x) `@zeke` Robert!"
    line.ask(line.ann, "Was it @zeke or Robert or @all?", root=root, answer=answer)
    assert line.playground.mention_count("zeke", line.town) == before
    assert "@zeke @all @channel @here, ask Robert." in line.answers()[0].replace("\u200b", "")


def test_an_answer_does_not_notify_its_asker_by_the_first_name(line: Line) -> None:
    zeke = robert(line)
    line.ask(zeke, "Who am I? Robert?", answer="You are Robert.")
    assert line.playground.mention_count("zeke", line.town) == 0
    assert "You are Robert." in line.answers()[0].replace("\u200b", "")


@pytest.mark.parametrize(
    ("written", "forbidden"),
    [
        ("![cat](http://evil.example/cat.png)", "![cat]("),
        ("[click](http://evil.example/?q=secret)", "](http://evil"),
        ("see http://evil.example/x", " http://evil"),
        ("<http://evil.example>", "<http"),
        ("a #release today", " #release"),
    ],
)
def test_images_links_and_accidents_of_an_answer_are_inert(line: Line, written: str, forbidden: str) -> None:
    line.ask(line.ann, "Show me.", answer=written)
    assert forbidden not in line.answers()[0]


def test_a_link_to_a_message_of_this_server_stays_a_link(line: Line) -> None:
    target = f"{line.playground.url}/eng/pl/{'a' * 26}"
    line.ask(line.ann, "Where?", answer=f"[here]({target})")
    assert f"[here]({target})" in line.answers()[0]


def test_an_answer_says_what_made_it_and_of_what(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "Why?", root=root, answer="It ran dry.")
    (post,) = line.posts()
    assert post["props"]["ai_generated_by"] == line.bot["id"]
    assert "**Model** tiny" in post["props"]["card"]
    assert "read 1 of 1 message*" in post["message"].splitlines()[-1]


def test_delimiters_that_a_model_repeats_are_struck_out(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="It ran dry.")
    mark = line.prompt().split("[messages ")[1].split("]")[0]
    line.ask(line.bob, "What stands around it?", root=root, answer=f"[messages {mark}] and {mark}.")
    assert mark not in line.answers()[-1]


def test_while_an_answer_is_waited_for_the_bot_is_seen_typing(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.say(line.bob, "ask Why?", root=root)
    line.step("admit")
    typing.announce(line.worker)
    (seen,) = line.playground.typing_events()
    assert (seen["user_id"], seen["parent_id"], seen["channel_id"]) == (line.bot["id"], root["id"], line.town["id"])
    line.playground.faults.add("typing", status=500, times=9)
    typing.announce(line.worker)  # a sign of life that gets lost is no loss


@pytest.mark.parametrize("age", ["11"])  # 5.37 must say where the answer goes: test_ages.py
def test_an_answer_from_an_idle_warm_model_comes_without_a_word_in_between(line: Line) -> None:
    engines.probe(line.worker, "tiny")
    said = line.ask(line.ann, "Why?", answer="Because.")
    assert said.text == ""
    assert len(line.told(line.ann)) == 0


def test_a_thread_that_nobody_asked_about_yet_may_take_longer_and_says_so(line: Line) -> None:
    engines.probe(line.worker, "tiny")
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "tiny").prefill = 100.0
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    said = line.ask(line.ann, "Why?", root=root, answer="It ran dry.")
    assert "Your turn now, about 10 s." in said.text
    assert line.ask(line.bob, "Since when?", root=root, answer="Since nine.").text == ""


def test_place_and_estimate_count_what_is_in_front(line: Line) -> None:
    engines.probe(line.worker, "tiny")
    with line.worker.database.write() as session:
        record = session.get_one(ModelRecord, "tiny")
        record.prefill, record.decode, record.answer_tokens = 100.0, 10.0, 200.0
    assert "Your turn now, about 20 s. Model: tiny." in line.say(line.ann, "ask Why?").text
    assert "2nd in line, about 40 s." in line.say(line.bob, "ask Why?").text
    assert "3rd in line, about a minute." in line.say(line.carol, "ask Why?").text
