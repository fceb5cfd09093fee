"""What people do to have another model answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from llm.scripted import ScriptedModel
from mmapp import choice
from mmapp.choice import Spot
from mmapp.db import clock
from mmapp.jobs import engines
from mmapp.models import ModelRecord
from tests.line import Line
from tests.playground.store import Doc

USUAL = "usual"
LONG_AGO = timedelta(hours=1)


def add(line: Line, *names: str) -> list[ScriptedModel]:
    """More models, which the worker lists."""
    added = [ScriptedModel(name=name) for name in names]
    line.worker.registry.extra |= {model.name: model for model in added}
    engines.list_models(line.worker)
    return added


def take_away(line: Line, name: str) -> None:
    """A model's file is gone, and the worker has noticed: another's list would keep it for a minute."""
    del line.worker.registry.extra[name]
    with line.worker.database.write() as session:
        session.execute(update(ModelRecord).where(ModelRecord.name == name).values(seen_at=clock(session) - LONG_AGO))
    engines.list_models(line.worker)


def allow_only(line: Line, *names: str) -> None:
    """Somebody who administers all of the Mattermost has set it so."""
    with line.worker.database.write() as session:
        choice.keep(session, Spot(line.carol["id"], ""), choice.EVERYONE, allowed=list(names))


def opened(line: Line, who: Doc, typed: str = "model", channel: Doc | None = None, root: Doc | None = None) -> Doc:
    assert line.say(who, typed, channel, root).json.get("text", "") == ""
    return line.playground.dialogs(who)[-1]


def pick(line: Line, who: Doc, dialog: Doc, at: Doc | None = None, /, **changes: str) -> dict[str, Any]:
    """Change some fields of a dialog and submit it; the answer, with errors that keep it open."""
    return line.pick(who, dialog, at, **defaults(dialog) | {"more": "false"} | changes)


def defaults(dialog: Doc) -> dict[str, str]:
    return {element["name"]: element["default"] for element in dialog["dialog"]["elements"]}


def options(dialog: Doc, name: str) -> dict[str, str]:
    """What can be picked in one field: values, and what they are called."""
    (field,) = [element for element in dialog["dialog"]["elements"] if element["name"] == name]
    return {option["value"]: option["text"] for option in field["options"]}


def introduction(dialog: Doc) -> str:
    return str(dialog["dialog"]["introduction_text"])


def answered_by(line: Line, who: Doc, words: str = "Why?", *given: Doc) -> str:
    """Ask, and see by its foot which model has answered."""
    line.ask(who, words, *given)
    return line.answers()[-1].rpartition("\n")[2].strip("*").partition(" · ")[0]
