"""Whose words are in a private answer decides where it may be shared: also where they came into it by an earlier one."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from mmapp.models import Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import found, talk, typed_in
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_privacy import opted_out
from tests.scenarios.test_share import share

UNWILLING = "somebody whose messages were read for it does not want them read"


def newest(line: Line) -> Doc:
    return line.posts(line.direct(line.ann))[-1]


def left_behind(line: Line, words: str) -> Doc:
    """The worker dies over what Ann has just asked, for good: what it had written is posted. The post."""
    line.step("admit")
    with line.worker.database.write() as session:
        waits = (Job.kind == "answer", Job.state == "queued")
        session.execute(update(Job).where(*waits).values(words=words, max_attempts=1))
    assert line.claim("model:tiny") is not None
    expire(line)
    line.hurry()
    line.settle()
    return next(post for post in line.posts(line.direct(line.ann)) if words in post["message"])


# Channels


def told_of_the_plan(line: Line) -> tuple[Doc, Doc]:
    """Ann has a summary of a private channel without carol, and an answer below it; both posts."""
    board, direct = (
        line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot)),
        line.direct(line.ann),
    )
    root = line.playground.post_as(line.bob, board, "The code word of the plan is swordfish.")
    line.playground.post_as(line.ann, board, "The plan begins on Monday.", root)
    line.model.enqueue("The code word of the plan is swordfish. [1]\n")
    line.say(line.ann, f"summarize {line.playground.link(root)}", direct)
    line.settle()
    post = newest(line)
    line.mention(line.ann, "What is the code word?", direct, answer="It is swordfish.")
    return post, newest(line)


def test_what_was_answered_below_a_summary_that_is_gone_is_not_shared_further_by_a_later_answer(line: Line) -> None:
    post, _ = told_of_the_plan(line)
    direct = line.direct(line.ann)
    line.pick(line.ann, line.more(line.ann, post), direct, what="delete")
    do_all(line)
    line.mention(line.ann, "Say that again?", direct, answer="It is swordfish, as said.")
    assert "It is swordfish." in line.prompt()
    assert "not everybody in that channel may read" in share(line, newest(line), line.town)
    assert line.answers() == []


def test_nor_once_its_worker_has_died_over_it(line: Line) -> None:
    """Of its prompt nothing is known any more, and its words so far are all there is."""
    post, _ = told_of_the_plan(line)
    direct = line.direct(line.ann)
    line.pick(line.ann, line.more(line.ann, post), direct, what="delete")
    do_all(line)
    line.playground.post_as(line.ann, direct, "Say that again?")
    line.hear()
    post = left_behind(line, "It is swordfish, as said.")
    assert "not everybody in that channel may read" in share(line, post, line.town)
    assert line.answers() == []


def test_where_somebody_has_come_no_question_is_answered_from_what_was_answered_from_elsewhere(line: Line) -> None:
    members = (line.ann, line.bob, line.bot)
    board, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    root = line.playground.post_as(line.bob, board, "The code word of the plan is swordfish.")
    line.playground.post_as(line.ann, board, "The plan begins on Monday.", root)
    asks = line.playground.post_as(line.ann, few, "What is new?")
    line.model.enqueue("The code word of the plan is swordfish. [1]\n")
    line.mention(line.ann, f"@ai summarize {line.playground.link(root)}", few, root=asks)
    post = line.posts(few)[-1]
    line.mention(line.bob, "@ai What is the code word?", few, root=asks, answer="It is swordfish.")
    line.pick(line.ann, line.more(line.ann, post), few, what="delete")
    do_all(line)
    line.playground.join(line.carol, few)
    asked = len(line.model.history)
    line.mention(line.carol, "@ai Say that again?", few, root=asks)
    assert len(line.model.history) == asked
    assert "not everybody here may read what the answers above were made from" in found(line, line.carol)


@pytest.mark.parametrize("how", ["there", "in a direct message", "where the bot is not", "where it may not post"])
def test_nor_alone_for_who_has_come_and_may_not_read_that(line: Line, how: str) -> None:
    """However it is asked that the answer comes to who asks alone."""
    members = (line.ann, line.bob, line.bot)
    board, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    root = line.playground.post_as(line.bob, board, "The code word of the plan is swordfish.")
    line.playground.post_as(line.ann, board, "The plan begins on Monday.", root)
    asks = line.playground.post_as(line.ann, few, "What is new?")
    line.model.enqueue("The code word of the plan is swordfish. [1]\n")
    line.mention(line.ann, f"@ai summarize {line.playground.link(root)}", few, root=asks)
    post = line.posts(few)[-1]
    line.mention(line.bob, "@ai What is the code word?", few, root=asks, answer="It is swordfish.")
    line.pick(line.ann, line.more(line.ann, post), few, what="delete")
    do_all(line)
    line.playground.join(line.carol, few)
    asked = len(line.model.history)
    _ask_alone(line, line.carol, asks, few, how)
    assert len(line.model.history) == asked
    assert "You are not a member of that channel" in found(line, line.carol)
    line.model.enqueue("It is swordfish, as said.")
    _ask_alone(line, line.bob, asks, few, how)
    assert "swordfish, as said" in found(line, line.bob)


def _ask_alone(line: Line, who: Doc, asks: Doc, few: Doc, how: str) -> None:
    there = f"ask --thread {line.playground.link(asks)} Say that again?"
    if how == "there":
        line.mention(who, "@ai ask --private Say that again?", few, root=asks)
        return
    if how == "where it may not post":
        line.playground.make_channel_admin(line.bob, few)
        line.say(line.bob, "on --public nobody", few)
        line.settle()
    places = {"in a direct message": line.direct(who), "where it may not post": few}
    line.say(who, there, places.get(how) or line.playground.direct(who, line.ann))
    line.settle()


# People


@pytest.mark.parametrize("model", ["quotes", "tiny"])
def test_a_summary_is_not_shared_once_somebody_in_it_has_opted_out(line: Line, model: str) -> None:
    root = talk(line)
    line.model.enqueue("The payment pods were killed by the memory limit of 256 MB. [3]\n")
    typed_in(line, line.ann, root, f"summarize --model {model}")
    post = newest(line)
    opted_out(line, line.bob)
    assert UNWILLING in share(line, post)
    assert line.answers() == []
    assert "256 MB" in line.playground.post(post)["message"]


def test_nor_is_an_answer_that_has_read_them(line: Line) -> None:
    line.ask(line.ann, "--private Why?", root=talk(line), answer="The memory limit was 256 MB.")
    post = newest(line)
    opted_out(line, line.bob)
    assert UNWILLING in share(line, post)
    assert line.answers() == []


def test_nor_one_that_has_it_from_an_earlier_answer(line: Line) -> None:
    root = talk(line)
    line.ask(line.ann, "--private Why?", root=root, answer="The memory limit was 256 MB.")
    opted_out(line, line.bob)
    line.ask(line.ann, "--private Say that again?", root=root, answer="It was 256 MB.")
    assert UNWILLING in share(line, newest(line))
    assert line.answers() == []


def test_nor_one_of_which_nobody_knows_any_more_what_it_has_read(line: Line) -> None:
    link = line.playground.link(talk(line))
    line.say(line.ann, f"ask --private --thread {link} Why?")
    post = left_behind(line, "The limit was too low.")
    opted_out(line, line.carol)
    assert UNWILLING in share(line, post)
    assert line.answers() == []


def test_what_has_read_nobody_else_is_shared_whoever_has_opted_out(line: Line) -> None:
    root = talk(line)
    opted_out(line, line.bob)
    opted_out(line, line.ann)
    line.ask(line.ann, "--private Why?", root=root, answer="Because of the migration.")
    post = newest(line)
    share(line, post)
    assert "Because of the migration." in line.answers()[0]
