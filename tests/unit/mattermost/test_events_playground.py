"""A bot's ears at the stand-in Mattermost of both ages, which is built from the recordings by other hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

import pytest

from mmapp.mattermost.errors import Unauthorized
from mmapp.mattermost.event_kinds import (
    ChannelArchived,
    Deleted,
    Edited,
    Event,
    Gap,
    Joined,
    Left,
    Posted,
    Reacted,
    Unreacted,
)
from mmapp.mattermost.events import Events
from mmapp.mattermost.mentions import addressed
from tests.playground import Playground
from tests.unit.mattermost.listening import IMPATIENT, take


@pytest.fixture(params=["5.37", "11"])
def playground(request: pytest.FixtureRequest) -> Iterator[Playground]:
    with Playground(age=request.param, AuthenticationSeconds=0.2) as opened:
        opened.add_team()
        yield opened


async def until(events: AsyncGenerator[Event, None], kind: type[Event]) -> Event:
    """The next event of this kind."""
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError("the stream has ended")


def test_what_people_do_is_heard(playground: Playground) -> None:
    alice, bot = playground.add_user("alice"), playground.add_bot("ai")
    channel = playground.add_channel(members=[alice, bot])

    async def play() -> None:
        async with aclosing(Events(playground.url, playground.token(bot), pace=IMPATIENT).stream()) as events:
            await until(events, Gap)
            post = playground.post_as(alice, channel, "hey @ai what is up?")
            posted = await until(events, Posted)
            assert isinstance(posted, Posted)
            assert (posted.post.id, posted.mentions) == (post["id"], {bot["id"]})
            assert addressed(posted.post.message, "ai") == "hey what is up?"
            playground.react(alice, post, "thumbsup")
            assert await until(events, Reacted) == Reacted(post["id"], alice["id"], "thumbsup", channel["id"])
            playground.unreact(alice, post, "thumbsup")
            assert await until(events, Unreacted) == Unreacted(post["id"], alice["id"], "thumbsup", channel["id"])
            playground.edit(alice, post, "hey @ai!")
            edited = await until(events, Edited)
            assert isinstance(edited, Edited)
            assert edited.post.message == "hey @ai!"
            playground.delete(alice, post)
            deleted = await until(events, Deleted)
            assert isinstance(deleted, Deleted)
            assert deleted.post.id == post["id"]

    asyncio.run(play())


def test_who_comes_and_goes_is_heard_the_bot_included(playground: Playground) -> None:
    alice, bob, bot = playground.add_user("alice"), playground.add_user("bob"), playground.add_bot("ai")
    channel = playground.add_channel(members=[alice])

    async def play() -> None:
        async with aclosing(Events(playground.url, playground.token(bot), pace=IMPATIENT).stream()) as events:
            await until(events, Gap)
            for person in (bot, bob):
                playground.add_member(person, channel, by=alice)
                assert await until(events, Joined) == Joined(channel["id"], person["id"])
            for person in (bob, bot):
                playground.remove_member(person, channel, by=alice)
                assert await until(events, Left) == Left(channel["id"], person["id"])
            playground.add_member(bot, channel, by=alice)
            playground.archive(channel, by=alice)
            assert await until(events, ChannelArchived) == ChannelArchived(channel["id"])

    asyncio.run(play())


def test_a_cut_line_loses_nothing_or_says_so(playground: Playground) -> None:
    alice, bot = playground.add_user("alice"), playground.add_bot("ai")
    channel = playground.add_channel(members=[alice, bot])

    async def play() -> list[Event]:
        async with aclosing(Events(playground.url, playground.token(bot), pace=IMPATIENT).stream()) as events:
            await until(events, Gap)
            playground.post_as(alice, channel, "one")
            first = await until(events, Posted)
            playground.cut_sockets()
            playground.post_as(alice, channel, "two")
            return [first, await anext(events)]

    first, second = asyncio.run(play())
    assert isinstance(first, Posted)
    assert isinstance(second, Posted if playground.age == "11" else Gap)


def test_a_wrong_token_is_found_out(playground: Playground) -> None:
    with pytest.raises(Unauthorized):
        asyncio.run(take(Events(playground.url, "wrong", pace=IMPATIENT).stream(), 1))


def test_a_token_that_is_revoked_meanwhile_is_found_out(playground: Playground) -> None:
    bot = playground.add_bot("ai")

    async def play() -> None:
        async with aclosing(Events(playground.url, playground.token(bot), pace=IMPATIENT).stream()) as events:
            await until(events, Gap)
            playground.revoke(bot)
            playground.cut_sockets()
            await until(events, Posted)

    with pytest.raises(Unauthorized):
        asyncio.run(play())
