"""PostgreSQL is down when Chorus starts, or is killed under it: a sentence meanwhile, and all goes on once it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url

from tests.acceptance.everything import Everything, copy
from tests.acceptance.house import STORY, House
from tests.acceptance.processes import ROOT, Process, eventually, run
from tests.conftest import _migrate
from tests.postgres import PostgreSQL

FLASK = ("-m", "flask", "--app", "app")
WEB, WORKER = ("-m", "gunicorn", "app:create_app()"), (*FLASK, "worker")
SLOWLY = [{"answer": STORY, "delay_ms_per_word": 300}]
PASSWORDS = ("geheim", "auch-geheim")  # in the two places where an address can hold one


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A server of these tests' own, to be killed; it runs again after each of them."""
    with PostgreSQL() as found:
        yield found


@pytest.fixture
def url(server: PostgreSQL) -> Iterator[str]:
    """A migrated database, in an address with passwords."""
    name = server.create()
    _migrate(server.url(name))
    with_secrets = make_url(server.url(name)).set(password=PASSWORDS[0]).update_query_dict({"password": PASSWORDS[1]})
    yield with_secrets.render_as_string(hide_password=False)
    server.start()
    server.drop(name)


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    """Its web side runs in this process, and its workers in their own."""
    with House(tmp_path, url, script=SLOWLY) as found:
        yield found


@pytest.fixture
def empty_house(url: str, tmp_path: Path) -> Iterator[House]:
    """Nothing of it runs yet."""
    with House(tmp_path, url, web="process") as found:
        yield found


def _said_well(said: str) -> bool:
    """Whether there is the sentence, and neither a traceback nor a password."""
    assert "Traceback" not in said
    assert not any(password in said for password in PASSWORDS)
    return "Check CHORUS_DATABASE_URL and that the server runs." in said


def _answered_once(house: House) -> None:
    (post,) = house.bot_posts()
    assert post["message"].count(STORY) == 1
    assert [(job.kind, job.state) for job in house.jobs()] == [("admit", "done"), ("answer", "done"), ("post", "done")]


def test_release_ends_with_a_sentence_while_the_database_is_down(server: PostgreSQL, empty_house: House) -> None:
    server.kill()
    program = (*FLASK, "release")
    code, said = run(*program, env=empty_house.env, log=empty_house.folder / "log", cwd=copy(empty_house.folder))
    assert code == 1
    assert _said_well(said)


def test_everything_waits_for_a_database_that_starts_later_and_then_answers(
    server: PostgreSQL, empty_house: House
) -> None:
    server.kill()
    with Everything(empty_house) as everything:
        alive = everything.supervisor.trouble
        eventually(lambda: _said_well(everything.supervisor.said), "it says nothing", unless=alive)
        server.start()
        everything.ready()
        empty_house.ask("Why?")
        empty_house.at_rest(everything.supervisor)
        _answered_once(empty_house)
        _said_well(everything.supervisor.said)


def test_the_web_side_gives_questions_back_until_the_database_is_up(server: PostgreSQL, empty_house: House) -> None:
    house, tree = empty_house, copy(empty_house.folder)
    server.kill()
    with Process(*WEB, env=house.env, log=house.folder / "web.log", cwd=tree) as web:
        ready = f"{house.env['CHORUS_PUBLIC_URL']}/readyz"
        eventually(lambda: _said_well(web.said) and "Booting worker" in web.said, "no sentence", unless=web.trouble)
        answer = requests.get(ready, timeout=30)
        assert (answer.status_code, answer.json()["why"]) == (503, "the database did not answer")
        told = house.ask("Why did the pump stop?").text
        assert "The database did not answer" in told
        assert "/ai ask Why did the pump stop?" in told
        server.start()
        eventually(house.is_serving, "it does not come up by itself", unless=web.trouble)
        house.ask("Why?")
        assert [job.kind for job in house.jobs()] == ["admit"]
        _said_well(web.said)


def test_the_web_side_checks_a_database_that_comes_late_as_well(server: PostgreSQL, tmp_path: Path) -> None:
    name = server.create()  # an empty one: nobody ran `release`
    with House(tmp_path, server.url(name), web="process") as house:
        server.kill()
        with Process(*WEB, env=house.env, log=house.folder / "web.log", cwd=copy(tmp_path)) as web:
            eventually(lambda: _said_well(web.said) and "Booting worker" in web.said, "no sentence", unless=web.trouble)
            server.start()
            answer = requests.get(f"{house.env['CHORUS_PUBLIC_URL']}/readyz", timeout=30)
            assert answer.status_code == 503
            assert "Run `.venv/bin/flask --app app release` once" in answer.json()["why"]
            assert "Run `.venv/bin/flask --app app release` once" in house.ask("Why?").text


def test_a_worker_waits_for_a_database_that_starts_later(server: PostgreSQL, house: House) -> None:
    house.ask("Why?")
    server.kill()
    with Process(*WORKER, env=house.env, log=house.folder / "real.log", cwd=ROOT) as worker:
        eventually(lambda: _said_well(worker.said), "it does not say why it waits", unless=worker.trouble)
        server.start()
        eventually(house.workers, "it does not come up by itself", unless=worker.trouble)
        _said_well(worker.said)


def test_a_database_killed_while_a_worker_waits_for_questions_costs_nothing(server: PostgreSQL, house: House) -> None:
    with house.worker() as worker:
        eventually(house.workers, "the worker does not come up", unless=worker.trouble)
        server.kill()
        eventually(
            lambda: "the queue could not be looked into" in worker.said, "it notices nothing", unless=worker.trouble
        )
        told = house.ask("Is anybody there?").text
        assert "/ai ask Is anybody there?" in told
        server.start()
        house.ask("Why?")
        house.at_rest(worker)
    _answered_once(house)


def test_a_database_killed_while_an_answer_is_written_costs_nothing(server: PostgreSQL, house: House) -> None:
    with house.worker() as worker:
        house.ask("Why?")
        eventually(lambda: house.jobs("answer") and house.jobs("answer")[0].words, "no words", unless=worker.trouble)
        server.kill()
        eventually(lambda: "a heartbeat failed" in worker.said, "it notices nothing", unless=worker.trouble)
        server.start()
        house.at_rest(worker)
    _answered_once(house)


def test_a_database_that_is_down_when_an_answer_is_to_be_saved_costs_nothing(server: PostgreSQL, house: House) -> None:
    with house.worker() as worker:
        house.ask("Why?")
        eventually(lambda: house.jobs("answer") and house.jobs("answer")[0].words, "no words", unless=worker.trouble)
        server.kill()
        given_up = "the end of a job could not be written", "the lease was lost"
        eventually(lambda: any(each in worker.said for each in given_up), "it goes on", unless=worker.trouble)
        server.start()
        house.at_rest(worker)
    _answered_once(house)
