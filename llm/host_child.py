"""The process that one loaded model lives in: an abort of the engine ends it, and nothing else.

    python -m llm.host_child        (started by host.py, which speaks JSON lines with it over stdin and stdout)

It goes with its parent: at the end of stdin, or when its parent is another process. (PR_SET_PDEATHSIG would fire when
the parent's *thread* ends that started it, and lanes start models from threads.)
"""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from llm import checksum, header, machine, supported
from llm.base import (
    EmptyAnswer,
    EngineFault,
    ModelBroken,
    ModelError,
    NotApproved,
    Options,
    Prompt,
    PromptTooLong,
    Turn,
)
from llm.engine import LIBRARIES, Engine
from llm.header import CONTROL, USER_DEFINED, Header
from llm.host_wire import Wire
from llm.prefixes import MARGIN, Controls, Prefixes, Reading
from llm.templates import Chat, ChatTemplate, Segment
from llm.texts import harmless
from llm.vocabulary import Vocabulary
from llm.writing import Writing

ORPHANED = 1.0
WORDS = "the pump of hall seven was checked on monday and all is well; "
MEASURED_TOKENS, MEASURED_STEPS, LONGEST_MEASURE = 256, 16, 2.5


class Session:
    """A loaded model and what it has read."""

    def __init__(self, wire: Wire, request: dict[str, Any]) -> None:
        started = time.monotonic()
        path = Path(request["path"])
        head = header.read(path)
        supported.check(head)
        self.wire = wire
        self.identity = checksum.identify(path, checksum.Identity.known(request["known"]), partial(wire.tick, "load"))
        if request["approved"] is not None and self.identity.sha256 not in request["approved"]:
            raise NotApproved
        self.template = ChatTemplate(head, **Chat(**request["chat"]).meant_for(self.identity.sha256))
        left = min(machine.memory_left(), request["memory"])
        self.n_ctx = machine.window(head, self.identity.size, request["n_ctx"], left)
        self.engine = Engine(path, self.n_ctx, request["threads"], machine.bytes_a_token(head))
        if not self.identity.still(path.stat()):
            raise ModelBroken("its file was changed while it was loaded")
        controls = frozenset(_ids(head, lambda text, kind: kind == CONTROL or not harmless(text)))
        # A role's mark in an answer begins another's turn; other USER_DEFINED tokens (Gemma's `<table>`) are words.
        self.ends = frozenset(_ids(head, lambda text, kind: kind == CONTROL or text in self.template.roles))
        self.prefixes = Prefixes(
            self.engine,
            Vocabulary(path, LIBRARIES),
            self.n_ctx,
            request["states_bytes"],
            Controls(controls, head.adds_bos),
        )
        self._probe()
        self.load_seconds = time.monotonic() - started

    def _probe(self) -> None:
        """One token in, one out: too little memory shows in nothing else."""
        if not self.engine.feed(Segment("Hello"), lambda _token: True, fresh=True) or not self.engine.n_past:
            raise ModelBroken("the engine read nothing")
        self.engine.write(Options(max_tokens=1, temperature=0.0), lambda _token, _piece: True)
        self.prefixes.drop()

    def ready(self, _request: dict[str, Any]) -> dict[str, Any]:
        """What the parent may know of the loaded model."""
        return {"n_ctx": self.n_ctx, "load_seconds": self.load_seconds, "identity": self.identity.fields()}

    def size(self, request: dict[str, Any]) -> dict[str, Any]:
        """How many tokens a prompt has, how many of them are known, and how many each turn takes by itself."""
        prompt, vocabulary = _prompt(request["prompt"]), self.prefixes.vocabulary
        segments = self.template.segments(prompt)
        turns = [Segment(self.template.escape(turn.text)) for turn in prompt.turns]
        return {
            "tokens": vocabulary.count(self._watched(segments)),
            "known": self.prefixes.known(segments),
            "turns": [vocabulary.count([turn], 0) for turn in self._watched(turns)],
            "window": self.n_ctx - MARGIN - request["options"]["max_tokens"],
        }

    def _watched(self, items: Sequence[Any]) -> Iterator[Any]:
        """One after the other, with signs of life; ends early where nobody waits any more."""
        for number, item in enumerate(items):
            if not self.wire.tick("read", number, len(items)):
                return
            yield item

    def forget(self, request: dict[str, Any]) -> dict[str, Any]:
        """Drop what holds one of these texts."""
        return {"dropped": self.prefixes.forget(map(self.template.escape, request["texts"]))}

    def memory(self, _request: dict[str, Any]) -> dict[str, Any]:
        """Bytes of the states that are kept aside."""
        return {"states": self.prefixes.kept}

    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read a prompt and write the answer; its text goes out while it is written."""
        prompt = _prompt(request["prompt"])
        options = Options(**request["options"] | {"stop": (*request["options"]["stop"], *self.template.stops)})
        segments = self.template.segments(prompt)
        shared = _shared(segments, begun=bool(self.template.escape(prompt.begun)))
        started = time.monotonic()
        reading = self.prefixes.read(segments, options.max_tokens, shared, self._reading)
        prefill = time.monotonic() - started
        if not reading.whole:
            return _finish("cancelled", reading, prefill)
        return self._write(prompt, options, reading, prefill, shared)

    def _reading(self, done: int, of: int) -> bool:
        return self.wire.tick("read", done, of)

    def _write(self, prompt: Prompt, options: Options, reading: Reading, prefill: float, shared: int) -> dict[str, Any]:
        writing = Writing(options.stop, self.ends, lambda text: self.wire.send("text", text=text))

        def on_token(token: int, piece: bytes) -> bool:
            return writing.add(token, piece) and self.wire.tick("write", writing.tokens, options.max_tokens)

        started, start = time.monotonic(), self.engine.n_past
        try:
            self.engine.write(options, on_token)
        except EngineFault:
            self.prefixes.drop()
            raise
        cancelled = self.wire.id in self.wire.cancelled
        writing.end()
        self._remember(writing, start, shared)
        reason = "cancelled" if cancelled else _reason(writing, options)
        if reason == "stop" and not (writing.text.strip() or prompt.begun.strip()):
            raise EmptyAnswer
        seconds = time.monotonic() - started
        return _finish(reason, reading, prefill) | {
            "written": writing.tokens, "decode_seconds": seconds, "keep": writing.keep
        }  # fmt: skip

    def _remember(self, writing: Writing, start: int, shared: int) -> None:
        """The raw answer is a segment too, where its text is exactly what the tokens say."""
        ids = self.engine.ids(start)[: writing.tokens]
        if writing.text and not writing.cut and ids == writing.runs.ids:
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


def _ids(head: Header, wanted: Callable[[str, int], bool]) -> Iterator[int]:
    """The ids of those CONTROL and USER_DEFINED tokens whose text and type are wanted."""
    for number, (text, kind) in enumerate(zip(head.tokens, head.token_types, strict=False)):
        if kind in (CONTROL, USER_DEFINED) and wanted(text.decode("utf-8", "replace"), kind):
            yield number


def _prompt(fields: dict[str, Any]) -> Prompt:
    return Prompt(**fields | {"turns": tuple(Turn(**turn) for turn in fields["turns"])})


def _shared(segments: list[Segment], *, begun: bool) -> int:
    """How many segments come before the question, the last text of a person's."""
    people = [index for index, segment in enumerate(segments) if not segment.special]
    return people[-2 if begun and len(people) > 1 else -1] if people else 0


