"""Loaded models share a budget: the one used longest ago goes, one that answers stays, what cannot fit is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm import header, machine
from llm.base import Options, OutOfMemory, Speed
from llm.gpt4all_model import Gpt4AllModel
from llm.memory import Memory, Need, need
from llm.registry import MEGABYTE, Registry
from tests.unit.llm.asking import ask, thread

GB = 10**9
QUESTION = thread("bob: the code is 4711")


class Tenant:
    """A model that takes memory from when it is admitted until it is closed."""

    def __init__(self, memory: Memory, least: int, wanted: int = 0, states: int = 0) -> None:
        self.memory, self.need = memory, Need(least, max(least, wanted), states)
        self.loaded = self.busy = False

    def load(self) -> int:
        granted = self.memory.admit(self, self.need)
        self.loaded = True
        return granted

    def close(self) -> None:
        self.loaded = False


def test_models_stay_while_they_fit() -> None:
    memory = Memory(10 * GB)
    tenants = [Tenant(memory, 3 * GB) for _ in range(3)]
    for tenant in tenants:
        tenant.load()
    assert [tenant.loaded for tenant in tenants] == [True, True, True]


def test_the_one_used_longest_ago_makes_room_and_no_more_than_needed() -> None:
    memory = Memory(10 * GB)
    first, second, third, fourth = (Tenant(memory, 3 * GB) for _ in range(4))
    for tenant in (first, second, third):
        tenant.load()
    memory.used(first)
    fourth.load()
    assert [tenant.loaded for tenant in (first, second, third, fourth)] == [True, False, True, True]


def test_a_large_one_has_all_others_go() -> None:
    memory = Memory(10 * GB)
    small = [Tenant(memory, 2 * GB) for _ in range(4)]
    for tenant in small:
        tenant.load()
    Tenant(memory, 9 * GB).load()
    assert not any(tenant.loaded for tenant in small)


def test_one_that_answers_never_goes_and_what_does_not_fit_beside_it_is_refused() -> None:
    memory = Memory(10 * GB)
    answering = Tenant(memory, 6 * GB)
    answering.load()
    answering.busy = True
    with pytest.raises(
        OutOfMemory, match=r"it needs about 5\.0 GB, and 4\.0 GB are left beside models that are answering"
    ):
        Tenant(memory, 5 * GB).load()
    assert answering.loaded


def test_what_cannot_fit_even_alone_is_refused_and_nobody_goes_for_it() -> None:
    memory = Memory(int(3.2 * GB))
    loaded = Tenant(memory, 2 * GB)
    loaded.load()
    with pytest.raises(
        OutOfMemory, match=r"it needs about 5\.1 GB, and models may use 3\.2 GB here \(CHORUS_MEMORY_MB\)"
    ):
        Tenant(memory, int(5.1 * GB)).load()
    assert loaded.loaded


def test_a_window_shrinks_before_a_model_is_refused() -> None:
    assert Tenant(Memory(4 * GB), 2 * GB, wanted=6 * GB).load() == 4 * GB


def test_states_have_their_room_beside_the_window() -> None:
    memory = Memory(10 * GB)
    assert Tenant(memory, 2 * GB, wanted=3 * GB, states=GB).load() == 3 * GB
    assert Tenant(memory, 2 * GB, wanted=3 * GB, states=GB).load() == 3 * GB
    third = Tenant(memory, 2 * GB, wanted=3 * GB, states=GB)
    assert third.load() == 3 * GB
    assert sum(tenant.loaded for tenant in memory._taken) == 2


def test_one_that_died_takes_nothing() -> None:
    memory = Memory(4 * GB)
    dead, other = Tenant(memory, 3 * GB), Tenant(memory, 3 * GB)
    dead.load()
    dead.close()
    other.load()
    assert other.loaded


def test_the_need_is_weights_buffers_and_the_window(copier_path: Path) -> None:
    head, size = header.read(copier_path), copier_path.stat().st_size
    found = need(head, size, 4096)
    assert found.wanted == size + machine.COMPUTE_BYTES + 4096 * machine.bytes_a_token(head)
    assert found.wanted - found.least == (4096 - 512) * machine.bytes_a_token(head)
    assert need(head, size, 1 << 20).wanted == need(head, size, head.context_length).wanted


# Real files


@pytest.fixture
def folder(copier_path: Path, tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        shutil.copy(copier_path, tmp_path / f"{name}.gguf")
    return tmp_path


@pytest.fixture
def registry(folder: Path) -> Iterator[Registry]:
    """With room for two of its three models."""
    one = next(info.memory for info in Registry(folder, threads=1, window=1024, states_mb=0).infos())
    opened = Registry(folder, threads=1, window=1024, states_mb=0, memory_mb=int(one * 2.5) // MEGABYTE)
    yield opened
    opened.close()


def opened(registry: Registry, name: str) -> Gpt4AllModel:
    found = registry.resolve(name)
    assert isinstance(found, Gpt4AllModel)
    return found


def test_files_are_loaded_when_they_are_asked_and_kept_while_they_fit(registry: Registry) -> None:
    models = [opened(registry, name) for name in ("a", "b", "c")]
    assert [model.loaded for model in models] == [False, False, False]
    for model in models:
        assert ask(model, QUESTION).text == " 4711"
    assert [model.warm for model in models] == [False, True, True]
    assert ask(models[0], QUESTION).text == " 4711"
    assert [model.warm for model in models] == [True, False, True]


def test_a_model_that_is_answering_is_not_ended_for_another(registry: Registry) -> None:
    a, b, c = (opened(registry, name) for name in ("a", "b", "c"))
    ask(b, QUESTION)
    chunks = a.generate(thread("bob: the code is " + "4711 " * 40), Options(max_tokens=100, temperature=0.0))
    next(chunk for chunk in chunks if chunk.text)
    ask(b, QUESTION)
    ask(c, QUESTION)  # a is the one used longest ago, and answers
    assert [model.loaded for model in (a, b, c)] == [True, False, True]
    assert "4711" in "".join(chunk.text for chunk in chunks)


def test_what_cannot_fit_is_listed_with_the_figures_and_no_process_is_started_for_it(folder: Path) -> None:
    registry = Registry(folder, threads=1, window=1024, states_mb=0, memory_mb=100)
    assert registry.infos()[0].fault == "it needs about 0.2 GB, and models may use 0.1 GB here (CHORUS_MEMORY_MB)"
    assert registry.default_name() == "quotes"
    model = opened(registry, "a")
    with pytest.raises(OutOfMemory):
        ask(model, QUESTION)
    assert model.host.pid is None


def test_a_small_budget_gives_a_small_window(folder: Path, copier_path: Path) -> None:
    head, size = header.read(copier_path), copier_path.stat().st_size
    budget = need(head, size, 600).wanted // MEGABYTE + 1
    registry = Registry(folder, threads=1, window=8192, states_mb=0, memory_mb=budget)
    model = opened(registry, "a")
    assert ask(model, QUESTION).text == " 4711"
    assert 512 <= model.n_ctx < 8192
    registry.close()


def test_a_probe_tells_what_the_process_really_takes(copier: Gpt4AllModel) -> None:
    speed = next(step for step in copier.probe() if isinstance(step, Speed))
    assert (
        copier.path.stat().st_size
        < speed.memory
        < need(header.read(copier.path), copier.path.stat().st_size, 4096).wanted
    )
