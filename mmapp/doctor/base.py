"""What the doctor's checks share: their findings, and what was learnt on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mmapp.config import Settings
from mmapp.db import Database
from mmapp.mattermost.payloads import User
from mmapp.mattermost.server import Greeting, Server


class Level(StrEnum):
    """How bad it is. A warning: Chorus works, but not as it could. A fault: people are not answered, or not safely."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One sentence on what is so, and one on what to do about it. `missing` names the check that must succeed first."""

    level: Level
    what: str
    cure: str = ""
    check: str = ""
    missing: str = ""


def ok(what: str) -> Finding:
    return Finding(Level.OK, what)


def warning(what_and_cure: tuple[str, str]) -> Finding:
    return Finding(Level.WARNING, *what_and_cure)


def fault(what_and_cure: tuple[str, str]) -> Finding:
    return Finding(Level.FAULT, *what_and_cure)


class Case:
    """What the checks have learnt. A check finds here what those that it `needs` have put here, and nothing else."""

    settings: Settings
    database: Database
    server: Server
    greeting: Greeting
    me: User
    teams: dict[str, str]
    """The bot's teams among those of CHORUS_COMMAND_TOKENS: names by id."""

    def close(self) -> None:
        """Give back what was opened."""
        for opened in (self.__dict__.get("database"), self.__dict__.get("server")):
            if opened is not None:
                opened.close()


@dataclass(frozen=True)
class Check:
    """One look. `needs` are the names of checks without whose success it can see nothing."""

    name: str
    look: Callable[[Case], Iterator[Finding]]
    needs: tuple[str, ...] = field(default=())
