"""What a verb is given, and what it gives back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from mmapp import choice
from mmapp.buttons import Button
from mmapp.choice import Spot
from mmapp.commands.parse import Parsed
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog
from mmapp.jobs.payload import Payload
from mmapp.mattermost.channel_names import is_direct, is_group
from mmapp.models import Message, new_id

# What of an invocation a dialog carries to its submission.
_CARRIED = (
    "bot", "person_id", "person_name", "team_id", "team_name", "channel_id", "channel_name", "root_id", "tells_root",
    "response_url",
)  # fmt: skip


@dataclass(frozen=True)
class Invocation:
    """What one person wants of a `bot`: a verified command, the main one's, or (with `post_id`) a post that addresses it.

    A command's `root_id` is the client's choice and unchecked.

    `tells_root`: the server says in which thread it was typed. 5.37 does not, and then nobody guesses.
    """

    settings: Settings
    database: Database
    bot: str
    parsed: Parsed
    person_id: str
    person_name: str
    team_id: str
    team_name: str
    channel_id: str
    channel_name: str = ""
    root_id: str = ""
    tells_root: bool = True
    response_url: str = ""
    post_id: str = ""
    heard: str = ""

    @property
    def heard_key(self) -> str | None:
        """One bot does once what one post, or another event that was `heard`, says; None for a command, which Mattermost
        tells once."""
        return self.heard or (f"heard:{self.bot}:{self.post_id}" if self.post_id else None)

    @property
    def whose(self) -> str:
        """The bot whose answers "the newest" is one of: who says it to one bot means its own. Empty: any bot's."""
        return self.bot if self.post_id else ""

    @property
    def in_direct_message(self) -> bool:
        """Whether it was typed in one."""
        return is_direct(self.channel_name)

    @property
    def in_group_message(self) -> bool:
        """Whether it was typed in one, by its name."""
        return is_group(self.channel_name)

    @property
    def spot(self) -> Spot:
        """Whose choice of a model counts here. The thread below a post has not begun with it."""
        here = Spot(self.person_id, self.channel_id, self.team_id)
        if self.in_direct_message:
            return replace(here, bot=self.bot)
        return replace(here, thread=choice.thread_key(self.channel_id, self.root_id)) if self.in_thread else here

    @property
    def in_thread(self) -> bool:
        """Whether it was typed in one, as far as the server says."""
        return bool(self.root_id) and self.root_id != self.post_id

    def sealed(self, **more: Any) -> str:
        """All that a dialog's submission needs to go on as if it were typed here, and `more`, readable by nobody else."""
        return self.database.seal(json.dumps({name: getattr(self, name) for name in _CARRIED} | more))

    @classmethod
    def unsealed(cls, settings: Settings, database: Database, sealed: str) -> tuple[Self, Mapping[str, Any]]:
        """From what `sealed` gave, with nothing typed; and the rest that was put in. Raises WrongKey."""
        found = json.loads(database.unseal(sealed))
        carried = {name: found.pop(name) for name in _CARRIED}
        return cls(settings=settings, database=database, parsed=Parsed("", ""), **carried), found

    def payload(self, now: datetime, **more: Any) -> Payload:
        """What a job carries that serves this; `now` is the database's time."""
        return Payload(
            bot=self.bot,
            person_id=self.person_id,
            person_name=self.person_name,
            team_id=self.team_id,
            team_name=self.team_name,
            channel_id=self.channel_id,
            channel_name=self.channel_name,
            root_id=self.root_id,
            tells_root=self.tells_root,
            response_url=self.response_url,
            post_id=self.post_id,
            asked_at=round(now.timestamp() * 1000),
            **more,
        )

    def request(self, now: datetime, words: str) -> Message:
        """What such a job serves."""
        return Message(
            id=new_id(),
            role="question",
            bot=self.bot,
            person_id=self.person_id,
            person_name=self.person_name,
            text=words,
            post_id=self.post_id,
            created_at=now,
        )


@dataclass(frozen=True)
class Reply:
    """What the person reads at once, alone. No text at all: the answer will be here within seconds.

    A `dialog` is opened instead; the text says what to do where none can be.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    dialog: Dialog | None = None
