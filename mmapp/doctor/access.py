"""Who may ask: what CHORUS_ACCESS says, and what the admins of channels have decided."""

from __future__ import annotations

from collections.abc import Iterator

from mmapp.access import switched
from mmapp.doctor.base import Case, Finding, ok, warning
from mmapp.texts import doctor as texts


def in_force(case: Case) -> Iterator[Finding]:
    """In how many channels models may be asked."""
    everyone = case.settings.access == "everyone"
    with case.database.read() as session:
        decided = len(switched(session, on=not everyone))
    if everyone:
        yield ok(texts.everyone_may_ask(decided))
    elif decided:
        yield ok(texts.channels_on(decided))
    else:
        yield warning(texts.no_channel_on())
