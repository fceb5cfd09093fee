"""The settings: CHORUS_… from the environment or `.env`. The only module that reads the environment."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from mmapp import machine, written
from mmapp.errors import ConfigError
from mmapp.texts.plain import FLASK

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "CHORUS_"
DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg")
LEAST_READ = 1000  # tokens that a question may read of a thread, however slow the model
_SETUP = f"{PREFIX}SETUP_"

Pairs = Annotated[tuple[tuple[str, SecretStr], ...], NoDecode]
Emojis = Annotated[tuple[tuple[str, str], ...], NoDecode]
Names = Annotated[tuple[SecretStr, ...], NoDecode]


def _default_threads() -> int:
    # One core stays free: with all of them busy the engine's threads spin, and 75 tokens a second become 17.
    return max(1, machine.cores() - 1)


def _default_states_mb() -> int:
    return max(64, machine.memory() // 10 // 2**20)


class Settings(BaseSettings):
    """Every setting of Chorus, checked. docs/SETTINGS.md describes each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    mattermost_url: str
    public_url: str
    bot_tokens: Pairs
    command_tokens: Pairs
    secret_key: SecretStr
    encryption_keys: Names
    var_dir: Path = ROOT / "var"
    database_url: str = Field("", repr=False)
    models_dir: Path = ROOT / "var" / "models"
    default_model: str = ""
    window: int = Field(8192, ge=512, le=1_000_000)
    read_seconds: float = Field(90, ge=1, le=3600, allow_inf_nan=False)
    states_mb: int = Field(default_factory=_default_states_mb, ge=0)
    memory_mb: int = Field(default_factory=machine.for_models_mb, ge=machine.LEAST_MB)
    threads: int = Field(default_factory=_default_threads, ge=1, le=256)
    host: str = "127.0.0.1"
    port: int = Field(8066, ge=1, le=65535)
    lease_seconds: float = Field(30, ge=4, le=600, allow_inf_nan=False)
    access: Literal["listed", "everyone"] = "listed"
    guests: bool = False
    requests_per_person: int = Field(100, ge=0)
    requests_per_channel: int = Field(500, ge=0)
    ca_file: Path | None = None
    proxy: str | None = Field(None, repr=False)
    reactions: Emojis = (
        ("delete", "wastebasket"),
        ("summarize", "memo"),
        ("done", "white_check_mark"),
        ("done", "heavy_check_mark"),
        ("done", "ballot_box_with_check"),
    )
    log_level: str = "INFO"

    @field_validator("mattermost_url", "public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return written.web_address(value)

    @field_validator("proxy")
    @classmethod
    def _proxy_address(cls, value: str | None) -> str | None:
        if value and written.web_parts(value) is None:
            raise ValueError("must be a web address such as http://proxy.example.org:3128")
        return value

    @field_validator("bot_tokens", "command_tokens", mode="before")
    @classmethod
    def _pairs(cls, value: Any, field: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        if not (found := written.pairs(value)):
            raise ValueError("must be written name=token, several separated by commas")
        if field.field_name == "bot_tokens" and len(dict(found)) < len(found):
            raise ValueError("names a bot twice")
        return tuple(found)

    @field_validator("reactions", mode="before")
    @classmethod
    def _emojis(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(written.reactions(value))

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("encryption_keys")
    @classmethod
    def _usable_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not value:
            raise ValueError("must hold at least one key")
        for number, key in enumerate(value, 1):
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError(f"key {number} is not 32 bytes in URL-safe base64") from None
        return value

    @field_validator("secret_key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must be at least 32 characters long")
        return value

    @field_validator("database_url")
    @classmethod
    def _one_of_ours(cls, value: str) -> str:
        # What follows the first of two would be taken for the host, and shown.
        if value.partition("://")[2].partition("/")[0].count("@") > 1:
            raise ValueError("holds an @ in its name or password: write it as %40")
        try:
            known = not value or make_url(value).drivername in DRIVERS
        except (ArgumentError, ValueError):  # the second's own words may quote a password
            known = False
        if not known:
            raise ValueError("must be sqlite:////path/to/chorus.db or postgresql://name:password@host/database")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("ca_file")
    @classmethod
    def _exists(cls, value: Path | None) -> Path | None:
        if value and not value.is_file():
            raise ValueError("names a file that does not exist")
        return value

    def does(self, action: str, emoji: str) -> bool:
        """Whether this emoji does that under a message."""
        return (action, emoji) in self.reactions

    @property
    def database(self) -> str:
        """The database's URL; SQLite in `var_dir` where none is set."""
        return self.database_url or _sqlite(self.var_dir)

    def tokens_to_read(self, prefill: float) -> int:
        """How many tokens a question may read of a thread, by a model that reads `prefill` of them a second."""
        return max(LEAST_READ, int(self.read_seconds * prefill))

    @property
    def bot(self) -> tuple[str, str]:
        """Name and token of the main bot, the first one listed."""
        name, token = self.bot_tokens[0]
        return name, token.get_secret_value()


def _sqlite(var_dir: Path) -> str:
    # Not pasted together: a path may hold signs that mean something in a URL, such as % and ?.
    return URL.create("sqlite", database=str(var_dir.resolve() / "chorus.db")).render_as_string(hide_password=False)


def database() -> str:
    """The database's URL, unchecked, for commands that need no other setting."""
    return _one("DATABASE_URL") or _sqlite(Path(_one("VAR_DIR") or ROOT / "var"))


def models_dir() -> Path:
    """Where the models are, for commands that need no other setting."""
    return Path(_one("MODELS_DIR") or ROOT / "var" / "models")


def limits() -> machine.Limits:
    """What loaded models may use, for commands that need no other setting."""
    window = _whole("WINDOW") or int(Settings.model_fields["window"].default)
    threads, memory_mb = _whole("THREADS") or _default_threads(), _whole("MEMORY_MB") or machine.for_models_mb()
    return {"threads": threads, "window": window, "memory_mb": memory_mb}


def way_out() -> tuple[str | None, str | None]:
    """Certificates and proxy towards other servers, for commands that need no other setting. Raises ConfigError."""
    ca_file, proxy = _one("CA_FILE"), _one("PROXY")
    if ca_file and not Path(ca_file).is_file():
        raise ConfigError(f"{PREFIX}CA_FILE names a file that does not exist.")
    if proxy and written.web_parts(proxy) is None:
        raise ConfigError(f"{PREFIX}PROXY must be a web address such as http://proxy.example.org:3128")
    return ca_file or None, proxy or None


def env_file() -> Path | None:
    """The `.env` that is read; None where there is none."""
    path = Settings.model_config.get("env_file")
    return Path(path) if isinstance(path, str | Path) and Path(path).exists() else None


def exposed() -> Path | None:
    """The `.env`, where others than its owner may read it or write to it: it holds every secret."""
    path = env_file()
    return path if path and path.stat().st_mode & 0o077 else None


def env_path() -> Path:
    """Where `.env` is, or would be."""
    return Path(str(Settings.model_config["env_file"]))


def given() -> dict[str, str]:
    """What `.env` and the environment say, unchecked, by full name: for setup, which completes it."""
    found = {**_file(), **{name: value for name, value in os.environ.items() if value}}
    return {name: value for name, value in found.items() if name.startswith(PREFIX) and value}


def in_environment() -> set[str]:
    """The settings that the environment itself holds, by full name: they win over `.env`."""
    return {name for name, value in os.environ.items() if name.startswith(PREFIX) and value}


def forget_what_flask_read() -> None:
    """Take out of the environment what the `flask` command copied there from `.env` before it loaded us: setup writes it anew."""
    for name, value in _file().items():
        if name.startswith(PREFIX) and os.environ.get(name) == value:
            del os.environ[name]


def setup_secret(name: str) -> str:
    """An administrator's `PASSWORD` or `TOKEN` for one run of setup. From the environment alone: `.env` would keep it."""
    return os.environ.get(f"{_SETUP}{name}", "")


def secret(name: str) -> str:
    """An endpoint's key, by the full name of its variable; empty where there is none. Our own secrets are none."""
    return "" if name.upper().startswith(PREFIX) else os.environ.get(name) or _file().get(name) or ""


def _whole(name: str) -> int:
    """A whole number, 0 where none is given that is one."""
    given = _one(name)
    return int(given) if given.isdigit() else 0


def _one(name: str) -> str:
    return os.environ.get(PREFIX + name) or _file().get(PREFIX + name) or ""


def _file(**given: Any) -> dict[str, str | None]:
    """What stands in `.env`. Raises ConfigError where it cannot be read."""
    path = given.get("_env_file", Settings.model_config.get("env_file"))
    try:
        return dotenv_values(path) if path else {}
    except UnicodeDecodeError:
        raise ConfigError(f"Chorus cannot start. Please save {path} as UTF-8; it is in another encoding.") from None
    except OSError:
        raise ConfigError(f"Chorus cannot start. {path} cannot be read: please check who may read it.") from None


def load(**given: Any) -> Settings:
    """Read the settings. Raises ConfigError with one list of everything that is wrong; values never stand in it."""
    faults = _unknown({*os.environ, *_file(**given)})
    settings = None
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults += [_fault(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors()]
    if faults or settings is None:
        lines = "\n".join(f"- {fault}" for fault in faults)
        raise ConfigError(f"Chorus cannot start. Please fix these settings (docs/SETTINGS.md describes each):\n{lines}")
    return settings


def _fault(location: tuple[int | str, ...], kind: str, message: str) -> str:
    name = PREFIX + str(location[0]).upper()
    return f"{name} is missing" if kind == "missing" else f"{name} {message.removeprefix('Value error, ')}"


def _unknown(names: set[str]) -> list[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    faults = []
    for name in sorted(name for name in names if name.startswith(PREFIX) and name not in known):
        near = difflib.get_close_matches(name, known, 1)
        if name.startswith(_SETUP):
            faults.append(f"{name} is for `{FLASK} setup` alone: it must not stay with what runs")
        else:
            faults.append(f"{name} is no setting of Chorus" + (f"; did you mean {near[0]}?" if near else ""))
    return faults
