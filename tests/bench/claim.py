"""From a request's commit to its claim by a worker that has nothing else to do."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from mmapp.jobs.news import LOOK_EVERY
from tests.acceptance.processes import Process, eventually
from tests.bench.blocks import percentile
from tests.bench.site import LONG, Site
from tests.bench.table import Row

REQUESTS, PEOPLE, LIMIT = 100, 20, 300
SHORTEST, LONGEST = 0.2, 0.6  # seconds between two requests, at random: in step with no look into the queue
AGAINST = "the pause between two looks into an empty queue; one thread of a worker looks, for all of its lanes"


@contextmanager
def idle(site: Site) -> Iterator[Process]:
    """The worker as administrators start it, without models: the built-in one quotes."""
    with Process("-m", "flask", "--app", "app", "worker", env=site.env, log=site.folder / "worker.log") as process:
        eventually(lambda: "quotes" in _warm(site), "the worker does not come up", within=LONG, unless=process.trouble)
        yield process


def _warm(site: Site) -> list[str]:
    return [name for one in site.workers() for name in one.warm]


def rows(folder: Path) -> Iterator[Row]:
    with Site(folder, {}) as site, site.web(), idle(site):
        people = site.people(PEOPLE)
        url = f"{site.env['CHORUS_PUBLIC_URL']}/mattermost/slash"
        for number in range(REQUESTS):
            requests.post(url, data=site.form(people[number % PEOPLE], "What is it?"), timeout=30)
            time.sleep(random.uniform(SHORTEST, LONGEST))
        eventually(site.is_at_rest, "work is left")
        waited = [
            1000 * (job.started_at - job.created_at).total_seconds() for job in site.jobs("admit") if job.started_at
        ]
    if len(waited) != REQUESTS:
        raise AssertionError(f"{len(waited)} of {REQUESTS} requests were claimed")
    for share, limit in ((0.95, LIMIT), (0.5, None)):
        name = f"from enqueue to claim, p{100 * share:.0f}"
        yield Row(name, percentile(waited, share), "ms", 1000 * LOOK_EVERY, limit, AGAINST, limited="value")
