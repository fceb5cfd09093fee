"""A whole answer: from the slash command to the post, beside the engine's own time for as many tokens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from llm import header
from llm.base import Prompt
from llm.templates import ChatTemplate
from mmapp.chat.prompts import instructions
from tests.acceptance.processes import ROOT
from tests.bench.blocks import Block, interleave
from tests.bench.models import random_500m, smollm2
from tests.bench.site import LONG, Site, working
from tests.bench.table import Row

TOKENS, GRACE, LIMIT = 200, 1.0, 1.05
QUESTION = "Tell me a long story of a lighthouse keeper, from his first day to his last, with every detail."
TRIES = 10  # a model may end early; such an answer is no answer of 200 tokens
LOOK_EVERY = 0.01
AGAINST = "the bare engine's time for the same prompt and 200 tokens, on one thread, and 1 s"

Bare = Callable[[str], dict[str, float]]


def rows(folder: Path) -> Iterator[Row]:
    for name, path, rounds in (("random 500M", random_500m(), 3), ("SmolLM2", smollm2(), 5)):
        yield _row(folder / name.replace(" ", "-"), name, path, rounds)


def _row(folder: Path, name: str, path: Path, rounds: int) -> Row:
    site = Site(folder, {"measured": path})
    prompt = _prompt(path)
    read: dict[str, float] = {}
    with working(site, TOKENS, "--whole"), bare_engine(folder, path, TOKENS) as bare:

        def engine() -> Block:
            found = _full(lambda: bare(prompt))
            read["bare"] = found["read"]
            return [found["seconds"] + GRACE]

        def line() -> Block:
            found = _full(lambda: _asked(site))
            read["line"] = found["read"]
            return [found["seconds"]]

        value, baseline = interleave(rounds, engine, line).medians()
    if abs(read["line"] - read["bare"]) > 2:  # a mark's end and the text behind it may be one token
        raise AssertionError(f"not the same prompt was read: {read}")
    return Row(f"an answer of 200 tokens, {name}", value, "s", baseline, LIMIT, AGAINST)


def _prompt(path: Path) -> str:
    """What the model is told for the question outside threads, as one text."""
    prompt = Prompt(instructions("ai", messages=False), (), QUESTION)
    return "".join(segment.text for segment in ChatTemplate(header.read(path)).segments(prompt))


def _full(answer: Callable[[], dict[str, float]]) -> dict[str, float]:
    for _ in range(TRIES):
        found = answer()
        if found["written"] >= TOKENS:
            return found
    raise AssertionError(f"the model never writes {TOKENS} tokens")


def _asked(site: Site) -> dict[str, float]:
    before = len(site.bot_posts())
    started = time.perf_counter()
    site.ask(QUESTION)
    while len(site.bot_posts()) == before or not site.is_at_rest():
        if time.perf_counter() - started > LONG:
            raise AssertionError(f"no answer comes: {site.all_that_is_known()}")
        time.sleep(LOOK_EVERY)
    seconds = time.perf_counter() - started
    newest = max(site.messages("answer"), key=lambda message: message.created_at)
    return {"seconds": seconds, "read": newest.provenance["read"], "written": newest.provenance["written"]}


@contextmanager
def bare_engine(folder: Path, path: Path, tokens: int, module: str = "tests.bench.bare_engine") -> Iterator[Bare]:
    """An engine by itself, loaded: prompts in, and what answers of that many tokens took."""
    command = [sys.executable, "-m", module, str(path), str(tokens)]
    with (folder / "bare.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )

    def ask(prompt: str) -> dict[str, float]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(prompt) + "\n")
        process.stdin.flush()
        return dict(json.loads(process.stdout.readline()))

    try:
        ask("Hello")  # it is loaded when this returns
        yield ask
    finally:
        process.kill()
        process.communicate()
