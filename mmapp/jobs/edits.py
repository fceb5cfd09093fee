"""Whether this Mattermost lets the bot edit its posts: where it does not, an answer is posted once, when it is whole."""

from __future__ import annotations

import time

import structlog

from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import MattermostError

log = structlog.get_logger()

REMEMBERED = 600.0  # seconds
ALWAYS = ("", "-1")  # what `PostEditTimeLimit` is where posts may be edited for ever; some servers do not tell it


class Edits:
    """What is known of it, for ten minutes: the server's setting, and whether an edit was refused."""

    def __init__(self) -> None:
        self._allowed = True
        self._until = 0.0

    def allowed(self, client: Client) -> bool:
        """Asks the server now and then. One that cannot say is taken to allow them."""
        if time.monotonic() >= self._until:
            try:
                limit = str(client.config().get("PostEditTimeLimit", ""))
            except MattermostError as error:
                log.info("whether posts may be edited is not known", why=str(error))
                return True
            self._know(allowed=limit in ALWAYS)
        return self._allowed

    def refused(self) -> None:
        """An edit was: the right to it can be taken away from bots, and no setting tells."""
        self._know(allowed=False)

    def _know(self, *, allowed: bool) -> None:
        self._allowed, self._until = allowed, time.monotonic() + REMEMBERED
