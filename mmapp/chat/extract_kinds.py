"""What a file is: by its first bytes, then by its name. Nobody's word for its MIME type is taken."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath


class Kind(StrEnum):
    """What is opened."""

    TEXT = "text"
    PDF = "pdf"


class Reason(StrEnum):
    """Why a file was not read. texts/files.py has the words for each."""

    PICTURE = "picture"
    MEDIA = "media"
    OFFICE = "office"
    ARCHIVE = "archive"
    BINARY = "binary"
    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_MANY = "too many"
    ENCRYPTED = "encrypted"
    SCANNED = "scanned"
    BROKEN = "broken"
    TOO_HARD = "too hard"
    FULL = "full"
    LATE = "late"
    GONE = "gone"
    UNREACHABLE = "unreachable"


_STARTS = {
    b"\x89PNG\r\n": Reason.PICTURE,
    b"\xff\xd8\xff": Reason.PICTURE,
    b"GIF87a": Reason.PICTURE,
    b"GIF89a": Reason.PICTURE,
    b"II*\0": Reason.PICTURE,
    b"MM\0*": Reason.PICTURE,
    b"8BPS\0": Reason.PICTURE,
    b"\0\0\1\0": Reason.PICTURE,
    b"ID3": Reason.MEDIA,
    b"OggS": Reason.MEDIA,
    b"fLaC": Reason.MEDIA,
    b"\x1aE\xdf\xa3": Reason.MEDIA,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Reason.OFFICE,
    b"{\\rtf": Reason.OFFICE,
    b"\x1f\x8b\x08": Reason.ARCHIVE,
    b"BZh": Reason.ARCHIVE,
    b"\xfd7zXZ\0": Reason.ARCHIVE,
    b"7z\xbc\xaf\x27\x1c": Reason.ARCHIVE,
    b"Rar!\x1a\x07": Reason.ARCHIVE,
    b"\x28\xb5\x2f\xfd": Reason.ARCHIVE,
}
_NAMES = {
    Reason.PICTURE: "png jpg jpeg gif webp bmp tif tiff ico heic heif avif psd",
    Reason.MEDIA: "mp3 mp4 m4a m4v mov avi mkv webm wav ogg oga opus flac aac wmv",
    Reason.OFFICE: "doc docx xls xlsx xlsm ppt pptx odt ods odp rtf pages numbers key",
    Reason.ARCHIVE: "zip gz tgz bz2 xz 7z rar tar zst jar",
}
_BY_ENDING = {ending: reason for reason, endings in _NAMES.items() for ending in endings.split()}
_ZIP, _ZIP_NAMES = b"PK\x03\x04", 4096
_PDF, _PDF_WITHIN = b"%PDF-", 1024  # readers look for the mark in the first 1,024 bytes


def by_name(name: str) -> Reason | None:
    """What its name says that it is not read for. A name can only say no: what is read, its bytes decide."""
    return _BY_ENDING.get(PurePath(name).suffix.lower().removeprefix("."))


def is_pdf_name(name: str) -> bool:
    """Whether its name says PDF."""
    return name.lower().endswith(".pdf")


def by_content(data: bytes, name: str) -> Kind | Reason:
    """What its bytes say that it is; TEXT is still to be shown by decoding it."""
    if data[:_PDF_WITHIN].lstrip().startswith(_PDF) or (is_pdf_name(name) and _PDF in data[:_PDF_WITHIN]):
        return Kind.PDF
    for start, reason in _STARTS.items():
        if data.startswith(start):
            return reason
    if data.startswith(_ZIP):
        inside = data[:_ZIP_NAMES]
        return Reason.OFFICE if b"[Content_Types].xml" in inside or b"opendocument" in inside else Reason.ARCHIVE
    return _boxed(data) or Kind.TEXT


def _boxed(data: bytes) -> Reason | None:
    """Kinds whose mark stands behind the first bytes."""
    if data[:4] == b"RIFF":
        return Reason.PICTURE if data[8:12] == b"WEBP" else Reason.MEDIA
    if data[4:8] == b"ftyp":
        return Reason.PICTURE if data[8:11] in (b"hei", b"avi", b"mif") else Reason.MEDIA
    return Reason.ARCHIVE if data[257:262] == b"ustar" else None
