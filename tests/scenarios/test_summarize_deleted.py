"""What is deleted or edited is gone from what was noted of it; so is a summary that somebody deletes."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Gap
from tests.conftest import KEY
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios import test_delete
from tests.scenarios.summaries import summary
from tests.scenarios.test_delete import do_all

SECRET = "swordfish"
WRITTEN = f"The plan is called {SECRET} by everybody. [1]\n- The plan {SECRET} begins on Monday [2]\n"


def said(line: Line, channel: Doc | None = None) -> Doc:
    """A thread of three; the second message holds the secret."""
    root = line.playground.post_as(line.bob, channel or line.town, "The plan has a name by everybody.")
    line.playground.post_as(line.carol, channel or line.town, f"The plan is called {SECRET}.", root)
    line.playground.post_as(line.ann, channel or line.town, "The plan begins on Monday.", root)
    return root


def summed(line: Line, what: str, channel: Doc | None = None) -> Doc:
    """Ann has it summed up for herself; the post."""
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {what}", channel)
    line.settle()
    assert SECRET in summary(line, line.ann)
    assert SECRET in noted(line)
    return line.posts(line.direct(line.ann))[-1]


def noted(line: Line) -> str:
    """Every word that is kept of parts of summaries."""
    with line.worker.database.engine.connect() as connection:
        return "\n".join(
            Fernet(KEY).decrypt(bytes(row)).decode() for row in connection.scalars(text("select notes from node"))
        )


def kept(line: Line) -> str:
    """Every word that the database holds."""
    return f"{test_delete.kept(line)}\n{noted(line)}"


@pytest.fixture
def root(line: Line) -> Doc:
    """Who may delete everybody's posts."""
    return line.playground.add_user("root", roles="system_admin system_user")


# What was read


@pytest.mark.parametrize("what", ["LINK", "channel", "--in town"])
def test_a_message_that_is_deleted_takes_what_was_noted_of_it(line: Line, root: Doc, what: str) -> None:
    thread = said(line)
    summed(line, what.replace("LINK", line.playground.link(thread)))
    line.hear()
    assert SECRET in noted(line)
    line.playground.delete(line.carol, line.playground.thread(thread)[1])
    line.hear()
    assert noted(line) == ""


def test_a_thread_that_is_deleted_with_its_root_takes_what_was_noted_of_its_replies(line: Line) -> None:
    thread = said(line)
    summed(line, "channel")
    line.hear()
    line.playground.delete(line.bob, thread)
    line.hear()
    assert noted(line) == ""


@pytest.mark.parametrize("what", ["LINK", "channel"])
def test_a_message_that_is_edited_takes_what_was_noted_of_its_old_words(line: Line, what: str) -> None:
    thread = said(line)
    summed(line, what.replace("LINK", line.playground.link(thread)))
    line.hear()
    line.playground.edit(line.carol, line.playground.thread(thread)[1], "The plan has no name yet.")
    line.hear()
    assert noted(line) == ""


def test_a_message_of_another_channel_or_another_time_takes_nothing(line: Line) -> None:
    early = line.playground.post_as(line.bob, line.town, "Lunch?")
    harbour = line.playground.add_channel("O", "harbour", members=(line.carol, line.bot))
    other = line.playground.post_as(line.carol, harbour, "The crane is stuck.")
    summed(line, line.playground.link(said(line)))
    late = line.playground.post_as(line.bob, line.town, "Coffee?")
    for post, who in ((early, line.bob), (other, line.carol), (late, line.bob)):
        line.playground.edit(who, post, "Never mind.")
    line.playground.delete(line.bob, late)
    line.hear()
    assert SECRET in noted(line)


def test_the_next_summary_is_made_without_it(line: Line) -> None:
    thread = said(line)
    summed(line, line.playground.link(thread))
    line.playground.delete(line.carol, line.playground.thread(thread)[1])
    line.hear()
    line.model.enqueue("The plan begins on Monday, by everybody. [2]")
    line.say(line.ann, f"summarize {line.playground.link(thread)}")
    line.settle()
    assert SECRET not in line.prompt()
    assert "2 of 2 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("happens", ["deleted", "edited"])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_happens_while_nobody_listens_takes_it_too(line: Line, happens: str, *, elsewhere: bool) -> None:
    """Also in a channel where nobody has asked: what was read there was asked for in another."""
    members = (line.ann, line.bob, line.carol, line.bot)
    where = line.playground.add_channel("O", "harbour", members=members) if elsewhere else line.town
    thread = said(line, where)
    line.playground.advance(1_000)
    summed(line, line.playground.link(thread), line.direct(line.ann))
    Listener(line.listener._ear).take(Gap())
    post = line.playground.thread(thread)[1]
    if happens == "deleted":
        line.playground.delete(line.carol, post)
    else:
        line.playground.edit(line.carol, post, "The plan has no name yet.")
    Listener(line.listener._ear).take(Gap())
    assert noted(line) == ""


