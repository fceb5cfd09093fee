"""Twenty people ask at once while somebody else's answer is being written: all are answered, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.acceptance.processes import eventually
from tests.bench.models import smollm2
from tests.bench.site import LONG, Site, working
from tests.bench.table import Row

PEOPLE, TOKENS = 20, 64
ASKED = "the questions; they were asked by as many people over as many connections at the same time, of one slot"


def rows(folder: Path) -> Iterator[Row]:
    site = Site(folder, {"smollm2": smollm2()})
    with working(site, TOKENS) as worker:
        people = site.people(PEOPLE)
        site.ask("Tell me a long story.")
        eventually(lambda: any(job.state == "running" for job in site.jobs("answer")), "the slot stays empty")
        with ThreadPoolExecutor(PEOPLE) as pool:
            list(pool.map(lambda person: site.ask("What is the capital of France?", who=person), people))
        eventually(site.is_at_rest, "work is left", within=LONG, unless=worker.trouble)
        asked = [job.request_id for job in site.jobs("admit")][1:]
        answered = [post["props"]["chorus_request"] for post in site.bot_posts()][1:]
    kept = sum(one == other for one, other in zip(asked, answered, strict=False))
    yield Row("twenty questions at once, answered", len(set(answered)), "answers", PEOPLE, 1, ASKED, least=True)
    yield Row("twenty questions at once, in their order", kept, "answers", PEOPLE, 1, ASKED, least=True)
