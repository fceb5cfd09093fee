"""People's names, asked for once and remembered for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from mmapp.chat import when
from mmapp.mattermost.client import Client
from mmapp.mattermost.payloads import User

REMEMBERED = 600.0  # seconds; a renamed person keeps the old name in prompts for so long


class People:
    """The names of Mattermost's people, by id. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._users: dict[str, tuple[User, float]] = {}
        self._lock = threading.Lock()

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """Username by id; an id that Mattermost does not know is called `someone`."""
        wanted = set(ids)
        known = self._known(wanted)
        return {each: known[each].username if each in known else "someone" for each in wanted}

    def without_bots(self, ids: Iterable[str]) -> set[str]:
        """Those of these accounts that are people's."""
        return {each for each, user in self._known(set(ids)).items() if not user.is_bot}

    def zone(self, person_id: str) -> str:
        """A person's time zone by its name."""
        known = self._known({person_id})
        return when.zone(known[person_id].timezone if person_id in known else "").key

    def notifying(self, ids: Iterable[str]) -> set[str]:
        """The words that may notify these people where a post is created: usernames and first names.

        Whether a first name does is everyone's own choice, and so are further keywords; Mattermost tells a bot neither.
        """
        users = self._known(set(ids)).values()
        return {name for user in users for name in (user.username, user.first_name) if name}

    def _known(self, wanted: set[str]) -> dict[str, User]:
        now = time.monotonic()
        with self._lock:
            known = {each: user for each, (user, at) in self._users.items() if each in wanted and now - at < REMEMBERED}
        if missing := wanted - known.keys():
            found = {user.id: user for user in self._client.users(sorted(missing))}
            with self._lock:
                self._users |= {each: (user, now) for each, user in found.items()}
            known |= found
        return known
