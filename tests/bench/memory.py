"""What the processes take while they do their work: web, a worker without models, scheduler, listener, a model's host."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import requests

from llm import header, machine
from llm.base import Options, Prompt, Turn
from llm.gpt4all_model import Gpt4AllModel
from tests.acceptance.processes import eventually, free_port, living
from tests.bench import pss
from tests.bench.claim import idle
from tests.bench.digests import planning
from tests.bench.mention import listening
from tests.bench.models import random_500m, smollm2
from tests.bench.site import LONG, Site
from tests.bench.table import Row
from tests.playground.sample import THREAD
from tests.playground.store import Doc

REQUESTS, LIMIT = 40, 150
POSTS, A_MENTION_EACH, LISTENER_LIMIT = 300, 10, 120
BARE = "the bare Flask view under the same gunicorn configuration, after as many requests; each with all its processes"
ALLOWED_MB = 120
WINDOW, CONVERSATIONS = 8192, 4
PARTS = "the window's keys and values by the file's header, the saved states that the host reports, and 120 MB"


def rows(folder: Path) -> Iterator[Row]:
    yield from _processes(folder)
    for name, path in (("SmolLM2", smollm2()), ("random 500M", random_500m())):
        yield _host(name, path)


def _processes(folder: Path) -> Iterator[Row]:
    bare_url = f"sqlite:///{folder / 'bare.db'}"
    with Site(folder, {}) as site, site.web(), idle(site), planning(site), listening(site):
        port, elsewhere = free_port(), site.folder / "bare"  # where a process has its temporary files, it is known by
        elsewhere.mkdir()
        with site.gunicorn(
            "tests.bench.bare_view:create_app()", port, CHORUS_DATABASE_URL=bare_url, TMPDIR=str(elsewhere)
        ):
            eventually(lambda: _posted(f"http://127.0.0.1:{port}/say", {"text": ""}), "the bare view does not come up")
            people = site.people(REQUESTS)
            for person in people:
                form = site.form(person, "What is it?")
                _posted(f"{site.env['CHORUS_PUBLIC_URL']}/mattermost/slash", form)
                _posted(f"http://127.0.0.1:{port}/say", form)
            eventually(site.is_at_rest, "work is left")
            _talk(site, people)
            time.sleep(1)  # the last answers' buffers go
            bare = pss.of_processes(living(bare_url))
            web = pss.of_processes(site.processes("gunicorn"))
            worker = pss.of_processes(site.processes("worker"))
            scheduler = pss.of_processes(site.processes("scheduler"))
            listener = pss.of_processes(site.processes("listener"))
    yield Row("PSS of web, master and worker process", web, "MB", bare, LIMIT, BARE, limited="value")
    yield Row("PSS of a worker without models", worker, "MB", bare, LIMIT, BARE, limited="value")
    yield Row("PSS of the scheduler", scheduler, "MB", bare, LISTENER_LIMIT, BARE, limited="value")
    yield Row("PSS of the listener", listener, "MB", bare, LISTENER_LIMIT, BARE, limited="value")


def _talk(site: Site, people: list[Doc]) -> None:
    """People post, and address the bot now and then; it is over when the listener has heard the last post, a mention."""
    before = len(site.jobs("admit"))
    for number in range(1, POSTS + 1):
        words = f"Truck {number} has passed the gate."
        mention = "" if number % A_MENTION_EACH else "@ai Why? "
        site.playground.post_as(people[number // A_MENTION_EACH % len(people)], site.town, f"{mention}{words}")
    heard = before + POSTS // A_MENTION_EACH
    eventually(lambda: len(site.jobs("admit")) == heard, "not every mention is heard", within=LONG)
    eventually(site.is_at_rest, "work is left", within=LONG)


def _posted(url: str, form: dict[str, str]) -> bool:
    try:
        return requests.post(url, data=form, timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


def _host(name: str, path: Path) -> Row:
    model = Gpt4AllModel(path, name=name, threads=1, window=WINDOW, states_mb=256)
    try:
        for number in range(CONVERSATIONS):
            for _ in model.generate(_prompt(number), Options(max_tokens=8, temperature=0.0)):
                pass
        states = next(event["states"] for event in model.host.ask("memory") if event and event["event"] == "done")
        pid = model.host.pid or 0
        value = pss.of_processes([pid]) - pss.of_file(pid, path)
        window = model.n_ctx * machine.bytes_a_token(header.read(path))
    finally:
        model.close()
    baseline = (window + states) / pss.MB + ALLOWED_MB
    return Row(f"a host's PSS without the file, {name}", value, "MB", baseline, 1, PARTS)


def _prompt(number: int) -> Prompt:
    """A conversation unlike the others: each leaves a state behind."""
    turns = tuple(Turn("post", f"{who}: {text} ({number})\n") for who, text in THREAD)
    return Prompt("You are ai, a helpful assistant.", turns, "What happened?")
