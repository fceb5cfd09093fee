"""Where an answer goes, and what it reads: found once, at admission."""

from __future__ import annotations

from dataclasses import dataclass

from mmapp.chat.source import Source
from mmapp.wanted import Wanted


@dataclass(frozen=True)
class Place:
    """`direct`: it is the person's own direct message with the bot. `note` is told the asker with it; `wanted` is a
    summary's wish, as it was understood."""

    to_channel: str
    to_root: str
    sources: tuple[Source, ...] = ()
    direct: bool = False
    note: str = ""
    wanted: Wanted | None = None