def _reason(writing: Writing, options: Options) -> str:
    if writing.reason == "repeat":
        return "repeat"
    return "length" if writing.tokens >= options.max_tokens and not writing.cut else "stop"


def _finish(reason: str, reading: Reading, prefill: float) -> dict[str, Any]:
    return {"reason": reason, "read": reading.read, "reused": reading.reused, "prefill_seconds": prefill}


def _attempt(wire: Wire, work: Callable[[], dict[str, Any]]) -> bool:
    try:
        result = work()
    except PromptTooLong as error:
        wire.send("error", kind="PromptTooLong", tokens=error.tokens, window=error.window)
    except ModelError as error:
        wire.send("error", kind=type(error).__name__, detail=error.detail)
    except MemoryError:
        wire.send("error", kind="OutOfMemory", detail="the model's process ran out of memory")
    else:
        wire.send("done", **result)
        return True
    return False


def serve(wire: Wire) -> None:
    """Load the model of the first request, then answer the others one after the other, for ever."""
    request = wire.next()
    sessions: list[Session] = []

    def load() -> dict[str, Any]:
        sessions.append(Session(wire, request))
        return sessions[0].ready(request)

    if not _attempt(wire, load):
        return
    session = sessions[0]
    verbs = {
        "generate": session.generate, "measure": session.measure, "size": session.size, "forget": session.forget,
        "memory": session.memory,
    }  # fmt: skip
    while True:
        asked = wire.next()
        verb = verbs[asked["op"]]
        _attempt(wire, lambda verb=verb, asked=asked: verb(asked))  # type: ignore[misc]  # mypy infers no lambda with defaults
        wire.cancelled.discard(wire.id)


def leave_with(parent: int) -> None:
    """End when the parent has gone: a copy of its pipe in some fork would keep stdin open."""
    while os.getppid() == parent:
        time.sleep(ORPHANED)
    os._exit(0)


def main() -> None:
    """Set the process up so that the engine's own chatter never reaches the protocol, and serve."""
    parent = os.getppid()
    requests, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold people's words
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the whole group; the parent decides when this one ends
        signal.signal(number, signal.SIG_IGN)
    os.environ["PATH"] = os.devnull  # an aborting engine starts gdb for a backtrace, which would show them as well
    wire = Wire(requests, out)
    for work in (wire.listen, lambda: leave_with(parent)):
        threading.Thread(target=work, daemon=True).start()
    serve(wire)


if __name__ == "__main__":
    main()
