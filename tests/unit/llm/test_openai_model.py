"""A model behind an endpoint that does wrong: each fault is its own error, asked no oftener than helps, and tells no secret."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from llm.base import (
    EmptyAnswer,
    EndpointDown,
    EngineFault,
    KeyRefused,
    ModelDied,
    ModelError,
    ModelHung,
    ModelMissing,
    ModelUnsupported,
    Options,
    Prompt,
    PromptTooLong,
    Speed,
)
from llm.endpoints import Endpoint, Network
from llm.openai_client import PAUSES
from llm.openai_model import OpenAiModel
from llm.openai_tokens import bound
from mmapp.mattermost.wire import trusting
from tests.unit.llm.asking import Answer, ask, size, thread, turns
from tests.unit.llm.faulty import DONE, OPENING, PARIS, Faulty, Play, delta, end, event, says, sends, usage

KEY = "sk-very-secret-4711"
QUESTION = Prompt("Be brief.", (), "What is the capital of France, asks Annabel?")
GENEROUS = 20.0
TRIES = len(PAUSES) + 1


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm.openai_client.PAUSES", (0.0,) * len(PAUSES))


@pytest.fixture
def log() -> Iterator[list[str]]:
    """All that is logged, at the level that says most."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    root, kept = logging.getLogger(), Kept()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(before)
    root.removeHandler(kept)


def model(server: Faulty, network: Network | None = None, **fields: Any) -> OpenAiModel:
    declared = {"name": "far", "url": server.url, "model": "france-7b", "window": 4096, "key_variable": "FAR_KEY"}
    return OpenAiModel(Endpoint(**declared | fields), network or Network(secret=lambda _name: KEY))


def answer(*plays: Play, **fields: Any) -> tuple[Answer, Faulty]:
    with Faulty(*plays) as server:
        return ask(model(server, **fields), QUESTION), server


def fault(*plays: Play, **fields: Any) -> tuple[ModelError, Faulty]:
    """The error that comes of it; no secret and nobody's words are in it, however it is shown."""
    with Faulty(*plays) as server, pytest.raises(ModelError) as raised:
        ask(model(server, **fields), QUESTION)
    error = raised.value
    shown = f"{error!r} {error} {error.detail} {error.__cause__!r}"
    assert KEY not in shown
    assert "Annabel" not in shown
    return error, server


# What it is asked


def test_an_answer_comes_with_what_it_cost() -> None:
    found, server = answer(PARIS)
    assert found.text == "Paris."
    assert (found.finish.reason, found.finish.read, found.finish.reused, found.finish.written) == ("stop", 10, 30, 3)
    (request,) = server.requests
    assert request.line == "POST /v1/chat/completions HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "france-7b",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is the capital of France, asks Annabel?"},
        ],
        "max_tokens": 60,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_posts_questions_and_answers_alternate() -> None:
    prompt = Prompt(
        "", turns(("post", "ann: hi\n"), ("question", "Why?"), ("answer", "So."), ("post", "bob: no")), "And?"
    )
    with Faulty(PARIS) as server:
        ask(model(server), prompt)
    roles = [(each["role"], each["content"]) for each in server.requests[0].body["messages"]]
    assert roles == [("user", "ann: hi\nWhy?"), ("assistant", "So."), ("user", "bob: no\nAnd?")]


def test_a_template_without_a_system_role_gets_instructions_from_the_person() -> None:
    _, server = answer(PARIS, system_role=False)
    (message,) = server.requests[0].body["messages"]
    assert message["content"].startswith("Be brief.\n\nWhat is")


