"""The browser: Debian's or Ubuntu's own Chromium, since Playwright's would have to be downloaded from elsewhere.

Its headless shell first, where there is one (Debian has it): the same engine without a desktop's windows and toolbars,
which are drawn though nobody sees them. With it these tests take three fifths of the processor's time (measured on 156).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "These tests drive a real browser, and there is none: sudo apt-get install chromium"


def executable() -> str:
    """Where it is installed; a sentence that says what to do where it is not."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(MISSING)
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """One process, headless. Without its sandbox, which root and most containers cannot have; it sees our page alone."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield opened
        opened.close()
