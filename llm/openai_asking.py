"""What is asked of an endpoint, each as an asynchronous source: pieces of an answer, counts of tokens, the models it has.

Importing this costs 0.4 s and 40 MB (openai's client), so that openai_model.py does it when an endpoint is asked first.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import openai

from llm.base import EngineFault, ModelDied, ModelError
from llm.endpoints import Endpoint, Network
from llm.openai_client import client, missing, number, pause, translated
from llm.openai_tokens import Count, counts

T = TypeVar("T")

LAST_WORDS = 2.0  # seconds


@dataclass(frozen=True)
class Piece:
    """A piece of an answer as it comes: text, a thought, the reason where it ends, or what it cost in tokens."""

    text: str = ""
    thought: bool = False
    end: str = ""
    prompt: int = 0
    cached: int = 0
    written: int = 0

    @property
    def says(self) -> bool:
        """Whether the model has written something with it."""
        return bool(self.text) or self.thought


class Asking:
    """One endpoint, to be asked by any thread. Each question has a connection of its own, which is closed with its source."""

    def __init__(self, endpoint: Endpoint, network: Network) -> None:
        self.endpoint, self._network = endpoint, network
        self._key = network.secret(endpoint.key_variable) if endpoint.key_variable else ""

    def pieces(self, messages: list[dict[str, str]], **options: Any) -> AsyncGenerator[Piece, None]:
        """An answer to these messages. Ends behind the last piece; raises a ModelError."""

        async def ask(opened: openai.AsyncOpenAI) -> AsyncGenerator[Piece, None]:
            chat: Any = opened.chat.completions
            stream = await chat.create(
                model=self.endpoint.model,
                messages=messages,
                stream=True,
                stream_options={"include_usage": True},
                **options,
            )
            if "event-stream" not in stream.response.headers.get("Content-Type", ""):
                raise EngineFault("the endpoint answers, but not as the OpenAI protocol does: is its url right?")
            ended = False
            try:
                async with asyncio.timeout(None) as patience:
                    async for chunk in stream:
                        stream.response.stream.taken()
                        piece = _piece(chunk)
                        if piece.end:
                            ended = True
                            patience.reschedule(asyncio.get_running_loop().time() + self._last_words)
                        yield piece
            except Exception:
                if not ended:  # else it is whole, and what comes behind it is what it cost, if anything
                    raise
            if not ended:
                raise ModelDied("the answer broke off without an end")

        return self._patiently(ask, lambda piece: piece.says)

    def counts(self, texts: Sequence[str]) -> AsyncGenerator[Count, None]:
        """Each text's tokens, in their order; raises a ModelError."""
        return self._patiently(lambda opened: counts(opened, self.endpoint.model, texts), lambda _count: True)

    def look(self) -> AsyncGenerator[int, None]:
        """Whether the model is there, and its window, 0 where the endpoint does not tell. Raises a ModelError."""

        async def ask(opened: openai.AsyncOpenAI) -> AsyncGenerator[int, None]:
            try:
                found = await opened.get("/models", cast_to=object)
            except openai.NotFoundError:
                raise EngineFault("the endpoint has no list of models there: its url mostly ends in /v1") from None
            yield _window(_entries(found), self.endpoint.model)

        return self._patiently(ask, lambda _window: True)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        try:
            return self._network.tls()
        except OSError as error:
            raise EngineFault(f"the certificates of CHORUS_CA_FILE cannot be read: {error.strerror}") from None

    @property
    def _last_words(self) -> float:
        """Seconds to wait behind an answer's end for what it cost."""
        return min(LAST_WORDS, self.endpoint.between_seconds / 2)

    async def _patiently(
        self, ask: Callable[[openai.AsyncOpenAI], AsyncGenerator[T, None]], begins: Callable[[T], bool]
    ) -> AsyncGenerator[T, None]:
        """Ask, and ask again where what went wrong may pass, as long as nothing has come that `begins` an answer."""
        failure: ModelError | None = None
        tries = 0
        while failure is None:
            begun, tries = False, tries + 1
            try:
                opened = client(self.endpoint, self._network, self._tls, self._key)
                async with opened, aclosing(ask(opened)) as items:
                    async for item in items:
                        begun = begun or begins(item)
                        yield item
            except ModelError:
                raise
            except Exception as error:  # noqa: BLE001 - the client, and what it stands on, raise what comes of what servers send
                wait = None if begun else pause(error, tries)
                failure = translated(error, self.endpoint, begun=begun) if wait is None else None
            else:
                return
            await asyncio.sleep(wait or 0.0)
        # Raised outside of the handler: the client's own error holds the request, which a chained traceback would print.
        raise failure


def _piece(chunk: Any) -> Piece:
    """A chunk as a piece. The client believes servers whatever they send, so nothing is taken for granted here."""
    choices, usage = getattr(chunk, "choices", None), getattr(chunk, "usage", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = getattr(choice, "delta", None)
    end = _text(getattr(choice, "finish_reason", None))
    if end == "content_filter":
        raise EngineFault("the endpoint's filter ended the answer")
    thoughts = (_text(getattr(delta, name, None)) for name in ("reasoning_content", "reasoning"))
    return Piece(
        text=_text(getattr(delta, "content", None)),
        thought=any(thoughts),
        end=end,
        prompt=number(getattr(usage, "prompt_tokens", None)),
        cached=number(getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)),
        written=number(getattr(usage, "completion_tokens", None)),
    )


def _entries(found: object) -> list[dict[str, Any]]:
    listed = found.get("data") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise EngineFault("the endpoint answers, but not as the OpenAI protocol does: is its url right?")
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _window(entries: list[dict[str, Any]], model: str) -> int:
    """vLLM tells it as `max_model_len`, llama.cpp's server in `meta`. Raises ModelMissing."""
    entry = next((each for each in entries if each["id"] == model), None)
    if entry is None:
        raise missing(model, [each["id"] for each in entries])
    meta = entry.get("meta")
    return number(entry.get("max_model_len")) or number(meta.get("n_ctx") if isinstance(meta, dict) else None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
