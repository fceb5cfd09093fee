"""What a summary says of itself: what was asked for, what was read, and nothing twice; and what is told of it further."""

from __future__ import annotations

from tests.line import Line
from tests.scenarios.summaries import WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_share import share
from tests.scenarios.test_summarize import anew


def first_line(text: str) -> str:
    return text.replace("\u200b", "").split("\n")[0]


def test_a_public_one_by_a_command_says_what_was_asked_for(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --public --since 24h --from bob what broke?")
    line.settle()
    (post,) = line.posts()
    asked = "> **ann**: summarize channel --public --since 24h --from bob what broke?"
    assert first_line(post["message"]) == asked
    created = next(
        one for one in line.playground.store.events(0) if one["event"] == "posted" and post["id"] in str(one)
    )
    assert "what broke?" not in str(created)  # a telephone rings with its headline alone


def test_so_does_one_that_is_shared(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --since 24h --from bob what broke?")
    line.settle()
    (post,) = line.posts(line.direct(line.ann))
    assert "what broke?" not in post["message"]  # to who has typed it, nothing is repeated
    share(line, post)
    assert first_line(line.answers()[0]) == "> **ann**: summarize channel --since 24h --from bob what broke?"


def test_one_that_a_post_has_asked_for_does_not_repeat_it(line: Line) -> None:
    root = talk(line)
    line.mention(line.ann, "@ai summarize what broke?", root=root, answer=WRITTEN)
    assert line.answers()[0].startswith("**The checkout was down")


def test_a_line_that_no_message_supports_is_not_told_to_who_asks_further(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(f"{WRITTEN}- The marketing budget was doubled by the board [2]\n", "Somebody.")
    typed_in(line, line.ann, root, "summarize")
    assert "doubled by the board ⚠" in summary(line, line.ann)
    (post,) = line.posts(line.direct(line.ann))
    line.mention(line.ann, "Who writes the post-mortem?", line.direct(line.ann), root=post)
    assert "a memory limit was the cause" in line.prompt()
    assert "marketing" not in line.prompt()


def test_messages_without_a_word_are_none_that_were_left_out(line: Line) -> None:
    root = talk(line)
    picture = {"attachments": [{"image_url": "https://example.org/cat.png"}]}
    line.playground.post_as(line.bob, line.town, "", root, props=picture)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "8 of 8 messages read" in summary(line, line.ann)


# Shorter, and shorter again


def test_made_shorter_twice_it_is_shorter_twice_and_then_its_person_reads_that_it_ends_there(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize --length long")
    line.model.enqueue("The checkout was down; a memory limit was the cause. [3]\n- The limit is 256 MB [3]\n")
    anew(line, what="shorter")
    assert "at most 4 lines" in line.prompt()
    line.model.enqueue("The checkout API has returned 502. [1]\n")
    anew(line, what="shorter")
    assert "at most 3 lines" in line.prompt()
    assert summary(line, line.ann).startswith("**The checkout API has returned 502.**")
    post = line.posts(line.direct(line.ann))[0]
    assert line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="shorter") == {}
    line.settle()
    assert len(line.model.history) == 3
    assert "Shorter than this no summary is." in found(line, line.ann)
    assert line.private_answers(line.ann)[0].startswith("**The checkout API has returned 502.**")


def test_a_short_list_of_tasks_stays_one(line: Line) -> None:
    root = talk(line)
    line.model.enqueue("- To do: carol: post-mortem by Friday [7]\n")
    typed_in(line, line.ann, root, "summarize --kind actions --length short")
    anew(line, what="shorter")
    assert len(line.model.history) == 1
    assert "Shorter than this no summary is." in found(line, line.ann)
