"""From bytes to text that is safe to show a model: one kind of line end, and no control characters."""

from __future__ import annotations

import codecs
import re

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\^_]")  # what terminals take as orders; logs are full of it
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])
# Marks that show text in another order than it is read in, and those that are not seen at all at a file's beginning.
_TRICKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000)])
_WORTHLESS = _CONTROLS | _TRICKS
_SUSPICIOUS = {code: None for code in _CONTROLS if code not in b"\v\f\r\x1b"}
_READABLE = bytes([9, 10, 13, *range(32, 127)])
MOST_CONTROLS = 0.02  # of all characters: logs cut by their rotation hold some NULs, binary files about 11 %
LEAST_ASCII = 0.75  # Western languages in Latin-1 have over 90 %, bytes at random 38 %, other alphabets under 40 %


def decode(data: bytes) -> str | None:
    """The text, None where it is none: by its mark, as UTF-8, as Latin-1 where that reads like text."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _plausible(_decoded(data, encoding))
    return _plausible(_decoded(data, "utf-8") or _mostly_utf8(data) or _latin(data))


def tidy(text: str) -> str:
    """Without what no reader sees: control characters, colours of a terminal, runs of empty lines."""
    text = _LINE_ENDS.sub("\n", _COLOURS.sub("", text)).translate(_WORTHLESS)
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _mostly_utf8(data: bytes) -> str | None:
    """A log that several programs wrote: here and there a byte that is no UTF-8."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    others = len(text) - len(text.encode("ascii", "ignore")) - bad
    return text if others > bad else None


def _latin(data: bytes) -> str | None:
    """Windows' kind of Latin-1, which has quotes where the other has controls."""
    if len(data.translate(None, _READABLE)) > (1 - LEAST_ASCII) * len(data):
        return None
    return _decoded(data, "cp1252") or data.decode("latin-1")


def _plausible(text: str | None) -> str | None:
    if text is None:
        return None
    controls = len(text) - len(text.translate(_SUSPICIOUS))
    return text if controls <= MOST_CONTROLS * len(text) else None
