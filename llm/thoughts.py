"""Keeps a model's thoughts out of its answer: what stands between `<think>` and `</think>` where it begins."""

from __future__ import annotations

OPENED, CLOSED = "<think>", "</think>"


class Thoughts:
    """Lets an answer through, piece by piece, without the thoughts before it. `inside`: it begins with them at once."""

    def __init__(self, *, inside: bool = False) -> None:
        self.inside, self.had = inside, inside
        self._answering, self._held = False, ""

    def take(self, text: str) -> str:
        """What of this piece, and of what was held before it, is answer for certain."""
        if self._answering:
            return text
        self._held += text
        if not self.inside:
            self._open()
        if self.inside:
            self._close()
        return "" if self.inside or self._may_open else self._answer()

    def end(self) -> str:
        """Nothing comes any more: what was held. Thoughts that did not come to an end are no answer."""
        return "" if self.inside else self._answer()

    @property
    def _may_open(self) -> bool:
        said = self._held.lstrip()
        return not self.had and said != "" and OPENED.startswith(said)

    def _open(self) -> None:
        if not self.had and self._held.lstrip().startswith(OPENED):
            self.inside = self.had = True
            self._held = self._held.lstrip()[len(OPENED) :]

    def _close(self) -> None:
        _, closed, rest = self._held.partition(CLOSED)
        self.inside = not closed
        self._held = rest if closed else self._held[1 - len(CLOSED) :]

    def _answer(self) -> str:
        found, self._held = self._held.lstrip() if self.had else self._held, ""
        self._answering = bool(found.strip())
        return found
