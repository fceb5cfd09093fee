"""The doctor visits lines on which something is wrong with Mattermost, or with the way from there to Chorus and back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mmapp import migrate
from mmapp.db import Database
from mmapp.doctor import trip
from mmapp.mattermost.internal import internal_addresses
from tests.conftest import KEY
from tests.doctor import Doctor
from tests.playground import server
from tests.playground.stub import Reply, Stub


@pytest.fixture
def closed_port() -> Iterator[int]:
    """One that nobody listens on, nor can for the time of a test."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


# Mattermost itself


def test_a_mattermost_that_is_down_is_named_and_the_rest_looked_at(doctor: Doctor, closed_port: int) -> None:
    found = doctor.visit(mattermost_url=f"http://127.0.0.1:{closed_port}")
    assert found.faults == {"mattermost"}
    assert f"Nothing answers at http://127.0.0.1:{closed_port}" in found.what("mattermost")
    assert not {"database", "keys", "workers", "models"} & found.worst.keys()
    assert found.worst["round trip"] == "skipped"


def test_a_host_that_nobody_knows_is_named(doctor: Doctor) -> None:
    found = doctor.visit(mattermost_url="https://chat.invalid")
    assert "does not know the host chat.invalid" in found.what("mattermost")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, "<html>welcome</html>"), "not Mattermost"),
        (Reply(200, {"hello": "world"}), "not Mattermost"),
        (Reply(404, "<html>not here</html>"), "refuses"),
        (Reply(401, "<html>who are you?</html>"), "refuses"),
        (
            Reply(301, "", {"Location": "https://chat.example.org/login?token=hush"}),
            "redirects to https://chat.example.org,",
        ),
        (Reply(503, "<html>maintenance</html>"), "status 503"),
    ],
)
def test_what_is_no_mattermost_is_named(doctor: Doctor, reply: Reply, words: str) -> None:
    with Stub(reply) as stub:
        found = doctor.visit(mattermost_url=stub.url)
    assert found.faults == {"mattermost"}
    assert words in found.what("mattermost")
    assert "hush" not in found.what("mattermost")


