"""Several bots where channels must be switched on: membership is seen through any of them, and each comes and goes alone."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.scenarios.switching import invite, is_inside, notes, switch, ten_minutes_later


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


@pytest.mark.parametrize("revoked", [False, True])
def test_a_member_of_a_channel_that_only_another_bot_is_in_is_answered_by_each_that_can_look(
    listed: Line, *, revoked: bool
) -> None:
    guide = listed.others["guide"]
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.carol, listed.bob, listed.bot))
    listed.playground.make_channel_admin(listed.bob, harbour)
    listed.playground.remove_member(listed.carol, listed.town)
    switch(listed, "bob", "on", harbour)
    dave = listed.playground.add_user("dave")
    if revoked:
        listed.playground.revoke(listed.bot)
    for who in (listed.carol, dave):
        listed.mention(who, "Why?", listed.direct(who, guide), answer="Because.")
    answered = ["Because." in text for text in listed.private_answers(listed.carol, guide)]
    assert answered == [not revoked]
    assert ["you are in none yet" in text for text in listed.private_answers(dave, guide)] == [True]


def test_one_bot_that_is_removed_ends_neither_another_s_ten_minutes_nor_a_wish_for_it(listed: Line) -> None:
    guide = listed.others["guide"]
    listed.playground.join(guide, listed.secret)
    switch(listed, "bob", "on", listed.secret)
    listed.playground.remove_member(guide, listed.secret, by=listed.ann)
    invite(listed, listed.secret, by=listed.ann)
    assert ["Chorus is on" in text for text in notes(listed, "bob")] == [True]
    harbour = listed.playground.add_channel("P", "harbour", members=(listed.ann,))
    for bot in (listed.bot, guide):
        listed.playground.add_member(bot, harbour, by=listed.ann)
    listed.hear()
    listed.settle()
    listed.playground.remove_member(guide, harbour, by=listed.ann)
    listed.hear()
    ten_minutes_later(listed)
    assert not is_inside(listed, harbour)
