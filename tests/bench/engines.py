"""Engines: what Chorus adds to each one's bare client, to loading, and to going from one loaded model to another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import openai

from llm import header
from llm.base import Model, Options, Prompt
from llm.describe import ENGINES
from llm.registry import Registry
from llm.templates import ChatTemplate, messages
from tests.bench.answer import bare_engine
from tests.bench.bare_engine import THREADS, WINDOW
from tests.bench.blocks import Block, interleave, median
from tests.bench.models import random_135m, random_500m
from tests.bench.table import Row
from tests.bench.worker import TEMPERATURE
from tests.endpoint import KEY, LlamaCpp

TOKENS, ROUNDS = 200, 7
LOADS, SWITCHES = 5, 20
LIMIT, LOAD_LIMIT, SWITCH_LIMIT = 1.03, 1.5, 50.0
BARE = {"gpt4all": "tests.bench.bare_engine", "llamacpp": "tests.bench.bare_llamacpp"}
OPTIONS, FIRST = Options(max_tokens=TOKENS, temperature=TEMPERATURE), Options(max_tokens=1, temperature=0.0)
LONG = "the pump of hall seven was checked on monday and all is well; " * 70

_NUMBERS = count(1)


def rows(folder: Path) -> Iterator[Row]:
    folder.mkdir(parents=True)
    for engine in ENGINES:
        yield _answer(folder, engine)
    yield _endpoint()
    for engine in ENGINES:
        yield _load(folder, engine)
    yield _switch(folder)
    yield _prefill()


def _answer(folder: Path, engine: str) -> Row:
    path = random_135m()
    template = ChatTemplate(header.read(path))
    with closing(_opened(engine, path)) as model, bare_engine(folder, path, TOKENS, BARE[engine]) as bare:
        list(model.generate(_prompt(), FIRST))

        def direct() -> Block:
            return [bare("".join(each.text for each in template.segments(_prompt())))["seconds"]]

        value, baseline = interleave(ROUNDS, direct, lambda: [_seconds(model, _prompt(), OPTIONS)]).medians()
    against = f"the same prompt and as many tokens, asked of {engine} by its own means in a process of its own"
    return Row(f"200 tokens by {engine}", value, "s", baseline, LIMIT, against)


def _endpoint() -> Row:
    with LlamaCpp(random_135m()) as server:
        model = server.opened(window=WINDOW)
        client = openai.OpenAI(api_key=KEY, base_url=server.url)
        list(model.generate(_prompt(), FIRST))

        def direct() -> Block:
            chat = [
                {"role": each.role, "content": "".join(each.texts)} for each in messages(_prompt(), system_role=True)
            ]
            started = time.perf_counter()
            asked = {"max_tokens": TOKENS, "temperature": TEMPERATURE, "stream_options": {"include_usage": True}}
            list(client.chat.completions.create(model=str(server.model), messages=chat, stream=True, **asked))  # type: ignore[call-overload]
            return [time.perf_counter() - started]

        value, baseline = interleave(ROUNDS, direct, lambda: [_seconds(model, _prompt(), OPTIONS)]).medians()
        client.close()
    against = "the same prompt and as many tokens, asked of the same endpoint by the bare client of openai"
    return Row("200 tokens by an endpoint", value, "s", baseline, LIMIT, against)


def _load(folder: Path, engine: str) -> Row:
    path = random_500m()
    with closing(_opened(engine, path)) as model:
        list(model.generate(_prompt(), FIRST))  # its checksum is known from then on, as it is in a worker

        def direct() -> Block:
            started = time.perf_counter()
            with bare_engine(folder, path, 1, BARE[engine]):
                return [time.perf_counter() - started]

        def on_demand() -> Block:
            model.close()
            return [_seconds(model, Prompt("", (), "Hello"), FIRST)]

        value, baseline = interleave(LOADS, direct, on_demand).medians()
    against = f"{engine} by its own means: a process, the file loaded, one token"
    return Row(f"load on demand, {engine}", value, "s", baseline, LOAD_LIMIT, against)


def _switch(folder: Path) -> Row:
    models = folder / "two"
    models.mkdir()
    for name in ("a", "b"):
        (models / f"{name}.gguf").symlink_to(random_135m())
    with closing(Registry(models, threads=THREADS, window=WINDOW, states_mb=64)) as registry:
        for name in ("a", "b"):
            list(registry.resolve(name).generate(_prompt(), FIRST))

        def first(name: str) -> float:
            started = time.perf_counter()
            list(registry.resolve(name).generate(Prompt("", (), f"Hello {next(_NUMBERS):04}"), FIRST))
            return 1000 * (time.perf_counter() - started)

        names = [*"abab" * (SWITCHES // 4)]
        switched = interleave(1, lambda: [first("a") for _ in names], lambda: [first(name) for name in names]).medians()
    value, baseline = switched
    return Row(
        "switching between two loaded models", value - baseline, "ms", baseline, SWITCH_LIMIT,
        "an answer of one token by the model that has answered last; the value is what another one takes beyond that", "value",
    )  # fmt: skip


def _prefill() -> Row:
    found = {}
    for engine in ENGINES:
        with closing(_opened(engine, random_135m())) as model:
            list(model.generate(_prompt(), FIRST))
            found[engine] = median(_reads(model) for _ in range(3))
    against = "GPT4All on the same file and the same 1,000 tokens, one thread each"
    return Row("prefill, llamacpp beside gpt4all", found["llamacpp"], "tokens/s", found["gpt4all"], None, against)


def _reads(model: Model) -> float:
    prompt = Prompt(f"{next(_NUMBERS):04}", (), LONG)
    finish = next(chunk.finish for chunk in model.generate(prompt, FIRST) if chunk.finish)
    return finish.read / finish.prefill_seconds


def _opened(engine: str, path: Path) -> Model:
    return ENGINES[engine](path, name=engine, threads=THREADS, window=WINDOW, states_mb=64)


def _prompt() -> Prompt:
    """Another beginning each time, of as many tokens: nothing of it is known."""
    return Prompt(f"Round {next(_NUMBERS):04}: be brief.", (), "Tell me a long story of a lighthouse keeper.")


def _seconds(model: Model, prompt: Prompt, options: Options) -> float:
    started = time.perf_counter()
    list(model.generate(prompt, options))
    return time.perf_counter() - started