def test_a_certificate_of_one_s_own_authority_needs_its_file(doctor: Doctor, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with Stub(Reply(200, "<html>"), tls=certificate) as stub:
        url = stub.url.replace("http://", "https://")
        assert "CHORUS_CA_FILE" in doctor.visit(mattermost_url=url).what("mattermost")
        assert "not Mattermost" in doctor.visit(mattermost_url=url, ca_file=str(certificate)).what("mattermost")


def test_a_file_without_certificates_is_named(doctor: Doctor) -> None:
    found = doctor.visit(ca_file=str(doctor.env))
    assert found.faults == {"mattermost"}
    assert f"{doctor.env}, which CHORUS_CA_FILE names" in found.what("mattermost")


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, one hour old."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    own = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "chat.pem"
    path.write_bytes(own + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("version", "level"), [("5.36.1.dev", "fault"), ("5.37.0", "ok"), ("10.2.3", "ok"), ("", "warning")]
)
def test_a_version_that_is_too_old_is_named(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, version: str, level: str
) -> None:
    monkeypatch.setitem(server.VERSIONS, doctor.line.playground.server.age, version)
    assert doctor.visit().worst.get("version", "ok") == level


@pytest.mark.parametrize("seconds", [-90, 90])
def test_a_clock_90_s_off_is_named_with_the_figures(doctor: Doctor, seconds: int) -> None:
    doctor.line.playground.advance(seconds)
    found = doctor.visit()
    assert found.worst == {"clock": "warning"}
    off = found.seconds("clock", "ahead of" if seconds > 0 else "behind")
    assert 80 <= off <= 100  # a busy machine takes its time between two looks at clocks


@pytest.mark.parametrize(
    ("setting", "value", "level", "words"),
    [
        ("SiteURL", "https://chat.example.org", "fault", "CHORUS_MATTERMOST_URL=https://chat.example.org"),
        ("SiteURL", "", "fault", "Set SiteURL to"),
        ("EnableCommands", False, "fault", "Switch on Custom Slash Commands"),
        ("PostEditTimeLimit", 300, "warning", "300 s"),
    ],
)
def test_a_setting_of_the_server_that_hinders_is_named(
    doctor: Doctor, setting: str, value: object, level: str, words: str
) -> None:
    doctor.line.playground.server.settings[setting] = value
    found = doctor.visit()
    assert found.worst == {"server settings": level}
    assert words in found.what("server settings")


# The bot


def test_a_revoked_token_is_named(doctor: Doctor) -> None:
    doctor.line.playground.revoke("ai")
    found = doctor.visit()
    assert found.faults == {"token"}
    assert "the token of the bot ai" in found.what("token")
    assert found.worst["round trip"] == "skipped"


def test_the_token_of_another_bot_is_named(doctor: Doctor) -> None:
    playground = doctor.line.playground
    found = doctor.visit(bot_tokens=f"ai={playground.token(playground.add_bot('helper'))}")
    assert found.faults == {"token"}
    assert "belongs to helper" in found.what("token")


def test_a_person_s_token_is_no_bot_s(doctor: Doctor) -> None:
    token = doctor.line.playground.token("ann")
    assert "ann is a person's account" in doctor.visit(bot_tokens=f"ann={token}").what("token")


def test_a_bot_that_may_do_everything_is_named(doctor: Doctor) -> None:
    doctor.line.playground.change_user("ai", roles="system_user system_admin")
    found = doctor.visit()
    assert found.worst == {"token": "warning"}
    assert "role to Member" in found.what("token")


def test_a_team_without_the_bot_is_named_and_the_others_are_looked_at(doctor: Doctor) -> None:
    playground = doctor.line.playground
    other = playground.add_team("ops")
    commands = f"{doctor.line.team['id']}=t1,{other['id']}=t2,eng=t3"
    found = doctor.visit(command_tokens=commands)
    assert found.faults == {"teams"}
    whats = " ".join(one["what"] for one in found.all if one["check"] == "teams")
    assert f"not in the team {other['id']}" in whats
    assert "eng in CHORUS_COMMAND_TOKENS is no team's id" in whats
    assert "round trip" not in found.worst


def test_a_team_without_the_command_is_named(doctor: Doctor) -> None:
    playground = doctor.line.playground
    for command in playground.store.every("command"):
        playground.store.drop("command", command["id"])
    found = doctor.visit()
    assert found.worst == {"commands": "warning"}
    assert f"{doctor.line.settings.public_url}/mattermost/slash" in found.what("commands")


# The round trip


@pytest.mark.parametrize("developer", [True, False])
def test_an_address_that_mattermost_may_not_call_is_named_with_the_value_to_allow(
    doctor: Doctor, developer: bool
) -> None:
    """Only to developers Mattermost says why; else it is found out by asking from here as well."""
    doctor.line.playground.server.settings |= {
        "AllowedUntrustedInternalConnections": False,
        "EnableDeveloper": developer,
    }
    found = doctor.visit()
    assert found.faults == {"round trip"}
    assert "Add 127.0.0.1 under" in found.what("round trip")
    assert "AllowedUntrustedInternalConnections" in found.what("round trip")


@pytest.mark.parametrize("developer", [True, False])
def test_a_web_process_that_does_not_run_is_to_be_started(doctor: Doctor, closed_port: int, developer: bool) -> None:
    doctor.line.playground.server.settings["EnableDeveloper"] = developer
    found = doctor.visit(public_url=f"http://127.0.0.1:{closed_port}")
    assert found.faults == {"round trip"}
    assert "Chorus is not running" in found.what("round trip")
    assert "Start it: `.venv/bin/python app.py`" in found.what("round trip")
    assert found.exit_code == 1


@pytest.mark.parametrize(
    "reply",
    [Reply(200, {}), Reply(200, "ok"), Reply(200, {"error": "?"}), Reply(404, "no"), Reply(500, "boom"), Reply(204)],
)
@pytest.mark.parametrize("developer", [True, False])
def test_another_program_at_our_address_is_named(doctor: Doctor, reply: Reply, developer: bool) -> None:
    doctor.line.playground.server.settings["EnableDeveloper"] = developer
    with Stub(reply) as stub:
        found = doctor.visit(public_url=stub.url)
    assert found.faults == {"round trip"}
    assert "Another program answers" in found.what("round trip")


def test_a_certificate_of_chorus_own_that_is_not_trusted_is_named(doctor: Doctor, tmp_path: Path) -> None:
    with Stub(Reply(200, {}), tls=self_signed(tmp_path)) as stub:
        found = doctor.visit(public_url=stub.url.replace("http://", "https://"))
    assert found.faults == {"round trip"}
    assert "does not trust the certificate" in found.what("round trip")


def test_a_chorus_with_another_secret_key_is_another_installation(doctor: Doctor) -> None:
    found = doctor.visit(secret_key="z" * 40)
    assert found.faults == {"round trip"}
    assert "another CHORUS_SECRET_KEY" in found.what("round trip")


def test_another_database_is_told_apart_though_both_are_empty(doctor: Doctor, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with closing(Database(url, (KEY,))) as other:
        migrate.upgrade(other)
    found = doctor.visit(database_url=url)
    assert "works with another database" in found.what("round trip")
    assert found.faults == {"round trip", "workers"}  # none works with that one


def test_a_firewall_between_mattermost_and_us_is_told_apart_from_a_forbidden_address(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor.line.playground.server.settings["AllowedUntrustedInternalConnections"] = False
    monkeypatch.setattr(trip, "internal_addresses", lambda _host: [])
    found = doctor.visit()
    assert found.faults == {"round trip"}
    assert f"curl {doctor.line.settings.public_url}/healthz" in found.what("round trip")


@pytest.mark.parametrize(
    ("host", "internal"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.9", True),
        ("169.254.1.1", True),
        ("::1", True),
        ("8.8.8.8", False),
    ],
)
def test_internal_addresses_are_those_that_mattermost_does_not_call_by_itself(host: str, internal: bool) -> None:
    assert bool(internal_addresses(host)) is internal


def test_a_bot_in_no_channel_can_carry_nothing(doctor: Doctor) -> None:
    line = doctor.line
    line.playground.remove_member("ai", line.town)
    found = doctor.visit()
    assert found.worst == {"round trip": "warning"}
    assert "/invite @ai" in found.what("round trip")


@pytest.mark.parametrize("state", ["", "forged", None, 7])
def test_whoever_asks_without_our_signature_is_told_nothing(doctor: Doctor, state: object) -> None:
    """Anyone of a team can submit a dialog to any address."""
    line = doctor.line
    body = {
        "url": f"{line.settings.public_url}/mattermost/dialog", "callback_id": "doctor", "state": state,
        "channel_id": line.town["id"], "team_id": line.team["id"], "submission": {}, "cancelled": False,
    }  # fmt: skip
    answer = line.playground.call("ann", "POST", "/actions/dialogs/submit", body)
    assert answer.json == {"error": "This button no longer works. Type `/ai` for new ones."}
