"""A file in the models folder that is no good: whoever asks it reads why, and the others go on answering."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from llm import lock
from llm.checksum import sha256
from llm.lock import ApprovedList
from llm.memory import Memory
from llm.scripted import ScriptedModel
from mmapp.jobs import engines
from mmapp.models import ModelRecord
from tests import gguf_files
from tests.line import Line
from tests.scenarios.choosing import allow_only
from tests.scenarios.conftest import Kept


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with one sound copier."""
    folder = tmp_path / "models"
    folder.mkdir()
    gguf_files.copier(folder / "sound.gguf")
    return folder


@pytest.fixture
def line(database_url: str, age: str, models: Path) -> Iterator[Line]:
    with Line(database_url, models, age=age) as running:
        yield running


def sound(folder: Path) -> bytes:
    return (folder / "sound.gguf").read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def quantised_newer(path: Path) -> None:
    """One of its tensors becomes one of the type 39, which came a year after GPT4All 2.8.2."""
    data = bytearray(sound(path.parent))
    place = data.index(b"token_embd.weight") + len(b"token_embd.weight") + 4 + 2 * 8
    data[place] = 39
    write(path, bytes(data))


LISTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: write(path, b""), "0 bytes are no GGUF file"),
    "a web page": (lambda path: write(path, b"<!doctype html><title>Sign in</title>"), "a web page, not a GGUF file"),
    "another kind of file": (lambda path: write(path, b"PK\3\4" + bytes(100)), "not a GGUF file"),
    "a cut header": (lambda path: write(path, sound(path.parent)[:3000]), "the header wants"),
    "cut tensors": (lambda path: write(path, sound(path.parent)[:-1]), "its file is incomplete"),
    "a newer architecture": (
        lambda path: gguf_files.of_architecture(path.with_name("sound.gguf"), path, "qwen9"),
        "the architecture 'qwen9' is newer than GPT4All 2.8.2",
    ),
    "a newer quantisation": (quantised_newer, "its quantisation (tensor types [39]) is newer than GPT4All 2.8.2"),
    "a newer pre-tokenizer": (
        lambda path: gguf_files.copier(path, pre="falcon3"),
        "GPT4All 2.8.2 knows the pre-tokenizer 'falcon3' as 'llama-bpe'",
    ),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "it cannot be read: No such file"),
}


def asked(line: Line, model: str) -> None:
    """Ann asks this model, and all that can be done is done."""
    line.say(line.ann, f"ask --model {model} Why?")
    for _ in range(4):
        line.hurry()
        line.settle()


def told(line: Line, model: str) -> str:
    """What ann reads who asks this model; and it keeps nobody else from being answered."""
    asked(line, model)
    assert line.jobs("queued") == line.jobs("running") == 0
    assert line.answers() == []
    said = line.told(line.ann)[-1]
    line.ask(line.bob, "--model tiny Why?", answer="Because.")
    assert "Because." in line.answers()[-1]
    return said


@pytest.mark.usefixtures("no_llamacpp")
@pytest.mark.parametrize(("make", "why"), LISTED.values(), ids=LISTED)
def test_a_file_that_cannot_be_loaded_is_told_before_anybody_waits(
    line: Line, models: Path, make: Callable[[Path], object], why: str
) -> None:
    make(models / "bad.gguf")
    engines.list_models(line.worker)
    said = told(line, "bad")
    assert "The model `bad` cannot be used: " in said
    assert why in said


def huge(path: Path) -> None:
    """As wide and deep as a header can say."""
    shutil.copy(path.with_name("sound.gguf"), path)
    for key in ("llama.block_count", "llama.attention.head_count_kv", "llama.context_length"):
        gguf_files.with_number(path, path, key, (1 << 28) - 1)


def forged(path: Path) -> None:
    """Its licence holds what PostgreSQL refuses and a terminal obeys."""
    gguf_files.copier(path, licence="\0\x1b[2JMIT")


def long(path: Path) -> None:
    shutil.copy(path.with_name("sound.gguf"), path.with_name(f"{'long' * 50}.gguf"))


@pytest.mark.parametrize("make", [huge, forged, long])
def test_whatever_a_file_says_of_itself_the_others_are_listed(
    line: Line, models: Path, make: Callable[[Path], None]
) -> None:
    make(models / "bad.gguf")
    shutil.copy(models / "sound.gguf", models / "zealous.gguf")
    engines.list_models(line.worker)
    line.ask(line.bob, "--model tiny Why?", answer="Because.")
    assert "Because." in line.answers()[-1]
    with line.worker.database.read() as session:
        found = set(session.scalars(select(ModelRecord.name)))
    assert {"sound", "zealous", "tiny", "quotes"} < found


