"""A file is fetched over a network that breaks, from servers that mean something else: kept, gone on with, or refused."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from llm.catalog import Url
from llm.fetch import Patience, fetch
from llm.install import InstallError
from llm.partial import Partial
from tests.shop import Shop

BODY = b"GGUF" + os.urandom(3 << 20)  # at random alone, it looks like a web page now and then
OTHER = b"GGUF" + os.urandom(3 << 20)
HURRY = Patience(connect=2, read=0.3, tries=3, first=0.01, longest=0.01)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as opened:
        yield opened


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def get(tmp_path: Path, session: requests.Session) -> Callable[..., bytes]:
    """Fetch what is behind an address, as a model of BODY's size unless told; what came."""

    def got(address: str, size: int = len(BODY), seen: list[int] | None = None) -> bytes:
        url = Url(address=address, size=size, sha256=hashlib.sha256(BODY).hexdigest())
        with Partial(tmp_path / ".model.part", url) as partial:
            fetch(url, partial, session, lambda done, _of: seen.append(done) if seen is not None else None, HURRY)
            return partial.path.read_bytes()

    return got


def left(folder: Path) -> list[int]:
    """The sizes of what lies there, notes aside."""
    return [path.stat().st_size for path in sorted(folder.iterdir()) if path.suffix != ".json"]


def refused(get: Callable[..., bytes], address: str, **more: int) -> InstallError:
    with pytest.raises(InstallError) as caught:
        get(address, **more)
    return caught.value


def test_a_file_comes_whole_and_its_progress_is_told(shop: Shop, get: Callable[..., bytes]) -> None:
    seen: list[int] = []
    assert get(shop.put("m", BODY), seen=seen) == BODY
    assert seen[0] == 0
    assert seen[-1] == len(BODY)
    assert seen == sorted(seen)


def test_a_broken_connection_is_gone_on_with_at_its_byte(shop: Shop, get: Callable[..., bytes]) -> None:
    assert get(shop.put("m", BODY, cuts=[1_000_000, 500_000])) == BODY
    assert shop.ranges() == ["", "bytes=1000000-", "bytes=1500000-"]


def test_only_the_same_version_is_gone_on_with(shop: Shop, get: Callable[..., bytes]) -> None:
    get(shop.put("m", BODY, cuts=[1_000_000]))
    assert [headers.get("If-Range") for _, headers in shop.asked] == [None, '"one"']


def test_another_command_goes_on_with_what_an_earlier_one_left(
    shop: Shop, get: Callable[..., bytes], tmp_path: Path
) -> None:
    address = shop.put("m", BODY, cuts=[1_000_000, 0, 0, 0])
    assert refused(get, address).reason == "network"
    assert left(tmp_path) == [1_000_000]
    assert get(address) == BODY
    assert shop.ranges()[-1] == "bytes=1000000-"


def test_what_another_address_left_is_not_gone_on_with(shop: Shop, get: Callable[..., bytes]) -> None:
    refused(get, shop.put("one", BODY, cuts=[1_000_000, 0, 0, 0]))
    assert get(shop.put("two", BODY)) == BODY
    assert shop.ranges()[-1] == ""


def test_a_stalled_connection_is_cut_and_gone_on_with(shop: Shop, get: Callable[..., bytes]) -> None:
    assert get(shop.put("m", BODY, cuts=[1_000_000], stall=True)) == BODY


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(shop: Shop, get: Callable[..., bytes]) -> None:
    seen: list[int] = []
    assert get(shop.put("m", BODY, cuts=[1_000_000], ranges=False), seen=seen) == BODY
    assert shop.ranges() == ["", "bytes=1000000-"]


def test_a_file_that_changed_meanwhile_is_taken_from_its_first_byte(
    shop: Shop, get: Callable[..., bytes], tmp_path: Path
) -> None:
    address = shop.put("m", OTHER, cuts=[1_000_000, 0, 0, 0])
    refused(get, address)
    shop.put("m", BODY, etag='"two"')
    assert get(address) == BODY


def test_a_server_that_goes_on_with_another_version_is_not_believed(shop: Shop, get: Callable[..., bytes]) -> None:
    """It answers 206 though the ETag is another one, as some caches do."""
    address = shop.put("m", OTHER, cuts=[1_000_000, 0, 0, 0], etag="")
    refused(get, address)
    shop.put("m", BODY, etag='"two"')
    assert get(address) == BODY
    assert shop.ranges()[-2:] == ["bytes=1000000-", ""]


def test_fewer_bytes_than_there_are_already_begin_it_anew(shop: Shop, get: Callable[..., bytes]) -> None:
    address = shop.put("m", BODY, cuts=[2_000_000, 0, 0, 0])
    refused(get, address)
    shelf = shop.shelves["/m"]
    shelf.content, shelf.cuts = BODY[:1_000_000], []  # a 416 to who asks for more
    assert refused(get, address).reason == "size"
    shelf.content = BODY
    assert get(address) == BODY


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_overloaded_server_is_asked_again(shop: Shop, get: Callable[..., bytes], status: int) -> None:
    assert get(shop.put("m", BODY, statuses=[status, status])) == BODY


def test_what_keeps_failing_is_given_up_and_says_who_failed(shop: Shop, get: Callable[..., bytes]) -> None:
    error = refused(get, shop.put("m", BODY, statuses=[503] * 9))
    assert (error.reason, error.detail) == ("network", "the server 127.0.0.1 is overloaded or out of order (HTTP 503)")
    assert len(shop.asked) == HURRY.tries


