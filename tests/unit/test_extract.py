"""Text out of files: what is read, what is not and why, and that nothing in a file outlives its limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from mmapp.chat import extract_child
from mmapp.chat.extract import LIMITS, ROOT, Extracted, Part, extract
from mmapp.chat.extract_kinds import Reason
from tests.pdf_files import packed, pdf, pdf_of_objects, stream, words


def encrypted(password: str) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(pdf(words("The budget is 12,000"))))), BytesIO()
    writer.encrypt(password, "owner", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def bomb() -> bytes:
    """A quarter of a gigabyte of blanks in a kilobyte."""
    packer = zlib.compressobj(9)
    blanks = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(256)) + packer.flush()
    return pdf(stream(zlib.compress(blanks, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def endless(orders: int = 2_000_000) -> bytes:
    """Millions of orders in one page: 300,000 take 20 s."""
    return packed(b"BT /F 12 Tf 50 700 Td " + b"(pump) Tj " * orders + b"ET")


def found(data: bytes, name: str = "file", **limits: Any) -> Extracted:
    *_, last = extract(data, name, replace(LIMITS, **limits))
    assert last is not None
    return last


def text_in(data: bytes, name: str = "file") -> str:
    return "\n".join(part.text for part in found(data, name).parts)


TEXTS: dict[str, tuple[bytes, str]] = {
    "UTF-8": ("Größe 12 µm — 泵".encode(), "Größe 12 µm — 泵"),
    "UTF-8 with a mark": (b"\xef\xbb\xbfhello", "hello"),
    "UTF-16 with a mark": ("Größe".encode("utf-16"), "Größe"),
    "UTF-16 the other way round": (b"\xfe\xff" + "Größe".encode("utf-16-be"), "Größe"),
    "UTF-32 with a mark": ("Größe".encode("utf-32"), "Größe"),
    "Latin-1": ("Die Größe der Pumpe wurde geprüft.".encode("latin-1"), "Die Größe der Pumpe wurde geprüft."),
    "Windows' quotes": (b"the \x93fine\x94 pump of hall 7", "the “fine” pump of hall 7"),
    "a log of two programs": ("Größe µ µ\n".encode() + b"caf\xe9", "Größe µ µ\ncaf\ufffd"),
    "Windows' lines": (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
    "a terminal's colours": (b"\x1b[31merror\x1b[0m: low", "error: low"),
    "NULs of a rotated log": (b"\0\0" + b"10:00 the pump is on\n" * 20, ("10:00 the pump is on\n" * 20).rstrip()),
    "text turned round": ("user\u202egnp.exe".encode(), "usergnp.exe"),
    "runs of empty lines": (b"one\n\n\n\n\n two", "one\n\n two"),
    "JSON": (b'{"pump": [7]}', '{"pump": [7]}'),
    "code that speaks of PDF": (b"START = b'%PDF-'", "START = b'%PDF-'"),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_text_is_read_in_the_encodings_that_people_use(kind: str) -> None:
    data, text = TEXTS[kind]
    assert text_in(data, "notes.log") == text


UNREAD: dict[str, tuple[bytes, Reason]] = {
    "picture": (b"\x89PNG\r\n\x1a\n....", Reason.PICTURE),
    "photo": (b"\xff\xd8\xff\xe0....", Reason.PICTURE),
    "WebP": (b"RIFF\0\0\0\0WEBPVP8 ", Reason.PICTURE),
    "film": (b"\0\0\0\x18ftypmp42", Reason.MEDIA),
    "Word": (b"PK\x03\x04....[Content_Types].xml", Reason.OFFICE),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Reason.OFFICE),
    "zip": (b"PK\x03\x04....notes.txt", Reason.ARCHIVE),
    "gzip": (b"\x1f\x8b\x08\0", Reason.ARCHIVE),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8, Reason.BINARY),
    "another alphabet's old encoding": ("насос проверен".encode("cp1251"), Reason.BINARY),
    "nothing": (b"", Reason.EMPTY),
    "blanks": (b" \n \n", Reason.EMPTY),
    "half a character": (b"\xff\xfeA", Reason.BINARY),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_what_is_no_text_says_what_it_is_whatever_its_name(kind: str) -> None:
    data, reason = UNREAD[kind]
    assert found(data, "notes.txt") == Extracted(reason=reason)


def test_a_long_text_is_read_from_its_beginning_and_its_end() -> None:
    lines = [f"{number:05} the pump is on" for number in range(2000)]
    result = found("\n".join(lines).encode(), characters=1000)
    head, tail = (part.text.splitlines() for part in result.parts)
    assert (head[0], tail[0], tail[-1]) == (lines[0], extract_child.CUT, lines[-1])
    assert set(head + tail[1:]) <= set(lines)
    assert result.characters == len("\n".join(lines))
    assert sum(len(part.text) for part in result.parts) < 1010


def test_a_pdf_is_read_page_by_page() -> None:
    result = found(pdf(words("The pump", "is well."), words(), words("Budget: 12,000")))
    assert result.parts == (Part("The pump\nis well.", 1), Part("Budget: 12,000", 3))
    assert (result.pages, result.reason) == (3, None)


def test_a_pdf_is_known_by_its_bytes_and_not_by_its_name() -> None:
    assert text_in(pdf(words("The pump")), "notes.txt") == "The pump"
    assert text_in(b"no PDF at all", "report.pdf") == "no PDF at all"


def test_a_long_pdf_is_read_until_its_limits() -> None:
    many = pdf(*(words(f"Page {number} says that") for number in range(1, 8)))
    assert [part.page for part in found(many, pages=3).parts] == [1, 2, 3]
    cut = found(many, characters=30)
    assert [part.text for part in cut.parts] == ["Page 1 says that", "Page 2 says th"]
    assert (cut.pages, cut.characters) == (7, 32)


BAD_PDFS: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "protected": (lambda: encrypted("secret"), Reason.ENCRYPTED),
    "scanned": (lambda: pdf(stream(b"q Q"), stream(b"q Q")), Reason.SCANNED),
    "cut off": (lambda: pdf(words("The pump"))[:300], Reason.BROKEN),
    "noise": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 200, Reason.BROKEN),
    "its own page": (
        lambda: pdf_of_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 9>>"),
        Reason.BROKEN,
    ),
    "nested deeply": (
        lambda: pdf_of_objects(
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"[" * 99_999 + b"]" * 99_999
        ),
        Reason.BROKEN,
    ),
    "bomb": (bomb, Reason.TOO_HARD),
}


@pytest.mark.parametrize("kind", BAD_PDFS)
def test_a_bad_pdf_is_a_reason_of_its_own(kind: str) -> None:
    make, reason = BAD_PDFS[kind]
    result = found(make(), "report.pdf")
    assert (result.parts, result.reason) == ((), reason)


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    assert text_in(encrypted("")) == "The budget is 12,000"


def test_what_takes_too_much_processor_time_is_killed() -> None:
    assert found(pdf(endless()), cpu=1, seconds=60.0) == Extracted(reason=Reason.TOO_HARD)


def test_what_takes_too_long_is_killed() -> None:
    assert found(pdf(endless()), seconds=0.5) == Extracted(reason=Reason.TOO_HARD)


def test_what_takes_too_much_memory_is_ended() -> None:
    # Which allocation is refused is chance; inside zlib or pypdf it looks like damage (1 run of 4, measured).
    assert found(pdf(endless()), memory=100_000_000).reason in (Reason.TOO_HARD, Reason.BROKEN)


def test_the_pages_before_the_endless_one_stay() -> None:
    result = found(pdf(words("The pump is well."), endless()), cpu=3, seconds=60.0)
    assert (result.parts, result.pages, result.stopped) == ((Part("The pump is well.", 1),), 2, True)


def children() -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True, check=True).stdout
    return {int(pid) for pid in found.split() if Path(f"/proc/{int(pid)}").exists()} & extractors()


def extractors() -> set[int]:
    lines = {path.parent.name: path for path in Path("/proc").glob("[0-9]*/cmdline")}
    return {int(pid) for pid, path in lines.items() if "mmapp.chat.extract_child" in _text(path)}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def test_who_stops_waiting_ends_the_process() -> None:
    steps = extract(pdf(endless()), "report.pdf", LIMITS)
    assert next(steps) is None
    assert children()
    steps.close()  # type: ignore[attr-defined]
    assert not children()


def test_the_process_has_no_environment_and_no_name_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_SECRET_KEY", "hush")
    steps = extract(pdf(endless()), "the secret plan.pdf", LIMITS)
    assert next(steps) is None
    (pid,) = children()
    assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert "plan" not in Path(f"/proc/{pid}/cmdline").read_text()
    steps.close()  # type: ignore[attr-defined]


def test_the_process_goes_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "endless.pdf").write_bytes(pdf(endless(6_000_000)))
    code = (
        "import sys, pathlib; from mmapp.chat.extract import extract, Limits\n"
        "limits = Limits(memory=8 * 10**9, cpu=600, seconds=600.0)\n"
        "for _ in extract(pathlib.Path(sys.argv[1]).read_bytes(), '', limits): print(flush=True)"
    )
    before = extractors()
    command = [sys.executable, "-c", code, str(tmp_path / "endless.pdf")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline()
        (orphan,) = extractors() - before
        parent.send_signal(signal.SIGKILL)
    while orphan in extractors():  # the test's own time-out is the limit
        pass


def test_a_fault_that_nobody_expected_is_a_damaged_file() -> None:
    assert found(b"hello", cpu="no number") == Extracted(reason=Reason.BROKEN)


def test_the_process_writes_no_file_and_no_core() -> None:
    code = (
        "from mmapp.chat.extract_child import confine; confine(10**9, 5); import resource as r\n"
        "print([r.getrlimit(n)[1] for n in (r.RLIMIT_FSIZE, r.RLIMIT_CORE, r.RLIMIT_CPU, r.RLIMIT_AS)])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert shown.strip() == "[0, 0, 5, 1000000000]"
