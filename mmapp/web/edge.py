"""What the HTTP edge works with, kept beside the Flask application."""

from __future__ import annotations

import threading
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
    """`client` opens dialogs, and does nothing else from here."""

    settings: Settings
    opened: Database
    signer: Signer
    client: Client
    _checked: threading.Event = field(default_factory=threading.Event)

    @property
    def database(self) -> Database:
        """Checked before its first use, which may come long after the start. Raises what services.require_ready raises."""
        if not self._checked.is_set():
            services.require_ready(self.opened)
            self._checked.set()
        return self.opened


def edge() -> Edge:
    """The current application's."""
    return cast("Edge", current_app.extensions["chorus"])
