"""A Mattermost with people in it, Chorus' web side and its database: everything but the worker, which tests start."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from sqlalchemy import select
from werkzeug.serving import make_server

from mmapp.config import Settings
from mmapp.db import Database
from mmapp.models import Job, Message, WorkerRecord
from mmapp.web.app import create_app
from mmapp.web.edge import Edge
from tests.acceptance.processes import Process, eventually, free_port, living
from tests.conftest import KEY
from tests.playground.store import Doc
from tests.playground.world import Answer, Playground, _Quiet

LEASE = 4  # seconds: the least that is allowed, so that takeovers are quick
STORY = "The pump stopped since seven filters clogged while nobody noticed that the old valve leaked oil."


class Forgetful(dict[str, Any]):
    """`pending_post_id`s in the memory of a server that was restarted, or of another one behind the same address."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Forgotten at once."""


class House:
    """People `ask`; `worker` starts a process that answers. With `web` "thread" the web side runs in this process, with
    "process" in none yet: it is to be started with `env` and listens on `port`. A
    `playground` of the test's own is not started here."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        web: str = "thread",
        script: list[Doc] | None = None,
        playground: Playground | None = None,
        lease: int = LEASE,
    ) -> None:
        self.folder, self._workers = folder, 0
        age = "5.37" if database_url.startswith("sqlite") else "11"  # both ages and both databases, in two runs
        self.playground = playground or Playground(age).start()
        self.team = self.playground.add_team("eng")
        self.ann = self.playground.add_user("ann")
        self.bot = self.playground.add_bot("ai")
        self.town = self.playground.add_channel("O", "town", members=(self.ann, self.bot))
        self.port = free_port()
        public = f"http://127.0.0.1:{self.port}"
        command = self.playground.add_command(self.team, "ai", f"{public}/mattermost/slash", username="ai")
        models = folder / "models"
        models.mkdir()
        script = script or [{"answer": STORY, "delay_ms": 100, "delay_ms_per_word": 60}]
        (models / "story.scripted.json").write_text(json.dumps(script))
        self.env = {
            "CHORUS_MATTERMOST_URL": self.playground.url,
            "CHORUS_PUBLIC_URL": public,
            "CHORUS_BOT_TOKENS": f"ai={self.playground.token(self.bot)}",
            "CHORUS_COMMAND_TOKENS": f"{self.team['id']}={command}",
            "CHORUS_SECRET_KEY": "s" * 32,
            "CHORUS_ENCRYPTION_KEYS": KEY,
            "CHORUS_DATABASE_URL": database_url,
            "CHORUS_MODELS_DIR": str(models),
            "CHORUS_PORT": str(self.port),
            "CHORUS_LEASE_SECONDS": str(lease),
            "CHORUS_THREADS": "1",
            "CHORUS_STATES_MB": "64",
            "CHORUS_ACCESS": "everyone",
            "CHORUS_REQUESTS_PER_PERSON": "100000",  # counted as anywhere, and never the reason that nothing happens
            "CHORUS_REQUESTS_PER_CHANNEL": "100000",
            "TMPDIR": str(
                folder
            ),  # all that is started for this house is known by it: models' processes are told no more
        }
        self.database = Database(database_url, (KEY,))
        self._stop_web = self._serve() if web == "thread" else lambda: None

    def _serve(self) -> Any:
        ours = {name: value for name, value in self.env.items() if name.startswith("CHORUS_")}
        given: dict[str, Any] = {name.removeprefix("CHORUS_").lower(): value for name, value in ours.items()}
        app = create_app(Settings(_env_file=None, **given))
        server = make_server("127.0.0.1", self.port, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()
            edge: Edge = app.extensions["chorus"]
            edge.close()

        return stop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_web()
        self.database.close()
        self.playground.stop()

    def worker(self, point: str = "never", *options: str) -> Process:
        """A worker's process, which ends itself at `point`."""
        program = ("-m", "tests.acceptance.crashing_worker", point, *options)
        self._workers += 1
        return Process(*program, env=self.env, log=self.folder / f"worker-{self._workers}.log")

    # What people do

    def ask(self, words: str, root: Doc | None = None, who: Doc | None = None) -> Answer:
        """Type `/ai ask …`, in the thread of `root` where one is given; on 5.37 that must be named."""
        if root and self.playground.age == "5.37":
            words = f"--thread {self.playground.link(root)} {words}"
        return self.playground.slash(who or self.ann, self.town, f"/ai ask {words}", root["id"] if root else "")

    # What there is to see

    def is_serving(self) -> bool:
        """Whether the web side says that it is ready."""
        try:
            return requests.get(f"{self.env['CHORUS_PUBLIC_URL']}/readyz", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def processes(self, name: str = "") -> dict[int, str]:
        """All living processes that were started for this house, and whose command line holds a name."""
        return {pid: command for pid, command in living(f"TMPDIR={self.folder}\0").items() if name in command}

    def jobs(self, *kinds: str) -> list[Job]:
        with self.database.read() as session:
            wanted = select(Job).order_by(Job.id)
            return list(session.scalars(wanted.where(Job.kind.in_(kinds)) if kinds else wanted))

    def is_at_rest(self) -> bool:
        """Whether there is nothing left to do."""
        return all(job.state not in ("queued", "running") for job in self.jobs())

    def at_rest(self, *workers: Process) -> None:
        """Wait until everything is done."""

        def trouble() -> str:
            return "".join(worker.trouble() for worker in workers)

        eventually(self.is_at_rest, f"work is left: {self.all_that_is_known()}", unless=trouble)

    def all_that_is_known(self) -> str:
        return ", ".join(f"{job.kind} {job.state} {job.attempts}" for job in self.jobs())

    def messages(self, role: str) -> list[Message]:
        with self.database.read() as session:
            return list(session.scalars(select(Message).where(Message.role == role)))

    def workers(self) -> list[WorkerRecord]:
        """The workers that have ever given a sign of life, the newest last."""
        with self.database.read() as session:
            return list(session.scalars(select(WorkerRecord).order_by(WorkerRecord.started_at)))

    def bot_posts(self) -> list[Doc]:
        """All that the bot has posted, anywhere, deleted posts too."""
        return [post for post in self.playground.store.posts("original_id = ''") if post["user_id"] == self.bot["id"]]

    def told(self, who: Doc | None = None) -> list[str]:
        """The ephemeral messages that somebody was shown."""
        return [post["message"] for post in self.playground.ephemerals(who or self.ann)]
