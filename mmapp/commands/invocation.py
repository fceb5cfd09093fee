"""What a verb is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from mmapp.commands.parse import Parsed
from mmapp.config import Settings
from mmapp.db import Database


@dataclass(frozen=True)
class Invocation:
    """One verified command of one person. `root_id` is the client's choice and unchecked; 5.37 sends none."""

    settings: Settings
    database: Database
    parsed: Parsed
    person_id: str
    person_name: str
    team_id: str
    channel_id: str
    channel_name: str = ""
    root_id: str = ""
    response_url: str = ""


@dataclass(frozen=True)
class Button:
    """A button of a reply. `purpose` is what its press does; `subject` is what it does it to."""

    label: str
    purpose: str
    subject: str = ""


@dataclass(frozen=True)
class Reply:
    """What the person reads at once, alone. No text at all: the answer will be here within seconds."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
