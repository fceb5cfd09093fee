"""People's names, asked for once and remembered for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from mmapp.mattermost.client import Client

REMEMBERED = 600.0  # seconds; a renamed person keeps the old name in prompts for so long


class People:
    """The usernames of Mattermost's people, by id. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """Username by id; an id that Mattermost does not know is called `someone`."""
        wanted = set(ids)
        now = time.monotonic()
        with self._lock:
            known = {each: name for each, (name, at) in self._names.items() if each in wanted and now - at < REMEMBERED}
        if missing := wanted - known.keys():
            found = {user.id: user.username for user in self._client.users(sorted(missing))}
            with self._lock:
                self._names |= {each: (name, now) for each, name in found.items()}
            known |= found
        return {each: known.get(each, "someone") for each in wanted}
