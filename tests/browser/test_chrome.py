"""Which browser is driven, and where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chrome


def test_a_missing_browser_is_a_failure_that_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(FileNotFoundError, match="sudo apt-get install chromium"):
        chrome.executable()


def test_the_headless_shell_is_driven_where_it_is_installed_beside_the_whole_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chrome.executable() == str(tmp_path / "chromium-headless-shell")
