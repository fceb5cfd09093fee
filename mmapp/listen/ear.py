"""One bot's ear: what it needs to tell what is meant for it."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field

from mmapp import services
from mmapp.chat import audience
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.errors import BotRefused
from mmapp.mattermost.client import Client
from mmapp.mattermost.payloads import Channel, User

REMEMBERED = (
    600.0  # seconds that a channel's and an account's names are kept; rights are asked for by the worker, freshly
)


@dataclass
class Ear:
    """`bot` is its username. Used by one thread at a time."""

    settings: Settings
    database: Database
    client: Client
    bot: str
    bot_id: str
    _channels: dict[str, tuple[float, Channel]] = field(default_factory=dict)
    _users: dict[str, tuple[float, User]] = field(default_factory=dict)

    @property
    def others(self) -> list[str]:
        """The other bots of this installation."""
        return [name for name, _token in self.settings.bot_tokens if name != self.bot]

    def is_bot(self, user_id: str) -> bool:
        """Whether it is an account of no person; one of ours is none, whatever the server says of it."""
        user = self.user(user_id)
        return user.is_bot or user.username in (self.bot, *self.others)

    def is_ours(self, user_id: str) -> bool:
        """Whether it is one of our own bots. Raises what the client raises."""
        return user_id == self.bot_id or (bool(self.others) and self.user(user_id).username in self.others)

    def is_inside(self, channel_id: str) -> bool:
        """Whether the bot is a member of a channel, asked freshly. Raises what the client raises."""
        return audience.is_inside(self.client, channel_id, self.bot_id)

    def is_another_inside(self, channel_id: str) -> bool:
        """Whether one of the other bots is, or may be, and so hears what is deleted there; each is asked as itself, for nobody
        else may see it in a private one. Raises what their clients raise."""
        return any(self._is_inside(name, channel_id) for name in self.others)

    def _is_inside(self, name: str, channel_id: str) -> bool:
        with closing(services.open_client(self.settings, name)) as client:
            try:
                account = services.introduced(client, name)
            except BotRefused:
                return True  # it catches up when it is accepted again, and nobody knows before
            return audience.is_inside(client, channel_id, account.id)

    def channel(self, channel_id: str) -> Channel:
        """A channel by its id. Raises what the client raises."""
        at, found = self._channels.get(channel_id, (0.0, None))
        if found is None or time.monotonic() - at > REMEMBERED:
            found = self.client.channel(channel_id)
            self._channels[channel_id] = (time.monotonic(), found)
        return found

    def user(self, user_id: str) -> User:
        """An account by its id. Raises what the client raises."""
        at, found = self._users.get(user_id, (0.0, None))
        if found is None or time.monotonic() - at > REMEMBERED:
            found = self.client.user(user_id)
            self._users[user_id] = (time.monotonic(), found)
        return found
