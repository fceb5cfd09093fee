"""A worker that ends itself, as a power cut would, at one point of a request.

    python -m tests.acceptance.crashing_worker POINT [--pause] [--settle SECONDS] [--attempts N] [--gate FILE] [--tokens N]

It is the real worker, but for the point; with "never" it is a real worker throughout. It beats, reaps and tries again
sooner, and its models folder may hold scripts. `--pause`: it stops itself (SIGSTOP) there, and goes on at SIGCONT.
`--settle`: what queue.SETTLE is for it, `--attempts` what queue.MAX_ATTEMPTS is. `--gate`: no model writes before this
file exists. `--tokens`: what a real model may write at most.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from llm.base import Chunk, Options, Prompt
from llm.registry import Registry
from llm.scripted import ScriptedModel
from mmapp import config, logs
from mmapp.chat import read
from mmapp.db import Database
from mmapp.jobs import answer, lanes, lease, queue, summarize, worker
from mmapp.mattermost.client import Client

SAVED_WORDS = 3
LOST_WORDS = 2
_ways = [signal.SIGKILL]
_writing = threading.RLock()


def die() -> None:
    """End, or stop once, this very process: nothing of it runs on, no `finally`, no `atexit`.

    It does not fall asleep inside a write of another thread: on SQLite that would lock everybody out while it sleeps.
    """
    if _ways:
        way = _ways.pop()
        with _writing if way == signal.SIGSTOP else nullcontext():
            os.kill(os.getpid(), way)


def _one_write_at_a_time() -> None:
    original = Database.write

    @contextmanager
    def write(self: Database) -> Iterator[Session]:
        with _writing, original(self) as session:
            yield session

    Database.write = write  # type: ignore[method-assign]


def _before(owner: Any, name: str) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        die()
        return original(*args, **kwargs)

    setattr(owner, name, wrapped)


def _after(owner: Any, name: str, when: Callable[..., bool] = lambda *_args, **_kwargs: True) -> None:
    """`when` is asked with the result and the arguments."""
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if when(result, *args, **kwargs):
            die()
        return result

    setattr(owner, name, wrapped)


def _after_claim(kind: str) -> None:
    _after(queue, "claim", lambda claimed, *_args: claimed is not None and claimed.kind == kind)


def _before_commit(kind: str) -> None:
    """Everything is written, and nothing committed: `finish` is the last statement of each kind's transaction."""
    _after(queue, "finish", lambda _result, _session, claimed, *_args: claimed.kind == kind)


def _after_commit(kind: str) -> None:
    original = lanes.KINDS[kind]

    def wrapped(*args: Any) -> None:
        original(*args)
        die()

    lanes.KINDS[kind] = wrapped


def _before_first_token() -> None:
    _while_writing(lambda _chunk: True)


def _in_its_middle() -> None:
    """Some words after a heartbeat has saved some: these are on the disk, those are lost with the process."""
    saved: list[str] = []
    _after(queue, "heartbeat", lambda *args: _keep(saved, args))
    lost: list[str] = []

    def enough(chunk: Chunk) -> bool:
        if saved:
            lost.append(chunk.text)
        return len(lost) > LOST_WORDS

    _while_writing(enough)


def _keep(saved: list[str], args: tuple[Any, ...]) -> bool:
    words = args[-1]
    if isinstance(words, str) and len(words.split()) >= SAVED_WORDS:
        saved.append(words)
    return False


def _while_writing(when: Callable[[Chunk], bool]) -> None:
    original = ScriptedModel.generate

    def generate(self: ScriptedModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        for chunk in original(self, prompt, options):
            if chunk.text and when(chunk):
                die()
            yield chunk

    ScriptedModel.generate = generate  # type: ignore[method-assign]


POINTS: dict[str, Callable[[], None]] = {
    "never": lambda: None,
    "admission: after its claim": lambda: _after_claim("admit"),
    "admission: after asking Mattermost, before its commit": lambda: _before_commit("admit"),
    "admission: after its commit": lambda: _after_commit("admit"),
    "answer: after its claim": lambda: _after_claim("answer"),
    "answer: after reading the thread": lambda: _after(read, "source"),
    "answer: before the first token": _before_first_token,
    "answer: in its middle, after words were saved": _in_its_middle,
    "answer: after the last token, before its commit": lambda: _before_commit("answer"),
    "answer: after its commit": lambda: _after_commit("answer"),
    "summary: after its claim": lambda: _after_claim("summarize"),
    "summary: after all was read": lambda: _after(read, "source"),
    "summary: while a part is written": _before_first_token,
    "summary: after a part was written, before it was kept": lambda: _before(summarize, "_checkpoint"),
    "summary: after a part was kept": lambda: _after(summarize, "_checkpoint"),
    "summary: after the last part, before its commit": lambda: _before_commit("summarize"),
    "summary: after its commit": lambda: _after_commit("summarize"),
    "delivery: after its claim": lambda: _after_claim("post"),
    "delivery: before the post is asked for": lambda: _before(Client, "create_post"),
    "delivery: after the post was made, before we know": lambda: _after(Client, "create_post"),
    "delivery: after the post was read back, before its commit": lambda: _before_commit("post"),
}


def _gated(gate: Path) -> None:
    """Models live and tick, and write nothing before the gate is open."""
    original = ScriptedModel.generate

    def generate(self: ScriptedModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        while not gate.exists():
            time.sleep(0.05)
            yield Chunk(stage="read")
        yield from original(self, prompt, options)

    ScriptedModel.generate = generate  # type: ignore[method-assign]


def main() -> None:
    """Work until SIGTERM, or until the point."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("point", choices=POINTS)
    options.add_argument("--pause", action="store_true")
    options.add_argument("--settle", type=float)
    options.add_argument("--attempts", type=int, default=queue.MAX_ATTEMPTS)
    options.add_argument("--gate", type=Path)
    options.add_argument("--tokens", type=int, default=answer.OPTIONS.max_tokens)
    chosen = options.parse_args()
    _ways[:] = [signal.SIGSTOP if chosen.pause else signal.SIGKILL]
    worker.REAP_EVERY, worker.RETRY_EVERY, worker.LIST_EVERY, lanes.BACK_OFF = 0.25, 0.5, 1.0, (0.5, 1.0, 2.0)
    lease.OFTEN = 0.4
    answer.OPTIONS = replace(answer.OPTIONS, max_tokens=chosen.tokens)
    queue.MAX_ATTEMPTS = chosen.attempts
    if chosen.settle is not None:
        queue.SETTLE = timedelta(seconds=chosen.settle)
    if chosen.gate:
        _gated(chosen.gate)
    if chosen.pause:
        _one_write_at_a_time()
    POINTS[chosen.point]()
    settings = config.load(_env_file=None)
    logs.configure(settings.log_level)
    registry = Registry(settings.models_dir, threads=1, window=2048, states_mb=0, scripted=True)
    worker.run(settings, registry)


if __name__ == "__main__":
    main()
