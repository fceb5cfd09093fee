"""`/ai on` and `/ai off` that break off, come twice at once, or meet a bot that is leaving."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from mmapp.chat import audience
from mmapp.jobs import switch as jobs_switch
from mmapp.jobs.base import Worker
from mmapp.listen.listener import Listener
from tests.line import Line, expire
from tests.scenarios.switching import OFF, ON, heard, invite, is_inside, notes, switch, ten_minutes_later


@pytest.mark.parametrize("admin", [True, False])
def test_where_it_joined_and_could_not_go_on_at_once_it_stays_only_if_it_was_switched_on(
    listed: Line, admin: bool
) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann,))
    if admin:
        listed.playground.make_channel_admin(listed.ann, harbour)
    listed.playground.faults.add(f"GET /api/v4/users/{listed.ann['id']}$", status=503, times=4)
    listed.say(listed.ann, "on", harbour)
    listed.settle()
    assert is_inside(listed, harbour)
    for _ in range(3):  # Mattermost is back, and the ten minutes are over
        listed.hurry()
        listed.settle()
    assert (ON in heard(listed, "ann")[-1]) is admin
    assert is_inside(listed, harbour) is admin


def test_where_the_worker_died_when_it_had_joined_the_bot_does_not_stay(
    listed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann,))
    listed.say(listed.ann, "on", harbour)
    with monkeypatch.context() as patched:
        patched.setattr(audience, "may_manage", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            listed.settle()
    assert is_inside(listed, harbour)
    expire(listed)
    listed.settle()
    assert "Only an admin" in heard(listed, "ann")[-1]
    ten_minutes_later(listed)
    assert not is_inside(listed, harbour)


@pytest.mark.parametrize("place", ["harbour", "secret"])
def test_a_switch_that_is_done_leaves_nothing_for_later(listed: Line, place: str) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bob))
    switch(listed, "ann", "on", harbour if place == "harbour" else listed.secret)
    assert listed.jobs("queued") == 0


def test_switched_on_at_the_moment_of_leaving_its_admin_reads_how_to_bring_it_back(
    listed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite(listed, listed.secret, by=listed.ann)
    go = jobs_switch.go

    def switched_on_meanwhile(worker: Worker, channel_id: str) -> None:
        listed.say(listed.bob, "on", listed.secret)
        listed.step("admit")
        go(worker, channel_id)

    monkeypatch.setattr(jobs_switch, "go", switched_on_meanwhile)
    ten_minutes_later(listed)
    assert not is_inside(listed, listed.secret)
    (told,) = notes(listed, "bob")
    assert "`/invite @ai`" in told
    assert len(notes(listed, "ann")) == 1
    invite(listed, listed.secret, by=listed.bob)
    assert is_inside(listed, listed.secret)
    assert OFF not in listed.say(listed.ann, "ask Why?", listed.secret).text


@pytest.mark.parametrize("command", ["on", "off"])
def test_a_second_switch_of_a_person_s_in_a_channel_waits_for_the_first(listed: Line, command: str) -> None:
    listed.say(listed.bob, "on")
    refused = listed.say(listed.bob, command).text
    assert "is not done yet" in refused
    assert f"/ai {command}" in refused
    assert "is not done yet" not in listed.say(listed.bob, "on", listed.secret).text
    assert "is not done yet" not in listed.say(listed.ann, "on").text
    assert listed.jobs("queued") == 3
    listed.settle()
    assert "is not done yet" not in listed.say(listed.bob, command).text


def test_by_mention_a_second_switch_waits_as_well_and_the_first_heard_twice_is_no_second(listed: Line) -> None:
    listed.playground.post_as(listed.bob, listed.town, "@ai on")
    listed.hear()
    listed._heard = 0
    listed.hear(Listener(listed.listener._ear))
    assert listed.jobs("queued") == 1
    listed.playground.post_as(listed.bob, listed.town, "@ai off")
    listed.hear()
    listed.settle()
    assert any("is not done yet" in text for text in heard(listed, "bob"))
    assert ON in " ".join(heard(listed, "bob"))


def test_a_wish_that_is_kept_is_no_switch_under_way(listed: Line) -> None:
    switch(listed, "bob", "on", listed.secret)
    assert "is not done yet" not in listed.say(listed.bob, "off", listed.secret).text
