"""The administrator's calls: sent as they were recorded, read as they were answered; and the playground answers alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mmapp.mattermost import retry
from mmapp.mattermost.admin import Admin, Command
from mmapp.mattermost.errors import Forbidden, Garbled, NotFound, Unauthorized
from tests.playground import Playground
from tests.playground.recorded import age_of, recorded
from tests.playground.rest_admin import give_password
from tests.playground.rest_integrations import ROLE_ALL_PUBLIC
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import ADMIN, BOT, TEAM, lab
from tests.unit.playground.test_recorded_rest import same_shape

COMMAND = recorded("f_create_command")["response"]["body"]


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "sleep", lambda _seconds: None)


def bot_of(admin: Admin) -> Any:
    return admin.create_bot("ai", "AI assistant", "lab bot")


CALLS: dict[str, Callable[[Admin], Any]] = {
    "e_create_bot": bot_of,
    "e_create_bot_token": lambda admin: admin.create_token(BOT, "bot token"),
    "f_create_command": lambda admin: admin.create_command(recorded("f_create_command")["request"]["body"]),
    "f_regen_token": lambda admin: admin.renew_command_token(Command.from_json(COMMAND)),
    "v11_d_grant_ephemeral_1_role": lambda admin: admin.set_permissions(
        "xyk4o1sut3fbtjxia3gmn8x3ya", {"create_post_ephemeral"}
    ),
    "v11_d_grant_ephemeral_2_user": lambda admin: admin.set_roles(BOT, {"system_post_all_public", "system_user"}),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_sent_as_it_was_recorded(name: str) -> None:
    exchange = recorded(name)
    request, reply = exchange["request"], exchange["response"]
    with Stub(Reply(reply["status"], reply["body"])) as stub:
        admin = Admin(stub.url, "session")
        CALLS[name](admin)
        admin.close()
    (call,) = stub.calls
    path = request["path"].replace("{bot_user_id}", BOT).replace("{id}", COMMAND["id"])
    assert (call.method, call.path) == (request["method"], path)
    sent = call.json if call.body else None
    expected = request.get("body")
    if expected and "roles" in expected:
        sent, expected = set(sent["roles"].split()), set(expected["roles"].split())
    assert sent == expected
    assert call.headers["Authorization"] == "Bearer session"


def test_what_was_answered_is_read() -> None:
    with Stub(*(Reply(201, recorded(name)["response"]["body"]) for name in list(CALLS)[:3])) as stub:
        admin = Admin(stub.url, "session")
        bot, token, command = (CALLS[name](admin) for name in list(CALLS)[:3])
        admin.close()
    assert (bot.id, bot.username, bot.owner_id, bot.is_enabled) == (BOT, "ai", ADMIN, True)
    assert token == "bottokenbottokenbottokenbo"
    assert (command.team_id, command.trigger, command.token) == (TEAM, "ai", "abhahh8f1tnsud6okbbpr7tife")
    assert command.token not in repr(command)


def test_bots_that_are_switched_off_are_forbidden() -> None:
    refused = recorded("v11_e_create_bot_disabled")["response"]
    with Stub(Reply(refused["status"], refused["body"])) as stub:
        admin = Admin(stub.url, "session")
        with pytest.raises(Forbidden):
            bot_of(admin)
        admin.close()


@pytest.fixture
def place() -> Iterator[Playground]:
    with lab() as found:
        yield found


@pytest.fixture
def admin(place: Playground) -> Iterator[Admin]:
    found = Admin(place.url, place.token("admin"))
    yield found
    found.close()


def test_a_session_begins_with_a_password_and_ends(place: Playground) -> None:
    give_password(place.store, place.user("admin"), "right")
    admin = Admin(place.url, "")
    with pytest.raises(Unauthorized):
        admin.sign_in("admin", "wrong")
    admin.sign_in("admin", "right")
    assert admin.me().is_system_admin
    session = admin._token
    admin.sign_out()
    admin.use(session)
    with pytest.raises(Unauthorized):
        admin.me()
    admin.close()


def test_a_sign_in_without_a_session_is_none() -> None:
    with Stub(Reply(200, {"id": ADMIN})) as stub:
        admin = Admin(stub.url, "")
        with pytest.raises(Garbled):
            admin.sign_in("admin", "right")
        admin.close()


def test_teams_come_in_pages(place: Playground, admin: Admin) -> None:
    for number in range(205):
        place.add_team(f"team-{number:03}")
    gone = place.add_team("gone")
    place.store.put("team", gone["id"], gone | {"delete_at": 1})
    assert len({team.name for team in admin.teams()}) == 206


def test_who_is_unknown_is_none_but_a_proxy_s_404_says_nothing(admin: Admin) -> None:
    assert admin.find_user("nobody") is None
    with Stub(Reply(404, "<html>not here</html>")) as proxy:
        blind = Admin(proxy.url, "session")
        with pytest.raises(NotFound):
            blind.find_user("nobody")
        with pytest.raises(NotFound):
            blind.in_team(TEAM, BOT)
        blind.close()


def test_a_command_without_its_token_is_no_command() -> None:
    with pytest.raises(Garbled):
        Command.from_json(COMMAND | {"token": ""})


# The playground answers as recorded


def _nothing(_place: Playground) -> None:
    """The lab is enough."""


def _without_ai(place: Playground) -> None:
    place.change_user("ai", username="other")
    for command in place.store.every("command"):
        place.store.drop("command", command["id"])


def _bots_off(place: Playground) -> None:
    place.server.settings["EnableBotAccountCreation"] = False


def _as_in_the_lab(place: Playground) -> None:
    place.store.put("role", ROLE_ALL_PUBLIC, {"id": "xyk4o1sut3fbtjxia3gmn8x3ya", "name": ROLE_ALL_PUBLIC})


EXCHANGES: dict[str, Callable[[Playground], None]] = {
    "e_create_bot": _without_ai,
    "e_create_bot_token": _nothing,
    "v11_e_create_bot_disabled": _bots_off,
    "f_create_command": _without_ai,
    "v11_f_create_command_autocomplete_data": _nothing,
    "f_regen_token": _nothing,
    "v11_d_grant_ephemeral_1_role": _as_in_the_lab,
    "v11_d_grant_ephemeral_2_user": _nothing,
    "v11_e_get_own_bot_404": _nothing,
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_playground_answers_an_administrator_as_recorded(name: str) -> None:
    exchange = recorded(name)
    request, expected = exchange["request"], exchange["response"]
    with lab(age_of(name)) as place:
        EXCHANGES[name](place)
        path = request["path"].replace("{bot_user_id}", BOT)
        if "{id}" in path:
            path = path.replace("{id}", place.store.every("command")[0]["id"])
        who = "ai" if name == "v11_e_get_own_bot_404" else "admin"
        found = place.call(who, request["method"], path.removeprefix("/api/v4"), request.get("body"))
    assert found.status == expected["status"]
    body = {key: value for key, value in expected["body"].items() if key != "autocomplete_data"}
    same_shape(body, found.json)


def test_the_settings_of_the_recorded_server_are_told_to_administrators_alone(place: Playground) -> None:
    told = place.call("admin", "GET", "/config").json["ServiceSettings"]
    known = recorded("v11_f_config_settings")["settings"]
    for name in ("EnableBotAccountCreation", "EnableCommands", "AllowedUntrustedInternalConnections"):
        assert told[name] == known[f"ServiceSettings.{name}"]["now"]
    assert place.call("alice", "GET", "/config").status == 403


@pytest.mark.parametrize(
    "call",
    ["POST /bots", "GET /teams", "POST /commands", f"POST /users/{BOT}/tokens", f"PUT /users/{BOT}/roles"],
)
def test_what_an_administrator_may_nobody_else_may(place: Playground, call: str) -> None:
    method, path = call.split()
    assert place.call("alice", method, path, {}).status == 403