# The summary itself


def test_who_asked_for_a_summary_deletes_it_and_nothing_of_it_is_kept(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(line.worker.registry, "forget", forgotten.extend)
    post = summed(line, f"{line.playground.link(said(line))} What of the name?")
    line.say(line.ann, f"delete {line.playground.link(post)}")
    do_all(line)
    assert line.private_answers(line.ann) == []
    assert SECRET not in kept(line)
    # A model drops what ends with one of these: each part of a summary was asked for with the same last words.
    assert line.model.history[0].question.endswith(tuple(forgotten))
    assert any("What of the name?" in words for words in forgotten)


def test_by_a_bare_delete_where_it_was_asked_as_well(line: Line) -> None:
    summed(line, line.playground.link(said(line)))
    assert "summarize" in line.say(line.ann, "delete").text
    do_all(line)
    assert line.private_answers(line.ann) == []
    assert SECRET not in kept(line)


def test_by_the_wastebasket_and_in_mattermost_too(line: Line, root: Doc) -> None:
    for how in ("wastebasket", "mattermost"):
        post = summed(line, line.playground.link(said(line)))
        if how == "mattermost":
            line.playground.delete(root, post)
        else:
            line.playground.react(line.ann, post, "wastebasket")
        line.hear()
        do_all(line)
        assert SECRET not in kept(line)


def test_what_was_noted_for_it_goes_and_of_other_channels_it_stays(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    summed(line, line.playground.link(said(line, harbour)))
    post = summed(line, line.playground.link(said(line)))
    line.say(line.ann, f"delete {line.playground.link(post)}")
    do_all(line)
    assert len(noted(line).splitlines()) == 1


def test_a_public_one_is_deleted_by_an_admin_of_its_channel(line: Line) -> None:
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(said(line))}")
    line.settle()
    line.playground.make_channel_admin(line.bob, line.town)
    line.pick(line.bob, line.more(line.bob), what="delete")
    do_all(line)
    assert line.answers() == []
    assert SECRET not in kept(line)


def test_a_shared_one_and_its_first_are_deleted_each_by_itself(line: Line) -> None:
    post = summed(line, line.playground.link(said(line)))
    line.pick(line.ann, line.more(line.ann, post), what="share", channel="")
    line.settle()
    line.pick(line.ann, line.more(line.ann, line.posts()[0]), what="delete")
    do_all(line)
    assert line.answers() == []
    assert SECRET in line.playground.post(post)["message"]
    line.pick(line.ann, line.more(line.ann, post), what="delete")
    do_all(line)
    assert SECRET not in kept(line)


def test_what_is_asked_after_it_meets_neither_the_summary_nor_what_it_has_read(line: Line) -> None:
    post, direct = summed(line, line.playground.link(said(line))), line.direct(line.ann)
    line.mention(line.ann, "Since when?", direct, answer="Since Monday.")
    assert "The plan begins on Monday." in line.prompt()
    line.pick(line.ann, line.more(line.ann, post), what="delete")
    do_all(line)
    line.mention(line.ann, "What is a pump?", direct, answer="It moves water.")
    assert "The plan begins on Monday." not in line.prompt()
    assert SECRET not in line.prompt()


def test_in_a_thread_neither(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    below = line.playground.post_as(line.bob, line.town, "What is new?")
    line.mention(line.ann, f"@ai summarize {line.playground.link(said(line, harbour))}", root=below, answer=WRITTEN)
    line.pick(line.ann, line.more(line.ann), what="delete")
    do_all(line)
    line.mention(line.ann, "@ai Since when?", root=below, answer="Since Monday.")
    assert "What is new?" in line.prompt()
    assert "The plan begins on Monday." not in line.prompt()


def test_another_summary_in_the_same_thread_is_gone_on_with(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    first, second = said(line, harbour), line.playground.post_as(line.bob, harbour, "The crane is stuck.")
    line.playground.post_as(line.carol, harbour, "Rust.", second)
    below = line.playground.post_as(line.bob, line.town, "What is new?")
    line.model.enqueue(WRITTEN, "The crane is stuck because of rust. [1]\n- Rust [2]")
    for thread in (first, second):
        line.mention(line.ann, f"@ai summarize {line.playground.link(thread)}", root=below)
    line.pick(line.ann, line.more(line.ann, line.posts()[0]), what="delete")
    do_all(line)
    line.mention(line.ann, "@ai Since when?", root=below, answer="Since Monday.")
    assert "The crane is stuck." in line.prompt()
