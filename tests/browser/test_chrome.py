"""Where there is no browser."""

from __future__ import annotations

import pytest

from tests.browser import chrome


def test_a_missing_browser_is_a_failure_that_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(FileNotFoundError, match="sudo apt-get install chromium"):
        chrome.executable()
