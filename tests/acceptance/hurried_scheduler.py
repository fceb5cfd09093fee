"""`python -m tests.acceptance.hurried_scheduler [DEATH]`: the real scheduler, which looks more often.

With a DEATH it kills itself (SIGKILL) over that plan, counted from 1, before its commit: `before 3`; or after it: `after 2`.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from mmapp import config, logs
from mmapp.jobs import scheduler, tick


def _die(when: str, number: int) -> None:
    owner, name = (tick, "enqueue") if when == "before" else (tick, "_plan")
    original, left = getattr(owner, name), [number]

    def wrapped(*given: Any, **more: Any) -> Any:
        made = original(*given, **more)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    setattr(owner, name, wrapped)


def main() -> None:
    """Look until SIGTERM, or until the death."""
    scheduler.EVERY, scheduler.RETRY_EVERY = 0.3, 0.3
    if len(sys.argv) > 1:
        _die(sys.argv[1], int(sys.argv[2]))
    settings = config.load(_env_file=None)
    logs.configure(settings.log_level)
    scheduler.run(settings)


if __name__ == "__main__":
    main()
