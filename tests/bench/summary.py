"""What a summary costs: tokens, exactly, by a made model whose nodes are all of one length; the engine's share of its
time; the worker's memory; and quoting without a model."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llm.base import Chunk, Finish, Options, Prompt
from llm.gpt4all_model import Gpt4AllModel
from llm.lexrank import central
from mmapp import nodes
from mmapp.chat.numbered import Numbered
from mmapp.chat.read import Said
from mmapp.jobs import queue
from mmapp.models import ModelRecord
from tests.acceptance.processes import Process, eventually
from tests.bench import pss
from tests.bench.claim import idle
from tests.bench.fed import empty_line
from tests.bench.models import random_135m
from tests.bench.site import LONG, Site, working
from tests.bench.table import Row
from tests.line import Line
from tests.noting import READS, Kept, NotingModel, depth, post, posts, summed, tokens

FEW, MANY, NEW = 600, 5000, 10
WORLDS = range(1, 6)  # different posts; the costliest counts
MOST_TIMES, MOST_SHARE = 1.35, 0.03
LEAST_ENGINE, MOST_MB, MOST_SECONDS, ROUNDS = 0.9, 250, 2, 5
LOOK_EVERY = 0.02
LEAF = 3000  # tokens of a part where an engine reads it
SYLLABLES = [consonant + vowel for consonant in "bdklmnprst" for vowel in "aeiou"]  # two make a word
WORDS = 6  # of a message: some are like others, as those of people are
AGAINST_POSTS = "the tokens of the posts as they are told, with numbers, authors, times and marks of lines"
AGAINST_PATH = "a leaf's budget, and as many parents' budgets as the tree has levels above the leaves"


def rows(folder: Path) -> Iterator[Row]:
    yield from _counts()
    yield _engine_share(folder / "engine")
    yield _memory(folder / "memory")
    yield _quoting(folder / "quoting")


# Exact counts


def _counts() -> Iterator[Row]:
    for count in (FEW, MANY):
        worlds = [_World(count, seed) for seed in WORLDS]
        name = f"a summary of {count:,} posts"
        worst = max(worlds, key=lambda world: world.first / world.told)
        yield Row(f"tokens read, {name}", worst.first, "tokens", worst.told, MOST_TIMES, AGAINST_POSTS)
        again = max(world.again for world in worlds)
        yield Row(f"tokens read, {name} again", again, "tokens", worst.first, 0, "the first time")
        costly = max(worlds, key=lambda world: world.new)
        path = READS * (1 + costly.levels)
        yield Row(f"tokens read, {name} and ten new ones", costly.new, "tokens", path, 1, AGAINST_PATH)
    yield Row(
        "tokens read, ten new posts beside all 5,010", costly.new, "tokens", costly.first, MOST_SHARE, "the first time"
    )


class _World:
    """Tokens of so many posts, and of their summary: the first, the same again, and with ten new posts."""

    def __init__(self, count: int, seed: int) -> None:
        given, kept = posts(count, seed), Kept()
        self.told = sum(len(text.split()) for text in Numbered(given, "UTC").texts)
        self.first = _read(given, kept)
        self.again = _read(given, kept)
        self.new = _read([*given, *(post(count + number, seed=0) for number in range(NEW))], kept)
        self.levels = depth(given)


def _read(given: list[Said], kept: Kept) -> int:
    model = NotingModel()
    summed(given, model, kept)
    return sum(map(tokens, model.history))


# Time


def _engine_share(folder: Path) -> Row:
    """Its lines are nonsense, so each node is quoted as well: more than most summaries cost beside the engine."""
    with empty_line(folder, {"random": random_135m()}, window=8192) as line, _finishes() as finishes:
        _talk(line, FEW)
        _warm(line)
        line.say(line.ann, "summarize channel --since 24h")
        while line.step("admit"):
            pass
        started = time.perf_counter()
        while line.step(queue.model_queue("random")):
            pass
        seconds = time.perf_counter() - started
        _require(line.jobs("failed") == 0 and len(finishes) > 1, "the summary is not made")
    engine = sum(finish.prefill_seconds + finish.decode_seconds for finish in finishes)
    against = (
        f"the whole job's time: {len(finishes)} nodes, each line held against the posts, and quoted, as none holds"
    )
    return Row("engine's time of a summary of 600 posts", engine, "s", seconds, LEAST_ENGINE, against, least=True)


def _talk(line: Line, count: int) -> None:
    people = (line.ann, line.bob, line.carol)
    for number in range(count):
        line.playground.post_as(people[number % len(people)], line.town, said(number))


def said(number: int) -> str:
    """What one of many messages says."""
    chance = random.Random(number)
    return " ".join("".join(chance.choices(SYLLABLES, k=2)) for _ in range(WORDS))


def _warm(line: Line) -> None:
    for _ in line.worker.registry.resolve("random").probe():
        pass
    with line.worker.database.write() as session:
        record = session.get_one(ModelRecord, "random")
        record.prefill, record.leaf_tokens = 100.0, LEAF


@contextmanager
def _finishes() -> Iterator[list[Finish]]:
    """How all answers end from now on."""
    seen: list[Finish] = []
    original = Gpt4AllModel.generate

    def generate(self: Gpt4AllModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        for chunk in original(self, prompt, options):
            seen.extend([chunk.finish] if chunk.finish else [])
            yield chunk

    Gpt4AllModel.generate = generate  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Gpt4AllModel.generate = original  # type: ignore[method-assign]


# Memory, and quoting


def _memory(folder: Path) -> Row:
    notes = "".join(f"- {said(number)} [{number + 1}]\n" for number in range(8))
    site = Site(folder, {}, script=[{"answer": notes}])
    with working(site, 800, "--scripted") as worker:
        _fill(site, MANY)
        before = pss.of_processes([worker.pid])
        with _peak(worker) as peak:
            _summarised(site, "", MANY)
    against = "the same worker's before it"
    return Row(
        "PSS of a worker, 5,000 posts, at its highest", max(peak), "MB", before, MOST_MB, against, limited="value"
    )


@contextmanager
def _peak(process: Process) -> Iterator[list[float]]:
    """What a process takes, looked at again and again, in MB."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            seen.append(pss.of_processes([process.pid]))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _quoting(folder: Path) -> Row:
    with Site(folder, {}) as site, site.web(), idle(site):
        _fill(site, FEW)
        seconds = [_summarised(site, "--model quotes", FEW) for _ in range(ROUNDS)]
    started = time.perf_counter()
    central([said(number) for number in range(FEW)], 8)
    alone = time.perf_counter() - started
    against = "LexRank of the same posts by itself"
    value = statistics.median(seconds)
    return Row("a summary of 600 posts in quotations", value, "s", alone, MOST_SECONDS, against, limited="value")


def _fill(site: Site, count: int) -> None:
    people = [site.ann, *site.people(6)]
    for number in range(count):
        site.playground.post_as(people[number % len(people)], site.town, said(number))


def _summarised(site: Site, flags: str, count: int) -> float:
    """Seconds from the command to the summary in its post; no part of it is known before."""
    with site.database.write() as session:
        nodes.drop_all(session)
    before, started = len(site.messages("answer")), time.perf_counter()
    site.playground.slash(site.ann, site.town, f"/ai summarize channel --since 24h {flags}")

    def is_there() -> bool:
        return len(site.messages("answer")) > before and site.is_at_rest()

    eventually(is_there, "no summary comes", within=LONG, every=LOOK_EVERY)
    seconds = time.perf_counter() - started
    _require(f"{count:,} of {count:,} messages read" in site.bot_posts()[-1]["message"], "not everything was read")
    return seconds


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
