"""Forty people ask while web, worker, database and Mattermost are killed at random. What is left must be whole."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from mmapp import migrate
from mmapp.jobs import fairness
from mmapp.texts import ask as texts
from mmapp.texts import trust
from tests.acceptance.everything import SCRIPTED, copy
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually, free_port
from tests.acceptance.service import Service, Writer
from tests.playground.store import Doc
from tests.playground.world import Playground
from tests.postgres import PostgreSQL

EACH = 5  # questions of one person, one after the other: never more of hers are open
LONG_ONE = 20  # every twentieth answer is shown while it is written, and there are saved words to go on from
SIGH = 0.5  # seconds until who was refused asks the next one: or a down database refuses all of them within a moment
PATIENCE = 240.0  # seconds for one answer: fair shares let others go first, and kills take their time
TARGETS = ("web", "worker", "database", "playground")
PROGRAMS = {"web": ("-m", "gunicorn", "app:create_app()"), "worker": ("-m", "flask", "--app", "app", "worker")}
# A Mattermost that forgets at once which posts it has just made: then only Chorus' own rules keep it from making two.
FORGETFUL = "from tests.playground import __main__, posting; posting.PENDING_MS = 0; __main__.main()"
NUMBER = re.compile(r"Question (\d+)\?")


@dataclass(frozen=True)
class Request:
    """One question and what became of the command: "refused" in a sentence, "lost" on the way, else "acknowledged"."""

    number: int
    outcome: str
    said: str = ""


class Storm:
    """A house of real processes, its people, and the kills. `draw` decides where and when."""

    def __init__(self, folder: Path, people: int, kills: int, draw: random.Random, server: PostgreSQL | None) -> None:
        """With a `server` the database is PostgreSQL."""
        self.folder, self.draw, self.server, self.requests = folder, draw, server, people * EACH
        self.port = free_port()
        self.age = "11" if server else "5.37"  # both ages and both databases, in two storms
        seen = Playground(self.age, db=str(folder / "mattermost.db"), port=self.port)  # as this process sees the file
        url = server.url(server.create()) if server else f"sqlite:///{folder / 'chorus.db'}"
        self.house = House(folder, url, web="process", playground=seen, script=script(self.requests))
        migrate.upgrade(self.house.database)
        self.people = [seen.add_user(f"person{number}") for number in range(people)]
        for person in self.people:
            seen.join(person, self.house.town)
        self.plan = self._plan(kills)
        self.log: list[str] = []
        self.answered: set[int] = set()
        self.ended = 0
        self._begun = time.monotonic()
        self._counting = threading.Lock()
        self._over = threading.Event()
        self._stack = ExitStack()

    def _plan(self, kills: int) -> list[tuple[int, str]]:
        """Which target dies once how many requests have ended: always while people wait, two at once now and then."""
        targets = [TARGETS[number % len(TARGETS)] for number in range(kills)]
        self.draw.shuffle(targets)
        moments = sorted(self.draw.randrange(self.requests * 9 // 10) for _ in targets)
        return list(zip(moments, targets, strict=True))

    def __enter__(self) -> Self:
        tree = copy(self.folder)
        (tree / "sitecustomize.py").write_text(SCRIPTED)
        env = self.house.env | {"PYTHONPATH": str(tree)}

        def start(name: str) -> Callable[[], Process]:
            return lambda: Process(*PROGRAMS[name], env=env, log=self.folder / f"{name}.log", cwd=tree)

        stack = self._stack
        stack.enter_context(self.house)
        self.writer = None
        if self.server is None:
            self.writer = stack.enter_context(Writer(self.folder / "chorus.db"))
            stack.callback(self.house.database.close)
        stack.callback(lambda: eventually(lambda: not self.house.processes(), "processes are left behind"))
        pauses = random.Random(self.draw.random())
        starts = {"playground": self._playground, "web": start("web"), "worker": start("worker")}
        self.services = {
            name: stack.enter_context(Service(begin, lambda: pauses.uniform(0.05, 1.0)))
            for name, begin in starts.items()
        }
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        stack.callback(watch.join)
        stack.callback(self._over.set)
        eventually(self.is_open, "the house does not open")
        eventually(self.house.workers, "the worker does not come up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _playground(self) -> Process:
        where = ("--db", str(self.folder / "mattermost.db"), "--port", str(self.port))
        program = ("-c", FORGETFUL, "--age", self.age, *where)
        return Process(*program, env={}, log=self.folder / "mattermost.log")

    # What people do

    def rage(self) -> list[Request]:
        """Let everybody ask, and kill meanwhile; then wait until all is settled. Every request."""
        self._begun = time.monotonic()
        with ThreadPoolExecutor(len(self.people)) as crowd:
            asking = [crowd.submit(self._ask_all, place) for place in range(len(self.people))]
            try:
                self._strike_all()
            finally:
                made = [request for one in asking for request in one.result()]
        self._note("everybody is answered")
        eventually(self.house.is_at_rest, "work is left")
        self._note("all is settled")
        return made

    def _ask_all(self, place: int) -> list[Request]:
        """One person's day: she asks the next question once this one is answered, refused, or lost."""
        made = []
        for number in range(place * EACH, place * EACH + EACH):
            request = self._ask(self.people[place], number)
            made.append(request)
            if request.outcome == "acknowledged":
                self._wait(lambda number=number: number in self.answered, f"question {number} is not answered")
            else:
                time.sleep(SIGH)
            with self._counting:
                self.ended += 1
            self._wait(self.is_open, "the house does not open again")
        return made

    def _ask(self, person: Doc, number: int) -> Request:
        try:
            answer = self.house.ask(f"Question {number}?", who=person)
        except requests.RequestException:
            return Request(number, "lost")
        if answer.status != 200:
            return Request(number, "lost", answer.text)
        return Request(number, "refused" if is_a_refusal(answer.text) else "acknowledged", answer.text)

    def _wait(self, look: Callable[[], bool], what: str) -> None:
        eventually(look, what, within=PATIENCE, every=0.2)

    def is_open(self) -> bool:
        """Whether a command would get through."""
        with suppress(requests.RequestException):
            system = f"{self.house.playground.url}/api/v4/config/client"
            return requests.get(system, timeout=5).status_code == 200 and self.house.is_serving()
        return False

    def _watch(self) -> None:
        """What people see in the channel."""
        while not self._over.wait(0.1):
            self.answered |= numbers(self.house.bot_posts())

    # What happens to them

    def _strike_all(self) -> None:
        for moment, target in self.plan:
            self._wait(lambda moment=moment: self.ended >= moment, f"the storm comes to a halt before {target}")
            time.sleep(self.draw.uniform(0.0, 0.3))
            self._note(f"{self.ended} have ended: {target}, {self._kill(target)}")

    def _note(self, what: str) -> None:
        self.log.append(f"{time.monotonic() - self._begun:5.1f} s: {what}")

    def _kill(self, target: str) -> int:
        if target == "database":
            return self._kill_database()
        return eventually(lambda: self._kill_one(target), f"there is no {target} to kill")

    def _kill_one(self, target: str) -> int:
        """One process of it: gunicorn's master or the one that works for it. 0 where none is there."""
        names = {"web": "gunicorn", "worker": "--app app worker"}
        running = self.services[target].process
        found = sorted(self.house.processes(names[target])) if target in names else [running.pid]
        with suppress(ProcessLookupError):
            if found and running.code is None:
                pid = self.draw.choice(found)
                os.kill(pid, signal.SIGKILL)
                return pid
        return 0

    def _kill_database(self) -> int:
        """The server and all that work for it. SQLite has none: there it is whoever is inside a write."""
        if self.server is None:
            assert self.writer is not None
            return self.writer.kill()
        self.server.kill()
        time.sleep(self.draw.uniform(0.05, 1.0))
        self.server.start()
        return 0

    def told(self) -> str:
        """For whoever reads a failure."""
        tails = [f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in sorted(self.folder.glob("*.log"))]
        return "\n".join([*self.log, self.house.all_that_is_known(), *tails])


