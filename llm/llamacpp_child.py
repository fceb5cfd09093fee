"""The process of a model that llama.cpp's server runs.

    python -m llm.llamacpp_child        (started by host.py; host_process.py says what it is)

Prompts are rendered here, as for every other engine, and sent as token ids: people's text is counted and read with control
tokens spelled out, and none may come out of it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from llm import host_process
from llm.base import EngineFault, ModelBroken, Options, PromptTooLong
from llm.header import Header
from llm.host_session import WORDS, Asked, Session
from llm.llamacpp_server import BATCH, LlamaCppServer
from llm.templates import Segment
from llm.writing import Writing

MEASURED_STEPS = 16
MOST_TOLD = 50_000  # segments; a thousand questions in long threads

Event = dict[str, Any]


class LlamaCppSession(Session):
    """A model that llama.cpp has loaded. The server itself knows what it has read, and goes on from there."""

    margin = 8  # as gpt4all's: a file has one window, whatever runs it

    @staticmethod
    def check_file(head: Header) -> None:
        """The server says itself what it cannot load."""

    def _load(self, path: Path, head: Header, request: dict[str, Any]) -> None:
        self._starts = (path, self.n_ctx, request["threads"], request["states_bytes"])
        self._begin = [head.get("tokenizer.ggml.bos_token_id", -1)] if head.adds_bos else []
        self._start()

    def _start(self) -> None:
        self.server = LlamaCppServer(*self._starts)
        self.told: dict[Segment, list[int]] = {}
        self.past: list[int] = []

    def _afresh(self) -> None:
        """Forget everything: the server has no way to forget one thing."""
        self.server.close()
        self._start()

    def _probe(self) -> None:
        ids = self._ids([Segment("Hello")])
        if not any(event and event.get("stop") for event in self.server.write(ids, Options(max_tokens=1))):
            raise ModelBroken("the engine wrote nothing")

    def _count(self, segments: Iterator[Segment]) -> int:
        return len(self._begin) + sum(map(self._count_inside, segments))

    def _count_inside(self, segment: Segment) -> int:
        return len(self._ids_of(segment))

    def _known(self, segments: list[Segment]) -> int:
        """At least: a conversation that was kept aside is known too."""
        ids = self._ids(segments)
        return min(_equal(self.past, ids), len(ids) - 1)

    def _ids(self, segments: Sequence[Segment]) -> list[int]:
        return [*self._begin, *(number for segment in segments for number in self._ids_of(segment))]

    def _ids_of(self, segment: Segment) -> list[int]:
        found = self.told.get(segment)
        if found is None:
            found = self.told[segment] = self.server.ids(segment.text, special=segment.special)
            if not segment.special and not self.controls.isdisjoint(found):
                raise EngineFault("a control token came out of people's text")
        return found

    def forget(self, request: dict[str, Any]) -> dict[str, Any]:
        """Drop all, where one of these texts of people ends a segment that was read or counted."""
        gone = tuple(self.template.escape(text).rstrip("\n") for text in request["texts"])
        held = any(segment.text.rstrip("\n").endswith(gone) for segment in self.told if not segment.special)
        if held:
            self._afresh()
        return {"dropped": int(held)}

    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read a prompt and write the answer; its text goes out while it is written."""
        if len(self.told) > MOST_TOLD:
            self._afresh()
        asked = self._asked(request)
        ids, room = self._ids(asked.segments), self.n_ctx - self.margin - asked.options.max_tokens
        if len(ids) > room:
            raise PromptTooLong(len(ids), room)
        self.past = ids
        return self._write(asked, ids)

    def _write(self, asked: Asked, ids: list[int]) -> dict[str, Any]:
        writing, course = self._writing(asked), Course()
        with contextlib.closing(self.server.write(ids, asked.options)) as events:
            for event in events:
                course.take(event)
                if not self._goes_on(writing, asked.options, event):
                    break
        cancelled = self.cancelled
        writing.end()
        reason = self._ended(writing, asked, full=course.full, cancelled=cancelled)
        return {"reason": reason, "keep": writing.keep, **course.figures(len(ids), writing.tokens)}

    def _goes_on(self, writing: Writing, options: Options, event: Event | None) -> bool:
        """Whether anybody waits for more. Silence is no sign of life: a server that hangs must not look alive."""
        if event is None:
            return not self.cancelled
        if progress := event.get("prompt_progress"):
            known = progress["cache"]
            return self.wire.tick("read", progress["processed"] - known, progress["total"] - known)
        if not event["tokens"]:
            return True
        goes_on = writing.add(event["tokens"][-1], event["content"].encode())
        return self.wire.tick("write", writing.tokens, options.max_tokens) and goes_on

    def measure(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Tokens a second: of a batch that is read, and of 16 that are written."""
        words = self.server.ids(WORDS * 24, special=False)[: min(BATCH, self.n_ctx // 2)]
        course, self.past = Course(), []
        for event in self.server.write(words, Options(max_tokens=MEASURED_STEPS, temperature=0.0), measured=True):
            course.take(event)
            self.wire.tick("load", 0, 0)
        found = course.figures(len(words), MEASURED_STEPS)
        return {
            "prefill": found["read"] / max(1e-6, found["prefill_seconds"]),
            "decode": found["written"] / max(1e-6, found["decode_seconds"]),
        }


class Course:
    """How an answer went, by the server's events: what it cost, as far as that can be told where it was broken off."""

    def __init__(self) -> None:
        self.started, self.first = time.monotonic(), 0.0
        self.reused = 0
        self.timings: dict[str, Any] = {}
        self.full = False

    def take(self, event: Event | None) -> None:
        """The next event."""
        if event is None:
            return
        if progress := event.get("prompt_progress"):
            self.reused = progress["cache"]
        elif event["tokens"]:
            self.first = self.first or time.monotonic()
        self.timings = event.get("timings", self.timings)
        self.full = event.get("stop_type") == "limit"

    def figures(self, tokens: int, pieces: int) -> dict[str, Any]:
        """Those of base.Finish, for a prompt of that many tokens and an answer that came in that many pieces."""
        now = time.monotonic()
        first = self.first or now
        reused = self.timings.get("cache_n", self.reused)
        return {
            "read": tokens - reused,
            "reused": reused,
            "written": self.timings.get("predicted_n", pieces),
            "prefill_seconds": first - self.started,
            "decode_seconds": now - first,
        }


def _equal(known: Sequence[int], ids: Sequence[int]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(known, ids, strict=False)))


if __name__ == "__main__":
    host_process.run(LlamaCppSession)
