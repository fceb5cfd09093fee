"""Ids, times and triggers as Mattermost makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_TRIGGER_KEY = secrets.token_bytes(16)


def new_id() -> str:
    """26 letters and digits."""
    return "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(26))


def is_id(value: object) -> bool:
    """Whether this could be an id at all."""
    return isinstance(value, str) and len(value) == 26 and value.isascii() and value.isalnum()


class Clock:
    """The server's time in milliseconds, which tests can put forward."""

    def __init__(self) -> None:
        self.ahead = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead += int(seconds * 1000)


def new_trigger(user_id: str, now: int) -> tuple[str, str]:
    """The trigger's id for the client, and the signed one for the app."""
    client = new_id()
    return client, base64.b64encode(f"{client}:{user_id}:{now}:{_signature(client, user_id, now)}".encode()).decode()


def read_trigger(trigger: str) -> tuple[str, str, int] | str:
    """Client's id, user and time of a trigger, or the last part of the error's id."""
    try:
        parts = base64.b64decode(trigger, validate=True).decode().split(":")
    except ValueError:
        return "base64_decode_failed"
    if len(parts) != 4:
        return "missing_data"
    client, user_id, at, signature = parts
    if not at.isdigit() or not hmac.compare_digest(signature, _signature(client, user_id, int(at))):
        return "verify_signature_failed"
    return client, user_id, int(at)


def _signature(client: str, user_id: str, now: int) -> str:
    return hmac.new(_TRIGGER_KEY, f"{client}:{user_id}:{now}".encode(), hashlib.sha256).hexdigest()
