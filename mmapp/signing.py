"""Signed contexts for what comes back through people's clients: anyone can send anything to the app's port."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from mmapp.errors import Refused
from mmapp.texts import trust

SKEW = 300  # seconds that another of our machines may be ahead: what it signed is not from the future, but from there


class Signer:
    """Signs a small dict for one purpose. A signature for one purpose is worth nothing for another."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key

    def sign(self, purpose: str, values: dict[str, Any]) -> str:
        return str(self._serializer(purpose).dumps(values))

    def read(self, purpose: str, signed: object, max_age: float, *, stale: str = "") -> dict[str, Any]:
        """The signed values; `max_age` in seconds. Raises Refused, with the sentence `stale`, where they are forged,
        changed or too old."""
        stale = stale or trust.stale_button()
        if not isinstance(signed, str):
            raise Refused(stale)
        try:
            values, signed_at = self._serializer(purpose).loads(signed, return_timestamp=True)
        except (BadData, UnicodeEncodeError):  # JSON can carry halves of characters, which no encoding can
            raise Refused(stale) from None
        age = (datetime.now(UTC) - signed_at).total_seconds()
        if not isinstance(values, dict) or not -SKEW <= age <= max_age:
            raise Refused(stale)
        return values

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret_key, salt=f"chorus.{purpose}")
