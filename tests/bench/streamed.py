"""What streaming costs: an answer that is shown while it is written, beside the same one, posted when it is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.processes import eventually
from tests.bench.answer import LOOK_EVERY
from tests.bench.blocks import Block, interleave
from tests.bench.site import LONG, Site, working
from tests.bench.story import steadily, story
from tests.bench.table import Row

ROUNDS, LIMIT = 5, 1.02
SENTENCES, SECONDS, MOST = 12, 15, 800
AGAINST = "the same answer where nobody may edit posts, so that it is posted once"


def rows(folder: Path) -> Iterator[Row]:
    script = steadily(story(SENTENCES), SECONDS)
    once, shown = (Site(folder / name, {}, script=script) for name in ("once", "shown"))
    once.playground.server.settings["PostEditTimeLimit"] = 300
    with working(once, MOST, "--scripted"), working(shown, MOST, "--scripted"):
        for site in (once, shown):
            _seconds(site)  # what an installation does once, it does now
        value, baseline = interleave(ROUNDS, lambda: _seconds(once), lambda: _seconds(shown)).medians()
        if _edited(once) or not _edited(shown):
            raise AssertionError("an answer was shown where it should not be, or not where it should")
    yield Row("an answer that is shown while it is written", value, "s", baseline, LIMIT, AGAINST)


def _seconds(site: Site) -> Block:
    """From the command to the whole answer in its post."""
    before, started = len(site.messages("answer")), time.perf_counter()
    site.ask("Tell a story.")

    def is_there() -> bool:
        return len(site.messages("answer")) > before and site.is_at_rest()

    eventually(is_there, "no answer comes", within=LONG, every=LOOK_EVERY)
    return [time.perf_counter() - started]


def _edited(site: Site) -> bool:
    return any(site.playground.revisions(post) for post in site.bot_posts())
