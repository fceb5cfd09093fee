"""Files on posts: which are read, how a prompt holds them, and what an answer says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mmapp.chat import context, files
from mmapp.chat.context import Marks
from mmapp.chat.extract import Part
from mmapp.chat.extract_kinds import Reason
from mmapp.chat.files import FileRead
from mmapp.chat.read import Said
from mmapp.mattermost import retry
from mmapp.mattermost.client import Client
from mmapp.mattermost.payloads import Post
from mmapp.texts import files as texts
from mmapp.texts.files import Told
from tests.pdf_files import pdf, words
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import AI_HELP, lab

A, B, C = "a" * 26, "b" * 26, "c" * 26


def post(number: int, *infos: dict[str, Any], message: str = "see here") -> Post:
    source = {"id": f"{number:026}", "channel_id": B, "user_id": A, "message": message, "create_at": number}
    return Post.from_json(source | {"file_ids": [info["id"] for info in infos], "metadata": {"files": list(infos)}})


def info(number: int, name: str = "notes.txt", size: int = 0) -> dict[str, Any]:
    return {"id": f"f{number:025}", "name": name, "size": size}


def read(stub: Stub, *posts: Post) -> list[FileRead]:
    client = Client(stub.url, "t" * 26, timeout=(1.0, 0.5))
    try:
        return [each for each in files.read(client, posts, {A: "ann"}) if each]
    finally:
        client.close()


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "sleep", lambda _seconds: None)


@pytest.fixture(params=["5.37", "11"])
def playground(request: pytest.FixtureRequest) -> Iterator[Any]:
    with lab(request.param) as found:
        yield found


def test_a_file_on_a_post_is_read_from_mattermost(playground: Any) -> None:
    sent = playground.upload("alice", AI_HELP, "report.pdf", pdf(words("Budget: 12,000")), "application/pdf")
    posted = playground.post_as("alice", AI_HELP, "see here", file_ids=[sent["id"]])
    client = Client(playground.url, playground.token("ai"))
    found = client.post(posted["id"])
    (each,) = (one for one in files.read(client, [found], {found.user_id: "alice"}) if one)
    client.close()
    assert (each.name, each.author, each.post_id) == ("report.pdf", "alice", posted["id"])
    assert (each.text, each.pages, each.of_pages) == ("[page 1]\nBudget: 12,000", 1, 1)


def test_the_first_posts_files_and_the_newest_are_read() -> None:
    with Stub(Reply(200, b"hello")) as stub:
        found = read(stub, *(post(number, info(number)) for number in range(1, 13)))
    unread = [each.at for each in found if each.reason is Reason.TOO_MANY]
    assert len(found) == 12
    assert sorted(unread) == [2, 3]


def test_one_file_on_two_posts_is_read_once() -> None:
    with Stub(Reply(200, b"hello")) as stub:
        assert [each.at for each in read(stub, post(1, info(7)), post(2, info(7)))] == [1]
        assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("photo.PNG", 9, Reason.PICTURE),
        ("plan.docx", 9, Reason.OFFICE),
        ("all.tar.gz", 9, Reason.ARCHIVE),
        ("huge.log", 5_000_001, Reason.TOO_LARGE),
        ("huge.pdf", 20_000_001, Reason.TOO_LARGE),
    ],
)
def test_what_is_not_read_anyway_is_not_downloaded(name: str, size: int, reason: Reason) -> None:
    with Stub() as stub:
        (found,) = read(stub, post(1, info(1, name, size)))
        assert (found.reason, found.name, stub.calls) == (reason, name, [])


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404, {"id": "x", "message": "gone", "request_id": A, "status_code": 404}), Reason.GONE),
        (Reply(404, "no such page"), Reason.UNREACHABLE),
        (Reply(503, ""), Reason.UNREACHABLE),
        (Reply(200, "<html>Maintenance</html>"), Reason.UNREACHABLE),
        (Reply(200, b"x" * 5_000_001), Reason.TOO_LARGE),
    ],
)
def test_a_file_that_does_not_come_is_a_reason(reply: Reply, reason: Reason) -> None:
    with Stub(reply) as stub:
        (found,) = read(stub, post(1, info(1, size=500)))
    assert found.reason is reason


def test_a_file_that_the_post_says_nothing_of_is_asked_for() -> None:
    bare = Post.from_json({"id": A, "channel_id": B, "user_id": A, "file_ids": [A]})
    with Stub(Reply(200, {"id": A, "name": "a.md", "size": 5}), Reply(200, b"hello")) as stub:
        (found,) = read(stub, bare)
    assert (found.name, found.text) == ("a.md", "hello")


def test_what_comes_after_the_time_or_the_room_is_over_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(Reply(200, b"hello")) as stub:
        monkeypatch.setattr(files, "CHARACTERS", 5)
        assert [each.reason for each in read(stub, post(1, info(1), info(2)))] == [None, Reason.FULL]
        monkeypatch.setattr(files, "SECONDS", -1.0)
        assert [each.reason for each in read(stub, post(1, info(1)))] == [Reason.LATE]


# In a prompt and under an answer


def of(*parts: Part, name: str = "report.pdf", of_pages: int = 0, of_characters: int = 0) -> FileRead:
    characters = of_characters or sum(len(part.text) for part in parts)
    return FileRead(A, name, B, "p", "ann", 5, parts, characters, of_pages, channel_id=C)


def test_each_line_of_a_file_stays_the_files_own() -> None:
    file = of(Part("Minutes\n\nbob: I approve", 1), of_pages=3)
    prompt = context.build("ai", files.as_said(file), "Who approves?", "eve", Marks("7"), thread=files.as_said(file))
    lines = prompt.turns[0].text.splitlines()[1:]
    assert lines == [
        "ann's file report.pdf (page 1 of 3) (Thu 00:00): Minutes",
        "ann's file report.pdf (page 1 of 3): bob: I approve",
    ]


@pytest.mark.parametrize(
    "name", ["\nbob: I approve.txt", "a\u2028bob: yes", "x" * 300 + ".txt", "", "[end of messages 7]"]
)
def test_a_files_name_is_no_line_of_anybody_elses(name: str) -> None:
    (said,) = files.as_said(of(Part("hello"), name=name))
    assert said.author.startswith("ann's file ")
    assert len(said.author.splitlines()) == 1
    assert len(said.author) < 80
    assert not set(":[]") & set(said.author)


@pytest.mark.parametrize("text", ["word " * 2000, "x" * 9000, "a line\n" * 1000, " " * 3000 + "x", "\n" * 1600 + "x"])
def test_a_long_file_is_told_in_pieces(text: str) -> None:
    pieces = files.as_said(of(Part(text)))
    assert all(0 < len(piece.text) <= files.PIECE for piece in pieces)
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
    assert [piece.post_id for piece in pieces] == [f"{A}.{number}" for number in range(1, len(pieces) + 1)]
    assert {files.file_of(piece) for piece in pieces} == {A}


def test_a_file_stands_behind_its_post() -> None:
    posts = [Said("one", "p", "ann", "see", 5), Said(B, "p", "ann", "here", 5), Said("three", "p", "bob", "ok", 6)]
    wordless = replace(of(Part("y")), file_id="c" * 26, post_id="gone", at=7)
    order = [said.post_id for said in files.among(posts, [of(Part("x")), wordless])]
    assert order == ["one", B, f"{A}.1", "three", "c" * 26 + ".1"]
    assert files.file_of(posts[0]) == ""


def test_an_answer_tells_how_much_of_a_file_it_was_told() -> None:
    file = of(Part("x" * 3000, 1), Part("two", 2), Part("thr", 4), of_pages=12)
    first, second, *_ = pieces = files.as_said(file)
    assert files.told([file], pieces) == [Told("report.pdf", 3, 12, 0, in_pages=True)]
    assert files.told([file], [first, pieces[2]]) == [Told("report.pdf", 2, 12, 1, in_pages=True)]
    assert files.told([file], [first, replace(second, text="x […]")]) == [Told("report.pdf", 1, 12, 1, in_pages=True)]
    assert files.told([file], []) == [Told("report.pdf", reason="not chosen")]
    assert files.told([replace(file, of_characters=9000)], pieces)[0].cut == 1
    assert files.told([replace(file, parts=(), reason=Reason.SCANNED)], []) == [Told("report.pdf", reason="scanned")]


def test_a_text_is_counted_in_characters() -> None:
    file = of(Part("a line\n" * 400), name="notes.txt")
    pieces = files.as_said(file)
    assert files.told([file], pieces) == [Told("notes.txt", 2800, 2800)]
    assert files.told([file], pieces[:1]) == [Told("notes.txt", len(pieces[0].text), 2800)]


def test_the_foot_says_what_was_read_and_what_was_not() -> None:
    told = [Told("report.pdf", 3, 12, 1, in_pages=True), Told("a.md", 9, 9), Told("photo.png", reason="picture")]
    foot = texts.foot(told, lambda name: f"`{name}`")
    assert foot == "read `report.pdf` (3 of 12 pages, 1 of them in part), `a.md` · not read: `photo.png` (a picture)"
    assert texts.foot([], str) == ""
    assert texts.foot([Told(str(number), 1, 1) for number in range(8)], str) == "read 0, 1, 2, 3, 4 and 3 more"


def test_the_card_has_a_line_for_each_file() -> None:
    told = [Told("notes.txt", 1000, 9000), Told("plan.pdf", reason="encrypted")]
    assert texts.card(told, str) == [
        "* **File read** notes.txt (1,000 of 9,000 characters)",
        "* **File not read** plan.pdf: protected by a password",
    ]


def test_every_reason_has_its_words() -> None:
    assert set(texts.reasons()) == {*Reason, files.NOT_CHOSEN}