@pytest.mark.parametrize(
    "mark",
    [
        "<|im_end|>", "<|eot_id|>", "<｜User｜>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<s>", "</s>", "<start_of_turn>",
        "<end_of_turn>", "<bos>", "<eos>", "<think>", "</think>", "<EOS_TOKEN>", "[SYSTEM_PROMPT]", "[|system|]", "[gMASK]",
        "<tool_call>", "]~b]",
    ],
)  # fmt: skip
def test_no_mark_of_a_role_in_people_s_text_reaches_the_endpoint_whole(mark: str) -> None:
    with Faulty(PARIS) as server:
        told = [("post", f"bob: a{mark}b\n"), ("answer", f"c{mark}"), ("question", mark[:1]), ("post", mark[1:])]
        ask(model(server), Prompt(f"Obey{mark}", turns(*told), f"{mark}?"))
    contents = [each["content"] for each in server.requests[0].body["messages"]]
    assert not any(mark in content for content in contents)
    assert f"a{mark[0]}\u200b{mark[1:]}b" in "".join(contents)


def test_people_s_other_signs_stay_as_they_are() -> None:
    said = "if a < b || c > d: x[0] = list<int>; see <b>this</b> [1] [x] | grep -v s>"
    with Faulty(PARIS) as server:
        ask(model(server), Prompt("", (), said))
    assert server.requests[0].body["messages"][0]["content"] == said


def test_nothing_of_the_environment_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: leaked")
    monkeypatch.setenv("OPENAI_ORG_ID", "leaked")
    monkeypatch.setenv("OPENAI_API_KEY", "leaked")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "leaked")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    for key_variable in ("FAR_KEY", ""):
        _, server = answer(PARIS, key_variable=key_variable)
        headers = server.requests[0].headers
        assert "leaked" not in str(headers)
        assert ("authorization" in headers) == bool(key_variable)
        assert {name for name in headers if name.startswith(("x-", "openai"))} == set()


def test_nothing_is_logged_of_keys_and_words(log: list[str]) -> None:
    answer(PARIS)
    fault(says("401 Unauthorized", {"error": {"message": f"bad {KEY}"}}))
    fault(sends(b""))
    assert not any(KEY in line or "Annabel" in line or "127.0.0.1" in line for line in log)


# What it says instead


@pytest.mark.parametrize(
    ("status", "kind", "says_so"),
    [
        ("401 Unauthorized", KeyRefused, "does not accept the key"),
        ("403 Forbidden", KeyRefused, "does not accept the key"),
        ("404 Not Found", ModelMissing, "no model 'france-7b'"),
        ("500 Internal Server Error", EngineFault, "status 500"),
        ("418 Teapot", EngineFault, "status 418"),
        ("400 Bad Request", EngineFault, "status 400"),
    ],
)
def test_a_refusal_is_said_once_and_not_asked_again(status: str, kind: type[ModelError], says_so: str) -> None:
    error, server = fault(says(status, {"error": {"message": f"Annabel {KEY}", "type": "Annabel said"}}))
    assert type(error) is kind
    assert says_so in error.detail
    assert len(server.requests) == 1


def test_an_endpoint_that_wants_a_key_says_so() -> None:
    error, _ = fault(says("401 Unauthorized"), key_variable="")
    assert error.detail == "the endpoint wants a key"


def test_an_error_s_own_name_is_told_where_it_is_one() -> None:
    error, _ = fault(says("400 Bad Request", {"error": {"message": "Annabel", "type": "invalid_request_error"}}))
    assert error.detail == "the endpoint refused the request: status 400 (invalid_request_error)"


@pytest.mark.parametrize(
    ("body", "tokens", "window"),
    [
        ({"message": "request (3000 tokens) exceeds the available context size (2048 tokens), try increasing it",
          "type": "exceed_context_size_error", "n_prompt_tokens": 3000, "n_ctx": 2048}, 3000, 2048),
        ({"message": "This model's maximum context length is 2048 tokens. However, you requested 3800 tokens (3000 in the "
          "messages, 800 in the completion).", "type": "BadRequestError"}, 3800, 2048),
        ({"message": "too long", "code": "context_length_exceeded"}, 4097, 4096),
    ],
)  # fmt: skip
def test_too_long_a_prompt_comes_with_the_figures(body: dict[str, Any], tokens: int, window: int) -> None:
    error, _ = fault(says("400 Bad Request", {"error": body}))
    assert isinstance(error, PromptTooLong)
    assert (error.tokens, error.window) == (tokens, window)


