"""What is repeated, how often and how long: only what is safe to repeat, with jitter, within bounds."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from mmapp.mattermost.errors import RateLimited, Unreachable
from mmapp.mattermost.wire import NotSent

ATTEMPTS = 3
MAX_WAIT = 30.0
"""Seconds that one call waits for a rate limit at most, all waits together."""
REPEAT_WITHIN = 25.0
"""Seconds after an attempt of unknown outcome in which it may be repeated: a `pending_post_id` deduplicates for 30."""

T = TypeVar("T")


def patiently(once: Callable[[], T], *, repeat: bool) -> T:
    """Call `once` until it succeeds or must not be repeated; `repeat` says that doing it twice does no harm."""
    waited = 0.0
    unknown_since: float | None = None
    for attempt in range(1, ATTEMPTS + 1):
        started = monotonic()
        try:
            return once()
        except RateLimited as error:  # refused before anything was done, so always safe
            last: RateLimited | Unreachable = error
            pause = error.wait + random.uniform(0.05, 0.5)
        except Unreachable as error:
            if not repeat and not isinstance(error, NotSent):
                raise
            last = error
            unknown_since = unknown_since or (None if isinstance(error, NotSent) else started)
            pause = 0.2 * 3 ** (attempt - 1) * random.uniform(0.5, 1.5)
        waited += pause
        too_late = unknown_since is not None and monotonic() + pause > unknown_since + REPEAT_WITHIN
        if attempt == ATTEMPTS or waited > MAX_WAIT or too_late:
            raise last
        sleep(pause)
    raise AssertionError("the loop above returns or raises")
