"""The bots of this installation, as a worker acts in their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from mmapp import services
from mmapp.chat.people import People
from mmapp.config import Settings
from mmapp.errors import BotGone, BotRefused
from mmapp.jobs.edits import Edits
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import MattermostError
from mmapp.texts import admin
from mmapp.texts import ask as ask_texts

log = structlog.get_logger()

WELCOME_EVERY = 20.0  # seconds; one that an administrator enables again needs no restart


@dataclass
class Bot:
    """One bot, and what it acts with. `edits`: whether its posts may be edited."""

    name: str
    id: str
    client: Client
    people: People
    edits: Edits = field(default_factory=Edits)
    denied_until: float = 0.0  # time.monotonic(): until then it may send no ephemerals of its own


class Bots:
    """Those of CHORUS_BOT_TOKENS that Mattermost accepts; the first one there is the main one, which is always among them."""

    def __init__(self, settings: Settings, known: Iterable[Bot] = ()) -> None:
        self._settings = settings
        self._names = list(dict(settings.bot_tokens))
        self._known = {bot.name: bot for bot in known}
        self._told: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """Of all that the settings name, accepted or not."""
        return list(self._names)

    @property
    def main(self) -> Bot:
        return self._known[self._names[0]]

    def named(self, name: str) -> Bot:
        """A bot by its name, the main one for none. Asks nobody.

        Raises BotGone where the settings do not name it, and BotRefused while Mattermost does not accept it.
        """
        if not name:
            return self.main
        if name not in self._names:
            raise BotGone(ask_texts.bot_gone(name))
        if (found := self.find(name)) is None:
            raise BotRefused(admin.bot_waits(name))
        return found

    def find(self, name: str) -> Bot | None:
        """One that Mattermost accepts."""
        return self._known.get(name)

    def accepted(self) -> list[Bot]:
        return list(self._known.values())

    def introduce(self, name: str) -> None:
        """Have Mattermost say who this is; from then on it acts. Raises BotRefused or a MattermostError."""
        client = services.open_client(self._settings, name)
        try:
            me = services.introduced(client, name)
        except (BotRefused, MattermostError):
            client.close()
            raise
        self._known[name] = Bot(name, me.id, client, People(client))

    def welcome(self) -> None:
        """Introduce each that is not accepted yet. Why one is not is said in the log once; it keeps no other from acting."""
        for name in self._names:
            if name not in self._known:
                self._welcome(name)

    def close(self) -> None:
        for bot in self.accepted():
            bot.client.close()

    def _welcome(self, name: str) -> None:
        try:
            self.introduce(name)
        except BotRefused as error:
            why = error.sentence
        except MattermostError as error:
            why = str(error)
        else:
            log.info("a bot is there", bot=name)
            return
        if self._told.get(name) != why:
            self._told[name] = why
            log.error("a bot does nothing until Mattermost accepts it", bot=name, why=why)
