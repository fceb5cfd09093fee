"""Guests ask nothing, unless the installation says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.switching import heard, invite, notes, switch

GUEST = "Guests cannot ask here"


@pytest.fixture
def guest(listed: Line) -> Doc:
    """Somebody who was invited to the town alone, where Chorus is on."""
    gus = listed.playground.add_user("gus", roles="system_guest")
    listed.playground.join(gus, listed.town)
    switch(listed, "bob")
    return gus


def test_a_guest_s_question_is_refused_in_a_channel_and_in_a_direct_message(listed: Line, guest: Doc) -> None:
    for channel in (None, listed.direct(guest)):
        listed.ask(guest, "Why?", channel)
        assert GUEST in heard(listed, guest)[-1]
        assert "/ai ask Why?" in heard(listed, guest)[-1]
    assert listed.model.history == []


def test_a_guest_s_private_question_in_a_channel_without_the_bot_is_refused_too(listed: Line, guest: Doc) -> None:
    listed.playground.join(guest, listed.secret)
    switch(listed, "root", "on", listed.secret)
    listed.ask(guest, "--private Why?", listed.secret)
    assert GUEST in heard(listed, guest)[-1]


def test_guests_ask_nothing_where_everybody_else_may(line: Line) -> None:
    gus = line.playground.add_user("gus", roles="system_guest")
    line.playground.join(gus, line.town)
    for channel in (line.town, line.direct(gus), line.playground.direct(gus, line.ann)):
        line.ask(gus, "Why?", channel)
        assert GUEST in heard(line, gus)[-1]
    assert line.model.history == []


def test_with_guests_allowed_they_are_answered_where_they_are_members_and_nowhere_else(
    database_url: str, age: str, tmp_path: Path
) -> None:
    with Line(database_url, tmp_path / "models", age=age, guests=True) as line:
        gus = line.playground.add_user("gus", roles="system_guest")
        line.playground.join(gus, line.town)
        line.ask(gus, "Why?", answer="Because.")
        assert "Because." in line.answers()[0]
        line.ask(gus, "Why?", line.direct(gus), answer="Privately.")
        assert "Privately." in line.private_answers(gus)[0]
        harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
        root = line.playground.post_as(line.ann, harbour, "The crane is stuck.")
        line.ask(gus, f"--private --thread {line.playground.link(root)} Why?")
        assert "no such message" in heard(line, gus)[-1]
        assert "The crane is stuck." not in line.prompt()


def test_an_invitation_by_a_guest_is_one_as_well(listed: Line, guest: Doc) -> None:
    listed.playground.join(guest, listed.secret)
    invite(listed, listed.secret, by=guest)
    assert "where Chorus is off" in notes(listed, guest)[0]
