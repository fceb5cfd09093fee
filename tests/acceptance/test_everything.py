"""`python app.py`: everything on one machine, as administrators start and stop it, and as it goes wrong."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from mmapp.models import Job
from tests.acceptance.everything import Everything, copy
from tests.acceptance.house import House
from tests.acceptance.processes import BOUND, Process, eventually, run

FLASK = ("-m", "flask", "--app", "app")
EVERYTHING, WEB, WORKER = ("app.py",), ("-m", "gunicorn", "app:create_app()"), (*FLASK, "worker")
LONG = " ".join(f"word{number}" for number in range(60))
SCRIPT = [
    {"contains": "at length", "answer": LONG, "delay_ms_per_word": 100},
    {"answer": "It ran dry."},
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path / 'chorus.db'}"
    with House(tmp_path, url, web="process", script=SCRIPT) as found:
        yield found


@pytest.fixture
def everything(house: House) -> Iterator[Everything]:
    with Everything(house) as found:
        found.ready()
        yield found


def _answered(house: House, words: str) -> bool:
    return any(words in post["message"] for post in house.bot_posts())


def _has_words(house: House) -> Job | None:
    """The answer that runs, once some of it is on the disk."""
    return next((job for job in house.jobs("answer") if job.state == "running" and job.words), None)


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{pid}").exists(), f"{pid} does not end")


def test_everything_answers_and_what_is_killed_is_started_again(everything: Everything) -> None:
    house, alive = everything.house, everything.supervisor.trouble
    for program in ("scheduler", "listener"):
        eventually(lambda program=program: house.processes(f"--app app {program}"), f"no {program}", unless=alive)
    root = house.playground.post_as(house.ann, house.town, "The pump stopped because its filter was blocked.")
    house.ask("--model quotes Why did the pump stop?", root)
    eventually(lambda: _answered(house, "filter was blocked"), "the built-in model does not answer", unless=alive)

    before = everything.web()
    _kill(before[0])  # its worker process serves for another second, and drops what it has taken when it goes

    def renewed() -> bool:
        return house.is_serving() and not set(before) & set(everything.web())

    eventually(renewed, "no new web side", unless=alive)
    house.ask("Why?", root)
    eventually(lambda: _answered(house, "It ran dry."), "no answer through the new web side", unless=alive)

    house.ask("Tell it at length.", root)
    eventually(lambda: _has_words(house), "no words are saved", unless=alive)
    _kill(everything.worker()[0])
    eventually(everything.is_working, "no new worker", unless=alive)
    eventually(house.is_at_rest, "the question in flight is not answered", unless=alive)
    assert [LONG in post["message"] for post in house.bot_posts()] == [False, False, True]
    assert {job.state for job in house.jobs()} == {"done"}
    assert "ontrol socket" not in everything.supervisor.said  # gunicorn's own, in the home directory, for all to share


def test_sigterm_ends_everything_and_hands_a_running_answer_back_for_the_next_start(everything: Everything) -> None:
    house = everything.house
    house.ask("Tell it at length.")
    eventually(lambda: _has_words(house), "no words are saved", unless=everything.supervisor.trouble)
    everything.supervisor.signal(signal.SIGTERM)
    assert everything.supervisor.ended() == 0
    assert house.processes() == {}
    (job,) = house.jobs("answer")
    assert (job.state, job.attempts, job.lease_token) == ("queued", 0, None)
    assert job.words
    assert LONG.startswith(job.words)
    assert house.bot_posts() == []

    everything.start_again()
    eventually(house.is_at_rest, "the answer is not finished", unless=everything.supervisor.trouble)
    (post,) = house.bot_posts()
    assert post["message"].count(LONG) == 1
    assert post["message"].count("word") == 60
    (answer,) = house.messages("answer")
    assert answer.provenance["written"] == 60 - len(job.words.split())


def test_its_logs_go_to_a_socket_as_well_which_is_what_systemd_gives_it(house: House) -> None:
    ours, journal = socket.socketpair()
    with ours:
        with journal:
            everything = Everything(house, journal)
        with everything:
            everything.ready()
            said = b""
            ours.settimeout(BOUND)
            while b"the worker is ready" not in said:
                said += ours.recv(65536)
            everything.supervisor.signal(signal.SIGTERM)
            assert everything.supervisor.ended() == 0
            assert b"Listening at" in said
            eventually(lambda: not house.processes(), "processes are left", within=10)


def _read(terminal: int, until: str) -> str:
    """What a terminal shows up to these words."""
    shown = b""
    deadline = time.monotonic() + BOUND
    while until.encode() not in shown:
        assert select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0], shown.decode()
        shown += os.read(terminal, 65536)
    return shown.decode()


def test_a_terminal_is_told_in_plain_words_and_its_end_is_the_end_of_everything(house: House) -> None:
    mine, theirs = pty.openpty()
    with Everything(house, terminal=os.ttyname(theirs)) as everything:
        shown = _read(mine, "(Ctrl-C stops it).")
        assert shown.startswith("Starting Chorus …")
        assert f"Chorus is running at http://127.0.0.1:{house.port} (Ctrl-C stops it)." in shown
        assert house.is_serving()
        assert everything.is_working()
        for each in (theirs, mine):
            os.close(each)
        everything.supervisor.ended()
        assert house.processes() == {}
        assert house.workers() == []  # it took its sign of life back: nobody is told that somebody answers
        everything.program = EVERYTHING
        everything.start_again()
        everything.ready()
        assert "Starting Chorus" not in everything.supervisor.said  # in a log are the log's lines alone


def test_a_second_start_ends_with_a_sentence_and_disturbs_nobody(everything: Everything) -> None:
    house = everything.house
    code, said = run(*EVERYTHING, env=everything.env, log=house.folder / "second.log", cwd=everything.tree)
    assert (code, said.count("\n")) == (1, 1)
    assert f"Port {house.port} on 127.0.0.1 is in use. Is Chorus running already?" in said
    assert house.is_serving()
    assert len(everything.worker()) == 1


def test_a_log_that_a_shell_opened_is_not_written_over(house: House) -> None:
    """`> chorus.log` does not append, so each process would begin where it thinks that the file ends."""
    log = house.folder / "chorus.log"
    with log.open("wb") as out, Everything(house, out) as everything:
        everything.ready()
        before = log.read_bytes()
        _kill(everything.web()[0])
        eventually(lambda: b"exited: web" in log.read_bytes(), "supervisor says nothing of it")
        everything.ready()
        assert log.read_bytes().startswith(before)


def test_a_question_can_be_followed_through_the_log_by_its_request(everything: Everything) -> None:
    house = everything.house
    house.ask("Why · so?")
    house.at_rest(everything.supervisor)
    (question,) = house.messages("question")

    def events() -> list[str]:
        lines = [json.loads(line) for line in everything.supervisor.said.splitlines() if line.startswith("{")]
        return [line["event"] for line in lines if line.get("request") == question.id]

    eventually(lambda: events()[-1:] == ["posted"], "its delivery is not told")
    assert sorted(events()) == ["answered", "command", "posted"]


def test_a_wrong_key_ends_the_start_with_one_sentence(house: House) -> None:
    with Everything(house) as everything:
        everything.ready()
        house.ask("Why?")
    wrong = everything.env | {"CHORUS_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    code, said = run(*EVERYTHING, env=wrong, log=house.folder / "wrong.log", cwd=everything.tree)
    assert (code, said.count("\n")) == (1, 1)
    assert "Put the old key back" in said
    assert "If the key is gone for good, those texts are lost" in said


def test_a_token_that_is_refused_is_said_once_and_questions_wait_until_it_is_accepted(house: House) -> None:
    house.playground.revoke("ai")
    with Everything(house) as everything:
        refused = "does not accept the token of the bot ai"
        eventually(lambda: refused in everything.supervisor.said, "it does not say why it waits")
        worker = everything.worker()
        house.playground.restore("ai")
        everything.ready()
        assert everything.worker() == worker
        for line in ("waiting until Mattermost accepts the bot", "a bot hears nothing"):  # the worker's, the listener's
            assert everything.supervisor.said.count(line) <= 1


def test_before_setup_the_start_says_what_to_run(tmp_path: Path) -> None:
    code, said = run(*EVERYTHING, env={}, log=tmp_path / "log", cwd=copy(tmp_path))
    assert code == 1
    assert said == "Chorus is not set up yet. Run `.venv/bin/flask --app app setup`.\n"


@pytest.mark.parametrize("program", [EVERYTHING, WEB, WORKER], ids=["python app.py", "web", "worker"])
def test_wrong_settings_end_each_program_with_one_list_of_all_faults(tmp_path: Path, program: tuple[str, ...]) -> None:
    wrong = {"CHORUS_PORT": "many", "CHORUS_SECRET_KEY": "short-one", "CHORUS_DATABASE_URL": "x", "CHORUS_WINDO": "512"}
    code, said = run(*program, env=wrong, log=tmp_path / "log", cwd=copy(tmp_path))
    assert code != 0
    assert said.count("Chorus cannot start.") == 1
    for fault in ("MATTERMOST_URL is missing", "PORT", "SECRET_KEY must", "DATABASE_URL must", "WINDO is no setting"):
        assert f"- CHORUS_{fault}" in said
    assert "Traceback" not in said
    assert "short-one" not in said


def test_web_and_worker_refuse_an_unmigrated_database_until_release_has_run(house: House) -> None:
    tree = copy(house.folder)
    for number, program in enumerate((WEB, WORKER)):
        code, said = run(*program, env=house.env, log=house.folder / f"{number}.log", cwd=tree)
        assert code != 0
        assert "Run `.venv/bin/flask --app app release` once" in said
        assert "Traceback" not in said
    code, said = run(*FLASK, "release", env=house.env, log=house.folder / "release.log", cwd=tree)
    assert code == 0, said
    with (
        Process(*WEB, env=house.env, log=house.folder / "web.log", cwd=tree) as web,
        Process(*WORKER, env=house.env, log=house.folder / "worker.log", cwd=tree) as worker,
    ):
        eventually(house.is_serving, "the web side does not come up", unless=web.trouble)
        house.ask("--model quotes Why?", house.playground.post_as(house.ann, house.town, "It ran dry."))
        eventually(lambda: _answered(house, "It ran dry."), "no answer", unless=worker.trouble)
