"""A thousand mentions, two listeners, and a socket that is cut fifty times: none is lost, and none is heard twice."""

from __future__ import annotations

import signal
from collections import Counter

import pytest
from sqlalchemy import select

from mmapp.models import Job, Message
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually
from tests.playground.store import Doc

MENTIONS, CUTS = 1_000, 50
BOTH, CUT_EVERY = 100, 10


def listener(house: House, name: str) -> Process:
    return Process("-m", "tests.acceptance.hurried_listener", env=house.env, log=house.folder / f"{name}.log")


def heard(house: House) -> Counter[str]:
    """How many requests each post has become."""
    return Counter(post_id for _, post_id in heard_by(house).elements())


def heard_by(house: House) -> Counter[tuple[str, str]]:
    """How many requests each post has become, or refusals for want of room, by the bot that was asked."""
    with house.database.read() as session:
        posts = select(Message.bot, Message.post_id).join(Job, Job.request_id == Message.id)
        rows = session.execute(
            posts.where(Job.dedupe_key.startswith("heard:") | Job.dedupe_key.startswith("refused:heard:"))
        )
        return Counter((bot, post_id) for bot, post_id in rows)


def with_another_bot(house: House, *refused: str) -> Doc:
    """A second bot in town, `guide`, and further ones of whose tokens Mattermost knows nothing."""
    guide = house.playground.add_bot("guide")
    house.playground.join(guide, house.town)
    tokens = {"guide": house.playground.token(guide), **dict.fromkeys(refused, "x" * 26)}
    house.env["CHORUS_BOT_TOKENS"] += "".join(f",{name}={token}" for name, token in tokens.items())
    return guide


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


def test_two_bots_in_each_message_hear_it_once_each_while_their_sockets_are_cut(house: House) -> None:
    with_another_bot(house)
    people = [house.playground.add_user(f"person{number}") for number in range(20)]
    for person in people:
        house.playground.join(person, house.town)
    with listener(house, "one") as one, listener(house, "two") as two:
        eventually(
            lambda: all(house.playground.connected(bot) == 2 for bot in ("ai", "guide")),
            "two listeners for each",
            unless=lambda: one.trouble() or two.trouble(),
        )
        asked = []
        for number in range(BOTH):
            post = house.playground.post_as(people[number % 20], house.town, f"@ai @guide number {number}?")
            asked.append(post["id"])
            if number % CUT_EVERY == 0:
                house.playground.cut_sockets()
        eventually(lambda: len(heard_by(house)) >= 2 * BOTH, "not all are heard", within=120, unless=one.trouble)
    assert heard_by(house) == Counter((bot, post) for bot in ("ai", "guide") for post in asked)


def test_two_bots_in_one_message_answer_over_a_cut_socket_beside_one_that_is_refused(house: House) -> None:
    guide = with_another_bot(house, "stranger")
    with listener(house, "one") as one, house.worker() as worker:
        eventually(lambda: house.playground.connected("guide"), "no listener", unless=one.trouble)
        eventually(lambda: house.playground.connected("ai"), "no listener", unless=one.trouble)
        house.playground.cut_sockets()
        house.playground.post_as(house.ann, house.town, "@ai @guide why did the pump stop?")
        eventually(lambda: len(heard_by(house)) == 2, "not both have heard it", unless=one.trouble)
        house.at_rest(one, worker)
        for process in (one, worker):
            assert process.said.count("does not accept the token of the bot stranger") == 1
    posts = house.playground.posts(house.town)
    assert sum("filters clogged" in post["message"] for post in posts if post["user_id"] == house.bot["id"]) == 1
    assert sum("filters clogged" in post["message"] for post in posts if post["user_id"] == guide["id"]) == 1
