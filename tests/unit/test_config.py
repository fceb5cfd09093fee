"""Settings: every fault is named at once, and no value is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from llm.cgroup import ControlGroups
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


def test_a_bot_has_one_token_and_a_team_may_have_several(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, CHORUS_BOT_TOKENS="ai=one,other=two,ai=three")
    with pytest.raises(ConfigError, match="CHORUS_BOT_TOKENS names a bot twice"):
        config.load()


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "postgres://h/d", "postgresql+psycopg2://h/d", "postgresql+asyncpg://h/d", "x"]
)
def test_a_database_that_chorus_does_not_speak_to_is_refused_with_those_that_it_does(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    given(monkeypatch, CHORUS_DATABASE_URL=url)
    with pytest.raises(ConfigError, match=r"CHORUS_DATABASE_URL must be sqlite:.* or postgresql://name:password@host"):
        config.load()


@pytest.mark.parametrize(
    ("written", "does"),
    [
        ("delete=x", ["x"]),
        ("delete=:x:", ["x"]),
        ("delete=x,delete=bomb", ["x", "bomb"]),
        ("none", []),
        ("", ["wastebasket"]),
    ],
)
def test_the_reactions_that_delete_are_the_administrator_s_choice(
    monkeypatch: pytest.MonkeyPatch, written: str, does: list[str]
) -> None:
    given(monkeypatch, CHORUS_REACTIONS=written)
    assert [emoji for emoji in ("x", "bomb", "wastebasket") if config.load().does("delete", emoji)] == does


def test_three_ticks_say_that_something_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    ticks = ("white_check_mark", "heavy_check_mark", "ballot_box_with_check")
    assert all(config.load().does("done", emoji) for emoji in ticks)


@pytest.mark.parametrize("written", ["remove=x", "delete", "delete=🗑️", "delete=a b"])
def test_a_reaction_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    given(monkeypatch, CHORUS_REACTIONS=written)
    with pytest.raises(ConfigError, match="CHORUS_REACTIONS must be written delete=wastebasket"):
        config.load()


def test_who_may_ask_is_one_of_two_and_limits_are_none_or_some(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = config.load()
    assert (settings.access, settings.guests) == ("listed", False)
    assert settings.requests_per_person > 0 < settings.requests_per_channel
    given(monkeypatch, CHORUS_ACCESS="some", CHORUS_GUESTS="perhaps", CHORUS_REQUESTS_PER_PERSON="-1")
    with pytest.raises(ConfigError) as error:
        config.load()
    for name in ("ACCESS", "GUESTS", "REQUESTS_PER_PERSON"):
        assert f"CHORUS_{name}" in error.value.sentence


@pytest.fixture
def env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    monkeypatch.setitem(config.Settings.model_config, "env_file", path)
    return path


def test_a_mistyped_name_in_the_file_is_a_fault_too(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    given(monkeypatch)
    env_file.write_text("CHORUS_DEFAULT_MODLE=x\nOTHER_PROGRAM=y\n")
    with pytest.raises(ConfigError, match="did you mean CHORUS_DEFAULT_MODEL") as error:
        config.load()
    assert "OTHER_PROGRAM" not in error.value.sentence


def test_a_file_that_an_editor_of_windows_wrote_is_read(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    given(monkeypatch)
    env_file.write_bytes("CHORUS_DEFAULT_MODEL=größer\r\n".encode("utf-8-sig"))
    assert config.load().default_model == "größer"


@pytest.mark.parametrize("read", [config.load, config.models_dir, config.limits])
def test_a_file_in_another_encoding_ends_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, env_file: Path, read: Callable[[], object]
) -> None:
    given(monkeypatch)
    env_file.write_bytes("# für alle\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read()


def test_a_file_that_nobody_lets_us_read_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(config, "dotenv_values", closed)
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load()


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, env_file: Path) -> None:
    given(monkeypatch, CHORUS_WINDOW="", CHORUS_CA_FILE="", CHORUS_PROXY="", CHORUS_LOG_LEVEL="", CHORUS_PORT="")
    env_file.write_text("CHORUS_PORT=8077\nCHORUS_STATES_MB=\n")
    settings = config.load()
    assert (settings.window, settings.ca_file, settings.proxy, settings.log_level) == (8192, None, None, "INFO")
    assert settings.port == 8077


def test_an_empty_value_that_is_needed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **dict.fromkeys(GOOD, ""))
    with pytest.raises(ConfigError) as error:
        config.load()
    assert all(f"{name} is missing" in error.value.sentence for name in GOOD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEASE_SECONDS", "601"),
        ("LEASE_SECONDS", "inf"),
        ("LEASE_SECONDS", "nan"),
        ("WINDOW", "1000001"),
        ("PROXY", "proxy.example.org:3128"),
        ("PROXY", "socks5://proxy.example.org"),
        ("PROXY", "http://name:hush-hush@[proxy"),
        ("PROXY", "http://name:hush-hush\u2100@proxy"),
        ("PUBLIC_URL", "http://chorus:80660"),
    ],
)
def test_a_value_out_of_bounds_is_a_fault(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    given(monkeypatch, **{f"CHORUS_{name}": value})
    with pytest.raises(ConfigError, match=f"CHORUS_{name}") as error:
        config.load()
    assert "hush-hush" not in error.value.sentence


def test_a_proxy_may_want_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, CHORUS_PROXY="http://name:hush-hush@proxy.example.org:3128")
    assert config.load().proxy == "http://name:hush-hush@proxy.example.org:3128"


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    given(
        monkeypatch,
        CHORUS_PROXY="http://name:hush-hush@proxy.example.org",
        CHORUS_DATABASE_URL="postgresql://name:hush-hush@host/chorus",
    )
    shown = repr(config.load())
    assert "bottoken" not in shown
    assert "hush-hush" not in shown
    assert KEY not in shown


@pytest.mark.parametrize("password", ["sec@ret", "s@ec:ret", "sec:ret@"])
def test_a_password_with_a_raw_at_sign_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    given(monkeypatch, CHORUS_DATABASE_URL=f"postgresql://name:{password}@host/chorus")
    with pytest.raises(ConfigError, match=r"CHORUS_DATABASE_URL .* write it as %40") as error:
        config.load()
    assert "ret" not in error.value.sentence
    given(monkeypatch, CHORUS_DATABASE_URL="postgresql://name:sec%40ret@host/chorus")
    assert config.load().database.endswith("@host/chorus")


@pytest.mark.parametrize("folder", ["plain", "a b", "a%20b", "a?b", "a#b", "100% of", "ü@x:y"])
def test_the_database_lies_in_its_folder_whatever_the_folder_is_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
) -> None:
    given(monkeypatch, CHORUS_VAR_DIR=str(tmp_path / folder))
    assert make_url(config.load().database).database == str(tmp_path / folder / "chorus.db")


def test_the_control_group_s_quota_and_limit_count(tmp_path: Path) -> None:
    groups = ControlGroups(tmp_path, tmp_path / "own")
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert (machine.cores(groups), machine.memory(groups)) == (1, 2**30)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.cores(groups) >= 1
    assert machine.memory(groups) > 2**28


def test_a_slow_model_reads_a_thousand_tokens_and_a_fast_one_as_many_as_go_into_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch)
    assert config.load().read_seconds == 90
    given(monkeypatch, CHORUS_READ_SECONDS="20")
    settings = config.load()
    assert [settings.tokens_to_read(prefill) for prefill in (0, 3.5, 50, 228)] == [1000, 1000, 1000, 4560]


@pytest.mark.parametrize("wrong", ["0", "-1", "nan", "inf", "3601", "long"])
def test_the_time_for_reading_has_bounds(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    given(monkeypatch, CHORUS_READ_SECONDS=wrong)
    with pytest.raises(ConfigError, match="CHORUS_READ_SECONDS"):
        config.load()
