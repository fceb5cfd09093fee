"""What the demo says in its terminal, and how long it waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 120.0  # seconds for any one step, on a slow machine
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def indented(text: str, mark: str = "  │ ") -> str:
    return "\n".join(mark + line for line in text.replace("\u200b", "").splitlines())


def wait_for(what: str, found: Callable[[], Any]) -> Any:
    """Whatever it finds first. Ends the demo with a sentence where nothing comes."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if result := found():
            return result
        time.sleep(0.1)
    raise SystemExit(f"The demo gave up: {what} did not come within {PATIENCE:.0f} s. Its log: var/demo/chorus.log")
