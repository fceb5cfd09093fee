"""The client against recorded answers, bad answers, and the playground."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3.util.connection

from mmapp.mattermost import retry, wire
from mmapp.mattermost.answers import clock_ahead
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import (
    BadRequest,
    Forbidden,
    Garbled,
    MattermostError,
    NotFound,
    RateLimited,
    Redirected,
    Refused,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from tests.playground import Playground
from tests.playground.recorded import recorded
from tests.playground.stub import Reply, Stub

TOKEN = "bottokenbottokenbottokenbo"
A, B, C = "a" * 26, "b" * 26, "c" * 26
POST = recorded("v11_e_create_post")["response"]["body"]


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time here."""
    taken: list[float] = []
    monkeypatch.setattr(retry, "sleep", taken.append)
    return taken


@pytest.fixture
def client_of() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(url: str, **more: Any) -> Client:
        made.append(Client(url, TOKEN, **{"timeout": (1.0, 0.5)} | more))
        return made[-1]

    yield make
    for client in made:
        client.close()


ERRORS = {
    "e_bad_token": Unauthorized,
    "e_perm_private_read": Forbidden,
    "e_get_unknown_post": NotFound,
    "e_bad_root": BadRequest,
    "e_max_len_error": BadRequest,
    "v11_e_patch_edit_time_limit": BadRequest,
    "v11_e_body_too_large_413": TooLarge,
    "v11_e_get_own_bot_404": NotFound,
    "e_pending_post_id_race_loser": Unreachable,
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_recorded_error_is_told_by_its_status(name: str, client_of: Callable[..., Client]) -> None:
    answer = recorded(name)["response"]
    reply = Reply(answer["status"], answer["body"], answer.get("headers") or {})
    with Stub(reply) as stub, pytest.raises(ERRORS[name]) as caught:
        client_of(stub.url).post(A)
    assert caught.value.status == answer["status"]
    assert caught.value.path == "/posts/{post_id}"
    headers = answer.get("headers") or {}
    assert caught.value.request_id == headers.get("X-Request-Id", answer["body"]["request_id"])
    assert A not in str(caught.value)
    assert caught.value.own


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 408, 413, 418])
@pytest.mark.parametrize("body", ["<html>Maintenance</html>", "", [], {"error": "x"}, {"id": "x", "status_code": 1}])
def test_a_proxys_error_is_not_mattermosts_own(status: int, body: Any, client_of: Callable[..., Client]) -> None:
    with Stub(Reply(status, body)) as stub, pytest.raises(MattermostError) as caught:
        client_of(stub.url).post(A)
    assert not caught.value.own


