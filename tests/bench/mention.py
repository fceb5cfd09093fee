"""From a post that addresses the bot to the claim of its request by a worker that has nothing else to do."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.acceptance.processes import Process, eventually
from tests.bench.blocks import Block, interleave
from tests.bench.claim import LONGEST, PEOPLE, SHORTEST, idle
from tests.bench.site import LONG, Site
from tests.bench.table import Row

ROUNDS, REQUESTS, LIMIT = 5, 20, 500  # in each round as many mentions and as many commands
AGAINST = "the same questions by command, from its being sent to the claim of its request"


@contextmanager
def listening(site: Site) -> Iterator[Process]:
    """The listener as administrators start it, with its WebSocket open."""
    program = ("-m", "flask", "--app", "app", "listener")
    with Process(*program, env=site.env, log=site.folder / "listener.log") as process:
        connected = site.playground.connected
        eventually(lambda: connected("ai"), "the listener does not come up", within=LONG, unless=process.trouble)
        yield process


def rows(folder: Path) -> Iterator[Row]:
    with Site(folder, {}) as site, site.web(), idle(site), listening(site):
        people = cycle(site.people(PEOPLE))

        def mentions() -> Block:
            return _waited(site, lambda: site.playground.post_as(next(people), site.town, "@ai What is it?"))

        def commands() -> Block:
            return _waited(site, lambda: site.ask("What is it?", who=next(people)))

        sides = interleave(ROUNDS, commands, mentions)
    for share, limit in ((0.95, LIMIT), (0.5, None)):
        value, baseline = sides.percentiles(share)
        yield Row(f"from mention to claim, p{100 * share:.0f}", value, "ms", baseline, limit, AGAINST, limited="value")


def _waited(site: Site, ask: Callable[[], object]) -> Block:
    """Milliseconds from each asking to its claim, in their order."""
    before, asked = len(site.jobs("admit")), []
    for _ in range(REQUESTS):
        asked.append(time.time())
        ask()
        time.sleep(random.uniform(SHORTEST, LONGEST))
    eventually(lambda: len(site.jobs("admit")) == before + REQUESTS, "not every request is heard", within=LONG)
    eventually(site.is_at_rest, "work is left", within=LONG)
    claimed = [job.started_at.timestamp() for job in site.jobs("admit")[before:] if job.started_at]
    return [1000 * (end - begin) for begin, end in zip(asked, claimed, strict=True)]
