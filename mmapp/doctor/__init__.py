"""`flask --app app doctor`: one look after the other at all that Chorus stands on; each fault is named with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from mmapp.doctor import access, chat, machine, storage, trip, workers
from mmapp.doctor.base import Case, Check, Finding, Level, fault
from mmapp.mattermost.errors import MattermostError
from mmapp.texts import doctor as texts
from mmapp.texts import doctor_chat

log = structlog.get_logger()

__all__ = ["Finding", "Level", "examine"]

CHECKS = (
    Check("engine", machine.engine),
    Check("secrecy", machine.secrecy),
    Check("settings", machine.settings),
    Check("disks", machine.disks, ("settings",)),
    Check("database", storage.reachable, ("settings",)),
    Check("revision", storage.revision, ("database",)),
    Check("keys", storage.keys, ("revision",)),
    Check("database clock", storage.clocks, ("database",)),
    Check("mattermost", chat.reachable, ("settings",)),
    Check("token", chat.token, ("mattermost",)),
    Check("other bots", chat.others, ("mattermost",)),
    Check("version", chat.version, ("token",)),
    Check("clock", chat.on_time, ("token",)),
    Check("server settings", chat.configured, ("token",)),
    Check("teams", chat.teams, ("token",)),
    Check("commands", chat.commands, ("teams",)),
    Check("round trip", trip.reaches_us, ("revision", "teams")),
    Check("alone", trip.alone, ("revision", "teams")),
    Check("workers", workers.alive, ("revision",)),
    Check("scheduler", workers.scheduler, ("revision",)),
    Check("models", workers.models, ("revision",)),
    Check("access", access.in_force, ("revision",)),
)


def examine() -> Iterator[Finding]:
    """Every check in turn. One that stands on another that failed, whose last word was a fault, is not made and says so."""
    case = Case()
    failed: dict[str, str] = {}  # what failed or was not checked, and the check that it goes back to
    try:
        for check in CHECKS:
            missing = next((failed[need] for need in check.needs if need in failed), None)
            if missing:
                failed[check.name] = missing
                what = texts.not_checked(check.name, missing)
                yield Finding(Level.SKIPPED, what, check=check.name, missing=missing)
                continue
            finding = None
            for finding in _looked(check, case):
                yield replace(finding, check=check.name)
            if finding and finding.level is Level.FAULT:
                failed[check.name] = check.name
    finally:
        case.close()


def _looked(check: Check, case: Case) -> Iterator[Finding]:
    """A check's findings. What breaks off a look is a finding too: the others go on."""
    try:
        yield from check.look(case)
    except SQLAlchemyError as error:
        yield fault(texts.database_broke_off(type(error).__name__))
    except MattermostError as error:
        yield fault(doctor_chat.mattermost_broke_off(str(error)))
    except Exception as error:
        log.error("a look of the doctor's broke off", check=check.name, exc_info=error)
        yield fault(texts.look_failed(type(error).__name__))
