"""What the HTTP edge works with, kept beside the Flask application."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from mmapp import services
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.mattermost.client import Client
from mmapp.signing import Signer


@dataclass(frozen=True)
class Edge:
    """`clients`, by bot, open dialogs and ask for rights, and do nothing else from here."""

    settings: Settings
    opened: Database
    signer: Signer
    clients: Mapping[str, Client]
    _checked: threading.Event = field(default_factory=threading.Event)

    @property
    def database(self) -> Database:
        """Checked before its first use, which may come long after the start. Raises what services.require_ready raises."""
        if not self._checked.is_set():
            services.require_ready(self.opened)
            self._checked.set()
        return self.opened

    @property
    def client(self) -> Client:
        """The main bot's."""
        return self.clients[self.settings.bot[0]]

    def client_of(self, bot: str) -> Client:
        """This bot's, which sees the channels that it is in; the main one's where it is none of ours any more."""
        return self.clients.get(bot, self.client)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.opened.close()


def edge() -> Edge:
    """The current application's."""
    return cast("Edge", current_app.extensions["chorus"])
