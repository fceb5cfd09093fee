"""Administrators of channels and teams, guests, and who comes and goes."""

from __future__ import annotations

import pytest

from tests.unit.playground.lab import AI_HELP, ALICE, BOB, DEV, SECRET, TEAM, lab

AGES = pytest.mark.parametrize("age", ["5.37", "11"])


@AGES
def test_an_administrator_of_a_channel_is_known_by_the_membership(age: str) -> None:
    with lab(age) as playground:
        playground.make_channel_admin("bob", DEV)
        members = {
            name: playground.call("ai", "GET", f"/channels/{DEV}/members/{user_id}").json
            for name, user_id in (("bob", BOB), ("alice", ALICE))
        }
    assert {name: one["scheme_admin"] for name, one in members.items()} == {"bob": True, "alice": False}
    assert members["bob"]["roles"].split() == ["channel_user", "channel_admin"]


@AGES
def test_an_administrator_of_a_channel_makes_another_one(age: str) -> None:
    body = {"scheme_user": True, "scheme_admin": True}
    with lab(age) as playground:
        path = f"/channels/{DEV}/members/{BOB}/schemeRoles"
        assert playground.call("alice", "PUT", path, body).status == 403
        playground.make_channel_admin("alice", DEV)
        assert playground.call("alice", "PUT", path, body).status == 200
        assert playground.call("ai", "GET", f"/channels/{DEV}/members/{BOB}").json["scheme_admin"] is True


@AGES
def test_an_administrator_of_a_team_is_known_by_the_membership(age: str) -> None:
    with lab(age) as playground:
        playground.make_team_admin("bob")
        found = [playground.call("ai", "GET", f"/teams/{TEAM}/members/{one}").json for one in (BOB, ALICE)]
    assert [one["scheme_admin"] for one in found] == [True, False]
    assert [one["roles"] for one in found] == ["team_user team_admin", "team_user"]


@AGES
def test_a_guest_is_one_in_his_account_his_team_and_his_channels(age: str) -> None:
    with lab(age) as playground:
        guest = playground.add_user("gus", roles="system_guest")
        playground.join("gus", DEV)
        account = playground.call("ai", "GET", f"/users/{guest['id']}").json
        member = playground.call("ai", "GET", f"/channels/{DEV}/members/{guest['id']}").json
        of_team = playground.call("ai", "GET", f"/teams/{TEAM}/members/{guest['id']}").json
    assert account["roles"] == "system_guest"
    assert (member["scheme_guest"], member["scheme_user"], member["roles"]) == (True, False, "channel_guest")
    assert (of_team["scheme_guest"], of_team["scheme_user"], of_team["roles"]) == (True, False, "team_guest")


@AGES
def test_who_leaves_is_gone_and_it_is_said_who_removed_him(age: str) -> None:
    with lab(age) as playground:
        playground.remove_member("bob", DEV)
        playground.remove_member("carol", DEV, by="alice")
        assert [post["message"] for post in playground.posts(DEV)] == [
            "bob left the channel.",
            "@carol removed from the channel.",
        ]
        assert playground.call("alice", "GET", f"/channels/{DEV}/members/{BOB}").status == 404
        assert playground.events("bob", "user_removed")[0]["data"]["channel_id"] == DEV
        assert playground.events("bob", "posted") == []


@AGES
def test_who_is_invited_is_mentioned_and_nobody_else(age: str) -> None:
    with lab(age) as playground:
        playground.slash("alice", SECRET, "/invite @bob")
        assert (playground.mention_count("bob", SECRET), playground.mention_count("carol", SECRET)) == (1, 0)
        assert playground.posts(SECRET)[0]["type"] == "system_add_to_channel"


@AGES
def test_an_archive_is_told_to_the_members_and_of_a_public_channel_to_the_team(age: str) -> None:
    with lab(age) as playground:
        before = playground.store.last_event()
        assert playground.call("alice", "DELETE", f"/channels/{AI_HELP}").status == 200
        assert playground.call("carol", "DELETE", f"/channels/{SECRET}").status == 200
        seen = {
            name: [one["data"]["channel_id"] for one in playground.events(name, "channel_deleted", after=before)]
            for name in ("alice", "bob")
        }
    assert seen == {"alice": [AI_HELP, SECRET], "bob": [AI_HELP]}
