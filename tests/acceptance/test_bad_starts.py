"""Chorus is started with a key that does not fit, or where nothing can be logged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.acceptance.house import House
from tests.acceptance.processes import ROOT, Process, eventually, run

WEB, WORKER = ("-m", "gunicorn", "app:create_app()"), ("-m", "flask", "--app", "app", "worker")
FULL = Path("/dev/full")  # takes nothing: "No space left on device"


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, web="process") as found:
        yield found


@pytest.mark.parametrize("program", [WEB, WORKER], ids=["web", "worker"])
def test_a_key_that_reads_nothing_of_what_is_there_ends_the_start_with_a_sentence(
    house: House, program: tuple[str, ...]
) -> None:
    with Process(*WEB, env=house.env, log=house.folder / "first.log") as web:
        eventually(house.is_serving, "the web side does not come up", unless=web.trouble)
        house.ask("Why?")
    wrong = Fernet.generate_key().decode()
    code, said = run(*program, env=house.env | {"CHORUS_ENCRYPTION_KEYS": wrong}, log=house.folder / "log", cwd=ROOT)
    assert code != 0
    assert "Put the old key back, behind the newest one; nothing was lost." in said
    assert "Traceback" not in said
    assert wrong not in said


def test_a_disk_that_takes_no_log_line_costs_nobody_an_answer(house: House) -> None:
    with Process(*WEB, env=house.env, log=FULL) as web, Process(*WORKER, env=house.env, log=FULL) as worker:

        def alive() -> str:
            return "" if web.code is worker.code is None else "one has ended"

        eventually(house.is_serving, "the web side does not come up", unless=alive)
        house.playground.faults.add("POST /api/v4/posts$", status=500)  # something to be logged
        root = house.playground.post_as(house.ann, house.town, "The pump stopped because its filter was blocked.")
        house.ask("--model quotes Why did the pump stop?", root)
        eventually(lambda: house.jobs("post") and house.is_at_rest(), "no answer", unless=alive)
    (post,) = house.bot_posts()
    assert "filter was blocked" in post["message"]
