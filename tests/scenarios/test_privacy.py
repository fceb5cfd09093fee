"""`/ai privacy`: who does not want to be read is read by nobody, and a closed channel neither."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from mmapp.models import Node
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import TALK, WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_more import problem

BOB = [words for who, words in TALK if who == "bob"]
OTHERS = [words for who, words in TALK if who != "bob"]


def opened(line: Line, who: Doc, channel: Doc | None = None) -> Doc:
    assert line.say(who, "privacy", channel).json.get("text", "") == ""
    return line.playground.dialogs(who)[-1]


def shown(line: Line, who: Doc, channel: Doc | None = None) -> dict[str, str]:
    """What the dialog says is in force."""
    return {one["name"]: one["default"] for one in opened(line, who, channel)["dialog"]["elements"]}


def pick(line: Line, who: Doc, where: Doc | None = None, /, **changes: str) -> str:
    """Fill it in, the rest as it is, and submit it; why it stays open, if it does."""
    dialog = opened(line, who, where)
    now = {one["name"]: one["default"] for one in dialog["dialog"]["elements"]}
    return problem(line.pick(who, dialog, **now | changes))


def opted_out(line: Line, who: Doc) -> None:
    assert pick(line, who, me="no") == ""


def kept(line: Line) -> int:
    """How many parts of summaries are kept."""
    with line.worker.database.read() as session:
        return session.scalar(select(func.count()).select_from(Node)) or 0


# One's own messages


def test_at_first_everything_may_be_read_and_what_is_saved_is_shown_again(line: Line) -> None:
    assert shown(line, line.bob) == {"me": "yes", "channel": "yes"}
    opted_out(line, line.bob)
    assert shown(line, line.bob) == {"me": "no", "channel": "yes"}
    assert shown(line, line.ann) == {"me": "yes", "channel": "yes"}
    assert pick(line, line.bob, me="yes") == ""
    assert shown(line, line.bob) == {"me": "yes", "channel": "yes"}


def test_in_the_direct_message_with_the_bot_one_can_opt_out_as_well(line: Line) -> None:
    direct = line.direct(line.bob)
    assert shown(line, line.bob, direct) == {"me": "yes"}
    assert pick(line, line.bob, direct, me="no") == ""
    assert shown(line, line.bob) == {"me": "no", "channel": "yes"}


@pytest.mark.parametrize("text", ["summarize", "summarize --since 24h", "summarize --kind actions"])
def test_who_opted_out_is_in_no_summary_of_a_thread_or_a_channel(line: Line, text: str) -> None:
    root = talk(line)
    opted_out(line, line.bob)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, text)
    assert all(words in line.prompt() for words in OTHERS)
    assert not any(words in line.prompt() for words in BOB)
    assert "5 of 5 messages read" in summary(line, line.ann)
    assert "2 people" in summary(line, line.ann)


def test_the_built_in_model_does_not_quote_them_either(line: Line) -> None:
    root = talk(line)
    opted_out(line, line.bob)
    typed_in(line, line.ann, root, "summarize --model quotes")
    assert "bob" not in summary(line, line.ann)


def test_who_opted_out_is_told_to_no_model_with_a_question(line: Line) -> None:
    root = talk(line)
    opted_out(line, line.bob)
    line.ask(line.ann, "What happened?", root=root, answer="The checkout was down.")
    assert all(words in line.prompt() for words in OTHERS)
    assert not any(words in line.prompt() for words in BOB)


def test_what_they_ask_a_bot_themselves_it_is_told(line: Line) -> None:
    opted_out(line, line.bob)
    line.mention(line.bob, "@ai Why did the pump stop?", answer="It ran dry.")
    assert "Why did the pump stop?" in line.prompt()
    assert "It ran dry." in line.answers()[0]


def test_a_file_that_hangs_on_their_own_question_is_read_for_it(line: Line) -> None:
    opted_out(line, line.bob)
    file = line.playground.upload(line.bob, line.town, "log.txt", b"the seal broke at nine")
    line.playground.post_as(line.bob, line.town, "@ai What happened?", file_ids=[file["id"]])
    line.model.enqueue("The seal broke.")
    line.hear()
    line.settle()
    assert "the seal broke at nine" in line.prompt()


def test_whose_posts_are_pieces_of_files_is_left_out_with_their_files(line: Line) -> None:
    root = talk(line)
    file = line.playground.upload(line.bob, line.town, "log.txt", b"the seal broke at nine")
    line.playground.post_as(line.bob, line.town, "See the log.", root, file_ids=[file["id"]])
    opted_out(line, line.bob)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "seal" not in line.prompt()
    assert "log.txt" not in summary(line, line.ann)


def test_the_dialog_of_summaries_does_not_show_their_words(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.post_as(line.ann, line.town, "It ran dry.", root)
    opted_out(line, line.bob)
    line.say(line.ann, "summarize")
    what = line.playground.dialogs(line.ann)[-1]["dialog"]["elements"][1]
    assert [one["text"] for one in what["options"] if one["value"] == root["id"]] == ["… (1 reply, 1 min ago)"]


def test_from_now_on_they_are_read_again_once_they_want_it(line: Line) -> None:
    root = talk(line)
    opted_out(line, line.bob)
    pick(line, line.bob, me="yes")
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_where_nobody_else_has_said_anything_there_is_no_summary(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.post_as(line.bob, line.town, "It ran dry.", root)
    opted_out(line, line.bob)
    typed_in(line, line.ann, root, "summarize")
    assert "Nobody whose messages stand there wants to be read" in found(line, line.ann)
    assert line.model.history == []


def test_asked_for_their_messages_alone_nobody_learns_that_they_opted_out(line: Line) -> None:
    talk(line)
    opted_out(line, line.bob)
    line.say(line.ann, "summarize channel --from bob")
    line.settle()
    assert "There is no message by `bob` in that time" in found(line, line.ann)


def test_where_one_message_is_left_nobody_is_said_to_have_opted_out(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.post_as(line.ann, line.town, "It ran dry.", root)
    opted_out(line, line.bob)
    typed_in(line, line.ann, root, "summarize")
    assert "There is only one message to read" in found(line, line.ann)
    assert line.model.history == []


# What the receipt says of it


@pytest.mark.parametrize(("authors", "number"), [(1, False), (4, False), (5, True), (6, True)])
def test_the_receipt_gives_a_number_only_where_it_tells_of_nobody(line: Line, authors: int, *, number: bool) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.post_as(line.bob, line.town, "The crane is stuck.", root)
    for which in range(authors):
        who = line.playground.add_user(f"member{which}")
        line.playground.join(who, line.town)
        for words in ("The pump ran dry at nine.", "The crane needs a new seal."):
            line.playground.post_as(who, line.town, words, root)
    opted_out(line, line.bob)
    line.model.enqueue("The pump ran dry and the crane is stuck. [1]\n- The crane needs a new seal [2]")
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    assert f"{2 * authors} of {2 * authors} messages read" in text
    if number:
        assert "left out: 2 messages of people who do not want to be read" in text
    else:
        assert "messages of people who do not want to be read are left out" in text


def test_where_nobody_opted_out_it_says_nothing_of_it(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "do not want" not in summary(line, line.ann)
