"""Signed contexts: what was signed comes back, and everything else is refused in a sentence."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from mmapp.errors import Refused
from mmapp.signing import Signer

AGE = 3600  # seconds: longer than all tests together
SIGNER = Signer("s" * 32)
SIGNED = SIGNER.sign("stop", {"request": "r1"})
# Also the halves of characters that JSON can carry and no encoding can.
ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


def test_what_was_signed_is_read_again() -> None:
    assert SIGNER.read("stop", SIGNED, AGE) == {"request": "r1"}


@pytest.mark.parametrize("forged", [None, 7, {}, [], "", "a.b.c", "\ud800", "a.\ud800.c"])
def test_what_was_not_signed_is_refused(forged: object) -> None:
    with pytest.raises(Refused):
        SIGNER.read("stop", forged, AGE)


@given(ANYTHING, st.integers(0, len(SIGNED)))
@example("\ud800", 0)
@example("\udfff", len(SIGNED))
def test_whatever_is_put_into_a_signed_text_nothing_is_read_but_what_was_signed(junk: str, place: int) -> None:
    with suppress(Refused):  # signs that base64 skips change nothing in the signature's own part
        assert SIGNER.read("stop", SIGNED[:place] + junk + SIGNED[place:], AGE) == {"request": "r1"}


@pytest.mark.parametrize(("signer", "purpose"), [(SIGNER, "other"), (Signer("t" * 32), "stop")], ids=["purpose", "key"])
def test_a_signature_counts_for_its_purpose_and_its_key_alone(signer: Signer, purpose: str) -> None:
    with pytest.raises(Refused):
        signer.read(purpose, SIGNED, AGE)


def test_what_is_too_old_is_refused() -> None:
    with pytest.raises(Refused):
        SIGNER.read("stop", SIGNED, -1)


@pytest.mark.parametrize("seconds", [-90, 90])
def test_what_a_machine_with_a_clock_90_s_off_has_signed_is_read(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIGNER.read("stop", signed_elsewhere(seconds, monkeypatch), 15 * 60) == {"request": "r1"}


def test_what_comes_from_a_distant_future_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        SIGNER.read("stop", signed_elsewhere(AGE, monkeypatch), AGE)


def signed_elsewhere(seconds: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a machine signs whose clock is so many seconds ahead."""
    there = int(time.time()) + seconds
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: there)
        return SIGNER.sign("stop", {"request": "r1"})
