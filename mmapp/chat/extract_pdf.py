"""The words of a PDF, page by page. The only import of pypdf: docs/FILES.md says why this library."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pypdf import PageObject, PasswordType, PdfReader
from pypdf.errors import LimitReachedError, PyPdfError

from mmapp.chat.extract_kinds import Reason

# What pypdf raises on damaged files: its own errors where it expected the damage, else whatever Python says to it.
DAMAGE = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError, RecursionError,
    TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file


@dataclass(frozen=True)
class Page:
    """One page of `of`; `reason` where it could not be read. `text` is empty where it holds none, a scan for example."""

    number: int
    of: int
    text: str
    reason: Reason | None = None


class NotReadable(Exception):
    """Nothing of the file can be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def pages(data: bytes, most: int) -> Iterator[Page]:
    """The first `most` pages, each as soon as it is read. Raises NotReadable before the first."""
    reader, of = _opened(data)
    for number in range(1, min(of, most) + 1):
        try:
            yield Page(number, of, _words(reader.pages[number - 1]))
        except LimitReachedError:
            yield Page(number, of, "", Reason.TOO_HARD)
        except DAMAGE:
            yield Page(number, of, "", Reason.BROKEN)


def _opened(data: bytes) -> tuple[PdfReader, int]:
    try:
        reader = PdfReader(BytesIO(data))
        # Many files are encrypted for their owner alone, with nothing for readers to type.
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise NotReadable(Reason.ENCRYPTED)
        return reader, len(reader.pages)
    except LimitReachedError as error:
        raise NotReadable(Reason.TOO_HARD) from error
    except DAMAGE as error:
        raise NotReadable(Reason.BROKEN) from error


def _words(page: PageObject) -> str:
    return page.extract_text().encode("utf-8", "replace").decode()