STRANGE: dict[str, Any] = {
    "a number for a code": {"message": "Annabel", "type": "BadRequestError", "code": 400},
    "an object for a code": {"message": "Annabel", "code": {"a": []}, "type": ["b"]},
    "no object": [["Annabel"]],
    "a number of 5,000 digits": {"message": f"maximum context {'9' * 5000} tokens, {'8' * 5000} too many"},
    "figures without an end": {
        "message": "too long",
        "code": "context_length_exceeded",
        "n_ctx": "\x00",
        "n_prompt_tokens": -1,
    },
}


@pytest.mark.parametrize("status", ["400 Bad Request", "429 Too Many Requests"])
@pytest.mark.parametrize("error", STRANGE.values(), ids=STRANGE)
def test_whatever_a_refusal_says_it_is_a_model_error(status: str, error: Any) -> None:
    fault(says(status, {"error": error}, Retry_After="²"))


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with Faulty(PARIS) as server, pytest.raises(EngineFault, match="CHORUS_CA_FILE cannot be read"):
        ask(model(server, Network(tls=lambda: ssl.create_default_context(cafile=str(tmp_path / "none")))), QUESTION)


def test_a_template_that_takes_no_instructions_names_the_cure() -> None:
    error, _ = fault(says("400 Bad Request", {"error": {"message": "System role not supported"}}))
    assert isinstance(error, ModelUnsupported)
    assert "system_role = false" in error.detail


@pytest.mark.parametrize("status", ["429 Too Many Requests", "502 Bad Gateway", "503 Loading", "504 Gateway Timeout"])
def test_what_may_pass_is_asked_again(status: str) -> None:
    found, server = answer(says(status), says(status), PARIS)
    assert found.text == "Paris."
    assert len(server.requests) == TRIES
    error, server = fault(says(status))
    assert isinstance(error, EndpointDown)
    assert len(server.requests) == TRIES


def test_a_busy_endpoint_s_wish_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("llm.openai_asking.asyncio.sleep", sleep)
    answer(says("429 Too Many Requests", Retry_After="7"), PARIS)
    assert 7.0 in waited


def test_a_busy_endpoint_that_wants_a_long_pause_is_told_at_once() -> None:
    error, server = fault(says("429 Too Many Requests", Retry_After="600"))
    assert isinstance(error, EndpointDown)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    with Faulty(PARIS) as other:
        error, server = fault(says("307 Temporary Redirect", Location=f"{other.url}/chat/completions"))
        assert other.requests == []
    assert "leads elsewhere" in error.detail
    assert len(server.requests) == 1


def test_nobody_at_the_address_is_tried_thrice() -> None:
    with Faulty(PARIS) as server:
        url = server.url
    far = OpenAiModel(Endpoint("far", url, "france-7b"), Network())
    with pytest.raises(EndpointDown, match="no connection"):
        ask(far, QUESTION)


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(EndpointDown, match=r"nowhere\.invalid: no connection"):
        ask(OpenAiModel(Endpoint("far", "http://nowhere.invalid/v1", "m"), Network()), QUESTION)


def test_only_an_endpoint_of_a_known_authority_is_spoken_to(certificate: Path) -> None:
    with Faulty(PARIS, tls=certificate) as server:
        with pytest.raises(EndpointDown, match="certificate is not trusted"):
            ask(model(server, Network(tls=partial(trusting, None))), QUESTION)
        assert server.requests == []
        assert ask(model(server, Network(tls=partial(trusting, str(certificate)))), QUESTION).text == "Paris."


def test_the_way_leads_over_the_proxy_of_the_settings_and_never_to_this_machine_itself() -> None:
    with Faulty(PARIS) as proxy, Faulty(PARIS) as here:
        network = Network(proxy=proxy.url.removesuffix("/v1"))
        ask(model(here, network), QUESTION)
        assert proxy.requests == []
        ask(model(here, network, url="http://far.example.org/v1"), QUESTION)
        assert proxy.requests[0].line == "POST http://far.example.org/v1/chat/completions HTTP/1.1"
        with pytest.raises(EndpointDown):
            ask(model(here, network, url="http://nowhere.invalid/v1", proxy=False), QUESTION)
        assert len(proxy.requests) == 1


