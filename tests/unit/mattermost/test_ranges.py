"""A channel's posts of some time, page by page, while people go on posting and deleting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import TooMany
from tests.playground import Playground, listing
from tests.playground.store import Doc

MOST = 5_000
BEGAN = 1_790_000_000_000  # ms


class Town:
    """A channel with posts of given times, and the bot's client."""

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        playground.add_team()
        self.bob, bot = playground.add_user("bob"), playground.add_bot("ai")
        self.channel = playground.add_channel("O", "town", members=(self.bob, bot))
        self.client = Client(playground.url, playground.token(bot))

    def post(self, at: int) -> Doc:
        """One that was made so many ms after the first."""
        post = self.playground.post_as(self.bob, self.channel, f"at {at}")
        return self.playground.store.put_post(post | {"create_at": BEGAN + at, "update_at": BEGAN + at})

    def posts(self, times: list[int]) -> list[str]:
        with self.playground.store.transaction():
            return [self.post(at)["id"] for at in times]

    def read(self, since: int = 0, until: int = 1 << 30, most: int = MOST) -> list[str]:
        found = self.client.channel_posts_between(self.channel["id"], BEGAN + since, BEGAN + until, most)
        assert [post.create_at for post in found] == sorted(post.create_at for post in found)
        return [post.id for post in found]


@pytest.fixture(params=["5.37", "11"])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with Playground(request.param) as playground:
        found = Town(playground)
        yield found
        found.client.close()


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens behind each page that is served, the first one first; what is left was never reached."""
    acts: list[Callable[[], object]] = []
    serve = listing.channel

    def serving(*args: Any) -> Doc:
        page = serve(*args)
        if acts:
            acts.pop(0)()
        return page

    monkeypatch.setattr(listing, "channel", serving)
    return acts


def test_everything_between_two_times_is_read_once_and_in_order(town: Town) -> None:
    ids = town.posts(list(range(0, 4_500, 10)))
    assert town.read(1_000, 4_000) == ids[100:401]


def test_what_is_posted_meanwhile_moves_nothing(town: Town, pages: list[Callable[[], object]]) -> None:
    ids = town.posts(list(range(450)))
    pages += [lambda: town.posts(list(range(500, 650)))] * 2
    assert town.read() == ids
    assert pages == []


@pytest.mark.parametrize("edge", [249, 250, 251])
def test_what_is_deleted_meanwhile_takes_nothing_else_with_it(
    town: Town, pages: list[Callable[[], object]], edge: int
) -> None:
    ids = town.posts(list(range(450)))
    gone = [ids[edge], *ids[100:120]]  # the first page ends with number 250
    pages.append(lambda: [town.playground.delete(town.bob, one) for one in gone])
    assert set(ids) - set(gone) <= set(town.read())
    assert not set(ids[100:120]) & set(town.read())


def test_of_what_was_posted_in_one_millisecond_at_the_edge_of_a_page_nothing_is_lost(town: Town) -> None:
    ids = town.posts([*range(200), *([300] * 120), *range(400, 540)])
    assert set(town.read()) == set(ids)


def test_more_than_a_page_of_one_millisecond_is_read_as_well(town: Town) -> None:
    ids = town.posts([*range(150), *([300] * 450), *range(400, 500)])
    found = town.read()
    assert set(found) == set(ids)
    assert len(found) == len(ids)


def test_reading_ends_where_the_time_begins(town: Town, pages: list[Callable[[], object]]) -> None:
    ids = town.posts(list(range(1_000)))
    pages += [int] * 5
    assert town.read(900) == ids[900:]
    assert len(pages) == 4


def test_older_texts_of_edited_posts_are_no_posts(town: Town) -> None:
    ids = town.posts(list(range(10)))
    town.playground.edit(town.bob, ids[3], "anew")
    assert town.read() == ids


def test_more_than_anybody_reads_is_refused_as_soon_as_it_is_known(
    town: Town, pages: list[Callable[[], object]]
) -> None:
    town.posts(list(range(1_000)))
    pages += [int] * 5
    with pytest.raises(TooMany):
        town.read(most=300)
    assert len(pages) == 3
