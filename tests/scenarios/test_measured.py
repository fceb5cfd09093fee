"""What a model does on a machine is measured once there, and again when its file is another one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from llm.base import Chunk, Finish, Speed
from llm.gpt4all_model import Gpt4AllModel
from mmapp.db import clock
from mmapp.jobs import engines, measured
from mmapp.models import ModelAway, ModelRecord
from tests import gguf_files
from tests.line import Line
from tests.scenarios.conftest import Kept


@pytest.fixture
def line(database_url: str, tmp_path: Path) -> Iterator[Line]:
    models = tmp_path / "models"
    models.mkdir()
    gguf_files.copier(models / "model.gguf")
    with Line(database_url, models) as running:
        yield running


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that are measured."""
    found, probe = [], Gpt4AllModel.probe

    def noted(model: Gpt4AllModel) -> Iterator[Chunk | Speed]:
        found.append(model.name)
        yield from probe(model)

    monkeypatch.setattr(Gpt4AllModel, "probe", noted)
    return found


def record(line: Line) -> ModelRecord:
    with line.worker.database.read() as session:
        found = session.get_one(ModelRecord, "model")
        session.expunge(found)
        return found


def start(line: Line) -> None:
    """What a worker does with its default model when it starts."""
    line.worker.registry.resolve("model").close()
    engines.list_models(line.worker)
    engines.probe(line.worker, "model")


def test_a_machine_measures_a_model_once_and_loads_it_at_each_start(line: Line, probes: list[str]) -> None:
    start(line)
    first = record(line)
    start(line)
    assert probes == ["model"]
    assert line.worker.registry.is_warm("model")
    assert (record(line).prefill, record(line).decode) == (first.prefill, first.decode)
    assert first.prefill > 0
    figures = measured.of(first)
    assert figures
    assert figures.memory > 0


def test_a_worker_starts_whatever_a_model_does_to_its_probe(
    line: Line, monkeypatch: pytest.MonkeyPatch, log: Kept
) -> None:
    def confounded(_model: Gpt4AllModel) -> Iterator[Chunk | Speed]:
        raise OverflowError("too much")
        yield

    monkeypatch.setattr(Gpt4AllModel, "probe", confounded)
    start(line)
    assert "a model's probe failed" in log.lines[-1]


def test_another_machine_measures_it_for_itself(line: Line, probes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    start(line)
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    start(line)
    assert probes == ["model", "model"]
    assert record(line).measures.keys() >= {"another"}
    assert len(record(line).measures) == 2


def test_what_was_measured_outlives_that_nobody_has_the_model_for_a_while(
    line: Line, probes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine starts anew, and meanwhile another worker lists the models that there are."""
    start(line)
    with line.worker.database.write() as session:
        engines.worked(session, "model", Finish("stop", read=64, written=200, prefill_seconds=0.3, decode_seconds=9.0))
    engines.list_models(line.worker)  # by now its hash is known
    before, folder = record(line), line.settings.models_dir
    monkeypatch.setattr(engines, "UNSEEN", timedelta(0))
    (folder / "model.gguf").rename(folder / "away")
    engines.list_models(line.worker)
    with line.worker.database.read() as session:
        assert session.get(ModelRecord, "model") is None
    assert engines.remembered(line.worker.database).keys() == {"model.gguf"}
    (folder / "away").rename(folder / "model.gguf")
    start(line)
    after = record(line)
    kept = ("prefill", "decode", "leaf_tokens", "answer_tokens", "checksum", "measures")
    assert [getattr(after, each) for each in kept] == [getattr(before, each) for each in kept]
    assert probes == ["model"]


def test_machines_and_models_that_were_not_there_for_a_month_are_forgotten(line: Line) -> None:
    start(line)
    with line.worker.database.write() as session:
        now, found = clock(session), session.get_one(ModelRecord, "model")
        old, recent = ((now - timedelta(days=days)).date().isoformat() for days in (31, 29))
        (mine,) = found.measures.values()
        found.measures = {**found.measures, "old": {**mine, "seen": old}, "recent": {**mine, "seen": recent}}
        for name, days in (("long gone", 31), ("gone", 29)):
            session.add(ModelAway(name=name, kept={"checksum": {}}, gone_at=now - timedelta(days=days)))
    engines.list_models(line.worker)
    assert record(line).measures.keys() == {"recent", socket.gethostname()}
    with line.worker.database.read() as session:
        assert list(session.scalars(select(ModelAway.name))) == ["gone"]


def test_what_another_version_has_kept_keeps_no_model_from_being_listed(line: Line, probes: list[str]) -> None:
    """Its columns had other names, and so had its figures."""
    start(line)
    kept = {"decode": 7.0, "pace": 1, "hash": {}, "measures": {socket.gethostname(): {"version": "1", "pace": 1}}}
    with line.worker.database.write() as session:
        session.delete(session.get_one(ModelRecord, "model"))
        session.add(ModelAway(name="model", kept=kept, gone_at=clock(session)))
    assert engines.remembered(line.worker.database) == {}
    engines.list_models(line.worker)
    assert (record(line).decode, measured.of(record(line))) == (7.0, None)
    start(line)
    assert probes == ["model", "model"]


def test_nor_does_a_checksum_of_one(line: Line) -> None:
    other = {"file": "model.gguf", "sha256": "0" * 64, "inode": 1}
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "model").checksum = other
    assert engines.remembered(line.worker.database) == {}


def test_a_file_that_is_another_one_is_measured_anew(line: Line, probes: list[str], tmp_path: Path) -> None:
    start(line)
    gguf_files.copier(tmp_path / "other", context=4096).replace(line.settings.models_dir / "model.gguf")
    engines.list_models(line.worker)
    assert (record(line).prefill, record(line).decode) == (0.0, 0.0)
    start(line)
    assert probes == ["model", "model"]
    assert record(line).prefill > 0


def test_figures_come_back_where_the_record_was_made_anew(line: Line) -> None:
    start(line)
    before = record(line)
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "model").prefill = 0.0
    engines.list_models(line.worker)
    assert record(line).prefill == before.prefill


def test_answers_teach_this_machine_and_leave_the_others_figures(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    start(line)
    host = socket.gethostname()
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    with line.worker.database.write() as session:
        found = session.get_one(ModelRecord, "model")
        version = line.worker.models["model"].version
        measured.take(found, version, Speed(1.0, 100.0, 10.0, 2048))
        engines.worked(session, "model", Finish("stop", read=64, written=10, prefill_seconds=0.32, decode_seconds=0.5))
    figures = measured.of(record(line))
    assert figures
    assert (figures.prefill, figures.decode) == (120.0, 12.0)  # a fifth of the way to 200 and 20
    assert record(line).measures[host]["prefill"] != 120.0


def test_a_question_reads_as_much_as_this_machine_can(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's speed says nothing of this one."""
    with line.worker.database.write() as session:
        found, version = session.get_one(ModelRecord, "model"), line.worker.models["model"].version
        measured.take(found, version, Speed(1.0, 100.0, 10.0, 2048))
        assert measured.prefill(found, version) == 100.0
        monkeypatch.setattr(socket, "gethostname", lambda: "another")
        assert measured.prefill(found, version) == 0.0


def test_remembered_hashes_are_not_disturbed(line: Line) -> None:
    start(line)
    engines.list_models(line.worker)
    assert line.worker.registry.checksums() == engines.remembered(line.worker.database)
