"""A thousand mentions, two listeners, and a socket that is cut fifty times: none is lost, and none is heard twice."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from sqlalchemy import select

from mmapp.models import Job, Message
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually

MENTIONS, CUTS = 1_000, 50


def listener(house: House, name: str) -> Process:
    return Process("-m", "tests.acceptance.hurried_listener", env=house.env, log=house.folder / f"{name}.log")


def heard(house: House) -> Counter[str]:
    """How many requests each post has become."""
    with house.database.read() as session:
        posts = select(Message.post_id).join(Job, Job.request_id == Message.id)
        return Counter(session.scalars(posts.where(Job.dedupe_key.startswith("heard:"))))


@pytest.mark.timeout(400)
def test_a_thousand_mentions_while_the_socket_is_cut_fifty_times_are_heard_once_each(house: House) -> None:
    people = [house.playground.add_user(f"person{number}") for number in range(20)]
    for person in people:
        house.playground.join(person, house.town)
    with listener(house, "one") as one, listener(house, "two") as two:
        eventually(
            lambda: house.playground.connected("ai") == 2,
            "two listeners",
            unless=lambda: one.trouble() or two.trouble(),
        )
        asked = []
        for number in range(MENTIONS):
            asked.append(house.playground.post_as(people[number % 20], house.town, f"@ai number {number}?")["id"])
            if number % (MENTIONS // CUTS) == 0:
                house.playground.cut_sockets()
        eventually(lambda: len(heard(house)) >= MENTIONS, "not all are heard", within=300, unless=one.trouble)
    assert heard(house) == Counter(asked)


def test_a_listener_that_was_killed_hears_what_was_asked_meanwhile(house: House) -> None:
    with listener(house, "one") as one:
        eventually(lambda: house.playground.connected("ai"), "no listener", unless=one.trouble)
        first = house.playground.post_as(house.ann, house.town, "@ai first?")["id"]
        eventually(lambda: heard(house), "it is not heard", unless=one.trouble)
        one.signal(signal.SIGKILL)
    second = house.playground.post_as(house.ann, house.town, "@ai second?")["id"]
    with listener(house, "two") as two:
        eventually(lambda: len(heard(house)) == 2, "what was asked meanwhile is not heard", unless=two.trouble)
        two.signal(signal.SIGTERM)
        assert two.ended() == 0
    assert heard(house) == Counter([first, second])