def script(requests: int) -> list[Doc]:
    """What the model says to each question."""
    return [
        {
            "contains": f"Question {number}?",
            "answer": f"Here it is. Word for word, answer-{number}.",
            "delay_ms_per_word": 5 if number % LONG_ONE else 250,
        }
        for number in range(requests)
    ]


def numbers(posts: Iterable[Doc]) -> set[int]:
    """The questions that stand on top of these posts."""
    return {int(found[1]) for post in posts if (found := NUMBER.search(post["message"]))}


def is_a_refusal(said: str) -> bool:
    """Whether these are words that Chorus has for not taking a question."""
    full = texts.busy(fairness.WAITING_IN_ALL, None, own=False, worker=True)
    return any(words.partition(".")[0] in said for words in (trust.database_down(""), full))


def weather(folder: Path, server: PostgreSQL | None, people: int, kills: int) -> list[str]:
    """One storm, and what must be true after it; what happened in it. A failure names the STORM_SEED that repeats its
    plan."""
    seed = int(os.environ.get("STORM_SEED") or random.randrange(2**32))
    with Storm(folder, people, kills, random.Random(seed), server) as storm:
        try:
            check(storm, storm.rage())
        except AssertionError as error:
            error.add_note(f"STORM_SEED={seed}\n{storm.told()}")
            raise
    return [f"STORM_SEED={seed}", *storm.log]


def check(storm: Storm, made: list[Request]) -> None:
    """Acknowledged: answered exactly once. Not acknowledged: at most once. Nothing else is left or was posted."""
    house = storm.house
    assert len(made) == storm.requests
    questions = {message.id: message.text for message in house.messages("question")}
    answers = [post for post in house.bot_posts() if "chorus_request" in post["props"]]
    posts = Counter(post["props"]["chorus_request"] for post in answers)
    assert posts == Counter(questions.keys())  # what was saved was answered, once, and nothing else was
    asked = Counter(questions.values())
    for request in made:
        times = asked[f"Question {request.number}?"]
        assert times == 1 if request.outcome == "acknowledged" else times <= 1, request
    outcomes = Counter(request.outcome for request in made)
    assert outcomes["acknowledged"] > storm.requests / 10, (
        outcomes
    )  # how many more is the kills' and the machine's choice
    late = [job for job in house.jobs() if job.kind == "notify"]  # an answer that took over a minute sends its link
    assert len(late) == len({job.request_id for job in late}) <= len(house.bot_posts()) - len(answers)
    others = {(job.kind, job.state) for job in house.jobs()} - {("notify", "done")}
    assert others == {("admit", "done"), ("answer", "done"), ("post", "done")}
    for post in answers:
        number = questions[post["props"]["chorus_request"]].removeprefix("Question ").removesuffix("?")
        assert post["message"].count(f"answer-{number}.") == post["message"].count("answer-") == 1
        assert not post["delete_at"]
