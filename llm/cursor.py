"""Walks over a GGUF file's header byte by byte, and believes no number in it that the file's size does not allow."""

from __future__ import annotations

import struct
from typing import BinaryIO

from llm.base import ModelBroken

STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

# Far above every real file (Gemma's 256,000 tokens make a header of 6 MB), far below what would hurt the reader.
MOST_HEADER_BYTES = 64 << 20
MOST_ITEMS = 1_000_000
STEP = 1 << 20

Value = str | int | float | bool | list[bytes] | list[int] | list[float] | None


class Cursor:
    """A position in the header. Every read raises ModelBroken where the file ends first."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, min(size, MOST_HEADER_BYTES)
        self.buffer, self.position = bytearray(), 0

    def need(self, end: int) -> None:
        """Have the bytes up to `end` in the buffer."""
        if end > self.size:
            raise ModelBroken(f"the header wants {end} bytes, but only {self.size} can be read")
        while len(self.buffer) < end:
            piece = self.file.read(STEP)
            if not piece:
                raise ModelBroken(f"the file ended at byte {len(self.buffer)} while it was read")
            self.buffer += piece

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start, end = self.position, self.position + count
        self.need(end)
        self.position = end
        return bytes(self.buffer[start:end])

    def number(self, code: str) -> int:
        """The next whole number, by its struct code."""
        return int(struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0])

    def text(self) -> str:
        """The next string; what is no UTF-8 in it is replaced, as names are only compared and shown."""
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def value(self, *, whole: bool) -> Value:
        """The next typed value: a string, a scalar or an array, which is walked over and None unless it is wanted `whole`."""
        kind = self.number("I")
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            return self.array(whole=whole)
        return self.scalar(kind)

    def scalar(self, kind: int) -> int | float | bool:
        """The next scalar of a GGUF type."""
        code = "<" + _code(kind)
        found: int | float | bool = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return found

    def array(self, *, whole: bool) -> Value:
        """The next array; one of strings as bytes, an array of arrays is refused: no file has one."""
        kind, count = self.number("I"), self.number("Q")
        if count > MOST_ITEMS:
            raise ModelBroken(f"an array of {count} items")
        if kind == STRING:
            return self.strings(count, whole=whole)
        code = _code(kind)
        packed = self.take(count * struct.calcsize("<" + code))
        return list(struct.unpack(f"<{count}{code}", packed)) if whole else None

    def strings(self, count: int, *, whole: bool) -> list[bytes] | None:
        """The next `count` strings. A tight loop: vocabularies have 50,000 to 256,000 of them, twice."""
        found: list[bytes] = []
        position, length = self.position, struct.Struct("<Q").unpack_from
        for _ in range(count):
            if position + 8 > len(self.buffer):
                self.need(position + 8)
            start = position + 8
            position = start + length(self.buffer, position)[0]
            if position > len(self.buffer):
                self.need(position)
            if whole:
                found.append(bytes(self.buffer[start:position]))
        self.position = position
        return found if whole else None


def _code(kind: int) -> str:
    if kind not in SCALARS:
        raise ModelBroken(f"a value of the unknown type {kind}")
    return SCALARS[kind]
