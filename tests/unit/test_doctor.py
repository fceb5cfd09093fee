"""What the doctor's parts make of recorded answers, and the line that a start logs where others may read `.env`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmapp import roundtrip
from mmapp.config import Settings
from mmapp.errors import ConfigError, Refused
from mmapp.jobs import worker
from mmapp.mattermost.errors import Forbidden, MattermostError, NotFound, Unauthorized
from mmapp.mattermost.server import Server
from mmapp.signing import Signer
from mmapp.texts import doctor, doctor_chat
from mmapp.web.app import create_app
from mmapp.web.edge import Edge
from tests.conftest import KEY
from tests.playground.recorded import recorded
from tests.playground.stub import Reply, Stub

TEAM, CHANNEL = "t" * 26, "c" * 26


@pytest.fixture
def answering() -> Iterator[Callable[[Reply], Server]]:
    """A server that gives this answer to everything."""
    opened: list[Server] = []
    stubs: list[Stub] = []

    def make(reply: Reply) -> Server:
        stub = Stub(reply)
        stubs.append(stub.__enter__())
        opened.append(Server(stub.url, "a-token"))
        return opened[-1]

    yield make
    for server in opened:
        server.close()
    for stub in stubs:
        stub.__exit__(None, None, None)


def submitted(name: str) -> Reply:
    """What Mattermost answered to a submission, as it was recorded."""
    call = recorded(name)["client_call"]
    return Reply(call["status"], call["answer"])


@pytest.mark.parametrize(
    ("name", "status", "error", "detail"),
    [
        ("c_dialog_submit_error", 200, "Quota used up", ""),
        ("c_dialog_submit_text", 200, "", ""),
        ("v11_c_dialog_submit_text", 500, "", ""),
        ("c_dialog_submit_500", 400, "", "status=500"),
        ("c_dialog_submit_down", 400, "", "connection refused"),
        ("c_dialog_submit_blocked", 400, "", "address forbidden"),
    ],
)
def test_what_came_of_a_submission_is_read_on_both_ages(
    answering: Callable[[Reply], Server], name: str, status: int, error: str, detail: str
) -> None:
    carried = answering(submitted(name)).carry("http://127.0.0.1:1/d", "doctor", "signed", TEAM, CHANNEL)
    assert (carried.status, carried.error) == (status, error)
    assert detail in carried.detail


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("c_dialog_submit_foreign_channel", Forbidden),
        ("c_dialog_submit_no_team", Forbidden),
        ("v11_c_dialog_submit_no_channel", NotFound),
        ("c_dialog_submit_no_auth", Unauthorized),
    ],
)
def test_a_submission_that_mattermost_refuses_is_its_error(
    answering: Callable[[Reply], Server], name: str, kind: type[MattermostError]
) -> None:
    with pytest.raises(kind):
        answering(submitted(name)).carry("http://127.0.0.1:1/d", "doctor", "signed", TEAM, CHANNEL)


def test_the_commands_of_a_team_are_known_by_their_triggers(answering: Callable[[Reply], Server]) -> None:
    body = recorded("f_commands_autocomplete")["response"]["body"]
    assert answering(Reply(200, body)).triggers(TEAM) == {"ai"}


def test_the_settings_that_clients_are_told_are_texts(answering: Callable[[Reply], Server]) -> None:
    found = answering(Reply(200, recorded("v11_f_config_client_as_bot")["response"]["body"])).config()
    assert found["EnableCommands"] == "true"
    assert found["PostEditTimeLimit"] == "-1"


def test_the_first_contact_tells_account_and_version(answering: Callable[[Reply], Server]) -> None:
    answer = recorded("e_me")["response"]
    headers = {"X-Version-Id": answer["headers"]["X-Version-Id"]}
    greeting = answering(Reply(200, answer["body"], headers)).greet()
    assert greeting.me.username == "ai"
    assert greeting.version == (5, 37, 0)


# The round trip's question and answer


def test_an_answer_belongs_to_its_own_question_and_key() -> None:
    mine, others = Signer("s" * 32), Signer("t" * 32)
    first, second = roundtrip.ask(mine), roundtrip.ask(mine)
    answered = roundtrip.answer(mine, first.state, "a1b2")
    with pytest.raises(Refused):
        roundtrip.answer(others, first.state, "a1b2")
    assert roundtrip.database_of(mine, first, answered) == "a1b2"
    assert roundtrip.database_of(mine, second, answered) is None
    assert roundtrip.database_of(others, first, answered) is None
    assert roundtrip.database_of(mine, first, first.state) is None


# Sentences


def test_a_verdict_counts() -> None:
    assert doctor.verdict(0, 0) == "All is well."
    assert doctor.verdict(0, 1) == "No faults; 1 warning."
    assert doctor.verdict(1, 0).startswith("1 fault. Fix ")
    assert doctor.verdict(2, 3).startswith("2 faults, 3 warnings. Fix ")


def test_a_clock_is_ahead_or_behind() -> None:
    assert "90 s ahead of" in doctor_chat.clock(90.4)[0]
    assert "90 s behind" in doctor_chat.clock(-90.4)[0]


# `.env` at the start


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(record.msg))


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".env"
    path.touch(mode=0o600)
    monkeypatch.setitem(Settings.model_config, "env_file", path)
    return path


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False), (0o400, False)])
def test_web_and_worker_warn_at_their_start_of_an_env_that_others_may_read(
    env: Path, database_url: str, mode: int, warned: bool
) -> None:
    env.chmod(mode)
    with Stub(Reply(401, recorded("e_bad_token")["response"]["body"])) as mattermost:
        settings = Settings(
            _env_file=None,
            mattermost_url=mattermost.url,
            public_url="http://127.0.0.1:2",
            bot_tokens=(("ai", "bot"),),
            command_tokens=((TEAM, "right"),),
            secret_key="s" * 32,
            encryption_keys=(KEY,),
            database_url=database_url,
        )
        for start in (start_web, start_worker):
            log = Kept()
            logging.getLogger("mmapp.services").addHandler(log)
            start(settings)
            logging.getLogger("mmapp.services").removeHandler(log)
            assert any("may read the secrets" in line and f"chmod 600 {env}" in line for line in log.lines) is warned


def start_web(settings: Settings) -> None:
    edge: Edge = create_app(settings).extensions["chorus"]
    edge.close()


def start_worker(settings: Settings) -> None:
    """As far as it comes with a token that is not known."""
    with pytest.raises(ConfigError):
        worker.connect(settings, threading.Event())