READ: dict[str, Callable[[Client], Any]] = {
    "e_me": lambda client: client.me().username,
    "e_users_ids": lambda client: client.users([A])[0].first_name,
    "e_channel_get": lambda client: client.channel(A).name,
    "v11_e_channel_get": lambda client: client.channel(A).display_name,
    "v11_e_channel_member_check2": lambda client: getattr(client.member(A, B), "scheme_admin", None),
    "e_channel_member_missing": lambda client: client.member(A, B),
    "e_dm_open": lambda client: client.direct_channel(A, B).type,
    "e_create_post": lambda client: client.create_post(A, "x").message,
    "v11_e_create_post": lambda client: client.create_post(A, "x", B).root_id,
    "e_patch_post": lambda client: client.patch_post(A, message="x").message,
    "v11_e_posts_ids_mixed": lambda client: len(client.posts([A, B, C])),
    "e_delete_own_post": lambda client: client.delete_post(A),
    "e_perm_join_public": lambda client: client.join(A, B).user_id,
    "v11_d_post_ephemeral_as_bot_granted": lambda client: client.post_ephemeral(A, B, "x").type,
    "e_reaction_unknown_emoji": lambda client: client.add_reaction(A, B, "eyes"),
    "b_dialog_open_all_elements": lambda client: client.open_dialog("t", "http://x/d", {}),
    "e_thread": lambda client: [post.message for post in client.thread(A)],
    "e_channel_posts_page": lambda client: [post.message for post in client.channel_posts_before(A)],
}
FOUND = {
    "e_me": "ai", "e_users_ids": "Alice", "e_channel_get": "ai-help", "v11_e_channel_get": "AI Help",
    "v11_e_channel_member_check2": False, "e_channel_member_missing": None, "e_dm_open": "D", "e_create_post": "Thinking…",
    "v11_e_create_post": "", "e_patch_post": "Thinking… a bit more", "v11_e_posts_ids_mixed": 2, "e_delete_own_post": None,
    "e_perm_join_public": "7n6i6ef7utfp5f1pfz9h59knry", "v11_d_post_ephemeral_as_bot_granted": "system_ephemeral",
    "e_reaction_unknown_emoji": None, "b_dialog_open_all_elements": None,
    "e_thread": ["T root", "T reply 1", "T reply 2", "T reply 3", "T reply 4", "T reply 5"],
    "e_channel_posts_page": ["T reply 5", "T reply 4", "T reply 3"],
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_recorded_answer_is_read(name: str, client_of: Callable[..., Client]) -> None:
    answer = recorded(name)["response"]
    with Stub(Reply(answer["status"], answer["body"], answer.get("headers") or {})) as stub:
        assert READ[name](client_of(stub.url)) == FOUND[name]


def test_a_recorded_thread_of_v11_comes_in_order_of_time(client_of: Callable[..., Client]) -> None:
    with Stub(Reply(body=recorded("v11_e_thread")["response"]["body"])) as stub:
        messages = [post.message for post in client_of(stub.url).thread(A)]
    assert messages == ["W root", "W 1", "W 2 edited", "W 3", "W 4", "W 5", "W 6", "W 7", "W 8"]


def test_a_version_is_read_from_the_answers(client_of: Callable[..., Client]) -> None:
    for name, version in (("e_me", (5, 37, 0)), ("v11_e_create_post", (11, 6, 0))):
        answer = recorded(name)["response"]
        with Stub(
            Reply(200, recorded("e_me")["response"]["body"], {"X-Version-Id": answer["headers"]["X-Version-Id"]})
        ) as stub:
            assert client_of(stub.url).server_version() == version


# What is repeated


def test_a_read_is_repeated_three_times_at_most(client_of: Callable[..., Client], naps: list[float]) -> None:
    with Stub(Reply(502, "bad gateway")) as stub:
        with pytest.raises(Unreachable):
            client_of(stub.url).me()
        assert len(stub.calls) == 3
    assert len(naps) == 2
    assert 0 < sum(naps) < 2


def test_a_post_is_repeated_only_with_a_pending_post_id(client_of: Callable[..., Client]) -> None:
    with Stub(Reply(500, "boom")) as stub:
        with pytest.raises(Unreachable):
            client_of(stub.url).create_post(A, "x")
        assert len(stub.calls) == 1
    with Stub(Reply(500, recorded("e_pending_post_id_race_loser")["response"]["body"]), Reply(201, POST)) as stub:
        assert client_of(stub.url).create_post(A, "x", pending_post_id="job-1").id == POST["id"]
        assert [call.json["pending_post_id"] for call in stub.calls] == ["job-1", "job-1"]


@pytest.mark.parametrize(
    "act",
    [
        lambda client: client.patch_post(A, message="x"),
        lambda client: client.delete_post(A),
        lambda client: client.open_dialog("t", "http://x/d", {}),
        lambda client: client.post_ephemeral(A, B, "x"),
    ],
)
def test_what_may_have_been_done_is_not_done_again(
    act: Callable[[Client], Any], client_of: Callable[..., Client]
) -> None:
    with Stub(Reply(503, "")) as stub:
        with pytest.raises(Unreachable):
            act(client_of(stub.url))
        assert len(stub.calls) == 1


def test_what_was_never_sent_is_always_repeated(client_of: Callable[..., Client], naps: list[float]) -> None:
    with Stub() as stub:
        url = stub.url
    with pytest.raises(Unreachable, match="no connection"):
        client_of(url).create_post(A, "x")
    assert len(naps) == 2


def test_a_post_that_must_not_be_repeated_is_one_request_and_never_waits(
    client_of: Callable[..., Client], naps: list[float]
) -> None:
    for reply, error in ((Reply(429, "", {"Retry-After": "1"}), RateLimited), (Reply(502, ""), Unreachable)):
        with Stub(reply) as stub:
            with pytest.raises(error):
                client_of(stub.url).create_post(A, "x", pending_post_id="job-1", repeat=False)
            assert len(stub.calls) == 1
    with pytest.raises(Unreachable, match="no connection"):
        client_of(stub.url).create_post(A, "x", repeat=False)
    assert naps == []


def dripping(server: socket.socket, stop: threading.Event) -> None:
    """Take one request, and answer it with a header of which a letter comes now and then."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.sendall(b"HTTP/1.1 201 Created\r\nX: ")
        while not stop.wait(0.05):
            connection.sendall(b"x")


def test_a_post_whose_answer_drips_is_over_in_time(client_of: Callable[..., Client]) -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=dripping, args=(server, stop))
        thread.start()
        started = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            client_of(f"http://127.0.0.1:{server.getsockname()[1]}").create_post(A, "x", repeat=False, within=0.3)
        taken = time.monotonic() - started
        stop.set()
        thread.join()
    assert taken < 5


def test_nothing_is_posted_once_the_time_is_over(
    client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = urllib3.util.connection.create_connection

    def slowly(*args: Any, **kwargs: Any) -> socket.socket:
        time.sleep(0.3)
        return connect(*args, **kwargs)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", slowly)
    with Stub(Reply(201, POST)) as stub:
        for seconds in (0.1, 0.0, -1.0):
            with pytest.raises(Unreachable, match="time"):
                client_of(stub.url).create_post(A, "x", repeat=False, within=seconds)
        assert stub.calls == []
        assert client_of(stub.url).create_post(A, "x", repeat=False, within=30.0).id == POST["id"]


def test_a_post_of_unknown_outcome_is_not_repeated_after_25_seconds(
    client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 24.9, 50.0, 75.0, 100.0])
    monkeypatch.setattr(retry, "monotonic", lambda: next(times))
    with Stub(Reply(500, "")) as stub:
        with pytest.raises(Unreachable):
            client_of(stub.url).create_post(A, "x", pending_post_id="job-1")
        assert len(stub.calls) == 1


# Rate limits


@pytest.mark.parametrize(
    ("name", "value", "least"), [("Retry-After", "2", 2), ("Retry-After", "21, 21", 21), ("X-Ratelimit-Reset", "3", 3)]
)
def test_a_rate_limit_is_waited_for(
    name: str, value: str, least: int, client_of: Callable[..., Client], naps: list[float]
) -> None:
    with Stub(Reply(429, "limit exceeded\n", {name: value}), Reply(201, POST)) as stub:
        assert client_of(stub.url).create_post(A, "x").id == POST["id"]
    assert least < naps[0] < least + 1


@pytest.mark.parametrize("value", ["31", "3600", "999999999"])
def test_a_long_rate_limit_is_an_error_at_once(value: str, client_of: Callable[..., Client], naps: list[float]) -> None:
    reply = Reply(429, "limit exceeded\n", {"Retry-After": value, "X-Ratelimit-Reset": "40"})
    with Stub(reply) as stub, pytest.raises(RateLimited) as caught:
        client_of(stub.url).me()
    assert caught.value.wait > 30
    assert naps == []


def test_an_odd_rate_limit_waits_a_second(client_of: Callable[..., Client], naps: list[float]) -> None:
    odd = {"Retry-After": "Sun, 22 Nov 2026 15:17:42 GMT"}
    with Stub(Reply(429, "", odd), Reply(200, recorded("e_me")["response"]["body"])) as stub:
        client_of(stub.url).me()
    assert 1 < naps[0] < 2


# Answers that no Mattermost sends


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, "<html>Welcome to the proxy</html>"), Garbled),
        (Reply(200, ""), Garbled),
        (Reply(200, '{"id": "x"'), Garbled),
        (Reply(200, b"\xff\xfe"), Garbled),
        (Reply(200, "[" * 100_000), Garbled),
        (Reply(200, [1]), Garbled),
        (Reply(200, "null"), Garbled),
        (Reply(200, {"id": None}), Garbled),
        (Reply(200, "x", {"Content-Encoding": "gzip"}), Garbled),
        (Reply(200, "x", {"Content-Length": "100"}), Unreachable),
        (Reply(302, "", {"Location": "https://evil.example/"}), Redirected),
        (Reply(301, "", {"Location": "/api/v4/users/me"}), Redirected),
        (Reply(418, "short and stout"), MattermostError),
        (Reply(501, {"id": "x"}), MattermostError),
    ],
)
def test_a_garbled_answer_is_an_error_of_ours(
    reply: Reply, error: type[Exception], client_of: Callable[..., Client]
) -> None:
    with Stub(reply) as stub, pytest.raises(error) as caught:
        client_of(stub.url).me()
    assert caught.value.path == "/users/me" or reply.body == {"id": None}


def test_an_answer_is_read_up_to_a_bound(client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ANSWER", 100_000)
    with Stub(Reply(200, "x" * 200_000)) as stub, pytest.raises(Garbled, match="larger"):
        client_of(stub.url).me()


def test_an_answer_that_takes_too_long_is_unreachable(client_of: Callable[..., Client]) -> None:
    with Stub(Reply(200, {}, delay=0.8)) as stub, pytest.raises(Unreachable, match="in time"):
        client_of(stub.url, timeout=(1.0, 0.1)).patch_post(A, message="x")


def test_a_server_of_an_unknown_certificate_is_not_spoken_to(client_of: Callable[..., Client]) -> None:
    with Stub() as stub, pytest.raises(Unreachable):
        client_of(stub.url.replace("http://", "https://")).me()


# Secrets


def test_cookies_are_refused(client_of: Callable[..., Client]) -> None:
    me = recorded("e_me")["response"]["body"]
    with Stub(Reply(200, me, {"Set-Cookie": "MMAUTHTOKEN=x; Path=/"})) as stub:
        client = client_of(stub.url)
        client.me()
        client.me()
        assert all("Cookie" not in call.headers for call in stub.calls)
        assert stub.calls[0].headers["User-Agent"].startswith("Chorus/")


def test_the_environment_chooses_no_proxy(client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", "/nonexistent")
    with Stub(Reply(200, recorded("e_me")["response"]["body"])) as stub:
        assert client_of(stub.url).me().username == "ai"


def test_the_token_stands_in_no_error_log_or_repr(
    client_of: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook, words = "h" * 26, "secret".upper()
    with Stub(Reply(403, {"id": "x", "message": "people's words", "detailed_error": f"token={TOKEN}"})) as stub:
        client = client_of(stub.url)
        said = [repr(client)]
        for act in (client.me, lambda: client.respond(f"{stub.url}/hooks/commands/{hook}", {"text": words})):
            with pytest.raises(Forbidden) as caught:
                act()
            said += [
                str(caught.value),
                repr(caught.value),
                "".join(traceback.format_exception(caught.value, chain=True)),
            ]
    with pytest.raises(Unreachable) as broken:
        client.respond(f"{stub.url}/hooks/commands/{hook}", {"text": words})
    said += ["".join(traceback.format_exception(broken.value)), caplog.text]
    assert not re.search(f"{TOKEN}|{hook}|people's words|{words}", "".join(said))


# Ids and response_urls


@pytest.mark.parametrize(
    "bad", ["", "..", "../users/me", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "/", "a" * 25 + "\n", "é" * 26]
)
def test_what_is_no_id_is_never_sent(bad: str, client_of: Callable[..., Client]) -> None:
    client = client_of("http://127.0.0.1:9")
    for act in (client.post, client.thread, client.user, lambda one: client.users([one])):
        with pytest.raises(Refused):
            act(bad)
    with pytest.raises(Refused):
        client.user_by_name(bad if bad in ("", "..", "../users/me") else "no/name")


@pytest.mark.parametrize(
    "url",
    [
        "https://mm.example/x/hooks/commands/" + "a" * 25,
        "http://mm.example/x/hooks/commands/" + A,
        "https://mm.example/hooks/commands/" + A,
        "https://mm.example:444/x/hooks/commands/" + A,
        "https://evil.example/x/hooks/commands/" + A,
        "https://mm.example.evil.example/x/hooks/commands/" + A,
        "https://mm.example@evil.example/x/hooks/commands/" + A,
        "https://me:pw@mm.example/x/hooks/commands/" + A,
        "https://mm.example/x/hooks/commands/../../api/v4/users/" + A,
        "https://mm.example/x/hooks/commands/" + A + "?x=1",
        "https://mm.example/x/hooks/commands/" + A + "#x",
        "https://mm.example/x/hooks/commands/" + A + "/",
        " https://mm.example/x/hooks/commands/" + A,
        "https://mm.example:port/x/hooks/commands/" + A,
        "https://[/x/hooks/commands/" + A,
        "",
    ],
)
def test_a_response_url_of_another_place_is_refused(url: str, client_of: Callable[..., Client]) -> None:
    with pytest.raises(Refused, match=r"response_url|not an id"):
        client_of("https://mm.example/x").respond(url, {"text": "x"})


def test_a_response_url_is_answered_at_the_configured_address_without_the_token(
    client_of: Callable[..., Client],
) -> None:
    with Stub(Reply(200, "ok")) as stub:
        client = client_of(f"{stub.url}/inner", site_url="https://MM.example:443/x/")
        client.respond(f"https://mm.example/x/hooks/commands/{A}", {"text": "é"})
        (call,) = stub.calls
    assert call.path == f"/inner/hooks/commands/{A}"
    assert "Authorization" not in call.headers
    assert call.json == {"text": "é"}


def respond(client_of: Callable[..., Client], reply: Reply) -> None:
    with Stub(reply) as stub:
        client_of(stub.url).respond(f"{stub.url}/hooks/commands/{A}", {"text": "x"})


@pytest.mark.parametrize("name", ["a_response_url_1_ephemeral", "a_response_url_thread", "a_response_url_empty_body"])
def test_a_recorded_ok_means_that_the_asker_was_told(name: str, client_of: Callable[..., Client]) -> None:
    answer = recorded(name)["response"]
    respond(client_of, Reply(answer["status"], answer["body"], answer.get("headers") or {}))
    respond(client_of, Reply(200, {"status": "OK"}))


@pytest.mark.parametrize("body", ["<html>Maintenance</html>", "", "not ok", {"status": "down"}, [], "null"])
def test_a_page_of_a_proxy_does_not_mean_that_the_asker_was_told(body: Any, client_of: Callable[..., Client]) -> None:
    with pytest.raises(Garbled):
        respond(client_of, Reply(200, body))


def test_no_more_pages_of_members_are_asked_for_than_are_wanted(client_of: Callable[..., Client]) -> None:
    whole = [{"channel_id": C, "user_id": f"{number:026}"} for number in range(200)]
    with Stub(Reply(body=whole)) as stub:
        assert len(client_of(stub.url).all_members(C, most=300)) == 300
        assert len(stub.calls) == 2


def test_a_patch_without_a_change_is_refused(client_of: Callable[..., Client]) -> None:
    with pytest.raises(Refused):
        client_of("http://127.0.0.1:9").patch_post(A)


# Against the playground


@pytest.fixture(params=["5.37", "11"])
def playground(request: pytest.FixtureRequest) -> Iterator[Playground]:
    with Playground(request.param) as made:
        made.add_team()
        for name in ("alice", "bob"):
            made.add_user(name)
        made.add_bot("ai", token=TOKEN)
        yield made


def test_a_long_thread_is_read_whole_on_both_ages(
    playground: Playground, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = playground.add_channel(members=["alice", "ai"])
    root = playground.post_as("alice", channel, "root")
    with playground.store.transaction():
        replies = [playground.post_as("alice", channel, f"reply {number}", root) for number in range(450)]
    playground.edit("alice", replies[1], "reply 1")
    playground.delete("alice", replies[2])
    found = client_of(playground.url, timeout=(1.0, 5.0)).thread(root["id"])
    wanted = sorted((one for one in replies if one is not replies[2]), key=lambda one: (one["create_at"], one["id"]))
    assert [post.id for post in found] == [root["id"], *(one["id"] for one in wanted)]


def test_its_clock_is_known_from_its_answers(playground: Playground, client_of: Callable[..., Client]) -> None:
    client = client_of(playground.url)
    assert abs(client.now() - datetime.now(UTC)) < timedelta(minutes=1)
    playground.advance(-3 * 3600)
    client.me()
    assert abs(client.now() - datetime.now(UTC) + timedelta(hours=3)) < timedelta(minutes=1)


@pytest.mark.parametrize("date", ["", "soon", "Thu, 26 Nov 2026 09:00:00 -0000"])
def test_an_answer_without_a_time_says_nothing_of_it(date: str) -> None:
    assert clock_ahead({"Date": date} if date else {}) is None


def test_a_whole_conversation_with_the_playground(playground: Playground, client_of: Callable[..., Client]) -> None:
    client = client_of(playground.url)
    channel = playground.add_channel(members=["alice"])
    me, alice = client.me(), client.user_by_name("alice")
    with pytest.raises(Forbidden):
        client.create_post(channel["id"], "hello")
    client.join(channel["id"], me.id)
    post = client.create_post(channel["id"], "hello", props={"job": "1"}, pending_post_id="job-1")
    assert client.create_post(channel["id"], "hello", pending_post_id="job-1").id == post.id
    client.typing(me.id, channel["id"])
    client.add_reaction(me.id, post.id, "hourglass_flowing_sand")
    client.add_reaction(me.id, post.id, "hourglass_flowing_sand")
    assert playground.reactions(post.id) == [("ai", "hourglass_flowing_sand")]
    assert [one.emoji_name for one in client.reactions(post.id)] == ["hourglass_flowing_sand"]
    client.remove_reaction(me.id, post.id, "hourglass_flowing_sand")
    client.remove_reaction(me.id, post.id, "hourglass_flowing_sand")
    assert client.reactions(post.id) == []
    assert client.patch_post(post.id, message="hello again").message == "hello again"
    assert [one.user_id for one in client.members(channel["id"], [me.id, alice.id, A])] == [me.id, alice.id]
    assert [one.username for one in client.users([alice.id, A])] == ["alice"]
    direct = client.direct_channel(me.id, alice.id)
    assert direct.direct_members() == {me.id, alice.id}
    with pytest.raises(Forbidden):
        client.post_ephemeral(alice.id, channel["id"], "psst")
    client.delete_post(post.id)
    with pytest.raises(NotFound):
        client.post(post.id)
    assert [event["user_id"] for event in playground.typing_events()] == [me.id]


def test_the_bot_leaves_a_channel_but_not_the_one_that_everybody_is_in(
    playground: Playground, client_of: Callable[..., Client]
) -> None:
    client = client_of(playground.url)
    bot = playground.user("ai")["id"]
    channel, square = playground.add_channel(members=["ai"]), playground.add_channel("O", "town-square", members=["ai"])
    client.leave(channel["id"], bot)
    assert playground.server.member(channel["id"], bot) is None
    with pytest.raises(BadRequest):
        client.leave(square["id"], bot)
    with pytest.raises(Forbidden):
        client.leave(channel["id"], bot)


def test_an_admin_of_a_team_is_known_and_nobody_else_is_one(
    playground: Playground, client_of: Callable[..., Client]
) -> None:
    client, team = client_of(playground.url), playground.store.every("team")[0]
    alice = playground.user("alice")["id"]
    assert client.is_team_admin(team["id"], alice) is False
    playground.make_team_admin("alice")
    assert client.is_team_admin(team["id"], alice) is True
    assert client.is_team_admin(team["id"], A) is False


def test_the_pages_of_a_channel_meet(playground: Playground, client_of: Callable[..., Client]) -> None:
    channel = playground.add_channel(members=["alice", "ai"])
    made = [playground.post_as("alice", channel, str(number)) for number in range(7)]
    ids = [one["id"] for one in sorted(made, key=lambda one: (one["create_at"], one["id"]), reverse=True)]
    client = client_of(playground.url)
    newest = client.channel_posts_before(channel["id"], per_page=3)
    older = client.channel_posts_before(channel["id"], newest[-1].id, per_page=3)
    assert [post.id for post in newest + older] == ids[:6]
    assert [post.id for post in client.channel_posts_before(channel["id"], page=2, per_page=3)] == ids[6:]


def test_a_lost_answer_makes_no_second_post(playground: Playground, client_of: Callable[..., Client]) -> None:
    channel = playground.add_channel(members=["ai"])
    for fault in ({"drop": "after"}, {"half": True}, {"drop": "before"}, {"status": 502}):
        playground.faults.add("POST /api/v4/posts$", **fault)
        client_of(playground.url).create_post(channel["id"], "once", pending_post_id=json.dumps(fault))
    assert len(playground.posts(channel)) == 4


def test_a_client_is_used_by_many_threads(playground: Playground, client_of: Callable[..., Client]) -> None:
    client = client_of(playground.url, timeout=(2.0, 10.0))
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(client.me().username)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["ai"] * 8
