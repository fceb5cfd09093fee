"""`flask --app app setup` where something is in the way: each ends in a sentence that says what to do, and harms nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmapp import config
from mmapp.setup import work
from tests.acceptance.processes import free_port
from tests.installation import PASSWORD, PUBLIC_URL, Installation, said
from tests.playground.rest_admin import give_password
from tests.playground.stub import Reply, Stub
from tests.scenarios.test_doctor_mattermost import self_signed


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    with Installation(tmp_path, monkeypatch) as found:
        yield found


# The address


def test_nothing_answers_there(place: Installation) -> None:
    assert "Nothing answers at" in place.refuses("--url", f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("reply", "why"),
    [(Reply(200, "<html>Welcome</html>"), "the answer is HTML"), (Reply(404, "?"), "404 for /api/v4/config/client")],
)
def test_something_answers_that_is_not_mattermost(place: Installation, reply: Reply, why: str) -> None:
    place.env.write_text("# ours\n")
    with Stub(reply) as page:
        told = place.refuses("--url", page.url)
    assert f"What answers at {page.url} is not Mattermost ({why}). Check the address and its sub-path" in told
    assert "Nothing was changed." in told
    assert place.env.read_text() == "# ours\n"


def test_a_host_that_this_machine_does_not_know(place: Installation) -> None:
    assert "This machine does not know the host chat.invalid." in place.refuses("--url", "http://chat.invalid")


def test_a_wrong_address_is_asked_for_again_before_anything_else(place: Installation) -> None:
    with Stub(Reply(404, "?")) as page:
        ran = place.type(page.url, place.playground.url, "", "root", PASSWORD, "", "", "")
    assert ran.exit_code == 0, ran.output
    asked = ("Mattermost's address", "is not Mattermost", "Mattermost's address", "Mattermost reaches Chorus [")
    places = [ran.output.index(asked[0])]
    for words in asked[1:]:
        places.append(ran.output.index(words, places[-1] + 1))
    assert ran.output.count("Mattermost reaches Chorus [") == 1
    assert page.calls[0].path.startswith("/api/v4/config/client")
    assert place.load().mattermost_url == place.playground.url


def test_a_redirect_is_named_and_not_followed(place: Installation) -> None:
    with Stub(Reply(301, "", {"Location": "https://chat.example.org/api/v4/x"})) as other:
        assert "leads elsewhere: https://chat.example.org" in place.refuses("--url", other.url)
        assert len(other.calls) == 1


def test_no_password_is_sent_to_a_certificate_that_is_not_trusted(place: Installation, tmp_path: Path) -> None:
    with Stub(Reply(200, {}), tls=self_signed(tmp_path)) as server:
        url = server.url.replace("http:", "https:")
        assert "CHORUS_CA_FILE" in place.refuses("--url", url)
        assert server.calls == []


def test_the_file_of_an_authority_named_in_env_is_used(place: Installation, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    place.env.write_text(f"CHORUS_CA_FILE={certificate}\n")
    with Stub(Reply(200, "<html>"), tls=certificate) as server:
        assert "is not Mattermost" in place.refuses("--url", server.url.replace("http:", "https:"))


def test_a_file_of_an_authority_that_holds_no_certificate(place: Installation) -> None:
    place.env.write_text(f"CHORUS_CA_FILE={place.env}\n")
    assert "it must name a file of certificates" in place.refuses()


@pytest.mark.parametrize(
    "address",
    [
        "chat.example.org",
        "https://root:secret@chat.example.org",
        "https://a.b/?c",
        "https://a.b/c d",
        "https://a.b/${HOME}",
        "https://a.b/\nCHORUS_PROXY=c",
    ],
)
def test_what_is_no_address_is_said_before_anything_is_asked(place: Installation, address: str) -> None:
    told = place.refuses("--url", address)
    assert "must" in told
    assert "secret" not in told


# Signing in


def test_a_wrong_password_names_every_way_on(place: Installation) -> None:
    told = place.refuses(password="wrong")
    assert "does not let root in" in told
    assert "setup --print" in told


def test_after_too_many_wrong_passwords_the_right_one_is_told_of_the_lock(place: Installation) -> None:
    place.playground.server.settings["MaximumLoginAttempts"] = 5
    wrong = [answer for _ in range(3) for answer in ("wrong", "")]
    for _ in range(2):  # three are asked for in one run, so the fifth comes in the second
        ran = place.type("root", *wrong, options=("--url", place.playground.url, "--public-url", PUBLIC_URL))
        assert ran.exit_code == 1
    assert (place.playground.store.get("credentials", place.root["id"]) or {})["failed"] == 5
    assert "the account was locked" in place.refuses()


def test_a_second_try_with_the_right_password_goes_on(place: Installation) -> None:
    addresses = ("--url", place.playground.url, "--public-url", PUBLIC_URL)
    ran = place.type("root", "wrong", "", PASSWORD, "", "", "", options=addresses)
    assert ran.exit_code == 0, ran.output


def test_a_code_is_asked_for_where_the_account_has_one(place: Installation) -> None:
    give_password(place.playground.store, place.root, PASSWORD, code="123456")
    addresses = ("--url", place.playground.url, "--public-url", PUBLIC_URL)
    ran = place.type("root", PASSWORD, "123456", "", "", "", options=addresses)
    assert ran.exit_code == 0, ran.output
    assert "123456" not in ran.output


def test_who_is_no_administrator_can_have_the_steps_shown(place: Installation) -> None:
    ann = place.playground.add_user("ann")
    give_password(place.playground.store, ann, "anns")
    assert "@ann is not a system administrator" in place.refuses(user="ann", password="anns")
    assert not [token for token in place.playground.store.tokens(ann["id"]) if token[1].get("session")]
    assert "@ann is not a system administrator" in place.refuses(token=place.playground.token("ann"))


@pytest.mark.parametrize("token", ["x" * 26, "half a tokén"])
def test_a_token_that_is_not_accepted_says_what_works_instead(place: Installation, token: str) -> None:
    assert "Sign in by username and password instead." in place.refuses(token=token)


def test_the_session_is_ended_also_when_setup_breaks_off(place: Installation) -> None:
    place.playground.faults.add("POST /api/v4/commands", status=500, times=9)
    assert place.setup().exit_code == 1
    assert place.sessions() == []


def test_the_session_is_ended_also_when_somebody_gives_up(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(work.Person, "agrees", give_up)  # asked at the end, about notices
    assert place.type_as_root("", "").exit_code == 1
    assert len(place.commands()) == 1
    assert place.sessions() == []


def test_a_script_without_a_secret_is_told_where_it_goes(place: Installation) -> None:
    assert "CHORUS_SETUP_PASSWORD" in place.refuses(password="")


def test_a_session_that_cannot_be_ended_is_said(place: Installation) -> None:
    place.playground.faults.add("POST /api/v4/users/logout", status=500, times=9)
    ran = place.setup()
    assert ran.exit_code == 0
    assert "The session could not be ended" in ran.output


def test_an_administrator_s_secret_in_what_runs_stops_its_start(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.setup()
    monkeypatch.setenv("CHORUS_SETUP_TOKEN", "x" * 26)
    with pytest.raises(config.ConfigError, match=r"CHORUS_SETUP_TOKEN is for `\.venv/bin/flask --app app setup` alone"):
        config.load()


# The server


def test_a_server_that_is_too_old(place: Installation) -> None:
    place.playground.faults.add("GET /api/v4/config/client", body=json.dumps({"Version": "5.36.2"}))
    assert "This Mattermost is 5.36.2; Chorus needs 5.37 or later" in place.refuses()


WRONG = {
    "SiteURL": ("https://chat.example.org", "Environment > Web Server > Site URL"),
    "EnableBotAccountCreation": (False, "Integrations > Bot Accounts > Enable Bot Account Creation"),
    "EnableCommands": (False, "Integrations > Integration Management > Enable Custom Slash Commands"),
    "AllowedUntrustedInternalConnections": ("", "Environment > Developer > Allow untrusted internal connections to"),
}


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_is_wrong_is_named_with_its_place(place: Installation, setting: str) -> None:
    place.playground.server.settings[setting] = WRONG[setting][0]
    told = place.refuses()
    assert f"System Console > {WRONG[setting][1]}" in told
    assert [other for other in WRONG if other != setting and WRONG[other][1] in told] == []


def test_all_that_is_wrong_is_named_at_once(place: Installation) -> None:
    place.playground.server.settings |= {name: value for name, (value, _) in WRONG.items()}
    told = place.refuses()
    assert all(where in told for _, where in WRONG.values())


@pytest.mark.parametrize(
    ("allowed", "public_url", "enough"),
    [
        ("127.0.0.1", "http://127.0.0.1:8066", True),
        ("localhost 10.0.0.0/8", "http://10.1.2.3:8066", True),
        ("10.0.0.0/8,127.0.0.0/8", "http://localhost:8066", True),
        ("10.1.2.30", "http://10.1.2.3:8066", False),
        ("localhost", "http://127.0.0.1:8066", False),
        ("", "http://[fd00::1]:8066", False),
        ("", "https://8.8.8.8", True),
    ],
)
def test_internal_addresses_need_leave(place: Installation, allowed: str, public_url: str, enough: bool) -> None:
    place.playground.server.settings["AllowedUntrustedInternalConnections"] = allowed
    ran = place.setup("--public-url", public_url)
    assert (ran.exit_code == 0) is enough, ran.output


def test_setup_goes_on_once_the_settings_are_fixed(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = place.playground.server.settings
    settings["EnableCommands"] = False

    def fix_and_agree(_person: work.Person, _question: str, *, default: bool = False) -> bool:
        settings["EnableCommands"] = True
        return default

    monkeypatch.setattr(work.Person, "agrees", fix_and_agree)
    ran = place.type_as_root("", "")
    assert ran.exit_code == 0, ran.output
    assert "Enable Custom Slash Commands" in said(ran)
    assert len(place.commands()) == 1


@pytest.mark.parametrize("override", [False, True])
def test_whose_name_notices_bear_is_advice_and_no_fault(place: Installation, override: bool) -> None:
    place.playground.server.settings["EnablePostUsernameOverride"] = override
    ran = place.setup()
    assert ran.exit_code == 0
    assert ("Enable integrations to override usernames" in said(ran)) is not override


def test_whose_name_notices_bear_is_no_matter_once_the_bot_has_a_right_to_its_own(place: Installation) -> None:
    place.playground.server.settings["EnablePostUsernameOverride"] = False
    granted = place.type_as_root("", "", "y")
    assert granted.exit_code == 0, granted.output
    assert "override usernames" not in said(granted)


def test_whose_name_notices_bear_is_told_after_the_question(place: Installation) -> None:
    place.playground.server.settings["EnablePostUsernameOverride"] = False
    left = said(place.type_as_root("", "", "n"))
    assert left.index("Grant it?") < left.index("override usernames")
