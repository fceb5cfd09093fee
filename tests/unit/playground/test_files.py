"""Files on posts: uploaded, attached, read by whom, and gone with their post."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.playground import Playground
from tests.unit.playground.lab import AI_HELP, ALICE, BOB, NOBOT, SECRET, lab

AGES = pytest.mark.parametrize("age", ["5.37", "11"])
TEXT = "Grüße,\nline 2\n".encode()


def read(playground: Playground, user: str, file_id: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {playground.token(user)}"}
    return requests.get(f"{playground.url}/api/v4/files/{file_id}", headers=headers, timeout=60)


def with_file(playground: Playground, channel: str = AI_HELP) -> dict[str, Any]:
    info = playground.upload("alice", channel, "notes.txt", TEXT)
    return playground.post_as("alice", channel, "see here", file_ids=[info["id"]])


@AGES
def test_a_post_carries_its_files(age: str) -> None:
    with lab(age) as playground:
        post = with_file(playground)
        found = playground.call("ai", "GET", f"/posts/{post['id']}").json
        (info,) = found["metadata"]["files"]
        assert found["file_ids"] == [info["id"]]
        assert (info["name"], info["extension"], info["size"]) == ("notes.txt", "txt", len(TEXT))
        assert (info["mime_type"], info["post_id"], info["user_id"]) == ("text/plain", post["id"], ALICE)
        seen = playground.events("ai", "posted")[0]["data"]["post"]
        assert seen["metadata"] == found["metadata"]
        assert playground.call("ai", "GET", f"/files/{info['id']}/info").json == info


@AGES
def test_its_bytes_are_what_was_uploaded(age: str) -> None:
    with lab(age) as playground:
        post = with_file(playground)
        found = read(playground, "ai", post["file_ids"][0])
    assert (found.status_code, found.content) == (200, TEXT)
    assert found.headers["Content-Type"].startswith("text/plain")


@AGES
def test_whoever_may_not_read_the_post_may_not_read_its_file(age: str) -> None:
    with lab(age) as playground:
        secret, public = with_file(playground, SECRET), with_file(playground, NOBOT)
        readers = ("carol", "bob", "ai")
        assert [read(playground, user, secret["file_ids"][0]).status_code for user in readers] == [200, 403, 403]
        assert read(playground, "bob", public["file_ids"][0]).status_code == 200  # public: as its single posts


@AGES
def test_a_file_without_a_post_is_its_uploader_s_alone(age: str) -> None:
    with lab(age) as playground:
        info = playground.upload("alice", AI_HELP, "notes.txt", TEXT)
        assert [read(playground, user, info["id"]).status_code for user in ("alice", "bob")] == [200, 403]
        other = playground.post_as("bob", AI_HELP, "mine?", file_ids=[info["id"]])
        assert other["file_ids"] == []
        playground.post_as("alice", AI_HELP, "mine", file_ids=[info["id"]])
        assert playground.post_as("alice", AI_HELP, "again", file_ids=[info["id"]])["file_ids"] == []


@AGES
def test_a_deleted_post_takes_its_file_along(age: str) -> None:
    with lab(age) as playground:
        post = with_file(playground)
        playground.delete("alice", post)
        assert read(playground, "ai", post["file_ids"][0]).status_code == 404
        assert read(playground, "ai", "unknown").status_code == 404


@AGES
def test_files_come_as_a_form_or_one_as_the_body(age: str) -> None:
    with lab(age) as playground:
        url, headers = f"{playground.url}/api/v4/files", {"Authorization": "Bearer bob-token"}
        sent = [("files", ("a.log", b"a", "text/plain")), ("files", ("b.pdf", b"%PDF", "application/pdf"))]
        form = {"channel_id": AI_HELP, "client_ids": ["one", "two"]}
        many = requests.post(url, headers=headers, files=sent, data=form, timeout=60)
        query = {"channel_id": AI_HELP, "filename": "c.md"}
        one = requests.post(url, params=query, headers=headers, data=b"# c", timeout=60)
        assert [info["name"] for info in many.json()["file_infos"]] == ["a.log", "b.pdf"]
        assert (many.status_code, many.json()["client_ids"]) == (201, ["one", "two"])
        (info,) = one.json()["file_infos"]
        assert (info["name"], info["size"], info["user_id"]) == ("c.md", 3, BOB)


@AGES
def test_no_upload_into_somebody_else_s_channel_nor_over_the_limit(age: str) -> None:
    with lab(age, MaxFileSize=10) as playground:
        url, headers = f"{playground.url}/api/v4/files", {"Authorization": "Bearer bob-token"}

        def status(channel_id: str, content: bytes) -> int:
            query = {"channel_id": channel_id, "filename": "x.txt"}
            return requests.post(url, params=query, headers=headers, data=content, timeout=60).status_code

        assert [status(SECRET, b"x"), status(AI_HELP, b"x" * 10), status(AI_HELP, b"x" * 11)] == [403, 201, 413]


def test_only_ten_files_hang_on_a_post() -> None:
    with lab() as playground:
        ids = [playground.upload("alice", AI_HELP, f"{number}.txt", b"x")["id"] for number in range(11)]
        assert playground.post_as("alice", AI_HELP, "many", file_ids=ids)["file_ids"] == ids[:10]


def test_a_post_without_files_says_so_on_v11_alone() -> None:
    for age, shown in (("5.37", False), ("11", True)):
        with lab(age) as playground:
            post = playground.post_as("alice", AI_HELP, "none")
            found = json.dumps(playground.call("ai", "GET", f"/posts/{post['id']}").json)
            assert ('"file_ids": []' in found) is shown
