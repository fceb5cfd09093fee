"""The official client of the OpenAI protocol, as Chorus uses it: no redirects, nothing from the environment, no logs, and its
errors as ModelErrors that hold neither a key nor a word of anybody's.
"""

from __future__ import annotations

import difflib
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx2
import openai

from llm.base import (
    EndpointDown,
    EngineFault,
    KeyRefused,
    ModelDied,
    ModelError,
    ModelMissing,
    ModelUnsupported,
    PromptTooLong,
)
from llm.endpoints import Endpoint, Network
from llm.openai_tokens import PASSING

USER_AGENT = "Chorus"
SENT = frozenset(
    {"host", "accept", "content-type", "content-length", "transfer-encoding", "connection", "authorization"}
)
LONGEST_PAUSE = 20.0  # seconds; who is told to wait longer tells the person instead
PAUSES = (0.5, 2.0)  # before the second and the third try
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")
TOO_LONG = re.compile(r"context|token", re.IGNORECASE)
NO_SYSTEM_ROLE = re.compile(r"system (?:role|message|prompt)", re.IGNORECASE)
NUMBERS = re.compile(r"(?<![0-9])[0-9]{1,8}(?![0-9])")
SECONDS = re.compile(r"[0-9]{1,8}")
MOST_TOKENS = 10_000_000  # more has nobody written or read, whatever a server says
MOST_BYTES = 8_000_000  # of an event, or of an answer that is none

