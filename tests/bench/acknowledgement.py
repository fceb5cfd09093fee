"""How long a person waits for the acknowledgement while a model writes on the same machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from tests.acceptance.processes import ROOT, eventually, free_port
from tests.bench.blocks import Block, interleave
from tests.bench.models import random_500m
from tests.bench.site import LONG, Site, working
from tests.bench.table import Row
from tests.postgres import PostgreSQL

ROUNDS, PEOPLE = 6, 20  # a block is a question of each
PAUSE = 0.2  # seconds between two requests: five questions a second, each admitted beside the next acknowledgement
ANSWER = 800  # tokens: a minute of this model
LIMIT = 3
DIALOGS = 3  # rounds
OPENED = 300  # ms: triggers live 3 s on 5.37, and the way to the server takes its part
DURABLE = ("-c", "fsync=on")  # tests run without
AGAINST = "a Flask view that reads the form and commits one row, under the same gunicorn configuration and pragmas"


def rows(folder: Path) -> Iterator[Row]:
    sqlite = Site(folder / "sqlite", {"random": random_500m()})
    yield from _rows("SQLite", sqlite, f"sqlite:///{folder / 'bare.db'}", LIMIT)
    with PostgreSQL(*DURABLE) as server:
        url, bare_url = (server.url(server.create()) for _ in "12")
        # Reported: each of its statements is a round trip to another process there, and the bare view makes one.
        yield from _rows("PostgreSQL", Site(folder / "postgresql", {"random": random_500m()}, url), bare_url, None)


def _rows(kind: str, site: Site, bare_url: str, limit: float | None) -> Iterator[Row]:
    folder, bare = site.folder, free_port()
    with (
        working(site, ANSWER),
        site.gunicorn("tests.bench.bare_view:create_app()", bare, CHORUS_DATABASE_URL=bare_url),
    ):
        eventually(lambda: _listens(bare), "the bare view does not come up")
        people = site.people(PEOPLE)
        forms = [site.form(person, "What is the capital of France?") for person in people]

        def acknowledged() -> Block:
            found = _timed(folder, f"{site.env['CHORUS_PUBLIC_URL']}/mattermost/slash", forms)
            site.clear()
            return found

        def committed() -> Block:
            return _timed(folder, f"http://127.0.0.1:{bare}/say", forms)

        for measure in (acknowledged, committed):  # what every thread does once, it does now
            measure()

        def opened() -> Block:
            site.playground.server.settings["TriggerSeconds"] = LONG  # the forms were made before
            choosing = [site.form(person, "") | {"text": "model"} for person in people]
            return _timed(folder, f"{site.env['CHORUS_PUBLIC_URL']}/mattermost/slash", choosing)

        sides = interleave(ROUNDS, lambda: _while_writing(site, committed), lambda: _while_writing(site, acknowledged))
        dialogs = interleave(DIALOGS, lambda: _while_writing(site, committed), lambda: _while_writing(site, opened))
    for name, (value, baseline), most in (("p50", sides.medians(), limit), ("p99", sides.percentiles(0.99), None)):
        what = f"acknowledgement with a model writing, {name}, {kind}"
        yield Row(what, 1000 * value, "ms", 1000 * baseline, most, AGAINST)
    value, baseline = dialogs.percentiles(0.99)
    what = f"/ai model with a model writing, its dialog opened, p99, {kind}"
    yield Row(what, 1000 * value, "ms", 1000 * baseline, OPENED, AGAINST, limited="value")


def _listens(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 404
    except requests.ConnectionError:
        return False


def _while_writing(site: Site, measure: Callable[[], Block]) -> Block:
    """A block that counts only where a model was writing from its beginning to its end."""
    while True:
        if not site.is_writing():
            site.playground.slash(site.ann, site.town, "/ai ask Tell a long story.")
            eventually(site.is_writing, "no model writes", within=LONG)
        found = measure()
        if site.is_writing():
            return found


def _timed(folder: Path, url: str, forms: list[dict[str, str]]) -> Block:
    path = folder / "forms.json"
    path.write_text(json.dumps(forms))
    command = [sys.executable, "-m", "tests.bench.client", url, str(path), str(PAUSE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=LONG)
    return list(json.loads(done.stdout)["seconds"])
