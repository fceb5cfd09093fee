"""What is read once a summary stands: written anew it is of the same messages, and so are the questions below it."""

from __future__ import annotations

import pytest

from mmapp.chat import read
from mmapp.mattermost import client
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_share import share

LUNCH = "LUNCH is at noon in the big hall for everybody."


def shorter(line: Line, post: Doc, channel: Doc | None = None) -> None:
    line.model.enqueue("The checkout was down. [1]\n")
    assert line.pick(line.ann, line.more(line.ann, post), channel or line.town, what="shorter") == {}
    line.settle()


def boards(line: Line, *names: str) -> list[Doc]:
    """A thread in a channel of each of these names, of which it tells; their roots."""
    members, roots = (line.ann, line.bob, line.carol, line.bot), []
    for name in names:
        channel = line.playground.add_channel("O", name.casefold(), members=members)
        roots.append(line.playground.post_as(line.bob, channel, f"The {name} met on Monday."))
        line.playground.post_as(line.bob, channel, f"The {name} has more of it.", roots[-1])
    return roots


def summed_up_in(line: Line, thread: Doc, root: Doc) -> Doc:
    """Ann has another thread summed up in this one; the post."""
    line.model.enqueue("They met on Monday, and there is more of it. [1]\n")
    line.mention(line.ann, f"@ai summarize {line.playground.link(root)}", root=thread)
    return line.posts()[-1]


def deleted(line: Line, post: Doc) -> None:
    line.say(line.ann, f"delete {line.playground.link(post)}")
    do_all(line)


# Written anew


def test_a_shorter_one_reads_what_the_first_has_read_and_not_what_another_in_its_thread_has(line: Line) -> None:
    line.playground.post_as(line.bob, line.town, LUNCH)
    root = talk(line)
    line.model.enqueue(WRITTEN, WRITTEN)
    line.mention(line.ann, "@ai summarize", root=root)
    first = line.posts()[-1]
    line.mention(line.ann, "@ai summarize channel", root=root)
    shorter(line, first)
    assert len(line.model.history) == 3
    assert "at most 4 lines" in line.prompt()
    assert "LUNCH" not in line.prompt()


@pytest.mark.parametrize("what", ["channel", "LINK"])
def test_nor_what_was_posted_since(line: Line, what: str) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {what.replace('LINK', line.playground.link(root))}")
    line.settle()
    line.playground.post_as(line.bob, line.town, LUNCH, "" if what == "channel" else root)
    shorter(line, line.posts(line.direct(line.ann))[-1], line.direct(line.ann))
    assert "at most 4 lines" in line.prompt()
    assert "LUNCH" not in line.prompt()


# Questions below it


def test_a_question_below_the_summary_of_a_channel_is_answered_from_the_same_messages(line: Line) -> None:
    root = talk(line)
    line.mention(line.ann, "@ai summarize channel", root=root, answer=WRITTEN)
    line.playground.post_as(line.bob, line.town, LUNCH)
    line.mention(line.ann, "@ai who writes the post-mortem?", root=root, answer="Somebody.")
    assert "I write the post-mortem" in line.prompt()
    assert "LUNCH" not in line.prompt()


def test_also_once_the_channel_has_grown_beyond_what_is_read(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    root = talk(line)
    line.mention(line.ann, "@ai summarize channel", root=root, answer=WRITTEN)
    monkeypatch.setattr(read, "MOST_POSTS", 20)
    with line.playground.store.transaction():
        for number in range(30):
            line.playground.post_as(line.bob, line.town, f"Later chatter {number} about something else.")
    line.mention(line.ann, "@ai who writes the post-mortem?", root=root, answer="Somebody.")
    assert "Somebody." in line.answers()[-1]


def test_where_it_lies_too_far_back_one_reads_what_can_be_done(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    root = talk(line)
    line.mention(line.ann, "@ai summarize channel", root=root, answer=WRITTEN)
    monkeypatch.setattr(client, "MAX_PAGES", 1)
    with line.playground.store.transaction():
        for number in range(250):
            line.playground.post_as(line.bob, line.town, f"Later chatter {number}")
    line.mention(line.ann, "@ai who writes the post-mortem?", root=root)
    assert "what the summary above was made from is not read any more" in found(line, line.ann)
    assert "--since" not in found(line, line.ann)


def test_of_two_summaries_in_a_thread_the_one_that_is_deleted_is_read_no_more(line: Line) -> None:
    root = talk(line)
    board, harbour = boards(line, "BOARD", "HARBOUR")
    summed_up_in(line, root, board)
    deleted(line, summed_up_in(line, root, harbour))
    line.mention(line.bob, "@ai what is new?", root=root, answer="Nothing.")
    assert "BOARD" in line.prompt()
    assert "HARBOUR" not in line.prompt()


def test_nothing_is_read_below_of_one_that_never_came(line: Line) -> None:
    root = talk(line)
    (board,) = boards(line, "BOARD")
    line.playground.post_as(line.ann, line.town, f"@ai summarize {line.playground.link(board)}", root)
    line.hear()
    line.step("admit")
    line.say(line.ann, "stop")
    line.settle()
    line.mention(line.bob, "@ai what is new?", root=root, answer="Nothing.")
    assert "BOARD" not in line.prompt()


def test_in_a_direct_message_a_summary_below_an_answer_is_gone_on_with(line: Line) -> None:
    root, direct = talk(line), line.direct(line.ann)
    line.mention(line.ann, "What is a pump?", direct, answer="It moves water.")
    answer = line.posts(direct)[-1]
    line.mention(line.ann, f"summarize {line.playground.link(root)}", direct, root=answer, answer=WRITTEN)
    assert "The checkout was down" in line.private_answers(line.ann)[-1]
    line.mention(line.ann, "Who writes the post-mortem?", direct, root=answer, answer="Somebody.")
    assert "I write the post-mortem" in line.prompt()
    assert "It moves water." in line.prompt()


def test_what_was_summed_up_of_ones_own_direct_message_is_gone_on_with_where_it_is_shared(line: Line) -> None:
    direct = line.direct(line.ann)
    for words in (
        "I must not forget the seal of the pump in hall two.",
        "The seal is ordered on Friday from the shop.",
    ):
        line.mention(line.ann, words, direct, answer="Noted.")
    line.model.enqueue("The seal of the pump is ordered. [1]\n")
    line.say(line.ann, "summarize channel", direct)
    line.settle()
    share(line, line.posts(direct)[-1], line.town)
    line.mention(line.bob, "@ai which seal?", root=line.posts()[-1], answer="That of hall two.")
    assert "That of hall two." in line.answers()[-1]
    assert "The seal of the pump is ordered." in line.prompt()
    assert "I must not forget" not in line.prompt()
