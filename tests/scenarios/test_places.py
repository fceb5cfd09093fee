"""Where an answer goes, what it reads, and who may ask for that: checked when asked and again when the job runs."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc


def post_to_app(line: Line, who: Doc, text: str, root_id: str) -> None:
    """The form as a server sends it, with a root that nobody checked."""
    form = {
        "token": line.settings.command_tokens[0][1].get_secret_value(), "team_id": line.team["id"], "command": "/ai",
        "channel_id": line.town["id"], "channel_name": "town", "user_id": who["id"], "user_name": who["username"],
        "text": text, "root_id": root_id,
    }  # fmt: skip
    assert line.app.test_client().post("/mattermost/slash", data=form).status_code == 200


def refused(line: Line, who: Doc) -> str:
    """The last thing that somebody was told alone, there being no answer."""
    assert line.answers() == []
    return [*line.private_answers(who), *line.told(who)][-1]


def test_the_bot_joins_a_public_channel_by_itself(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann,))
    line.ask(line.ann, "Why?", harbour, answer="Because.")
    assert "Because." in line.answers(harbour)[0]


def test_in_a_private_channel_without_the_bot_the_asker_reads_who_can_invite_it(line: Line) -> None:
    line.ask(line.ann, "Why did it stop?", line.secret)
    text = refused(line, line.ann)
    assert "/invite @ai" in text
    assert "/ai ask Why did it stop?" in text


def test_in_a_private_channel_without_the_bot_a_private_question_is_answered_all_the_same(line: Line) -> None:
    line.ask(line.ann, "--private Why?", line.secret, answer="Because.")
    assert "Because." in line.private_answers(line.ann)[0]


def test_once_invited_the_bot_answers_in_the_private_channel(line: Line) -> None:
    line.playground.join("ai", line.secret)
    line.ask(line.ann, "Why?", line.secret, answer="Because.")
    assert "Because." in line.answers(line.secret)[0]


def test_in_the_direct_message_with_the_bot_the_conversation_goes_on_without_threads(line: Line) -> None:
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct, answer="It ran dry.")
    line.ask(line.ann, "Since when?", direct, answer="Since nine.")
    assert [turn.text for turn in line.model.history[-1].turns] == ["Why?", "It ran dry."]


def test_new_starts_the_direct_conversation_afresh(line: Line) -> None:
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct, answer="It ran dry.")
    assert "starts a new conversation" in line.say(line.ann, "new", direct).text
    line.ask(line.ann, "Since when?", direct, answer="Since when what?")
    assert line.model.history[-1].turns == ()


def test_in_other_peoples_direct_messages_the_answer_comes_in_ones_own_with_the_bot(line: Line) -> None:
    theirs = line.playground.direct(line.ann, line.bob)
    line.ask(line.ann, "Why?", theirs, answer="Because.")
    assert line.answers(theirs) == []
    assert "Because." in line.private_answers(line.ann)[0]
    assert any("no part of this conversation" in text for text in line.told(line.ann))
    assert line.private_answers(line.bob) == []


def test_in_a_group_message_the_answer_comes_in_ones_own_direct_message(line: Line) -> None:
    group = line.playground.add_channel(
        "G", "e720529bc89f8aeedaf85d74edb3d5796f7b96b7", members=(line.ann, line.bob, line.carol)
    )
    line.ask(line.ann, "Why?", group, answer="Because.")
    assert "Because." in line.private_answers(line.ann)[0]


def test_a_permalink_stands_for_the_thread_where_the_server_sends_none(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    reply = line.playground.post_as(line.bob, line.town, "It ran dry.", root)
    for wanted in (line.playground.link(root), line.playground.link(reply), reply["id"]):
        line.ask(line.carol, f"Why? --thread {wanted}", answer="Dry.")
    assert [post["root_id"] for post in line.posts()] == [root["id"]] * 3
    assert "It ran dry." in line.prompt()


@pytest.mark.parametrize(
    "wanted", ["http://other.example/eng/pl/abcdefghijklmnopqrstuvwxyz", "https://example.org", "nonsense", "a" * 26]
)
def test_a_link_that_leads_nowhere_is_answered(line: Line, wanted: str) -> None:
    line.ask(line.ann, f"--thread {wanted} Why?")
    text = refused(line, line.ann)
    assert "another server" in text or "no such message" in text
    assert f"--thread {wanted} Why?" in text


def test_a_thread_of_another_channel_is_read_for_a_private_question_alone(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
    root = line.playground.post_as(line.ann, harbour, "The crane is stuck.")
    line.ask(line.ann, f"--thread {line.playground.link(root)} Why?")
    assert "another channel" in refused(line, line.ann)
    line.ask(line.ann, f"--private --thread {line.playground.link(root)} Why?", answer="Rust.")
    assert "The crane is stuck." in line.prompt()
    assert "Rust." in line.private_answers(line.ann)[0]


def test_nobody_reads_a_thread_through_the_bot_that_they_may_not_read_themselves(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    root = line.playground.post_as(line.ann, board, "We sell the harbour.")
    line.ask(line.bob, f"--private --thread {line.playground.link(root)} What is planned?")
    assert "no such message" in refused(line, line.bob)
    assert line.model.history == []


@pytest.mark.parametrize("forged", ["reply", "other channel", "unreadable", "deleted", "made up", "no id"])
def test_a_root_that_the_client_made_up_is_never_read(line: Line, forged: str) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    harbour = line.playground.add_channel("O", "harbour", members=(line.bob, line.bot))
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    deleted = line.playground.post_as(line.ann, line.town, "Forget this.")
    line.playground.delete(line.ann, deleted)
    roots = {
        "reply": line.playground.post_as(line.ann, line.town, "It ran dry.", root),
        "other channel": line.playground.post_as(line.bob, harbour, "The crane is stuck."),
        "unreadable": line.playground.post_as(line.ann, board, "We sell the harbour."),
        "deleted": deleted,
        "made up": {"id": "a" * 26},
        "no id": {"id": "../users/me"},
    }
    # A server of ours refuses what is no id; a client that reaches the app's port by itself does not.
    post_to_app(line, line.bob, "ask What is it?", root_id=roots[forged]["id"])
    line.settle()
    assert "no such message" in refused(line, line.bob)
    assert line.model.history == []


def test_who_left_the_channel_between_asking_and_answering_gets_no_answer(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.say(line.bob, "ask Why?", root=root)
    assert line.step("admit")
    line.playground.remove_member(line.bob, line.town)
    line.settle()
    assert "not a member" in refused(line, line.bob)
    assert line.model.history == []


def test_a_thread_deleted_while_it_is_answered_sends_the_answer_to_the_asker(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.model.enqueue("It ran dry.")
    line.say(line.bob, "ask Why?", root=root)
    line.step("admit")
    line.step(*[f"model:{name}" for name in line.worker.models])
    line.playground.delete(line.ann, root)
    line.settle()
    assert "It ran dry." in refused(line, line.bob)


def test_a_private_conversation_goes_on_in_its_thread_in_the_direct_message(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "--private Why?", root=root, answer="It ran dry.")
    direct = line.direct(line.bob)
    (answer,) = line.posts(direct)
    line.ask(line.bob, "Since when?", direct, root=answer, answer="Since nine.")
    assert "The pump stopped." in line.prompt()
    assert "It ran dry." in line.prompt()
    assert line.posts(direct)[-1]["root_id"] == answer["id"]


def test_the_public_answers_of_a_thread_belong_to_private_questions_about_it(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="It ran dry.")
    line.ask(line.bob, "--private Is that so?", root=root, answer="Yes.")
    assert "It ran dry." in line.prompt()
