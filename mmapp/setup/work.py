"""What the steps of setup share: what was wished for, who answers questions, and what is known by now."""

from __future__ import annotations

import ipaddress
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import click

from mmapp import config, written
from mmapp.config import PREFIX
from mmapp.errors import AppError, ConfigError
from mmapp.mattermost.admin import Admin
from mmapp.mattermost.characters import plain
from mmapp.setup import envfile
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

T = TypeVar("T")
WIDTH = 110


@dataclass(frozen=True)
class Wishes:
    """The options of the command; what is empty is asked for."""

    url: str = ""
    public_url: str = ""
    teams: tuple[str, ...] = ()
    bot: str = ""
    user: str = ""
    ephemerals: bool = False
    take_over: bool = False
    yes: bool = False
    by_hand: bool = False


class Person:
    """Whoever sits at the terminal. With `silent` nobody does: each answer is its default, and one without an error."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent

    def tell(self, text: str) -> None:
        """Show it, in lines that are read easily and without what a server's names could do to a terminal."""
        click.echo("\n".join(map(_wrapped, plain(text).split("\n"))))

    def ask(self, question: str, parse: Callable[[str], T], default: str | None, option: str, given: str = "") -> T:
        """An answer; one that `parse` refuses with an AppError is asked for again. `option` would answer as well: `given`."""
        if given:
            return parse(given)
        if self.silent:
            if default is None:
                raise ConfigError(trouble.option_needed(option))
            return parse(default)

        def again(answer: str) -> T:
            try:
                return parse(answer.strip())
            except AppError as error:
                raise click.UsageError(plain(error.sentence)) from None

        found: T = click.prompt(question, default=default, value_proc=again, show_default=bool(default))
        return found

    def secret(self, question: str) -> str:
        """What nobody may see; empty where nobody is asked."""
        if self.silent:
            return ""
        return str(click.prompt(question, default="", hide_input=True, show_default=False))

    def agrees(self, question: str, *, default: bool = False) -> bool:
        """Yes or no."""
        return default if self.silent else click.confirm(plain(question), default=default)


def _wrapped(line: str) -> str:
    indent = " " * (9 if line.startswith("  ") else 0)  # behind "  done   "
    if len(line) <= WIDTH:
        return line
    # Addresses stay whole: they are copied.
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


@dataclass
class Work:
    """One run of setup."""

    admin: Admin
    person: Person
    wishes: Wishes
    url: str
    public_url: str
    changes: int = field(default=0)

    def did(self, what: str) -> None:
        """Say what was made or changed."""
        self.changes += 1
        self.person.tell(texts.did(what))

    def kept(self, what: str) -> None:
        """Say what was there already."""
        self.person.tell(texts.kept(what))

    def save(self, **values: str) -> None:
        """Write these settings (without their prefix) into `.env`, at once."""
        path = config.env_path()
        filled = [name for name, value in values.items() if value and value != self.known(name.upper())]
        if envfile.write(path, {f"{PREFIX}{name.upper()}": value for name, value in values.items()}):
            self.did(texts.saved(path, filled))

    def known(self, name: str) -> str:
        """A setting as it stands now, unchecked; empty where there is none."""
        return config.given().get(f"{PREFIX}{name}", "")

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """A setting of pairs as it stands now. Raises ConfigError where it is not written so."""
        try:
            return written.pairs(self.known(name))
        except ValueError as error:
            raise ConfigError(trouble.setting_wrong(f"{PREFIX}{name}", str(error))) from None

    def bot_tokens(self) -> list[tuple[str, str]]:
        """The bots' tokens of this very server: another one must not get to see them."""
        return self.pairs("BOT_TOKENS") if self.known("MATTERMOST_URL").rstrip("/") == self.url else []


def is_loopback(host: str) -> bool:
    """Whether it names this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def joined(pairs: list[tuple[str, str]]) -> str:
    """Pairs as a setting writes them, each once."""
    return ",".join(f"{name}={token}" for name, token in dict.fromkeys(pairs))
