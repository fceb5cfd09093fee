"""`flask worker --models a,b`: workers that share a folder and serve different models of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from llm.registry import Registry
from llm.scripted import ScriptedModel
from mmapp.errors import ConfigError
from mmapp.jobs import engines, lanes, queue, worker
from mmapp.jobs.base import Worker
from mmapp.models import ModelRecord
from tests import gguf_files
from tests.line import Line


@pytest.fixture
def line(database_url: str, age: str, tmp_path: Path) -> Iterator[Line]:
    """Two models, `small` and `large`; the line's own worker serves the small one alone."""
    models = (ScriptedModel(name="small"), ScriptedModel(name="large"))
    with Line(database_url, tmp_path / "models", *models, age=age) as running:
        running.worker.registry.only = frozenset({"small"})
        engines.list_models(running.worker)
        yield running


@pytest.fixture
def other(line: Line) -> Worker:
    """The worker of the large one."""
    registry = Registry(
        line.settings.models_dir, threads=1, window=2048, states_mb=0, extra=line.worker.registry.extra.values(),
        only=["large"],
    )  # fmt: skip
    found = Worker(line.settings, line.worker.database, line.worker.bots, line.worker.me, registry)
    engines.list_models(found)
    return found


def records(line: Line) -> dict[str, bool]:
    """The models that people can ask, and whether each is the default."""
    with line.worker.database.read() as session:
        return {one.name: one.is_default for one in session.scalars(select(ModelRecord))}


def model(line: Line, name: str) -> ScriptedModel:
    found = line.worker.registry.extra[name]
    assert isinstance(found, ScriptedModel)
    return found


def test_each_lists_its_own_and_leaves_the_others(line: Line, other: Worker) -> None:
    for _ in range(2):
        engines.list_models(line.worker)
        engines.list_models(other)
    assert records(line).keys() >= {"small", "large"}
    assert list(line.worker.models) == ["small"]
    assert list(other.models) == ["large"]


def test_they_agree_on_the_default(line: Line, other: Worker) -> None:
    engines.list_models(line.worker)
    engines.list_models(other)
    assert [name for name, is_default in records(line).items() if is_default] == ["small"]


def test_a_question_waits_for_the_worker_that_has_its_model(line: Line, other: Worker) -> None:
    model(line, "large").enqueue("Because.")
    line.say(line.ann, "ask --model large Why?")
    line.step("admit")
    engines.list_models(line.worker)  # which must not take the question for one that nobody can answer
    mine = [*line.worker.lane(heavy=True), *line.worker.lane(heavy=False), queue.ORPHANS]
    assert line.claim(*mine) is None
    claimed = line.claim(*other.lane(heavy=True))
    assert claimed
    lanes.do(other, claimed)
    line.settle()
    assert "Because." in line.answers()[0]


def test_a_name_that_is_not_there_is_told_at_the_start(line: Line) -> None:
    folder = line.settings.models_dir
    folder.mkdir(exist_ok=True)
    gguf_files.copier(folder / "copier.gguf")
    worker.require_models(line.settings, ("Copier", "quotes"))
    with pytest.raises(ConfigError, match="cannot serve copyer: the models folder has copier, quotes"):
        worker.require_models(line.settings, ("copier", "copyer"))
