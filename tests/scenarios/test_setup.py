"""`flask --app app setup`: what an administrator types once, and everything that is there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmapp.mattermost.client import Client
from mmapp.texts import setup as texts
from tests.installation import PASSWORD, PUBLIC_URL, Installation, said

SLASH = f"{PUBLIC_URL}/mattermost/slash"


@pytest.fixture(params=["11", "5.37"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Both ages of Mattermost."""
    with Installation(tmp_path, monkeypatch, request.param) as found:
        yield found


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Mattermost 11."""
    with Installation(tmp_path, monkeypatch) as found:
        yield found


def test_one_run_makes_bot_picture_token_member_command_and_env(place: Installation) -> None:
    ran = place.type(place.playground.url, "", "root", PASSWORD, "", "", "")
    assert ran.exit_code == 0, ran.output
    (bot,), (command,) = place.bots(), place.commands()
    assert (bot["username"], bot["first_name"], bot["bot_description"]) == ("ai", "Chorus", texts.DESCRIPTION)
    assert bot["last_picture_update"] > 0
    assert place.playground.server.in_team(bot["id"], place.team["id"])
    assert (command["team_id"], command["trigger"], command["url"]) == (place.team["id"], "ai", SLASH)
    assert (command["method"], command["username"], command["auto_complete"]) == ("P", "ai", True)
    assert command["icon_url"] == f"{place.playground.url}/api/v4/users/{bot['id']}/image"
    settings = place.load()
    assert (settings.mattermost_url, settings.public_url) == (place.playground.url, PUBLIC_URL)
    assert [settings.bot] == [("ai", token) for token in place.tokens(bot)]
    assert settings.command_tokens[0][1].get_secret_value() == command["token"]
    assert place.mode() == 0o600
    assert "flask --app app doctor" in ran.output


def test_env_names_who_may_ask_and_the_end_says_how_a_channel_is_switched_on(place: Installation) -> None:
    said = place.setup().output
    assert place.settings()["CHORUS_ACCESS"] == "listed"
    assert "/ai on" in said.split("Next:")[1]


def test_who_may_ask_is_not_changed_where_somebody_has_chosen(new: Installation) -> None:
    new.env.write_text("CHORUS_ACCESS=everyone\n")
    new.setup()
    assert new.settings()["CHORUS_ACCESS"] == "everyone"


def test_the_password_is_kept_nowhere_and_the_session_is_ended(place: Installation) -> None:
    ran = place.type(place.playground.url, "", "root", PASSWORD, "", "", "")
    assert place.sessions() == []
    for secret in (PASSWORD, *place.tokens(place.bots()[0]), str(place.settings()["CHORUS_ENCRYPTION_KEYS"])):
        assert secret not in ran.output
    assert PASSWORD not in place.env.read_text()


def test_the_bot_s_token_works(place: Installation) -> None:
    place.setup()
    client = Client(place.playground.url, place.load().bot[1])
    assert client.me().username == "ai"
    client.close()


def test_a_second_run_changes_nothing_and_says_so(place: Installation) -> None:
    assert place.setup().exit_code == 0
    before = place.everything()
    again = place.setup()
    assert again.exit_code == 0
    assert "Nothing had to be changed." in again.output
    assert "done" not in again.output
    assert place.everything() == before


def test_enter_at_every_question_of_a_second_run_changes_nothing_either(new: Installation) -> None:
    new.setup()
    before = new.everything()
    again = new.type("", "", "root", PASSWORD, "", "", "")
    assert "Nothing had to be changed." in again.output
    assert new.everything() == before


STEPS = {
    "the bot": "POST /api/v4/bots$",
    "its picture": "POST /api/v4/users/[a-z0-9]{26}/image$",
    "its token": "POST /api/v4/users/[a-z0-9]{26}/tokens$",
    "its team": "POST /api/v4/teams/[a-z0-9]{26}/members$",
    "the command": "POST /api/v4/commands$",
    "the role": "PUT /api/v4/roles/",
    "the bot's roles": "PUT /api/v4/users/[a-z0-9]{26}/roles$",
}


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_broke_off_anywhere_is_run_again(new: Installation, step: str, drop: str) -> None:
    broken = new.playground.faults.add(STEPS[step], drop=drop, times=9)
    ran = new.setup("--ephemerals")
    assert (ran.exit_code, broken.seen > 0) == (1, True)
    assert "run setup again" in said(ran)
    new.playground.faults.clear()

    again = new.setup("--ephemerals")
    assert again.exit_code == 0, again.output
    (bot,), (command,) = new.bots(), new.commands()
    assert new.tokens(bot) == [new.load().bot[1]]
    assert [(team, token.get_secret_value()) for team, token in new.load().command_tokens] == [
        (new.team["id"], command["token"])
    ]
    assert bot["roles"].split() == ["system_post_all_public", "system_user"]
    assert bot["last_picture_update"] > 0
    assert "Nothing had to be changed." in new.setup("--ephemerals").output


def test_keys_are_made_once_and_other_lines_of_env_stay(new: Installation) -> None:
    new.env.write_text("# ours\nCHORUS_PORT=8066\n\nexport CHORUS_SECRET_KEY='" + "k" * 40 + "'\n")
    new.env.chmod(0o644)
    new.setup()
    first = new.settings()
    assert new.env.read_text().startswith("# ours\nCHORUS_PORT=8066\n\nexport CHORUS_SECRET_KEY='" + "k" * 40 + "'\n")
    assert (first["CHORUS_SECRET_KEY"], new.mode()) == ("k" * 40, 0o600)
    new.setup("--public-url", "http://127.0.0.1:8066/sub")
    second = new.settings()
    assert second["CHORUS_PUBLIC_URL"] == "http://127.0.0.1:8066/sub"
    assert {name for name in second if second[name] != first.get(name)} == {"CHORUS_PUBLIC_URL"}


def test_when_chorus_moves_its_command_moves_along(new: Installation) -> None:
    new.setup()
    (before,) = new.commands()
    new.setup("--public-url", "http://127.0.0.1:8066/sub")
    (after,) = new.commands()
    assert (after["id"], after["token"]) == (before["id"], before["token"])
    assert after["url"] == "http://127.0.0.1:8066/sub/mattermost/slash"


def test_a_port_of_this_machine_is_the_port_that_chorus_listens_on(new: Installation) -> None:
    new.setup("--public-url", "http://127.0.0.1:9123")
    assert new.load().port == 9123


def test_another_machine_s_address_leaves_the_port_alone_and_says_what_is_to_be_done(new: Installation) -> None:
    new.playground.server.settings["AllowedUntrustedInternalConnections"] = "10.0.0.0/8"
    ran = new.setup("--public-url", "http://10.1.2.3:9123")
    assert ran.exit_code == 0, ran.output
    assert new.load().port == 8066
    assert "reverse proxy" in said(ran)


# Signing in


def test_an_access_token_of_an_administrator_does_and_is_neither_kept_nor_ended(new: Installation) -> None:
    token = new.playground.token("root")
    ran = new.type("", token, "", "", "", options=("--url", new.playground.url, "--public-url", PUBLIC_URL))
    assert ran.exit_code == 0, ran.output
    assert token not in ran.output + new.env.read_text()
    assert new.playground.call("root", "GET", "/users/me").status == 200
    assert new.setup(token=token).exit_code == 0


# Teams


def test_each_chosen_team_gets_the_bot_and_a_command_of_its_own(new: Installation) -> None:
    ops, sales = new.playground.add_team("ops"), new.playground.add_team("sales")
    assert new.setup("--team", "ops", "--team", "sales").exit_code == 0
    tokens = {command["team_id"]: command["token"] for command in new.commands()}
    assert set(tokens) == {ops["id"], sales["id"]}
    assert {team: token.get_secret_value() for team, token in new.load().command_tokens} == tokens
    (bot,) = new.bots()
    assert [new.playground.server.in_team(bot["id"], team["id"]) for team in (new.team, ops, sales)] == [
        False, True, True,
    ]  # fmt: skip


def test_a_team_that_is_added_later_leaves_the_others_as_they_are(new: Installation) -> None:
    new.playground.add_team("ops")
    new.setup("--team", "eng")
    first = new.commands()
    new.setup("--team", "ops")
    assert first[0] in new.commands()
    assert len(new.load().command_tokens) == 2
    assert "Nothing had to be changed." in new.setup().output  # both, from .env


def test_an_unknown_team_is_asked_for_again_with_those_that_are_near(new: Installation) -> None:
    new.playground.add_team("operations")
    ran = new.type_as_root("operation", "operations", "", "")
    assert ran.exit_code == 0, ran.output
    assert "There is no team 'operation'" in ran.output
    assert "try operations" in ran.output
    assert len(new.commands()) == 1


def test_with_several_teams_a_script_must_name_one(new: Installation) -> None:
    new.playground.add_team("ops")
    ran = new.setup()
    assert (ran.exit_code, new.bots()) == (1, [])
    assert "--team is needed" in said(ran)


# Notices of the bot's own


def test_the_right_to_notices_is_offered_with_what_it_covers_and_not_taken_by_default(new: Installation) -> None:
    ran = new.type_as_root("", "", "")
    assert "every channel and every person of the server" in said(ran)
    assert "Every other bot with that role" in said(ran)
    assert new.bots()[0]["roles"] == "system_user"
    assert new.playground.store.every("role") == []


def test_with_a_yes_the_bot_can_tell_somebody_alone_in_its_own_name(new: Installation) -> None:
    assert new.type_as_root("", "", "y").exit_code == 0
    role = new.playground.store.get("role", "system_post_all_public") or {}
    assert set(role["permissions"]) == {"create_post_public", "create_post_ephemeral"}
    ann = new.playground.add_user("ann")
    town = new.playground.add_channel("O", "town", members=(ann, new.bots()[0]))
    client = Client(new.playground.url, new.load().bot[1])
    assert client.post_ephemeral(ann["id"], town["id"], "You alone.").user_id == new.bots()[0]["id"]
    client.close()


@pytest.mark.parametrize(("age", "licensed"), [("5.37", False), ("11", True)])
def test_it_is_not_offered_where_it_cannot_be_granted(
    age: str, licensed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Installation(tmp_path, monkeypatch, age, Licensed=licensed) as place:
        assert "Grant it?" not in place.type_as_root("", "").output
        assert "without a licence only" in said(place.setup("--ephemerals"))
        assert place.bots()[0]["roles"] == "system_user"


# By hand


def test_without_an_administrator_each_step_is_shown_and_env_prepared(new: Installation) -> None:
    ran = new.type("", "", options=("--url", new.playground.url, "--public-url", PUBLIC_URL))
    assert ran.exit_code == 0, ran.output
    for number in range(1, 9):
        assert f"\n{number}. " in ran.output
    for value in (SLASH, str(new.env), "System Console > Integrations > Bot Accounts", "CHORUS_COMMAND_TOKENS="):
        assert value in ran.output
    assert (new.bots(), new.commands(), new.mode()) == ([], [], 0o600)
    assert "bot tokens" not in ran.output
    settings = new.settings()
    assert (settings["CHORUS_BOT_TOKENS"], settings["CHORUS_COMMAND_TOKENS"]) == ("", "")
    assert str(settings["CHORUS_ENCRYPTION_KEYS"]) not in ran.output


def test_by_hand_a_public_address_of_chorus_needs_no_leave(new: Installation) -> None:
    shown = new.setup("--print", "--public-url", "https://8.8.8.8").output
    assert "untrusted internal connections" not in shown
    assert "\n7. Fill in these two lines" in shown


def test_what_is_shown_fills_env_and_then_chorus_starts(new: Installation) -> None:
    new.setup("--print", "--url", "https://chat.example.org")
    filled = new.env.read_text().replace("BOT_TOKENS=", "BOT_TOKENS=ai=abc").replace("MAND_TOKENS=", "MAND_TOKENS=t=x")
    new.env.write_text(filled)
    assert new.load().bot == ("ai", "abc")
    before = new.env.read_bytes()
    new.setup("--print", "--url", "https://chat.example.org")
    assert new.env.read_bytes() == before