def test_a_model_that_the_database_does_not_take_keeps_no_other_from_being_listed(line: Line, log: Kept) -> None:
    """No file comes as far as that; PostgreSQL refuses it, SQLite takes everything."""
    line.worker.registry.extra["x" * 200] = ScriptedModel(name="x" * 200)
    line.worker.registry.extra["late"] = ScriptedModel(name="late")
    engines.list_models(line.worker)
    with line.worker.database.read() as session:
        found = set(session.scalars(select(ModelRecord.name)))
    assert {"sound", "tiny", "late", "quotes"} <= found
    assert ("x" * 200 in found) != any("could not be listed" in each for each in log.lines)


def test_for_a_file_that_the_engine_refuses_twice_another_model_stands_in(line: Line, models: Path) -> None:
    """A bit of a number is flipped that only the engine makes sense of."""
    key = b"llama.rope.dimension_count"
    place = sound(models).index(key) + len(key) + 4
    gguf_files.flipped(models / "sound.gguf", models / "flipped.gguf", place, 0)
    engines.list_models(line.worker)
    asked(line, "flipped")
    assert "in place of copier, which cannot be used here now" in line.answers()[-1]


def test_and_for_one_that_vanished_since_it_was_listed(line: Line, models: Path) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask --model sound Why?")
    line.step("admit")
    (models / "sound.gguf").unlink()
    line.settle()
    assert "Because." in line.answers()[-1]
    assert "in place of copier" in line.answers()[-1]


def test_and_for_one_that_was_cut_since(line: Line, models: Path) -> None:
    line.model.enqueue("Because.")
    os.truncate(models / "sound.gguf", 500_000)
    asked(line, "sound")
    assert "in place of copier" in line.answers()[-1]


def test_a_model_that_is_too_large_is_told_with_the_figures(line: Line) -> None:
    line.worker.registry.memory = Memory(100_000_000)
    engines.list_models(line.worker)
    said = told(line, "sound")
    assert "cannot be used: it needs about 0.2 GB, and models may use 0.1 GB here (CHORUS_MEMORY_MB)" in said


# The approved list


def approve(folder: Path, *paths: Path) -> None:
    approved = ApprovedList()
    for path in paths:
        approved = approved.with_file(path.stem, sha256(path), path.stat().st_size, "here")
    lock.write(folder, approved)


def test_a_file_that_is_not_approved_is_told_and_one_that_is_answers(line: Line, models: Path) -> None:
    gguf_files.copier(models / "other.gguf", context=4096)
    approve(models, models / "sound.gguf")
    engines.list_models(line.worker)
    assert "The model `other` cannot be used: it is not on this installation's approved list." in told(line, "other")
    line.playground.post_as(line.ann, line.town, "The code is 4711")
    root = line.playground.posts(line.town)[-1]
    line.ask(line.carol, f"--model sound --thread {root['id']} The code is")
    assert "4711" in line.answers()[-1]


def test_a_file_that_was_replaced_behind_the_list_does_not_answer(
    line: Line, models: Path, tmp_path: Path, log: Kept
) -> None:
    approve(models, models / "sound.gguf")
    engines.list_models(line.worker)
    gguf_files.copier(tmp_path / "other", context=8191).replace(models / "sound.gguf")
    allow_only(line, "sound")
    asked(line, "sound")
    said = line.told(line.ann)[-1]
    assert line.answers() == []
    assert "The model `sound` cannot be used: it is not on this installation's approved list." in said
    assert "An administrator can approve it." in said
    assert "flask" not in said
    assert "Why?" in said
    assert any("models lock --add NAME" in each for each in log.lines)


def test_where_another_may_answer_it_stands_in(line: Line, models: Path, tmp_path: Path) -> None:
    approve(models, models / "sound.gguf")
    engines.list_models(line.worker)
    gguf_files.copier(tmp_path / "other", context=8191).replace(models / "sound.gguf")
    line.ask(line.ann, "--model sound Why?", answer="Nobody knows.")
    assert "in place of copier" in line.answers()[-1]


def test_a_list_that_cannot_be_read_lets_nothing_answer_but_what_is_built_in(line: Line, models: Path) -> None:
    (models / "models.lock").write_text("[[")
    engines.list_models(line.worker)
    assert "the approved list (models.lock) cannot be read, so nothing is loaded" in told(line, "sound")
    line.ask(line.carol, "--model quotes Why?")
    assert "I can only quote" in line.answers()[-1]


def test_a_good_file_that_comes_later_needs_no_restart(line: Line, models: Path, tmp_path: Path) -> None:
    bad = models / "bad.gguf"
    write(bad, b"<html>" + bytes(50))
    engines.list_models(line.worker)
    assert "cannot be used" in told(line, "bad")
    shutil.copy(models / "sound.gguf", tmp_path / "good")
    (tmp_path / "good").replace(bad)
    engines.list_models(line.worker)
    line.playground.post_as(line.ann, line.town, "The code is 4711")
    root = line.playground.posts(line.town)[-1]
    line.ask(line.carol, f"--model bad --thread {root['id']} The code is")
    assert "4711" in line.answers()[-1]
