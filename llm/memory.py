"""How much memory loaded models may take together, and which of them goes when another one needs the room."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from llm import machine
from llm.base import ModelBroken, OutOfMemory
from llm.header import Header

BOUNDLESS = 1 << 62


class Tenant(Protocol):
    """A model that takes memory while it is loaded."""

    @property
    def loaded(self) -> bool:
        """Whether it takes memory now."""
        ...

    @property
    def busy(self) -> bool:
        """Whether it is answering."""
        ...

    def close(self) -> None:
        """Give its memory back."""
        ...


@dataclass(frozen=True)
class Need:
    """Bytes that a model takes: with the smallest window that is of use, with the one that is wanted, and beside it for
    states that it keeps."""

    least: int
    wanted: int
    states: int = 0


def need(header: Header, size: int, window: int, states: int = 0) -> Need:
    """What a file of `size` bytes takes when it is loaded with `window` tokens: weights, keys and values, buffers.

    Raises ModelBroken where no machine could have that.
    """
    tokens = min(window, header.context_length)
    fixed, a_token = size + machine.COMPUTE_BYTES, machine.bytes_a_token(header)
    if fixed + a_token * tokens > BOUNDLESS:
        raise ModelBroken(f"its header asks for {a_token:,} bytes a token")
    return Need(fixed + a_token * min(machine.SMALLEST_WINDOW, tokens), fixed + a_token * tokens, states)


class Memory:
    """A budget of `limit` bytes. Models are kept while they fit, and the one used longest ago goes first.

    One that is answering never goes.
    """

    def __init__(self, limit: int = BOUNDLESS) -> None:
        self.limit = limit
        self._taken: dict[Tenant, int] = {}
        self._lock = threading.Lock()

    def refusal(self, least: int) -> str:
        """Why a model of so many bytes cannot be loaded even alone, with the figures; empty where it can."""
        if least <= self.limit:
            return ""
        return f"it needs about {_gb(least)}, and models may use {_gb(self.limit)} here (CHORUS_MEMORY_MB)"

    def admit(self, tenant: Tenant, wanted: Need) -> int:
        """Make room for a model that is to be loaded; the bytes that it may take. Raises OutOfMemory."""
        if refused := self.refusal(wanted.least):
            raise OutOfMemory(refused)
        whole = min(wanted.wanted + wanted.states, self.limit)
        with self._lock:
            self._taken.pop(tenant, None)
            self._make_room(whole)
            room = self.limit - self._others()
            if room < wanted.least:
                raise OutOfMemory(
                    f"it needs about {_gb(wanted.least)}, and {_gb(max(0, room))} are left beside models that are answering"
                )
            self._taken[tenant] = min(whole, room)
            return max(wanted.least, self._taken[tenant] - wanted.states)

    def used(self, tenant: Tenant) -> None:
        """It is asked now, so others go before it."""
        with self._lock:
            if (taken := self._taken.pop(tenant, None)) is not None:
                self._taken[tenant] = taken

    def _make_room(self, size: int) -> None:
        for other in list(self._taken):
            if self._others() + size <= self.limit:
                return
            if not other.busy:
                other.close()

    def _others(self) -> int:
        """What those take that are loaded; whoever was closed or has died is forgotten."""
        self._taken = {tenant: taken for tenant, taken in self._taken.items() if tenant.loaded}
        return sum(self._taken.values())


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
