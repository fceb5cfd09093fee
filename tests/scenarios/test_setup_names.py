"""`flask --app app setup` where bots and commands are there already: ours are kept, others' are never taken unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import PUBLIC_URL, Installation, said

SLASH = f"{PUBLIC_URL}/mattermost/slash"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    with Installation(tmp_path, monkeypatch) as found:
        yield found


def test_a_person_s_name_is_not_taken(place: Installation) -> None:
    place.playground.add_user("ai")
    ran = place.type_as_root("", "", "chorus", "")
    assert ran.exit_code == 0, ran.output
    assert "@ai is a person's account" in ran.output
    assert [bot["username"] for bot in place.bots()] == ["chorus"]
    assert place.commands()[0]["username"] == "chorus"


def test_somebody_else_s_bot_is_used_with_a_yes_alone(place: Installation) -> None:
    theirs = place.playground.add_bot("ai", owner_id=place.root["id"], bot_description="answers for sales")
    ran = place.type_as_root("", "", "n", "chorus", "")
    assert 'made by @root, described as "answers for sales"' in ran.output
    assert {bot["username"] for bot in place.bots()} == {"ai", "chorus"}
    assert len(place.tokens(theirs)) == 1

    assert place.type_as_root("", "ai", "y", "").exit_code == 0
    assert len(place.tokens(theirs)) == 2
    assert place.load().bot[1] in place.tokens(theirs)


def test_a_script_leaves_somebody_else_s_bot_alone(place: Installation) -> None:
    place.playground.add_bot("ai", owner_id=place.root["id"])
    assert "--bot is needed" in place.refuses()


def test_a_bot_that_was_made_by_hand_is_ours_where_env_has_its_token(place: Installation) -> None:
    by_hand = place.playground.add_bot("ai", owner_id=place.root["id"], bot_description="made by hand")
    token = place.playground.token(by_hand)
    place.env.write_text(f"CHORUS_MATTERMOST_URL={place.playground.url}/\nCHORUS_BOT_TOKENS=ai={token}\n")
    assert place.setup().exit_code == 0
    assert place.tokens(by_hand) == [place.load().bot[1]]


def test_a_plugin_s_bot_is_never_taken(place: Installation) -> None:
    place.playground.add_bot("ai", owner_id="mattermost-ai")
    assert "belongs to the plugin mattermost-ai" in place.refuses("--take-over")


def test_a_disabled_bot_of_ours_is_enabled_and_keeps_its_token(place: Installation) -> None:
    place.setup()
    token = place.load().bot[1]
    place.playground.change_user("ai", delete_at=1)
    assert "enabled again" in place.setup().output
    assert place.load().bot[1] == token
    assert place.tokens(place.bots()[0]) == [token]


def test_a_revoked_token_is_replaced_by_one_and_other_bots_stay(place: Installation) -> None:
    place.setup()
    (bot,) = place.bots()
    place.playground.store.drop("token", place.load().bot[1])
    place.env.write_text(place.env.read_text().replace("BOT_TOKENS=", "BOT_TOKENS=news=abc,"))
    place.setup("--bot", "ai")
    assert place.tokens(bot) == [place.load().bot[1]]
    assert [name for name, _ in place.load().bot_tokens] == ["ai", "news"]


def test_another_app_s_command_is_named_and_left_unless_somebody_says_yes(place: Installation) -> None:
    other = "http://127.0.0.1:5000/slash"
    old = place.playground.add_command(place.team, "ai", other, creator_id=place.root["id"])
    ran = place.type_as_root("", "", "n")
    assert ran.exit_code == 1
    assert f"/ai in the team {place.team['display_name']} leads to {other}, made by @root" in said(ran)
    assert "Remove that command" in said(ran)
    assert "--take-over" in said(ran)
    assert [(one["trigger"], one["url"], one["token"]) for one in place.commands()] == [("ai", other, old)]

    assert place.type_as_root("", "", "y", "").exit_code == 0
    assert [(one["trigger"], one["url"]) for one in place.commands()] == [("ai", SLASH)]


def test_a_command_that_is_taken_over_has_a_token_that_its_old_app_does_not_know(place: Installation) -> None:
    old = place.playground.add_command(place.team, "ai", "http://127.0.0.1:5000/slash")
    assert place.setup("--take-over").exit_code == 0
    (command,) = place.commands()
    assert (command["url"], command["username"]) == (SLASH, "ai")
    assert command["token"] != old
    assert place.load().command_tokens[0][1].get_secret_value() == command["token"]


def test_beside_a_command_of_another_word_that_leads_here_there_is_ai(place: Installation) -> None:
    other = place.playground.add_command(place.team, "chorus", SLASH)
    place.env.write_text(f"CHORUS_COMMAND_TOKENS={place.team['id']}={other}\n")
    assert place.setup().exit_code == 0
    assert sorted(one["trigger"] for one in place.commands()) == ["ai", "chorus"]
    kept = {token.get_secret_value() for _, token in place.load().command_tokens}
    assert kept == {one["token"] for one in place.commands()}
    assert "Nothing had to be changed." in place.setup().output


def test_where_mattermost_keeps_the_word_for_itself_it_says_what_can_be_done(place: Installation) -> None:
    own = {"id": "api.command.duplicate_trigger.app_error", "message": "Taken.", "status_code": 400}
    place.playground.faults.add("POST /api/v4/commands$", status=400, body=json.dumps(own))
    ran = place.setup()
    assert (ran.exit_code, place.commands()) == (1, [])
    assert "a command /ai: the word is taken" in said(ran)
    assert "System Console > Plugins" in said(ran)


def test_a_command_whose_token_was_renewed_is_written_down_anew(place: Installation) -> None:
    place.setup()
    (command,) = place.commands()
    place.playground.store.put("command", command["id"], command | {"token": "n" * 26})
    place.setup()
    assert [token.get_secret_value() for _, token in place.load().command_tokens] == ["n" * 26]
