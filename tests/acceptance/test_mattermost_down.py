"""Mattermost goes away in the middle of a request: nothing is lost, and nothing is posted twice once it is back."""

from __future__ import annotations

import signal
from pathlib import Path

from mmapp.mattermost.retry import ATTEMPTS
from tests.acceptance.house import STORY, Forgetful, House
from tests.acceptance.processes import Process, eventually, free_port
from tests.playground.store import Doc
from tests.playground.world import Playground

GROWING = "".join(f"Filter {number} was clogged, and nobody had looked at it for weeks. " for number in range(1, 9))


def _answered_once(house: House, root: Doc) -> None:
    (post,) = house.bot_posts()
    assert STORY in post["message"]
    assert post["root_id"] == root["id"]
    assert [(job.kind, job.state) for job in house.jobs()] == [("admit", "done"), ("answer", "done"), ("post", "done")]


def _mattermost(database: Path, port: int, log: Path) -> Process:
    program = ("-m", "tests.playground", "--db", str(database), "--port", str(port))
    return Process(*program, env={}, log=log)


def test_mattermost_is_killed_while_an_answer_is_written_and_gets_it_when_it_is_back(
    database_url: str, tmp_path: Path
) -> None:
    port, file, log = free_port(), tmp_path / "mattermost.db", tmp_path / "mattermost.log"
    seen = Playground(db=str(file), port=port)  # the file as the test sees it; another process serves it
    with House(tmp_path, database_url, playground=seen) as house, house.worker() as worker:
        with _mattermost(file, port, log) as server:
            eventually(house.workers, "the worker does not come up", unless=server.trouble)
            root = seen.post_as(house.ann, house.town, "The pump stopped.")
            house.ask("Why?", root)
            eventually(lambda: house.jobs("answer") and house.jobs("answer")[0].words, "it does not write")
            server.signal(signal.SIGKILL)
            assert server.ended() == -signal.SIGKILL
        eventually(lambda: _was_refused(house), "nothing was tried", unless=worker.trouble)
        assert house.bot_posts() == []
        with _mattermost(file, port, log):
            house.at_rest(worker)
            _answered_once(house, root)


def test_mattermost_restarts_while_an_answer_grows_before_people_and_the_post_has_it_whole(
    database_url: str, tmp_path: Path
) -> None:
    port, file, log = free_port(), tmp_path / "mattermost.db", tmp_path / "mattermost.log"
    seen = Playground(db=str(file), port=port)
    growing: list[Doc] = [{"answer": GROWING, "delay_ms_per_word": 60}]
    with House(tmp_path, database_url, playground=seen, script=growing) as house, house.worker() as worker:
        with _mattermost(file, port, log) as server:
            eventually(house.workers, "the worker does not come up", unless=server.trouble)
            house.ask("Why?")
            eventually(house.bot_posts, "nothing of it is shown", unless=worker.trouble)
            server.signal(signal.SIGKILL)
            assert server.ended() == -signal.SIGKILL
        (part,) = house.bot_posts()
        with _mattermost(file, port, log):
            house.at_rest(worker)
        (post,) = house.bot_posts()
        assert post["id"] == part["id"]
        assert len(part["message"]) < len(post["message"])
        assert GROWING.strip() in post["message"]


def _was_refused(house: House) -> bool:
    return any(job.attempts and job.state == "queued" for job in house.jobs("post"))


def test_a_mattermost_that_is_busy_at_every_step_is_waited_for(house: House) -> None:
    root = house.playground.post_as(house.ann, house.town, "The pump stopped.")
    for step in (
        "GET /api/v4/channels/.*/members/",
        f"GET /api/v4/posts/{root['id']}/thread",
        f"GET /api/v4/posts/(?!{root['id']})",
    ):
        house.playground.faults.add(step, status=503, times=ATTEMPTS)
    house.ask("Why?", root)
    with house.worker() as worker:
        house.at_rest(worker)
    _answered_once(house, root)
    assert len(house.told()) == 1


def test_an_answer_whose_creation_went_unanswered_by_a_server_that_forgets_is_posted_once(house: House) -> None:
    house.playground.server.pending = Forgetful()
    root = house.playground.post_as(house.ann, house.town, "The pump stopped.")
    lost = house.playground.faults.add("POST /api/v4/posts$", drop="after", times=2)
    house.ask("Why?", root)
    with house.worker() as worker:
        house.at_rest(worker)
    assert lost.seen
    _answered_once(house, root)


def test_a_worker_that_starts_before_mattermost_waits_for_it(database_url: str, tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "mattermost.db"
    seen = Playground(db=str(file), port=port)
    with House(tmp_path, database_url, playground=seen) as house, house.worker() as worker:
        eventually(lambda: "waiting for Mattermost" in worker.said, "it does not wait", unless=worker.trouble)
        with _mattermost(file, port, tmp_path / "mattermost.log"):
            eventually(house.workers, "the worker does not come up", unless=worker.trouble)
