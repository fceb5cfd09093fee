"""An installation to measure: a playground, a database, and web and worker as processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import update

from mmapp import migrate
from mmapp.db import Database
from mmapp.models import Job
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually, free_port, living
from tests.conftest import KEY
from tests.playground import commands
from tests.playground.store import Doc
from tests.playground.world import Playground

LEASE = 30  # seconds, as it is where nobody sets it
LONG = 300.0  # seconds: a model loads, writes


class Site(House):
    """A house with real models, or with a `script` for a made one. Its processes are started when they are asked for."""

    def __init__(
        self,
        folder: Path,
        models: Mapping[str, Path],
        url: str = "",
        *,
        script: list[Doc] | None = None,
        playground: Playground | None = None,
    ) -> None:
        folder.mkdir(parents=True)
        url = url or f"sqlite:///{folder / 'chorus.db'}"
        if left := living(url):  # of a run that was broken off: they would work here too, and be counted
            raise RuntimeError(f"processes of an earlier run still live: {', '.join(map(str, left))}")
        database = Database(url, (KEY,))
        migrate.upgrade(database)
        database.close()
        super().__init__(folder, url, web="process", lease=LEASE, script=script, playground=playground)
        for name, path in models.items():
            (folder / "models" / f"{name}.gguf").symlink_to(path)
        self.env |= {"CHORUS_DEFAULT_MODEL": next(iter(models), "story" if script else "quotes")}
        self.command: Doc = self.playground.store.every("command")[0]

    def people(self, count: int) -> list[Doc]:
        """As many more people in the town."""
        found = [self.playground.add_user(f"person{number}") for number in range(1, count + 1)]
        for person in found:
            self.playground.join(person, self.town)
        return found

    def form(self, who: Doc, words: str) -> dict[str, str]:
        """What Mattermost sends for `/ai ask …`."""
        mm = self.playground.server
        return dict(commands._form(mm, who, self.town, self.command, f"ask {words}", "")[1])

    @contextmanager
    def web(self) -> Iterator[Process]:
        """gunicorn, as in production."""
        with self.gunicorn("app:create_app()", self.port) as process:
            eventually(self.is_serving, "the web side does not come up", unless=process.trouble)
            yield process

    @contextmanager
    def gunicorn(self, app: str, port: int = 0, **env: str) -> Iterator[Process]:
        """Any Flask application under Chorus' own configuration of gunicorn."""
        env = self.env | {"CHORUS_PORT": str(port or free_port())} | env
        log = self.folder / f"web-{port}.log"
        with Process("-m", "gunicorn", app, env=env, log=log) as process:
            yield process

    @contextmanager
    def answering(self, tokens: int, *options: str) -> Iterator[Process]:
        """A worker with its model loaded, whose answers have at most so many tokens."""
        program = ("-m", "tests.bench.worker", str(tokens), *options)
        with Process(*program, env=self.env, log=self.folder / "worker.log") as process:
            wanted = self.env["CHORUS_DEFAULT_MODEL"]

            def is_warm() -> bool:
                return any(one.pid == process.pid and wanted in one.warm for one in self.workers())

            eventually(is_warm, "the worker does not come up", within=LONG, unless=process.trouble)
            yield process

    def is_writing(self) -> bool:
        """Whether an answer is being written: some of its words are there."""
        return any(job.state == "running" and job.words for job in self.jobs("answer"))

    def clear(self) -> None:
        """Admit what was asked, and then let nothing of it wait any more."""
        eventually(lambda: all(job.state != "queued" for job in self.jobs("admit")), "requests are not admitted")
        with self.database.write() as session:
            session.execute(update(Job).where(Job.state == "queued").values(state="cancelled"))


@contextmanager
def working(site: Site, tokens: int, *options: str) -> Iterator[Process]:
    """Web and worker; the worker's process."""
    with ExitStack() as stack:
        stack.enter_context(site)
        stack.enter_context(site.web())
        yield stack.enter_context(site.answering(tokens, *options))
