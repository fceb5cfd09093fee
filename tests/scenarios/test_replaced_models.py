"""A model's file is replaced while people ask: whose answer is it, and who is told what?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm import checksum
from llm.base import Options
from llm.gpt4all_model import Gpt4AllModel
from mmapp.jobs import answer, engines
from mmapp.models import Message, ModelRecord
from tests import gguf_files
from tests.line import Line
from tests.smollm2 import smollm2_path

CODE = "4711 " + " ".join(f"{number:04}" for number in range(40))


@pytest.fixture
def line(database_url: str, age: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Its only model is a copier: it answers with what followed the question's words before."""
    monkeypatch.setattr(answer, "OPTIONS", Options(max_tokens=300, temperature=0.0))
    models = tmp_path / "models"
    models.mkdir()
    gguf_files.copier(models / "model.gguf")
    with Line(database_url, models, age=age) as running:
        running.playground.post_as(running.ann, running.town, f"The code is {CODE}")
        yield running


def ask(line: Line, say: str = "The code is") -> str:
    """Ask about the thread, and let all be done; the newest answer."""
    root = line.playground.posts(line.town)[0]
    line.say(line.bob, f"ask --thread {root['id']} {say}")
    for _ in range(4):
        line.hurry()
        line.settle()
    assert line.jobs("queued") == line.jobs("running") == 0
    return line.answers()[-1] if line.answers() else ""


def answered_by(line: Line) -> list[str]:
    """The checksum of the file behind each answer, as its provenance tells."""
    with line.worker.database.read() as session:
        found = session.query(Message).filter_by(role="answer").order_by(Message.created_at)
        return [message.provenance["sha256"] for message in found]


def while_it_answers(line: Line, monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Once, as soon as the first number of an answer is there."""
    model = line.worker.registry.resolve("model")
    assert isinstance(model, Gpt4AllModel)
    generate, left, said = model.generate, [act], ""

    def generated(*given: object) -> Iterator[object]:
        nonlocal said
        for chunk in generate(*given):  # type: ignore[arg-type]
            yield chunk
            said += chunk.text
            if "4711" in said and left:
                left.pop()()  # type: ignore[operator]

    monkeypatch.setattr(model, "generate", generated)


def test_a_replaced_file_answers_the_next_question_and_each_answer_tells_its_own(line: Line, tmp_path: Path) -> None:
    path = line.settings.models_dir / "model.gguf"
    assert "4711" in ask(line)
    other = gguf_files.copier(tmp_path / "other", context=4096)
    before, after = checksum.sha256(path), checksum.sha256(other)
    other.replace(path)
    assert "4711" in ask(line)
    assert answered_by(line) == [before, after]


def test_smollm2_takes_the_place_of_another_model_without_a_restart(line: Line, tmp_path: Path) -> None:
    path = line.settings.models_dir / "model.gguf"
    ask(line)
    link = tmp_path / "link"
    link.symlink_to(smollm2_path())
    link.replace(path)
    line.ask(line.ann, "What is the capital of France?")
    assert "Paris" in line.answers()[-1]
    assert answered_by(line)[-1] == checksum.sha256(smollm2_path())


def test_a_file_replaced_in_the_middle_of_an_answer_ends_it_as_it_began(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = line.settings.models_dir / "model.gguf"
    other, before = gguf_files.copier(tmp_path / "other", context=4096), checksum.sha256(path)
    while_it_answers(line, monkeypatch, lambda: other.replace(path))
    assert CODE in ask(line)
    assert answered_by(line) == [before]


def test_a_file_overwritten_in_the_middle_of_an_answer_has_it_finished_by_what_is_there_now(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = line.settings.models_dir / "model.gguf"
    other = gguf_files.copier(tmp_path / "other", context=4096)
    while_it_answers(line, monkeypatch, lambda: shutil.copyfile(other, path))
    assert ask(line).count(CODE) == 1
    assert answered_by(line) == [checksum.sha256(other)]


def test_a_file_cut_in_the_middle_of_an_answer_keeps_its_words_and_then_another_model_answers(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = line.settings.models_dir / "model.gguf"
    while_it_answers(line, monkeypatch, lambda: os.truncate(path, 500_000))
    said = ask(line)
    assert "4711" in said
    assert "(cut off: " in said
    line.model.enqueue("I do not know.")
    again = ask(line, "Why?")
    assert "I do not know." in again
    assert "in place of copier, which cannot be used here now" in again


def test_a_mended_file_is_tried_at_once_and_not_when_its_rest_is_over(line: Line) -> None:
    path = line.settings.models_dir / "model.gguf"
    whole = path.read_bytes()
    with line.worker.database.write() as session:
        record = session.get_one(ModelRecord, "model")
        record.failures, record.fault = 2, "it is broken"
        record.retry_at = record.seen_at + engines.REST
    path.write_bytes(whole[:500_000])
    engines.list_models(line.worker)
    path.write_bytes(whole)
    engines.list_models(line.worker)
    assert "4711" in ask(line)