# How it breaks off


def test_a_connection_that_drops_before_an_answer_is_tried_again() -> None:
    found, server = answer(sends(b""), PARIS)
    assert found.text == "Paris."
    assert len(server.requests) == 2
    error, server = fault(sends(b""))
    assert isinstance(error, EndpointDown)
    assert len(server.requests) == TRIES


CHUNKED = OPENING.replace(b"Connection: close", b"Transfer-Encoding: chunked")


def broken(*plays: Play, **fields: Any) -> tuple[str, ModelError, Faulty]:
    """What came of an answer before its error."""
    texts: list[str] = []
    with Faulty(*plays) as server, pytest.raises(ModelError) as raised:
        texts += (chunk.text for chunk in model(server, **fields).generate(QUESTION, Options()))
    return "".join(texts), raised.value, server


def in_chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


@pytest.mark.parametrize(
    "play",
    [
        sends(OPENING, delta("Par"), delta("is")),
        sends(CHUNKED, in_chunks(delta("Par"), delta("is"))),
        sends(OPENING, delta("Par"), delta("is"), DONE),
    ],
    ids=["closed", "cut", "without a reason"],
)
def test_an_answer_that_breaks_off_keeps_its_words_and_is_not_asked_again(play: Play) -> None:
    text, error, server = broken(play)
    assert text == "Paris"
    assert type(error) is ModelDied
    assert len(server.requests) == 1


DEEP = b"data: " + b"[" * 200_000 + b"\n\n"


@pytest.mark.parametrize(
    "garbage",
    [b"data: {not json}\n\n", b"data: [1, 2\n\n", b"data: \xff\xfe\n\n", DEEP],
    ids=["words", "half", "bytes", "deep"],
)
def test_what_cannot_be_read_is_the_engine_s_fault(garbage: bytes) -> None:
    text, error, server = broken(sends(OPENING, delta("Paris"), garbage))
    assert text == "Paris"
    assert type(error) is EngineFault
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "strange", [b"null", b"[]", b'"a"', b"7", b'{"choices": 3}', b'{"choices": [null]}', b'{"choices": [{}]}']
)
def test_strange_events_are_passed_over(strange: bytes) -> None:
    found, _ = answer(sends(OPENING, b"data: " + strange + b"\n\n", delta("Paris."), end(), DONE))
    assert found.text == "Paris."


def test_an_error_within_the_answer_keeps_the_words() -> None:
    text, error, _ = broken(sends(OPENING, delta("Paris"), event({"error": {"message": "Annabel", "code": "oom"}})))
    assert (text, error.detail) == ("Paris", "the endpoint reported an error (oom)")


@pytest.mark.parametrize("page", [b"<html>Please log in</html>", b""])
def test_a_web_page_is_no_answer(page: bytes) -> None:
    error, _ = fault(says("200 OK", page, Content_Type="text/html"))
    assert isinstance(error, EngineFault)
    assert "is its url right" in error.detail


def test_an_answer_without_its_last_mark_is_whole() -> None:
    assert answer(sends(OPENING, delta("Paris."), end()))[0].text == "Paris."


@pytest.mark.parametrize("cost", [10**400, -1, True, 3.5, "many", [7]], ids=str)
def test_figures_that_cannot_be_true_are_none(cost: Any) -> None:
    found, _ = answer(sends(OPENING, delta("Par"), delta("is."), end(), usage(cost, cost, cost), DONE))
    assert (found.text, found.finish.written) == ("Paris.", 2)


BEHIND_THE_END = {
    "silence": b"",
    "garbage": b"data: {not json}\n\n",
    "an error": event({"error": {"message": "too late"}}),
    "a flood": b": " + b"x" * 300_000,
}


