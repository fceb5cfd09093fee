"""`python app.py`: everything on one machine, as administrators start and stop it, and as it goes wrong."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    root = house.playground.post_as(house.ann, house.town, "The pump stopped because its filter was blocked.")
    house.ask("--model quotes Why did the pump stop?", root)
    eventually(lambda: _answered(house, "filter was blocked"), "the built-in model does not answer", unless=alive)

    master = everything.web()[0]
    _kill(master)
    eventually(lambda: house.is_serving() and master not in everything.web(), "no new web side", unless=alive)
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
    assert everything.supervisor.ended(25) == 0
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
            assert everything.supervisor.ended(25) == 0
            assert b"Listening at" in said
            eventually(lambda: not house.processes(), "processes are left", within=10)


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


@pytest.mark.parametrize("program", [EVERYTHING, WEB, WORKER], ids=["python app.py", "web", "worker"])
def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(house: House, program: tuple[str, ...]) -> None:
    env = house.env | {"CHORUS_DATABASE_URL": "postgresql://chorus:geheim@127.0.0.1:1/chorus"}
    code, said = run(*program, env=env, log=house.folder / "log", cwd=copy(house.folder))
    assert code != 0
    assert "Check CHORUS_DATABASE_URL" in said
    assert "Traceback" not in said
    assert "geheim" not in said


def test_web_and_worker_refuse_an_unmigrated_database_until_release_has_run(house: House) -> None:
    tree = copy(house.folder)
    for number, program in enumerate((WEB, WORKER)):
        code, said = run(*program, env=house.env, log=house.folder / f"{number}.log", cwd=tree)
        assert code != 0
        assert "Run `flask --app app release` once" in said
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
