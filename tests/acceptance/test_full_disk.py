"""The disk with the SQLite file is full: the kernel refuses every byte behind a limit, and takes them again later."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.house import STORY, House
from tests.acceptance.processes import Process, eventually

WEB = ("-m", "gunicorn", "app:create_app()")


@pytest.fixture
def house(migrated: Path, tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "chorus.db"
    path.write_bytes(migrated.read_bytes())
    with House(tmp_path, f"sqlite:///{path}", web="process") as found:
        yield found


@contextmanager
def full(house: House, *processes: int) -> Iterator[None]:
    """No room for these processes: no file grows, the log of SQLite's last writes neither."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in processes}
    size = (house.folder / "chorus.db-wal").stat().st_size
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    for pid, limits in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def test_questions_are_given_back_while_the_disk_is_full_and_taken_when_there_is_room(house: House) -> None:
    with Process(*WEB, env=house.env, log=house.folder / "web.log") as web:
        eventually(house.is_serving, "the web side does not come up", unless=web.trouble)
        house.ask("A first one?")
        with full(house, *house.processes("gunicorn")):
            told = house.ask("Why did the pump stop?").text
        assert "The database did not answer" in told
        assert "/ai ask Why did the pump stop?" in told
        house.ask("And a last one?")
        assert [message.text for message in house.messages("question")] == ["A first one?", "And a last one?"]


def test_an_answer_waits_in_its_middle_for_room_on_the_disk(house: House) -> None:
    with Process(*WEB, env=house.env, log=house.folder / "web.log") as web, house.worker() as worker:
        eventually(house.is_serving, "the web side does not come up", unless=web.trouble)
        house.ask("Why?")
        eventually(lambda: house.jobs("answer") and house.jobs("answer")[0].words, "no words", unless=worker.trouble)
        with full(house, worker.pid):
            given_up = ("the end of a job could not be written", "the lease was lost")
            eventually(lambda: any(each in worker.said for each in given_up), "it goes on", unless=worker.trouble)
            assert house.bot_posts() == []
        house.at_rest(worker)
    (post,) = house.bot_posts()
    assert post["message"].count(STORY) == 1
    assert [(job.kind, job.state) for job in house.jobs()] == [("admit", "done"), ("answer", "done"), ("post", "done")]
