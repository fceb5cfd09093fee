"""What people do about digests: they type and fill in, read what comes of it, and time stands still meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text, update

from mmapp import db
from mmapp.db import clock
from mmapp.models import Digest, Installation
from tests.line import Line
from tests.playground import membership
from tests.playground.store import Doc
from tests.scenarios.choosing import defaults

THURSDAY = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def stand_still(line: Line, monkeypatch: pytest.MonkeyPatch, at: datetime = THURSDAY) -> None:
    """The database's clock shows this time, and a scheduler has just looked."""
    shown = f"{at:%Y-%m-%d %H:%M:%S}"
    monkeypatch.setitem(db.CLOCK, "sqlite", text(f"select '{shown}.000'"))
    monkeypatch.setitem(db.CLOCK, "postgresql", text(f"select timestamptz '{shown}+00'"))
    line.beat()
    tick(line)


def tick(line: Line) -> None:
    """A scheduler looks what is due."""
    with line.worker.database.write() as session:
        session.execute(update(Installation).values(ticked_at=clock(session)))


def typed(line: Line, who: Doc, words: str, channel: Doc | None = None) -> str:
    """Type `/ai digest …`, wait until all is done, and read what is said alone in the end."""
    before = line.told(who)
    said = line.say(who, f"digest {words}".strip(), channel)
    line.settle()
    told = line.told(who)[len(before) :]
    return "\n".join(told) if told else said.text


def posted(line: Line, who: Doc, words: str, channel: Doc | None = None) -> str:
    """Post `@ai digest …`, and read what is said alone."""
    line.mention(who, f"@ai digest {words}".strip(), channel)
    return line.private_answers(who)[-1]


def opened(line: Line, who: Doc, words: str = "", channel: Doc | None = None) -> Doc:
    """Type `/ai digest …` where that opens a dialog; the dialog."""
    shown = len(line.playground.dialogs(who))
    said = line.say(who, f"digest {words}".strip(), channel)
    found = line.playground.dialogs(who)[shown:]
    assert len(found) == 1, said
    return found[0]


def fill(line: Line, who: Doc, dialog: Doc, at: Doc | None = None, /, **changes: str) -> dict[str, Any]:
    """Change some fields and submit it; the answer, with errors that keep it open."""
    return line.pick(who, dialog, at, **defaults(dialog) | {"more": "false"} | changes)


def further(line: Line, who: Doc, dialog: Doc, **changes: str) -> Doc:
    """The second dialog, by a step or by the button that stands in for it."""
    answer = fill(line, who, dialog, more="true", **changes)
    if line.playground.age == "5.37":
        assert answer == {}
        line.playground.click(who, line.playground.ephemerals(who)[-1], "More options")
        return line.playground.dialogs(who)[-1]
    return {"dialog": answer["form"], "url": dialog["url"]}


def digests(line: Line) -> list[Digest]:
    """All that there are, in the order of their numbers."""
    with line.worker.database.read() as session:
        return list(session.scalars(select(Digest).order_by(Digest.id)))


def only(line: Line) -> Digest:
    """The one that there is."""
    (found,) = digests(line)
    return found


def errors(answer: dict[str, Any]) -> dict[str, str]:
    """What is said beside its fields, or under "" of the whole."""
    return dict(answer.get("errors") or {"": answer.get("error", "")})


def told(line: Line, who: Doc) -> str:
    """What is said alone once all is done."""
    line.settle()
    return line.told(who)[-1]


def demote(line: Line, who: Doc) -> None:
    """They are a plain member of the town."""
    member = line.playground.server.member(line.town["id"], who["id"]) or {}
    line.playground.server.save_member(membership.with_admin(member, admin=False))
