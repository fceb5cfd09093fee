"""The process of a model that GPT4All runs.

python -m llm.host_child        (started by host.py; host_process.py says what it is)
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm import host_process, machine, supported
from llm.base import EngineFault, ModelBroken, Options
from llm.engine import LIBRARIES, Engine
from llm.header import Header
from llm.host_session import WORDS, Asked, Session
from llm.prefixes import MARGIN, Controls, Prefixes, Reading
from llm.templates import Segment
from llm.vocabulary import Vocabulary
from llm.writing import Writing

MEASURED_TOKENS, MEASURED_STEPS, LONGEST_MEASURE = 256, 16, 2.5


class Gpt4AllSession(Session):
    """A model that GPT4All has loaded; prefixes.py knows what it has read."""

    margin = MARGIN

    @staticmethod
    def check_file(head: Header) -> None:
        """Raise ModelUnsupported where the engine would refuse the file."""
        supported.check(head)

    def _load(self, path: Path, head: Header, request: dict[str, Any]) -> None:
        self.engine = Engine(path, self.n_ctx, request["threads"], machine.bytes_a_token(head))
        self.prefixes = Prefixes(
            self.engine,
            Vocabulary(path, LIBRARIES),
            self.n_ctx,
            request["states_bytes"],
            Controls(self.controls, head.adds_bos),
        )

    def _probe(self) -> None:
        """Too little memory shows in nothing else."""
        if not self.engine.feed(Segment("Hello"), lambda _token: True, fresh=True) or not self.engine.n_past:
            raise ModelBroken("the engine read nothing")
        self.engine.write(Options(max_tokens=1, temperature=0.0), lambda _token, _piece: True)
        self.prefixes.drop()

    def _count(self, segments: Iterator[Segment]) -> int:
        return self.prefixes.vocabulary.count(segments)

    def _count_inside(self, segment: Segment) -> int:
        return self.prefixes.vocabulary.count([segment], 0)

    def _known(self, segments: list[Segment]) -> int:
        return self.prefixes.known(segments)

    def forget(self, request: dict[str, Any]) -> dict[str, Any]:
        """Drop what holds one of these texts."""
        return {"dropped": self.prefixes.forget(map(self.template.escape, request["texts"]))}

    def memory(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Bytes of the states that are kept aside."""
        return {"states": self.prefixes.kept}

    def verbs(self) -> dict[str, Any]:
        """What the parent can ask for."""
        return super().verbs() | {"memory": self.memory}

    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read a prompt and write the answer; its text goes out while it is written."""
        asked = self._asked(request)
        shared = _shared(asked.segments, begun=bool(self.template.escape(asked.prompt.begun)))
        started = time.monotonic()
        reading = self.prefixes.read(asked.segments, asked.options.max_tokens, shared, self._reading)
        prefill = time.monotonic() - started
        if not reading.whole:
            return _finish("cancelled", reading, prefill)
        return self._write(asked, reading, prefill, shared)

    def _reading(self, done: int, of: int) -> bool:
        return self.wire.tick("read", done, of)

    def _write(self, asked: Asked, reading: Reading, prefill: float, shared: int) -> dict[str, Any]:
        options = asked.options
        writing = self._writing(asked)

        def on_token(token: int, piece: bytes) -> bool:
            return writing.add(token, piece) and self.wire.tick("write", writing.tokens, options.max_tokens)

        started, start = time.monotonic(), self.engine.n_past
        try:
            self.engine.write(options, on_token)
        except EngineFault:
            self.prefixes.drop()
            raise
        cancelled = self.cancelled
        writing.end()
        self._remember(writing, start, shared)
        reason = self._ended(writing, asked, full=writing.tokens >= options.max_tokens, cancelled=cancelled)
        seconds = time.monotonic() - started
        return _finish(reason, reading, prefill) | {
            "written": writing.tokens, "decode_seconds": seconds, "keep": writing.keep
        }  # fmt: skip

    def _remember(self, writing: Writing, start: int, shared: int) -> None:
        """The raw answer is a segment too, where its text is exactly what the tokens say."""
        ids = self.engine.ids(start)[: writing.tokens]
        if writing.text and not writing.cut and not writing.thoughts.had and ids == writing.runs.ids:
            self.prefixes.answered(Segment(self.template.escape(writing.text)), writing.tokens, shared)

    def measure(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Tokens a second: 256 read at once, then 16 one by one, which is what writing costs beside the sampling."""
        self.prefixes.drop()
        words = Segment(WORDS * 24)
        while self.prefixes.vocabulary.count([words]) > self.n_ctx // 2:
            words = Segment(words.text[: len(words.text) // 2])
        prefill = self._timed(words, MEASURED_TOKENS, fresh=True)
        decode = self._timed(Segment(WORDS * 2), MEASURED_STEPS, batch=1)
        self.prefixes.drop()
        return {"prefill": prefill, "decode": decode}

    def _timed(self, segment: Segment, most: int, **how: Any) -> float:
        fed, started = 0, time.monotonic()

        def go_on(_token: int) -> bool:
            nonlocal fed
            fed += 1
            return self.wire.tick("load", fed, most) and fed < most and time.monotonic() - started < LONGEST_MEASURE

        self.engine.feed(segment, go_on, **{"fresh": False, **how})
        return fed / max(1e-6, time.monotonic() - started)


def _shared(segments: list[Segment], *, begun: bool) -> int:
    """How many segments come before the question, the last text of a person's."""
    people = [index for index, segment in enumerate(segments) if not segment.special]
    return people[-2 if begun and len(people) > 1 else -1] if people else 0


def _finish(reason: str, reading: Reading, prefill: float) -> dict[str, Any]:
    return {"reason": reason, "read": reading.read, "reused": reading.reused, "prefill_seconds": prefill}


if __name__ == "__main__":
    host_process.run(Gpt4AllSession)
