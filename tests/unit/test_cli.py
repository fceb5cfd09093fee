"""`flask --app app …`: what administrators type, and the sentences that they get back."""

from __future__ import annotations

import pytest
from click.testing import Result

from mmapp import config
from mmapp.cli import app


def run(*words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def test_a_worker_without_settings_ends_with_the_list_of_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config.Settings.model_config, "env_file", None)
    for command in ("worker", "release"):
        shown = run(command)
        assert shown.exit_code == 1
        assert "CHORUS_MATTERMOST_URL is missing" in shown.output
