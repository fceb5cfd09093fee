"""A model's file is replaced, cut, overwritten or removed while it is loaded, idle or in the middle of an answer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm.base import Chunk, ModelBroken, ModelDied, ModelMissing, Options
from llm.checksum import sha256
from llm.gpt4all_model import Gpt4AllModel
from llm.registry import Registry
from tests import gguf_files
from tests.unit.llm.asking import ask, load, texts, thread

CODE = " 4711 " + " ".join(f"{number:04}" for number in range(60))  # long enough to be in its middle
LONG = thread(f"bob: the code is{CODE}")
SHORT = thread("bob: the code is 4711")
WHOLE = Options(max_tokens=400, temperature=0.0)


@pytest.fixture
def path(copier_path: Path, tmp_path: Path) -> Path:
    """A copier's file of the test's own."""
    return Path(shutil.copy(copier_path, tmp_path / "model.gguf"))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another model, to be told by its window of 1,024 tokens."""
    return gguf_files.copier(tmp_path / "other.model", context=1024)


@pytest.fixture
def model(path: Path) -> Iterator[Gpt4AllModel]:
    loaded = load(path)
    assert ask(loaded, SHORT).text == " 4711"
    yield loaded
    loaded.close()


def begun(model: Gpt4AllModel) -> tuple[Iterator[Chunk], list[Chunk]]:
    """An answer of which some words are written, and the chunks so far."""
    chunks = model.generate(LONG, WHOLE)
    said: list[Chunk] = []
    while not texts(said):
        said.append(next(chunks))
    return chunks, said


def overwrite(path: Path, other: Path) -> None:
    """In place, as `cp` does it: the file stays the same, and its content does not."""
    with path.open("r+b") as file:
        file.write(other.read_bytes())


def test_a_link_that_is_turned_to_another_file_loads_that_one(path: Path, other: Path, tmp_path: Path) -> None:
    link = tmp_path / "current.gguf"
    link.symlink_to(path)
    model = load(link)
    ask(model, SHORT)
    link.unlink()
    link.symlink_to(other)
    assert not model.warm
    assert ask(model, SHORT).text == " 4711"
    assert model.n_ctx == 1024
    assert model.warm
    assert model.checksum
    assert model.checksum.sha256 == sha256(other)
    model.close()


def test_an_answer_in_its_middle_ends_with_the_file_that_it_began_with(
    model: Gpt4AllModel, path: Path, other: Path
) -> None:
    before = sha256(path)
    chunks, said = begun(model)
    other.replace(path)
    assert texts([*said, *chunks]) == CODE
    assert model.checksum
    assert model.checksum.sha256 == before
    answer = ask(model, SHORT)
    assert (answer.text, answer.finish.reused, model.n_ctx) == (" 4711", 0, 1024)
    assert model.checksum.sha256 == sha256(path)


def test_an_answer_in_its_middle_outlives_the_removal_of_its_file(model: Gpt4AllModel, path: Path) -> None:
    chunks, said = begun(model)
    path.unlink()
    assert texts([*said, *chunks]) == CODE
    with pytest.raises(ModelMissing):
        ask(model, SHORT)


HURT: dict[str, Callable[[Path, Path], None]] = {
    "cut": lambda path, _other: os.truncate(path, 500_000),
    "emptied": lambda path, _other: os.truncate(path, 0),
    "overwritten": overwrite,
}


@pytest.mark.parametrize("hurt", HURT.values(), ids=HURT)
def test_no_word_is_believed_once_a_file_is_changed_under_its_answer(
    model: Gpt4AllModel, path: Path, other: Path, hurt: Callable[[Path, Path], None]
) -> None:
    chunks, said = begun(model)
    hurt(path, other)
    with pytest.raises(ModelDied):
        said += chunks
    assert CODE.startswith(texts(said))
    assert model.host.pid is None


def test_what_was_overwritten_in_place_is_loaded_anew(model: Gpt4AllModel, path: Path, other: Path) -> None:
    overwrite(path, other)
    assert ask(model, SHORT).text == " 4711"
    assert model.n_ctx == 1024
    assert model.checksum
    assert model.checksum.sha256 == sha256(path)


@pytest.mark.parametrize("size", [0, 500_000])
def test_what_was_cut_in_place_is_broken_until_it_is_whole_again(model: Gpt4AllModel, path: Path, size: int) -> None:
    whole = path.read_bytes()
    os.truncate(path, size)
    with pytest.raises(ModelBroken):
        ask(model, SHORT)
    path.write_bytes(whole)
    assert ask(model, SHORT).text == " 4711"


def test_a_model_whose_file_is_gone_gives_its_memory_back(path: Path) -> None:
    registry = Registry(path.parent, threads=1, window=1024, states_mb=16)
    model = registry.resolve("model")
    assert isinstance(model, Gpt4AllModel)
    ask(model, SHORT)
    chunks, said = begun(model)
    path.unlink()
    registry.close_removed()
    assert texts([*said, *chunks]) == CODE  # whoever is being answered is answered
    registry.close_removed()
    assert model.host.pid is None
    registry.close()


def test_a_file_that_is_replaced_is_another_version(path: Path, other: Path) -> None:
    registry = Registry(path.parent, threads=1, window=1024, states_mb=16)
    before = registry.infos()[0]
    other.replace(path)
    after = registry.infos()[0]
    assert before.name == after.name
    assert before.version != after.version
    assert after == registry.infos()[0]