@pytest.mark.parametrize("more", BEHIND_THE_END.values(), ids=BEHIND_THE_END)
def test_nothing_behind_its_end_spoils_an_answer(more: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server may leave the connection open: what it cost is waited for a moment alone."""
    monkeypatch.setattr("llm.openai_client.MOST_BYTES", 100_000)
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Paris."), end(), more)]
        found = ask(model(server, between_seconds=1.0), QUESTION)
    assert (found.text, found.finish.reason) == ("Paris.", "stop")


def test_without_figures_they_are_counted() -> None:
    found, _ = answer(sends(OPENING, delta("Par"), delta("is."), end(), DONE))
    assert found.finish.written == 2
    assert found.finish.read == bound("Be brief." + QUESTION.question)


def test_a_character_that_is_cut_in_two_comes_whole() -> None:
    whole = delta("Zürich €")
    place = whole.index("ü".encode()) + 1

    def play(connection: Any) -> None:
        connection.sendall(OPENING + whole[:place])
        connection.sendall(whole[place:] + end() + DONE)

    assert answer(play)[0].text == "Zürich €"


def test_lone_surrogates_and_nuls_are_no_text() -> None:
    raw = b'data: {"choices": [{"index": 0, "delta": {"content": "a\\ud83d\\u0000b"}}]}\n\n'
    assert answer(sends(OPENING, raw, end(), DONE))[0].text == "a\ufffdb"


def test_nothing_at_all_is_an_empty_answer() -> None:
    error, _ = fault(sends(OPENING, end(), DONE))
    assert isinstance(error, EmptyAnswer)


def test_a_filter_s_end_is_told() -> None:
    text, error, _ = broken(sends(OPENING, delta("Paris"), end("content_filter")))
    assert (text, type(error)) == ("Paris", EngineFault)


# Thoughts


def test_thoughts_beside_and_within_an_answer_are_no_part_of_it() -> None:
    beside = delta("", reasoning_content="Hm, Annabel."), delta("", reasoning="Hm."), delta("Paris."), end()
    within = delta("<thi"), delta("nk>Hm, </th"), delta("ink>\n\nParis."), end()
    for parts in (beside, within):
        found, _ = answer(sends(OPENING, *parts, usage(10, 9), DONE))
        assert found.text == "Paris."
        assert found.finish.written == 9


def test_an_answer_that_begins_within_thoughts_is_shown_behind_them() -> None:
    found, _ = answer(sends(OPENING, delta("Hm, "), delta("well.</think>"), delta("Paris."), end(), DONE), thinks=True)
    assert found.text == "Paris."


def test_thoughts_alone_are_an_empty_answer() -> None:
    error, _ = fault(sends(OPENING, delta("<think>Hm"), end(), DONE))
    assert isinstance(error, EmptyAnswer)


# Waiting


@pytest.mark.parametrize(
    "parts", [(), (OPENING,), (b"HTTP/1.1 200 OK\r\nContent-",)], ids=["headers", "first token", "half"]
)
def test_silence_before_an_answer_ticks_and_ends(parts: tuple[bytes, ...]) -> None:
    with Faulty() as server:
        server.plays = [server.stalling(*parts)]
        chunks = model(server, first_seconds=1.0).generate(QUESTION, Options())
        stages = [next(chunks).stage, next(chunks).stage]
        with pytest.raises(ModelHung):
            list(chunks)
        assert stages == ["read", "read"]
        assert server.hung_up.wait(GENEROUS)
        assert len(server.requests) == 1


def test_silence_in_the_middle_of_an_answer_keeps_the_words() -> None:
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Par"))]
        chunks = model(server, between_seconds=1.0).generate(QUESTION, Options())
        assert next(chunk.text for chunk in chunks if chunk.text) == "Par"
        with pytest.raises(ModelHung):
            list(chunks)
        assert server.hung_up.wait(GENEROUS)


@pytest.mark.parametrize("parts", [(), (delta("Par"),)], ids=["first token", "next token"])
def test_events_that_say_nothing_are_silence(parts: tuple[bytes, ...]) -> None:
    def play(connection: socket.socket) -> None:
        connection.sendall(OPENING + b"".join(parts))
        for _ in range(100):  # ten seconds
            connection.sendall(event({"choices": []}))
            time.sleep(0.1)

    with Faulty(play) as server, pytest.raises(ModelHung):
        ask(model(server, first_seconds=1.0, between_seconds=1.0), QUESTION)


@pytest.mark.parametrize(
    "written",
    [
        [delta(f"{number} ") for number in range(5000)],
        [delta("x" * 100_000)],
        [delta("", reasoning_content="hm")] * 5000,
    ],
    ids=["tokens", "letters", "thoughts"],
)
def test_an_answer_that_does_not_end_is_ended(written: list[bytes]) -> None:
    """Not every server keeps to the number of tokens that it is asked for."""
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Paris: "), *written)]
        found = ask(model(server), QUESTION, max_tokens=10)
    assert found.finish.reason == "length"
    assert found.text.startswith("Paris: ")
    assert len(found.text) < 2000


@pytest.mark.parametrize(
    "play",
    [
        sends(OPENING, b"data: " + b"x" * 300_000),
        sends(OPENING, b"data: x\n" * 50_000),
        says("400 Bad Request", b"x" * 300_000),
        says("200 OK", gzip.compress(delta("Paris.")), Content_Type="text/event-stream", Content_Encoding="gzip"),
    ],
    ids=["a line", "an event", "a refusal", "packed"],
)
def test_no_more_is_taken_in_at_a_time_than_a_server_has_to_say(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm.openai_client.MOST_BYTES", 100_000)
    error, _ = fault(play)
    assert isinstance(error, EngineFault)
    assert "MB" in error.detail or "packs" in error.detail
    with Faulty(says("200 OK", b" " * 300_000)) as server, pytest.raises(EngineFault, match="MB"):
        list(model(server).probe())


def test_a_waiting_answer_ticks_and_says_its_stage() -> None:
    with Faulty() as server:
        server.plays = [server.stalling(OPENING)]
        chunks = model(server).generate(QUESTION, Options())
        assert [next(chunks).stage for _ in range(3)] == ["read"] * 3
        chunks.close()  # type: ignore[attr-defined]
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Paris"))]
        chunks = model(server).generate(QUESTION, Options())
        assert next(chunk.text for chunk in chunks if chunk.text) == "Paris"
        assert next(chunks).stage == "write"
        chunks.close()  # type: ignore[attr-defined]


def test_closing_an_answer_hangs_up() -> None:
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Paris"))]
        chunks = model(server).generate(QUESTION, Options())
        next(chunk for chunk in chunks if chunk.text)
        chunks.close()  # type: ignore[attr-defined]
        assert server.hung_up.wait(GENEROUS)


def test_a_stop_text_hangs_up() -> None:
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, delta("Paris."), delta("\nUser: and"), delta("!"))]
        found = ask(model(server), QUESTION, stop=("\nUser:",))
        assert (found.text, found.finish.reason) == ("Paris.", "stop")
        assert server.hung_up.wait(GENEROUS)


def test_an_answer_that_goes_round_in_circles_is_ended() -> None:
    line = "You can use the ls command for that.\n"
    with Faulty() as server:
        server.plays = [server.stalling(OPENING, *(delta(line) for _ in range(5)))]
        found = ask(model(server), QUESTION)
    assert found.finish.reason == "repeat"
    assert found.text[: found.finish.keep] == line.strip()


def test_several_answers_at_a_time() -> None:
    with Faulty() as server, ExitStack() as stack:
        server.plays = [server.stalling(OPENING, delta("Paris"))]
        far = model(server)
        chunks = [far.generate(QUESTION, Options()) for _ in range(4)]
        found: list[str] = []

        def begin(one: Iterator[Any]) -> None:
            found.append(next(chunk.text for chunk in one if chunk.text))

        threads = [threading.Thread(target=begin, args=(one,)) for one in chunks]
        for thread_ in threads:
            thread_.start()
        for thread_ in threads:
            thread_.join(GENEROUS)
        assert found == ["Paris"] * 4
        for one in chunks:
            stack.callback(one.close)  # type: ignore[attr-defined]


# Counting, and the probe


def counts(*tokens: int) -> list[Play]:
    return [says("200 OK", {"tokens": list(range(count))}) for count in tokens]


def test_the_endpoint_s_own_count_is_taken() -> None:
    with Faulty(says("200 OK", {"tokens": [1, 2, 3]})) as server:
        far = model(server)
        found = size(far, thread("bob: hi", "ann: ho"))
        assert found.turns == (3, 3)
        assert 5 * 3 <= found.tokens < 5 * 3 + 200
        assert found.window == 4096 - 60
        assert far.continues
    assert server.requests[0].line == "POST /tokenize HTTP/1.1"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "play",
    [
        says("404 Not Found"),
        says("405 Not Allowed"),
        *(says(status) for status in ("401 Unauthorized", "403 Forbidden", "302 Found", "500 Internal Server Error")),
        says("200 OK", b"<html>", Content_Type="text/html"),
        says("200 OK", b"{no json"),
        says("200 OK", b"[]"),
    ],
)
def test_without_a_count_there_is_an_upper_bound_and_no_going_on(play: Play) -> None:
    with Faulty(play) as server:
        far = model(server)
        found = size(far, thread("bob: hi", "ann: ho"))
        assert found.turns == (bound("bob: hi\n"), bound("ann: ho\n"))
        assert not far.continues
        assert len(server.requests) == 1
        with pytest.raises(EngineFault):
            ask(far, thread("bob: hi", begun="So"))


def test_a_down_endpoint_cannot_count() -> None:
    with Faulty(says("503 Loading")) as server, pytest.raises(EndpointDown):
        size(model(server), QUESTION)


def test_vllm_is_asked_to_go_on_in_its_own_words() -> None:
    with Faulty(*[says("200 OK", {"count": 3, "max_model_len": 4096, "tokens": [1, 2, 3]})] * 3, PARIS) as server:
        far = model(server)
        prompt = Prompt("", (), "Well?", begun="It is ")
        size(far, prompt)
        ask(far, prompt)
    body = server.requests[-1].body
    assert body["messages"][-1] == {"role": "assistant", "content": "It is "}
    assert (body["add_generation_prompt"], body["continue_final_message"]) == (False, True)


def test_a_probe_says_how_fast_it_is_and_how_much_it_takes_in() -> None:
    listed = says("200 OK", {"data": [{"id": "other"}, {"id": "france-7b", "max_model_len": 2048}]})
    with Faulty(listed, PARIS) as server:
        far = model(server)
        *ticks, speed = far.probe()
        assert isinstance(speed, Speed)
        assert (speed.n_ctx, speed.load_seconds) == (2048, 0.0)
        assert min(speed.prefill, speed.decode) > 0
        assert ticks
    assert [request.line.split()[1] for request in server.requests] == ["/v1/models", "/v1/chat/completions"]


def test_a_probe_of_a_model_that_is_not_there_names_the_nearest() -> None:
    with (
        Faulty(says("200 OK", {"data": [{"id": "france-70b"}, {"id": "x"}]})) as server,
        pytest.raises(ModelMissing) as missing,
    ):
        list(model(server).probe())
    assert missing.value.near == ("france-70b",)


@pytest.mark.parametrize(
    ("play", "cure"), [(says("404 Not Found"), "/v1"), (says("200 OK", b"<html>", Content_Type="text/html"), "url")]
)
def test_a_probe_of_a_wrong_address_names_the_cure(play: Play, cure: str) -> None:
    with Faulty(play) as server, pytest.raises(EngineFault, match=cure):
        list(model(server).probe())


def test_the_certificates_are_those_that_are_given() -> None:
    given: list[ssl.SSLContext] = []

    def tls() -> ssl.SSLContext:
        given.append(ssl.create_default_context())
        return given[-1]

    with Faulty(PARIS) as server:
        far = model(server, Network(tls=tls, secret=lambda _name: KEY))
        assert given == []  # nothing is opened before it is asked
        ask(far, QUESTION)
        ask(far, QUESTION)
    assert len(given) == 1
