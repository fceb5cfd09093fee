"""What the HTTP edge works with, kept beside the Flask application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from mmapp.config import Settings
from mmapp.db import Database
from mmapp.mattermost.client import Client
from mmapp.signing import Signer


@dataclass(frozen=True)
class Edge:
    """`client` opens dialogs, and does nothing else from here."""

    settings: Settings
    database: Database
    signer: Signer
    client: Client


def edge() -> Edge:
    """The current application's."""
    return cast("Edge", current_app.extensions["chorus"])