# At DEBUG they write headers, addresses and whole requests.
for _name in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Received(httpx2.AsyncByteStream):
    """What an endpoint sends. Raises EngineFault where more comes before it was `taken` than a server has to say."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._bytes = stream, 0

    def taken(self) -> None:
        """What came up to here was an event, and is done with."""
        self._bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(aiter(self._stream)) as pieces:
            async for piece in pieces:
                self._bytes += len(piece)
                if self._bytes > MOST_BYTES:
                    raise EngineFault(f"the endpoint sends more than {MOST_BYTES / 1e6:.0f} MB at a time")
                yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bounded(response: httpx2.Response) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise EngineFault("the endpoint packs its answers, which nobody has asked it to do")
    response.stream = Received(response.stream)


def client(endpoint: Endpoint, network: Network, tls: ssl.SSLContext, key: str) -> openai.AsyncOpenAI:
    """A client for one use: closing it closes its connections, and so the server hears that nobody waits any more."""
    proxy = network.proxy if endpoint.proxy and not endpoint.is_here else None
    speaks_tls = (proxy or "").startswith("https:")

    async def ours_alone(request: httpx2.Request) -> None:
        # The client adds what OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID and others in the environment say, and what system this is.
        for name in [
            name for name in request.headers if name.lower() not in SENT or (name == "authorization" and not key)
        ]:
            del request.headers[name]
        request.headers["User-Agent"] = USER_AGENT

    http = openai.DefaultAsyncHttpxClient(
        verify=tls,
        trust_env=False,
        follow_redirects=False,  # the key would go along
        proxy=httpx2.Proxy(proxy, ssl_context=tls if speaks_tls else None) if proxy else None,
        timeout=httpx2.Timeout(None, connect=endpoint.connect_seconds),  # whoever draws from it watches over the rest
        event_hooks={"request": [ours_alone], "response": [_bounded]},
    )
    return openai.AsyncOpenAI(
        api_key=key or "none", admin_api_key="", base_url=endpoint.url, max_retries=0, http_client=http
    )


def pause(error: Exception, tries: int) -> float | None:
    """Seconds to wait before a request is repeated that has failed so many times; None: repeating it does not help.

    Only what may pass is repeated: no connection, and a server that says that it is busy or on its way.
    """
    if tries > len(PAUSES) or _is_about_tls(error):
        return None
    usual = PAUSES[tries - 1]
    if isinstance(error, openai.APIConnectionError):
        return usual
    if not isinstance(error, openai.APIStatusError) or error.status_code not in PASSING:
        return None
    wanted = SECONDS.fullmatch(error.response.headers.get("Retry-After", ""))
    seconds = float(wanted[0]) if wanted else usual
    return seconds if seconds <= LONGEST_PAUSE else None


def translated(error: Exception, endpoint: Endpoint, *, begun: bool) -> ModelError:
    """What the client raised, as a ModelError. `begun`: a part of the answer had come."""
    match error:
        case openai.APIStatusError():
            return _refusal(error, endpoint)
        case openai.APIConnectionError() if begun:
            return ModelDied("the connection broke off in the middle of the answer")
        case openai.APIConnectionError():
            return EndpointDown(f"{endpoint.host}: {_why_not(error)}")
        case openai.APIError():  # told in the stream itself
            return _too_long(error, endpoint) or EngineFault(f"the endpoint reported an error{_code(error)}")
        case _:  # its JSON cannot be read, or is not what the protocol says: the client raises what its libraries raise
            return EngineFault("the endpoint's answer is not what the OpenAI protocol says")


def missing(model: str, known: list[str]) -> ModelMissing:
    """The endpoint is there, and has no such model."""
    return ModelMissing(
        f"the endpoint has no model {model!r} at this url", tuple(difflib.get_close_matches(model, known, 3, 0.3))
    )


def _refusal(error: openai.APIStatusError, endpoint: Endpoint) -> ModelError:
    status = error.status_code
    if status in (401, 403):
        return KeyRefused(
            "the endpoint does not accept the key" if endpoint.key_variable else "the endpoint wants a key"
        )
    if status == 404:
        return missing(endpoint.model, [])
    if status in PASSING:
        return EndpointDown(f"{endpoint.host} is busy or not ready: status {status}")
    if 300 <= status < 400:
        return EngineFault(
            f"the endpoint leads elsewhere (status {status}): write the address that it leads to as its url"
        )
    if NO_SYSTEM_ROLE.search(_message(error)):
        return ModelUnsupported("its chat template takes no system message: write `system_role = false`")
    return _too_long(error, endpoint) or EngineFault(f"the endpoint refused the request: status {status}{_code(error)}")


def _too_long(error: openai.APIError, endpoint: Endpoint) -> PromptTooLong | None:
    """Where the error says that the prompt does not fit: the figures, as far as it names them."""
    message = _message(error)
    known = {"context_length_exceeded", "exceed_context_size_error"}.intersection(_names(error))
    says_so = TOO_LONG.search(message) and re.search("maximum|exceed|too long|too many", message, re.IGNORECASE)
    if not known and not says_so:
        return None
    body = error.body if isinstance(error.body, dict) else {}
    found = [number(body.get("n_prompt_tokens")), number(body.get("n_ctx"))]
    # Both figures come first in the sentences of vLLM and llama.cpp, in either order; the smaller one is the window.
    said = [number(int(each)) for each in NUMBERS.findall(message)][:2]
    figures = sorted(filter(None, found if all(found) else said))
    window, tokens = figures if len(figures) == 2 else (endpoint.window, endpoint.window + 1)
    return PromptTooLong(tokens, window)


def _message(error: openai.APIError) -> str:
    """The server's own words. They may repeat people's, so nothing is done with them but to look what they are about."""
    body = error.body
    found = body.get("message") if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def _code(error: openai.APIError) -> str:
    """The error's code or type, where it looks like one: other words may be people's."""
    names = [name for name in _names(error) if CODE.fullmatch(name)]
    return f" ({names[0]})" if names else ""


def _names(error: openai.APIError) -> list[str]:
    """What the error calls itself; servers put numbers and lists there too, whatever the client's types say."""
    given: tuple[object, ...] = (error.code, error.type)
    return [name for name in given if isinstance(name, str)]


def number(value: object) -> int:
    """A count of tokens that a server tells; 0 where it cannot be one."""
    return value if type(value) is int and 0 < value <= MOST_TOKENS else 0


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _is_about_tls(error: BaseException) -> bool:
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _why_not(error: openai.APIConnectionError) -> str:
    causes: list[Any] = _causes(error)
    if _is_about_tls(error):
        return "its certificate is not trusted; name your authority's certificates in CHORUS_CA_FILE"
    if any(isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError) for cause in causes):
        return "no connection: is the server up, and the url right?"
    return "the connection broke off before an answer came"
