"""Parts of summaries as they are kept: found by their key, and gone with what they were made from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text, update

from mmapp import nodes
from mmapp.db import Database, clock
from mmapp.models import Node, NodeSpan

TOWN, HARBOUR = "t" * 26, "h" * 26


def keep(database: Database, key: str, **spans: tuple[int, int]) -> None:
    channels = {"town": TOWN, "harbour": HARBOUR}
    with database.write() as session:
        nodes.keep(session, key, f"notes of {key}", {channels[name]: span for name, span in spans.items()})


def left(database: Database) -> set[str]:
    with database.read() as session:
        keys = set(session.scalars(select(Node.key)))
        assert keys >= set(session.scalars(select(NodeSpan.node_key)))
        return keys


@pytest.fixture
def kept(database: Database) -> Database:
    keep(database, "early", town=(10, 19))
    keep(database, "late", town=(20, 29))
    keep(database, "whole", town=(10, 29))
    keep(database, "both", town=(25, 26), harbour=(1, 5))
    return database


def test_those_that_are_there_are_found_and_others_are_not(kept: Database) -> None:
    assert nodes.find(kept, ["early", "nonesuch", "both"]) == {"early": "notes of early", "both": "notes of both"}
    assert nodes.find(kept, []) == {}


def test_of_several_times_only_what_holds_one_of_them_goes(kept: Database) -> None:
    with kept.write() as session:
        nodes.drop_around(session, TOWN, 35, 12, 5)
    assert left(kept) == {"late", "both"}


def test_more_keys_than_one_statement_takes_are_found(database: Database) -> None:
    keys = [f"key {number}" for number in range(2 * nodes.BATCH + 1)]
    keep(database, keys[0], town=(1, 2))
    keep(database, keys[-1], town=(1, 2))
    assert nodes.find(database, keys).keys() == {keys[0], keys[-1]}


def test_kept_again_it_is_the_newer_one(kept: Database) -> None:
    with kept.write() as session:
        nodes.keep(session, "early", "anew", {TOWN: (10, 12)})
    assert nodes.find(kept, ["early"]) == {"early": "anew"}
    with kept.write() as session:
        nodes.drop_around(session, TOWN, 15)
    assert "early" in left(kept)


@pytest.mark.parametrize(
    ("at", "stays"),
    [
        (9, {"early", "late", "whole", "both"}),
        (10, {"late", "both"}),
        (19, {"late", "both"}),
        (20, {"early", "both"}),
        (25, {"early"}),
        (30, {"early", "late", "whole", "both"}),
    ],
)
def test_a_message_takes_those_that_may_hold_it(kept: Database, at: int, stays: set[str]) -> None:
    with kept.write() as session:
        noted = nodes.is_noted(session, TOWN, at)
        nodes.drop_around(session, TOWN, at)
    assert left(kept) == stays
    assert noted is (len(stays) < 4)


def test_a_thread_takes_all_that_was_read_since_it_began(kept: Database) -> None:
    with kept.write() as session:
        nodes.drop_since(session, TOWN, 20)
    assert left(kept) == {"early"}


def test_a_channel_takes_what_has_read_it_also_among_others(kept: Database) -> None:
    with kept.write() as session:
        nodes.drop_channel(session, HARBOUR)
        assert nodes.noted_channels(session) == {TOWN}
    assert left(kept) == {"early", "late", "whole"}


def test_all_go_at_once(kept: Database) -> None:
    with kept.write() as session:
        nodes.drop_all(session)
        assert session.scalar(select(func.count()).select_from(NodeSpan)) == 0
    assert left(kept) == set()


def test_those_of_no_use_for_two_weeks_go_and_one_that_was_found_stays(kept: Database) -> None:
    with kept.write() as session:
        session.execute(update(Node).values(used_at=clock(session) - nodes.KEPT - timedelta(hours=1)))
    assert nodes.find(kept, ["late"]) == {"late": "notes of late"}
    nodes.sweep(kept)
    assert left(kept) == {"late"}


def test_their_words_are_encrypted_and_one_under_another_key_is_not_there(kept: Database) -> None:
    with kept.engine.connect() as connection:
        assert all(b"notes" not in bytes(row) for row in connection.scalars(text("select notes from node")))
    with kept.write() as session:
        foreign = Fernet(Fernet.generate_key()).encrypt(b"notes")
        session.execute(text("update node set notes = :x where key = 'early'"), {"x": foreign})
    assert nodes.find(kept, ["early", "late"]) == {"late": "notes of late"}