def test_an_answer_that_is_no_http_is_asked_again(shop: Shop, get: Callable[..., bytes]) -> None:
    assert get(shop.put("m", BODY, drops=2)) == BODY


def test_nobody_at_the_address_is_said_without_an_address(get: Callable[..., bytes], tmp_path: Path) -> None:
    error = refused(get, "http://127.0.0.1:9/secret-path/m")
    assert (error.reason, error.detail) == ("network", "the server 127.0.0.1 does not answer")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "missing"), (410, "missing"), (401, "forbidden"), (403, "forbidden")]
)
def test_what_is_refused_is_not_asked_for_again(
    shop: Shop, get: Callable[..., bytes], tmp_path: Path, status: int, reason: str
) -> None:
    assert refused(get, shop.put("m", BODY, statuses=[status])).reason == reason
    assert (len(shop.asked), left(tmp_path)) == (1, [])


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_proxys_page_is_told_as_one(shop: Shop, get: Callable[..., bytes], tmp_path: Path, kind: str) -> None:
    page = b"\n<!doctype html><title>Sign in</title>"
    error = refused(get, shop.put("m", page, kind=kind), size=len(page))
    assert (error.reason, error.detail) == ("page", "the server 127.0.0.1 answered with a web page")
    assert left(tmp_path) == []


def test_a_page_that_comes_while_a_download_goes_on_leaves_what_there_was(
    shop: Shop, get: Callable[..., bytes], tmp_path: Path
) -> None:
    address = shop.put("m", BODY, cuts=[1_000_000, 0, 0, 0])
    refused(get, address)
    shop.put("m", b"<html>", kind="text/html", ranges=False)
    assert refused(get, address).reason == "page"
    assert left(tmp_path) == [1_000_000]


def test_another_size_than_the_catalogues_is_refused_before_its_bytes(shop: Shop, get: Callable[..., bytes]) -> None:
    error = refused(get, shop.put("m", BODY), size=len(BODY) - 1)
    assert error.reason == "size"
    assert f"{len(BODY):,}" in error.detail


@pytest.mark.parametrize("length", ["²", "9" * 5_000, "-1", "many"])
def test_a_length_that_is_no_number_tells_nothing(shop: Shop, get: Callable[..., bytes], length: str) -> None:
    assert get(shop.put("m", BODY, length=length)) == BODY


@pytest.mark.parametrize("total", ["²", "9" * 5_000])
def test_nor_does_a_range_s(shop: Shop, get: Callable[..., bytes], total: str) -> None:
    """What comes cannot be told from another file, so it is begun anew."""
    assert get(shop.put("m", BODY, cuts=[1_000_000], total=total)) == BODY
    assert shop.ranges() == ["", "bytes=1000000-", ""]


def test_more_bytes_than_announced_are_refused(shop: Shop, get: Callable[..., bytes], tmp_path: Path) -> None:
    """Where no length is announced, it shows when they come."""
    address = shop.put("m", BODY, cuts=[1_000_000, 0, 0, 0])
    refused(get, address)
    shop.shelves["/m"].total = "*"
    shop.shelves["/m"].content += b"more"
    shop.shelves["/m"].cuts = []
    assert refused(get, address).reason == "size"
    assert left(tmp_path) == []


def test_a_redirect_is_followed_on_the_same_host(shop: Shop, get: Callable[..., bytes]) -> None:
    shop.put("there", BODY)
    assert get(shop.put("m", redirect="/there")) == BODY


@pytest.mark.parametrize(
    "target", ["http://models.example.org/m", "ftp://127.0.0.1/m", "https://me:secret@127.0.0.1/m"]
)
def test_a_redirect_to_where_nothing_is_fetched_from_is_refused(
    shop: Shop, get: Callable[..., bytes], target: str
) -> None:
    error = refused(get, shop.put("m", redirect=target))
    assert (error.reason, error.detail) == ("redirect", "the server 127.0.0.1 leads to an address that is not https")


@pytest.mark.parametrize("target", ["http://[", "https://", "/caf\xe9", "//\xe9"])
def test_a_redirect_to_what_is_no_address_is_refused_at_once(
    shop: Shop, get: Callable[..., bytes], target: str
) -> None:
    error = refused(get, shop.put("m", redirect=target))
    assert (error.reason, len(shop.asked)) == ("redirect", 1)


def test_redirects_without_an_end_are_refused(shop: Shop, get: Callable[..., bytes]) -> None:
    assert refused(get, shop.put("m", redirect="/m")).reason == "redirect"


def test_no_credentials_and_nothing_packed_is_asked_for(shop: Shop, get: Callable[..., bytes]) -> None:
    get(shop.put("m", BODY))
    ((_, headers),) = shop.asked
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & headers.keys()


def test_a_server_whose_certificate_nobody_trusts_is_not_asked_again(
    get: Callable[..., bytes], session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def untrusted(*args: object, **_more: object) -> requests.Response:
        asked.append(args)
        raise requests.exceptions.SSLError("self-signed certificate")

    monkeypatch.setattr(session, "get", untrusted)
    assert refused(get, "https://models.example.org/m").reason == "certificate"
    assert len(asked) == 1
