"""Settings: every fault is named at once, and no value is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from mmapp import config, machine
from mmapp.errors import ConfigError
from tests.conftest import KEY

GOOD = {
    "CHORUS_MATTERMOST_URL": "https://chat.example.org/",
    "CHORUS_PUBLIC_URL": "http://127.0.0.1:8066",
    "CHORUS_BOT_TOKENS": "ai=bottoken, other=second",
    "CHORUS_COMMAND_TOKENS": "team1=one,team1=two",
    "CHORUS_SECRET_KEY": "s" * 32,
    "CHORUS_ENCRYPTION_KEYS": KEY,
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(__import__("os").environ):
        if name.startswith(config.PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setitem(config.Settings.model_config, "env_file", None)


def given(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)


def test_good_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = config.load()
    assert settings.mattermost_url == "https://chat.example.org"
    assert settings.bot == ("ai", "bottoken")
    assert [(team, token.get_secret_value()) for team, token in settings.command_tokens] == [
        ("team1", "one"),
        ("team1", "two"),
    ]
    assert settings.database.startswith("sqlite:///")


def test_everything_that_is_wrong_is_listed_at_once_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    given(
        monkeypatch,
        CHORUS_MATTERMOST_URL="ftp://chat",
        CHORUS_BOT_TOKENS="hush-hush",
        CHORUS_SECRET_KEY="short-secret",
        CHORUS_ENCRYPTION_KEYS="not-a-key",
        CHORUS_PORT="eighty",
        CHORUS_DATABSE_URL="sqlite://",
    )
    monkeypatch.delenv("CHORUS_PUBLIC_URL")
    with pytest.raises(ConfigError) as error:
        config.load()
    for name in ("MATTERMOST_URL", "PUBLIC_URL is missing", "BOT_TOKENS", "SECRET_KEY", "ENCRYPTION_KEYS", "PORT"):
        assert f"CHORUS_{name}" in error.value.sentence
    assert "did you mean CHORUS_DATABASE_URL?" in error.value.sentence
    for value in ("hush-hush", "short-secret", "not-a-key", "eighty"):
        assert value not in error.value.sentence


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    shown = repr(config.load())
    assert "bottoken" not in shown
    assert KEY not in shown


@pytest.mark.parametrize("folder", ["plain", "a b", "a%20b", "a?b", "a#b", "100% of", "ü@x:y"])
def test_the_database_lies_in_its_folder_whatever_the_folder_is_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
) -> None:
    given(monkeypatch, CHORUS_VAR_DIR=str(tmp_path / folder))
    assert make_url(config.load().database).database == str(tmp_path / folder / "chorus.db")


def test_the_control_group_s_quota_and_limit_count(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert machine.cores(tmp_path) == 1
    assert machine.memory(tmp_path) == 2**30
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.cores(tmp_path) >= 1
    assert machine.memory(tmp_path) > 2**28
