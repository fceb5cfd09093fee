"""What is asked below a summary, and where its links lead: to nobody and nowhere that its sources do not allow."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import found, summary, talk
from tests.scenarios.test_summarize_audience import TOLD, WRITTEN

# What is asked further


def two_sources(line: Line) -> tuple[Doc, Doc, Doc]:
    """A channel, and two threads in others of the same people."""
    members = (line.ann, line.bob, line.carol, line.bot)
    few = line.playground.add_channel("P", "few", members=members)
    roots = []
    for name, words in (("board", TOLD), ("harbour", "The crane is stuck.")):
        root = line.playground.post_as(line.bob, line.playground.add_channel("P", name, members=members), words)
        line.playground.post_as(line.bob, root["channel_id"], f"More of the {name}.", root)
        roots.append(root)
    return few, roots[0], roots[1]


def public_summary(line: Line, few: Doc, *roots: Doc, how: str = "command") -> Doc:
    """Of several threads, posted in a channel; its post."""
    line.model.enqueue(WRITTEN)
    links = " ".join(map(line.playground.link, roots))
    if how == "mention":
        line.mention(line.ann, f"@ai summarize {links}", few)
    else:
        line.say(line.ann, f"summarize {'--public ' * (how == 'command')}{links}", few)
        line.settle()
    if how == "shared":
        post = line.posts(line.direct(line.ann))[-1]
        assert line.pick(line.ann, line.more(line.ann, post), what="share", channel=few["id"]) == {}
        line.settle()
    return line.posts(few)[-1]


HOWS = ["command", "mention", "shared"]


@pytest.mark.parametrize("how", HOWS)
def test_a_question_under_a_public_summary_is_answered_from_all_that_it_has_read(line: Line, how: str) -> None:
    few, board, harbour = two_sources(line)
    post = public_summary(line, few, board, harbour, how=how)
    under = {"id": post["root_id"] or post["id"]}
    line.playground.post_as(line.carol, few, "I know the crane.", under)
    line.mention(line.bob, "@ai Since when?", few, root=under, answer="Since Monday.")
    prompt = line.prompt()
    assert all(words in prompt for words in ("More of the board.", "More of the harbour.", "I know the crane."))
    assert "Since Monday." in line.answers(few)[-1]


@pytest.mark.parametrize("how", HOWS)
def test_asked_alone_it_is_answered_from_them_too(line: Line, how: str) -> None:
    few, board, harbour = two_sources(line)
    post = public_summary(line, few, board, harbour, how=how)
    under = {"id": post["root_id"] or post["id"]}
    line.mention(line.bob, "@ai ask --private Since when?", few, root=under, answer="Since Monday.")
    assert "More of the harbour." in line.prompt()
    assert "Since Monday." in line.private_answers(line.bob)[-1]


@pytest.mark.parametrize("how", HOWS)
def test_once_somebody_may_not_read_all_of_it_nothing_more_of_it_is_told_there(line: Line, how: str) -> None:
    few, board, harbour = two_sources(line)
    post = public_summary(line, few, board, harbour, how=how)
    under = {"id": post["root_id"] or post["id"]}
    dora = line.playground.add_user("dora")
    line.playground.join(dora, few)
    told = len(line.model.history)
    for who in (line.bob, dora):
        line.mention(who, "@ai Since when?", few, root=under)
        assert "not everybody here may read what the answers above were made from" in found(line, who)
    line.mention(dora, "@ai ask --private Since when?", few, root=under)
    assert "You are not a member of that channel" in found(line, dora)
    assert len(line.model.history) == told
    line.mention(line.bob, "@ai ask --private Since when?", few, root=under, answer="Since Monday.")
    assert "Since Monday." in line.private_answers(line.bob)[-1]


def test_a_summary_of_several_threads_is_shared_only_where_all_of_them_may_be_read(line: Line) -> None:
    few, board, harbour = two_sources(line)
    line.playground.remove_member(line.carol, harbour["channel_id"])
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(board)} {line.playground.link(harbour)}", few)
    line.settle()
    post = line.posts(line.direct(line.ann))[-1]
    line.pick(line.ann, line.more(line.ann, post), what="share", channel=few["id"])
    line.settle()
    assert line.answers(few) == []
    assert "not everybody in that channel may read" in found(line, line.ann)


def test_below_ones_own_summary_a_right_that_was_lost_ends_no_conversation_for_ever(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.carol, line.bot))
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(talk(line, board))}")
    line.settle()
    line.playground.remove_member(line.ann, board)
    line.mention(line.ann, "What is a pump?", line.direct(line.ann))
    assert "`/ai new`" in line.private_answers(line.ann)[-1]
    line.say(line.ann, "new", line.direct(line.ann))
    line.mention(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    assert "It moves water." in line.private_answers(line.ann)[-1]


# Links


def test_a_message_of_a_channel_that_its_reader_has_joined_is_linked(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(
        "The checkout API returned 502 since 9:10. [1]\n- The memory limit is 256 MB since the release [3]"
    )
    line.say(line.ann, f"summarize {line.playground.link(root)}", line.direct(line.ann))
    line.settle()
    assert f"[[1]]({line.playground.url}/" in summary(line, line.ann)
    assert f"/pl/{root['id']})" in summary(line, line.ann)


def test_of_a_public_channel_that_its_reader_has_not_joined_the_number_and_the_channel_stand_there(line: Line) -> None:
    members = (line.bob, line.carol, line.ann, line.bot)
    harbour = line.playground.add_channel("O", "harbour-ops", members=members, display_name="Harbour Ops")
    root = talk(line, harbour)
    line.playground.remove_member(line.ann, harbour)
    line.model.enqueue(
        "The checkout API returned 502 since 9:10. [1]\n- The memory limit is 256 MB since the release [3]"
    )
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.settle()
    text = summary(line, line.ann)
    assert "(1, in ~Harbour Ops)" in text
    assert "/pl/" not in text
    assert line.playground.server.member(harbour["id"], line.ann["id"]) is None


def test_of_two_channels_only_the_one_that_was_joined_is_linked(line: Line) -> None:
    members = (line.bob, line.carol, line.ann, line.bot)
    harbour = line.playground.add_channel("O", "harbour", members=members)
    root = talk(line)
    crane = line.playground.post_as(line.bob, harbour, "The crane is stuck because of the rust.")
    line.playground.post_as(line.carol, harbour, "The crane needs a new seal.", crane)
    line.playground.remove_member(line.ann, harbour)
    line.model.enqueue(
        "The checkout API returned 502 since 9:10. [1]\n- The crane is stuck because of the rust [9]\n"
        "- The memory limit is 256 MB since the release [3]"
    )
    line.say(line.ann, f"summarize {line.playground.link(root)} {line.playground.link(crane)}")
    line.settle()
    text = summary(line, line.ann)
    assert "rust (2, in ~Harbour)" in text
    assert text.count("/pl/") == 2
    assert crane["id"] not in text
