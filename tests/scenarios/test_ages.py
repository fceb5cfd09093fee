"""What people of each age meet where 5.37 and 11 differ. `age` is parametrized where a test is about one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import request

from llm.scripted import Step
from mmapp.jobs import engines
from tests.line import Line
from tests.playground.store import Doc

OLD = pytest.mark.parametrize("age", ["5.37"])
NEW = pytest.mark.parametrize("age", ["11"])
BOTH = pytest.mark.parametrize("age", ["5.37", "11"])


def typed_in_the_pane(line: Line, who: Doc, text: str, root: Doc) -> str:
    """Type into a thread's pane and name nothing; what is said at once."""
    said = line.playground.slash(who, line.town, f"/ai {text}", root["id"])
    line.settle()
    return said.text


def a_thread(line: Line) -> Doc:
    root = line.playground.post_as(line.ann, line.town, "The pump in hall 3 stopped at 9:10.")
    line.playground.post_as(line.bob, line.town, "The filter was blocked.", root)
    return root


# No root_id: a permalink or a post id instead


@NEW
def test_typed_in_a_thread_of_11_a_question_is_about_the_thread_and_answered_there(line: Line) -> None:
    root = a_thread(line)
    line.model.enqueue("A blocked filter.")
    said = typed_in_the_pane(line, line.carol, "ask What was it?", root)
    assert "thread" not in said
    assert line.posts()[0]["root_id"] == root["id"]
    assert "The filter was blocked." in line.prompt()


@OLD
def test_typed_in_a_thread_of_5_37_its_person_is_told_where_the_answer_goes_and_how_to_name_the_thread(
    line: Line,
) -> None:
    root = a_thread(line)
    line.model.enqueue("It ran dry.")
    said = typed_in_the_pane(line, line.carol, "ask What was it?", root)
    assert "The answer comes as a post." in said
    assert "so I answer in the channel." in said
    assert "`/ai ask --thread LINK QUESTION`" in said
    shown = line.playground.ephemerals(line.carol)[0]
    assert shown["root_id"] == root["id"]  # it is read where it was typed
    assert line.posts()[0]["root_id"] == ""
    assert "The filter was blocked." not in line.prompt()


@OLD
def test_on_5_37_an_answer_within_seconds_is_announced_too(line: Line) -> None:
    engines.probe(line.worker, "tiny")
    said = typed_in_the_pane(line, line.carol, "ask What was it?", a_thread(line))
    assert said.startswith("**ai** · This Mattermost does not tell me which thread you are in")


@OLD
def test_on_5_37_who_names_the_thread_is_told_nothing_about_it(line: Line) -> None:
    root = a_thread(line)
    line.model.enqueue("A blocked filter.")
    said = typed_in_the_pane(line, line.carol, f"ask --thread {line.playground.link(root)} What was it?", root)
    assert "which thread" not in said
    assert line.posts()[0]["root_id"] == root["id"]


@OLD
def test_on_5_37_who_is_answered_in_a_direct_message_is_told_nothing_about_threads(line: Line) -> None:
    for words, channel in (("--private Why?", line.town), ("Why?", line.direct(line.ann))):
        assert "which thread" not in line.ask(line.ann, words, channel, answer="Because.").text
    assert len(line.private_answers(line.ann)) == 2


NAMINGS: dict[str, Callable[[str, str], str]] = {
    "link": lambda link, _: link,
    "id": lambda _, post_id: post_id,
    "link in angle brackets": lambda link, _: f"<{link}>",
    "link in brackets": lambda link, _: f"({link})",
    "link with a full stop": lambda link, _: f"{link}.",
    "link with a slash": lambda link, _: f"{link}/",
    "link with what a browser adds": lambda link, _: f"{link}?utm=1#top",
    "link without a team": lambda link, _: link.replace("/eng/", "/_redirect/"),
    "quoted link": lambda link, _: f'"{link}"',
    "id with a comma": lambda _, post_id: f"{post_id},",
}


@pytest.mark.parametrize("naming", NAMINGS)
def test_a_thread_is_named_by_any_of_its_messages(line: Line, naming: str) -> None:
    root = a_thread(line)
    for post in line.playground.thread(root):
        line.ask(
            line.carol,
            f"--thread {NAMINGS[naming](line.playground.link(post), post['id'])} What was it?",
            answer="Dirt.",
        )
    assert [post["root_id"] for post in line.posts()] == [root["id"]] * 2
    assert "The filter was blocked." in line.prompt()


@OLD
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("http://other.example/eng/pl/abcdefghijklmnopqrstuvwxyz", "another server"),
        ("{url}.evil.example/eng/pl/abcdefghijklmnopqrstuvwxyz", "another server"),
        ("{url}/eng/pl/abcdefghijklmnopqrstuvwxyzz", "no such message"),
        ("{url}/eng/channels/town", "no such message"),
        ("~town", "no such message"),
    ],
)
def test_on_5_37_a_link_that_leads_nowhere_is_given_back_with_a_reason(line: Line, wanted: str, said: str) -> None:
    wanted = wanted.format(url=line.playground.url)
    line.ask(line.ann, f"--thread {wanted} Why?")
    assert said in line.told(line.ann)[-1]
    assert f"/ai ask --thread {wanted} Why?" in line.told(line.ann)[-1]
    assert line.posts() == line.model.history == []


@BOTH
@pytest.mark.parametrize("naming", ["link", "id"])
def test_a_thread_of_another_channel_is_read_for_ones_eyes_only(line: Line, naming: str) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
    root = line.playground.post_as(line.ann, harbour, "The crane is stuck.")
    named = NAMINGS[naming](line.playground.link(root), root["id"])
    line.ask(line.ann, f"--thread {named} Why?")
    assert "in another channel" in line.told(line.ann)[-1]
    assert line.model.history == []
    line.ask(line.ann, f"--private --thread {named} Why?", answer="Rust.")
    assert "The crane is stuck." in line.prompt()
    assert "Rust." in line.private_answers(line.ann)[0]
    assert line.posts() == line.posts(harbour) == []


