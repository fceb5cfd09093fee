"""Fetches a file from its address, and goes on where an earlier try broke off.

What is asked for is `Range` with `If-Range`: a server whose file has changed, or that knows no ranges, sends the whole file, and
that is taken from its first byte. Nothing is sent but the request; redirects are followed to https alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from llm.catalog import Url, may_be_asked
from llm.install import InstallError
from llm.partial import Partial

STEP = 1 << 20
MOST_REDIRECTS = 5
NUMBER = re.compile("[0-9]{1,15}")  # of bytes; other digits and thousands of them are no number that a server may tell
RANGE = re.compile(rf"bytes ({NUMBER.pattern})-{NUMBER.pattern}/({NUMBER.pattern}|\*)")
HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}  # packed bytes could not be gone on with


@dataclass(frozen=True)
class Patience:
    """Seconds to connect and to wait for the next byte; tries in a row that bring less than a megabyte; waits in between."""

    connect: float = 10.0
    read: float = 30.0
    tries: int = 6
    first: float = 1.0
    longest: float = 30.0

    def wait(self, failures: int) -> float:
        """Seconds before the next try: 1, 2, 4, … 30."""
        return float(min(self.longest, self.first * 2.0 ** max(0, failures - 1)))


class Broken(Exception):
    """The transfer broke off, and may be gone on with."""


def fetch(
    url: Url, partial: Partial, session: requests.Session, progress: Callable[[int, int], object], patience: Patience
) -> None:
    """Have all bytes in `partial`. Raises InstallError, with what has come kept where it can be gone on with."""
    failures = 0
    while partial.size < url.size:
        before = partial.size
        try:
            _transfer(url, partial, session, progress, patience)
        except Broken as error:
            failures = 0 if partial.size - before >= STEP else failures + 1
            if failures >= patience.tries:
                raise InstallError("network", str(error)) from None
            time.sleep(patience.wait(failures))


def _transfer(
    url: Url, partial: Partial, session: requests.Session, progress: Callable[[int, int], object], patience: Patience
) -> None:
    with _answered(session, url.address, _wanted(partial), patience) as answer:
        _stand(answer, partial, url)
        progress(partial.size, url.size)
        for piece in _pieces(answer):
            if partial.size == 0 and piece.lstrip()[:1] == b"<":
                raise InstallError("page", f"{_host(answer.url)} answered with a web page")
            if partial.size + len(piece) > url.size:
                partial.drop()
                raise InstallError(
                    "size", f"{_host(answer.url)} sends more than the {url.size:,} bytes of the catalogue"
                )
            partial.write(piece)
            progress(partial.size, url.size)
    if partial.size < url.size:
        raise Broken(f"{_host(url.address)} ended the connection early")


def _wanted(partial: Partial) -> dict[str, str]:
    if not partial.size:
        return HEADERS
    same = {"If-Range": partial.validator} if partial.validator else {}
    return {**HEADERS, "Range": f"bytes={partial.size}-", **same}


@contextmanager
def _answered(
    session: requests.Session, address: str, headers: dict[str, str], patience: Patience
) -> Iterator[requests.Response]:
    """The answer behind all redirects. What the network does is Broken, as often as it may."""
    for _ in range(MOST_REDIRECTS):
        answer = _asked(session, address, headers, patience)
        with answer:
            if not answer.is_redirect:
                yield answer
                return
            address = _next(address, answer)
    raise InstallError("redirect", f"{_host(address)} leads from one address to the next without an end")


def _asked(session: requests.Session, address: str, headers: dict[str, str], patience: Patience) -> requests.Response:
    came: list[requests.Response] = []

    def keep(answer: requests.Response, **_options: object) -> None:
        came.append(answer)

    timeout = (patience.connect, patience.read)
    try:
        return session.get(
            address, headers=headers, stream=True, allow_redirects=False, timeout=timeout, hooks={"response": keep}
        )
    except requests.exceptions.SSLError:
        raise InstallError("certificate", f"the certificate of {_host(address)} is not trusted") from None
    except ValueError:  # the library looks into Location though it is not to follow it, and leaves the answer open
        for answer in came:
            answer.close()
        raise InstallError("redirect", f"{_host(address)} leads to what is no address") from None
    except (requests.RequestException, HTTPError):
        raise Broken(f"{_host(address)} does not answer") from None


def _next(address: str, answer: requests.Response) -> str:
    """Where a redirect leads: never from TLS to none, and never off this machine without TLS."""
    found = urljoin(address, answer.headers["Location"])
    before, after = urlsplit(address), urlsplit(found)
    if not may_be_asked(found) or (
        after.scheme == "http" and (before.scheme, before.hostname) != ("http", after.hostname)
    ):
        raise InstallError("redirect", f"{_host(address)} leads to an address that is not https")
    return found


def _stand(answer: requests.Response, partial: Partial, url: Url) -> None:
    """Stand where the answer's first byte belongs. Raises InstallError, and Broken where it is worth another try."""
    if answer.status_code not in (200, 206):
        raise _refused(answer, partial)
    if "html" in answer.headers.get("Content-Type", ""):
        raise InstallError("page", f"{_host(answer.url)} answered with a web page")
    start, total = _span(answer)
    if total not in (None, url.size):
        partial.drop()
        raise InstallError("size", f"{_host(answer.url)} has {total:,} bytes, and the catalogue means {url.size:,}")
    if start == 0:
        partial.begin(_validator(answer))
    elif start != partial.size or _validator(answer) not in ("", partial.validator):
        partial.begin("")
        raise Broken(f"{_host(answer.url)} has another file by now")


def _span(answer: requests.Response) -> tuple[int, int | None]:
    """The first byte of an answer, and how many the whole file has, where that is told."""
    if answer.status_code == 200:
        length = NUMBER.fullmatch(answer.headers.get("Content-Length", ""))
        return 0, int(length[0]) if length else None
    found = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not found:
        return -1, None
    return int(found[1]), int(found[2]) if found[2] != "*" else None


def _validator(answer: requests.Response) -> str:
    """What tells this version of the file from others. A weak ETag is none for ranges (RFC 9110, 13.1.5)."""
    etag = answer.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _refused(answer: requests.Response, partial: Partial) -> Exception:
    status, host = answer.status_code, _host(answer.url)
    if status == 416:  # fewer bytes than we have: then they are of another file
        partial.begin("")
        return Broken(f"{host} has another file by now")
    if status in (404, 410):
        return InstallError("missing", f"{host} has it no more (HTTP {status})")
    if status in (408, 425, 429) or status >= 500:
        return Broken(f"{host} is overloaded or out of order (HTTP {status})")
    return InstallError("forbidden", f"{host} refuses it (HTTP {status})")


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """Bytes as they come. Whoever waits for a full piece loses what came of it when the connection breaks."""
    try:
        while piece := answer.raw.read1(STEP):
            yield piece
    except (HTTPError, OSError):
        raise Broken(f"{_host(answer.url)} ended the connection early") from None


def _host(address: str) -> str:
    """Who it is, without the rest of the address: that may hold a secret."""
    return f"the server {urlsplit(address).hostname}"
