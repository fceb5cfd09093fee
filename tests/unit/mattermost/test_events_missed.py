"""A bot always knows when it may have missed something: a new server replays, an old one cannot."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from websockets.asyncio.server import ServerConnection

from mmapp.mattermost.event_kinds import (
    Event,
)
from mmapp.mattermost.events import Events
from tests.playground.recorded import recorded
from tests.unit.mattermost.listening import (
    CONNECTION,
    IMPATIENT,
    SOCKET,
    TOKEN,
    Server,
    heard,
    hello,
    messages,
    old_hello,
    once,
    posted,
    query,
    say,
    stay,
    take,
)

NEXT_ID = "z" * 26


def test_a_new_server_replays_what_was_missed_and_there_is_no_gap() -> None:
    replay = recorded("v11_e_ws_reconnect_replay")

    async def first(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1), posted(2, seq=2))

    async def second(connection: ServerConnection) -> None:
        await say(connection, *replay["response"]["events"])
        await stay(connection)

    server = Server([first, second])
    assert messages(heard(server, 5)) == [None, "1", "2", "missed 1", "missed 2 @ai"]
    assert server.asked()[1] == replay["request"]["path"].replace("<id>", CONNECTION)


def test_a_hello_instead_of_a_replay_is_a_gap_and_its_id_counts_from_then_on() -> None:
    async def first(connection: ServerConnection) -> None:
        await say(connection, hello(NEXT_ID), posted(1, seq=1))

    async def too_old(connection: ServerConnection) -> None:
        await say(connection, *recorded("v11_e_ws_reconnect_too_old")["response"]["events"], posted(2, seq=1))

    server = Server([first, too_old, once])
    assert messages(heard(server, 6)) == [None, "1", None, "2", None, "1"]
    assert server.asked() == [
        SOCKET,
        f"{SOCKET}?connection_id={NEXT_ID}&sequence_number=2",
        f"{SOCKET}?connection_id={CONNECTION}&sequence_number=2",
    ]


def test_an_old_server_has_a_gap_after_every_connect_and_is_asked_for_nothing() -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, old_hello(), posted(1, seq=1))

    server = Server([visit])
    assert messages(heard(server, 6)) == [None, "1"] * 3
    assert server.asked() == [SOCKET] * 3


def test_an_old_server_counts_anew_with_every_connect() -> None:
    async def first(connection: ServerConnection) -> None:
        await say(connection, old_hello(), posted(1, seq=1))

    async def second(connection: ServerConnection) -> None:
        await say(connection, posted(2, seq=2))
        await stay(connection)

    assert messages(heard(Server([first, second]), 4)) == [None, "1", None, "2"]


def test_a_number_left_out_is_a_gap() -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1), posted(4, seq=4), posted(5, seq=5))
        await stay(connection)

    assert messages(heard(Server([visit]), 5)) == [None, "1", None, "4", "5"]


def test_a_server_that_says_no_hello_is_a_gap_too() -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, posted(7, seq=7), posted(8, seq=8))
        await stay(connection)

    assert messages(heard(Server([visit]), 3)) == [None, "7", "8"]


def test_an_id_that_is_none_is_not_sent_back() -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, hello("x&sequence_number=0"))

    server = Server([visit])
    heard(server, 2)
    assert server.asked() == [SOCKET] * 2


def test_who_stops_in_the_midst_of_an_event_is_told_of_it_again() -> None:
    async def rest(connection: ServerConnection) -> None:
        number = int(query(connection)["sequence_number"])
        await say(connection, posted(number, seq=number))
        await stay(connection)

    async def play() -> list[Event]:
        server = Server([once, rest])
        async with server.open():
            events = Events(server.url, TOKEN, pace=IMPATIENT)
            return await take(events.stream(), 2) + await take(events.stream(), 1)

    assert messages(asyncio.run(play())) == [None, "1", "1"]


def test_who_stops_in_the_midst_of_catching_up_is_told_of_the_gap_again() -> None:
    async def play() -> list[Event]:
        server = Server([once])
        async with server.open():
            events = Events(server.url, TOKEN, pace=IMPATIENT)
            return await take(events.stream(), 1) + await take(events.stream(), 2)

    assert messages(asyncio.run(play())) == [None, None, "1"]


def test_who_stops_in_the_midst_of_a_later_gap_is_told_of_it_again() -> None:
    async def jump(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1), posted(4, seq=4))
        await stay(connection)

    async def play() -> tuple[list[Event], list[str]]:
        server = Server([jump, once])
        async with server.open():
            events = Events(server.url, TOKEN, pace=IMPATIENT)
            return await take(events.stream(), 3) + await take(events.stream(), 2), server.asked()

    found, asked = asyncio.run(play())
    assert (messages(found), asked) == ([None, "1", None, None, "1"], [SOCKET] * 2)


class Cutting:
    """Posts the numbers from 1 to 1,000, and cuts the line behind fifty of them; two are posted while it is cut."""

    last = 1_000

    def __init__(self, *, replays: bool) -> None:
        self.replays = replays
        self.cuts = list(range(19, 19 * 51, 19))
        self.base = 0
        self.connections = 0

    async def visit(self, connection: ServerConnection) -> None:
        asked = query(connection)
        seq = int(asked.get("sequence_number", "0")) if self.replays else 0
        if not seq:
            self.connections += 1
            await say(connection, hello() if self.replays else old_hello())
        number = self.base + max(seq, 1)
        while number <= self.last:
            await say(connection, posted(number, seq=number - self.base))
            if self.cuts and number >= self.cuts[0]:
                self.cuts.pop(0)
                self.base = 0 if self.replays else number + 2
                connection.transport.abort()  # what is on its way is lost with the line
                return
            number += 1
        await stay(connection)

    def heard(self) -> list[Event]:
        async def play() -> list[Event]:
            server = Server([self.visit])
            found: list[Event] = []
            async with server.open():
                async for event in Events(server.url, TOKEN, pace=IMPATIENT).stream():
                    found.append(event)
                    if messages([event]) == [str(self.last)]:
                        break
            return found

        return asyncio.run(play())


def test_of_1_000_events_on_a_line_that_is_cut_50_times_a_new_server_loses_none() -> None:
    cutting = Cutting(replays=True)
    assert messages(cutting.heard()) == [None, *(str(number) for number in range(1, 1_001))]
    assert (cutting.cuts, cutting.connections) == ([], 1)


def test_of_1_000_events_on_a_line_that_is_cut_50_times_each_loss_is_announced_by_an_old_server() -> None:
    cutting = Cutting(replays=False)
    found = messages(cutting.heard())
    numbers = [int(one) for one in found if one is not None]
    assert sorted(set(numbers)) == numbers
    assert len(numbers) <= 1_000 - 2 * 50
    assert found.count(None) == cutting.connections == 51
    for one, then in pairwise(found):
        assert one is None or then is None or int(then) == int(one) + 1