@BOTH
def test_a_follow_up_in_a_thread_continues_its_conversation(line: Line) -> None:
    root = a_thread(line)
    line.ask(line.ann, "What was it?", root=root, answer="A blocked filter.")
    line.ask(line.bob, "Since when?", root=root, answer="Since 9:10.")
    assert "A blocked filter." in [turn.text for turn in line.model.history[-1].turns]
    assert {post["root_id"] for post in line.posts()} == {root["id"]}


@pytest.mark.parametrize(
    ("age", "hint"), [("11", "open it and type the same"), ("5.37", "About a thread: `/ai ask --thread LINK")]
)
def test_help_says_how_threads_are_asked_about_on_this_server(line: Line, age: str, hint: str) -> None:
    assert hint in line.say(line.ann, "").text
    line.playground.click(line.ann, line.playground.ephemerals(line.ann)[-1], "Help")
    (box,) = line.playground.dialogs(line.ann)
    for text in (line.say(line.ann, "help").text, box["dialog"]["introduction_text"]):
        assert ("in the thread where you type it" in text) is (age == "11")
        assert ("this server does not tell me" in text) is (age == "5.37")


@pytest.mark.parametrize(
    ("age", "how"), [("11", "in this thread"), ("5.37", "with the link of this message behind `--thread`")]
)
def test_an_answer_at_its_limit_says_how_to_go_on(line: Line, how: str) -> None:
    line.ask(line.ann, "Why?", answer=Step("It ran", reason="length"))
    assert f"(cut off: the answer reached its limit; ask “go on” {how})" in line.answers()[0]


# Triggers


@contextmanager
def slow_dialogs(line: Line, seconds: float) -> Iterator[None]:
    """So much time passes between a press and the dialog that answers it."""

    def late() -> None:
        if request.path.endswith("/dialogs/open"):
            line.playground.advance(seconds)

    functions = line.playground.app.before_request_funcs[None]
    functions.insert(0, late)
    try:
        yield
    finally:
        functions.remove(late)


@pytest.mark.parametrize(
    ("age", "timeout", "seconds", "dialogs"),
    [("5.37", 30.0, 2.0, 1), ("5.37", 30.0, 3.2, 0), ("11", 30.0, 3.2, 1), ("11", 3.0, 3.2, 0)],
)
def test_a_dialog_that_comes_too_late_for_its_trigger_becomes_a_message(
    line: Line, timeout: float, seconds: float, dialogs: int
) -> None:
    line.playground.server.settings |= {"IntegrationTimeout": timeout, "TriggerSeconds": 3.0}
    line.say(line.ann, "")
    menu = line.playground.ephemerals(line.ann)[-1]
    with slow_dialogs(line, seconds):
        assert line.playground.click(line.ann, menu, "Help").status == 200
    assert len(line.playground.dialogs(line.ann)) == dialogs
    assert any("What you can type" in text for text in line.told(line.ann)) is (dialogs == 0)


# Bodies


@pytest.mark.parametrize(("age", "sign"), [("11", "a"), ("5.37", "a"), ("5.37", "é")])
def test_a_question_of_200_000_characters_is_refused_with_the_limit_and_its_beginning_given_back(
    line: Line, sign: str
) -> None:
    said = line.say(line.ann, f"ask {sign * 200_000}")
    assert "200,000 characters; at most 100,000" in said.text
    assert f"/ai ask {sign * 1_000}" in said.text
    assert len(said.text) <= 16_383
    assert line.settle() == 0


@NEW
def test_a_question_over_300_000_bytes_is_refused_by_11_itself_which_leaves_it_in_the_box(line: Line) -> None:
    assert line.say(line.ann, f"ask {'é' * 200_000}").status == 413
    assert line.told(line.ann) == []
    assert line.settle() == 0


@OLD
def test_a_command_of_megabytes_is_answered_on_5_37(line: Line) -> None:
    assert "more text than can be taken" in line.say(line.ann, f"ask {'é' * 800_000}").text
    assert line.settle() == 0


# Edits


@pytest.mark.parametrize(
    ("age", "settings"),
    [
        ("11", {"PostEditTimeLimit": 0}),
        ("5.37", {"PostEditTimeLimit": 0, "Licensed": True}),
        ("11", {"MayEdit": False}),
        ("5.37", {"MayEdit": False}),
    ],
)
def test_where_no_edit_is_taken_answers_and_stops_arrive_all_the_same(line: Line, settings: Doc) -> None:
    line.playground.server.settings |= settings
    line.ask(line.ann, "Why?", answer="It ran dry.")
    line.say(line.bob, "ask And then?")
    line.say(line.bob, "stop")
    line.settle()
    (answer,) = line.posts()
    assert "It ran dry." in answer["message"]
    assert line.playground.revisions(answer) == []
    assert line.jobs("failed") == line.jobs("queued") == 0


# Notifications


@pytest.mark.parametrize(("age", "unread"), [("11", 1), ("5.37", None)])
def test_an_answer_in_a_thread_is_one_creation_for_its_followers(line: Line, age: str, unread: int | None) -> None:
    root = a_thread(line)
    before = line.playground.followers(root).get("bob", 0)
    line.ask(line.carol, "What was it?", root=root, answer="A blocked filter.")
    after = line.playground.followers(root).get("bob")
    assert after == (before + unread if unread else None)
    assert line.playground.mention_count("bob", line.town) == 0
