"""Files of posts over REST: what is said of them, and their bytes within limits."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from mmapp.mattermost import retry
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Forbidden, Garbled, NotFound, Refused, Unreachable
from mmapp.mattermost.files import FileInfo, attached, download, info
from mmapp.mattermost.payloads import Post
from mmapp.mattermost.wire import TooMuch
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import AI_HELP, lab

A, B = "a" * 26, "b" * 26


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "sleep", lambda _seconds: None)


def client_of(stub: Stub) -> Client:
    return Client(stub.url, "t" * 26, timeout=(1.0, 0.5))


@pytest.fixture(params=["5.37", "11"])
def playground(request: pytest.FixtureRequest) -> Iterator[Any]:
    with lab(request.param) as found:
        yield found


def test_a_post_brings_its_files_and_the_bot_downloads_them(playground: Any) -> None:
    sent = playground.upload("alice", AI_HELP, "notes.txt", "Grüße".encode())
    post = playground.post_as("alice", AI_HELP, "see here", file_ids=[sent["id"]])
    client = Client(playground.url, playground.token("ai"))
    (found,) = client.post(post["id"]).files
    assert (found.id, found.name, found.size, found.post_id) == (sent["id"], "notes.txt", 7, post["id"])
    assert info(client, found.id) == found
    assert download(client, found.id, 7).decode() == "Grüße"
    client.close()


def test_a_file_without_info_is_known_by_its_id_alone() -> None:
    assert attached({"file_ids": [A, B], "metadata": {"files": [{"id": B, "name": "b.md", "size": 3}]}}) == (
        FileInfo(A),
        FileInfo(B, "b.md", 3),
    )


@pytest.mark.parametrize("ids", [None, [], "x", {}, [None, 7, "../me", ""]])
@pytest.mark.parametrize(
    "metadata", [None, [], {}, {"files": None}, {"files": {}}, {"files": [None, 7, {}, {"id": ".."}]}]
)
def test_a_post_with_odd_files_has_none(ids: Any, metadata: Any) -> None:
    post = {"id": A, "channel_id": B, "file_ids": ids, "metadata": metadata}
    assert Post.from_json(post).files == ()


@pytest.mark.parametrize(
    ("size", "understood"), [(7, 7), (7.0, 7), ("7", 0), (None, 0), (-7, 0), (True, 0), (float("inf"), 0)]
)
def test_an_odd_size_is_none(size: Any, understood: int) -> None:
    assert FileInfo.from_json({"id": A, "size": size, "name": None, "new in v12": {}}).size == understood


def test_more_bytes_than_the_limit_are_not_read() -> None:
    with Stub(Reply(200, b"x" * 101)) as stub:
        client = client_of(stub)
        with pytest.raises(TooMuch):
            download(client, A, 100)
        assert len(download(client, A, 101)) == 101
        client.close()


def test_packed_bytes_count_as_they_are_unpacked() -> None:
    with Stub(Reply(200, gzip.compress(b"x" * 10_000_000), {"Content-Encoding": "gzip"})) as stub:
        client = client_of(stub)
        with pytest.raises(TooMuch):
            download(client, A, 100_000)
        client.close()


def test_a_length_that_promises_too_much_is_a_broken_connection() -> None:
    with Stub(Reply(200, b"short", {"Content-Length": "500", "Connection": "close"})) as stub:
        client = client_of(stub)
        with pytest.raises(Unreachable):
            download(client, A, 1000)
        client.close()


def test_a_length_that_promises_too_little_gets_no_more_than_that() -> None:
    with Stub(Reply(200, b"x" * 5000, {"Content-Length": "10", "Connection": "close"})) as stub:
        client = client_of(stub)
        assert download(client, A, 100) == b"x" * 10
        client.close()


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, Forbidden), (503, Unreachable)])
def test_a_file_that_cannot_be_had_is_an_error_by_its_status(status: int, error: type[Exception]) -> None:
    with Stub(Reply(status, b"")) as stub:
        client = client_of(stub)
        with pytest.raises(error):
            download(client, A, 100)
        with pytest.raises(error):
            info(client, A)
        client.close()


@pytest.mark.parametrize("body", ["<html>", [], {}, {"id": "../x"}])
def test_an_info_that_is_none_is_garbled(body: Any) -> None:
    with Stub(Reply(200, body)) as stub:
        client = client_of(stub)
        with pytest.raises(Garbled):
            info(client, A)
        client.close()


def test_an_id_that_is_none_is_never_sent() -> None:
    with Stub() as stub:
        client = client_of(stub)
        with pytest.raises(Refused):
            download(client, "../users/me", 100)
        assert not stub.calls
        client.close()
