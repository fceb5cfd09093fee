"""What the playground says of itself as a server: its slash commands, and what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from tests.playground import Playground
from tests.playground.recorded import recorded
from tests.unit.playground.lab import TEAM, lab


def test_a_bot_sees_a_team_s_commands_without_their_secrets() -> None:
    (expected,) = recorded("f_commands_autocomplete")["response"]["body"]
    with lab("5.37") as playground:
        (found,) = playground.call("ai", "GET", f"/teams/{TEAM}/commands/autocomplete").json
    assert found.keys() == expected.keys()
    for key in ("trigger", "team_id", "token", "url", "method", "username", "auto_complete"):
        assert found[key] == expected[key]


def test_its_answers_carry_its_own_time_once() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_bot("ai")
        playground.advance(3600)
        headers = {"Authorization": f"Bearer {playground.token('ai')}"}
        answer = requests.get(f"{playground.url}/api/v4/users/me", headers=headers, timeout=60)
    ahead = parsedate_to_datetime(answer.headers["Date"]) - datetime.now(UTC)
    assert 3000 < ahead.total_seconds() < 3601
