"""Another pre-tokenizer name: the header changes, the tensors do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm import header, written
from llm.adapt import adapt
from llm.base import ModelBroken, ModelUnsupported
from llm.header import Header
from tests.gguf_files import copier, cut


@pytest.fixture(scope="session")
def smollm(models: Path) -> Path:
    return copier(models / "smollm.gguf", pre="smollm")


def tensor_data(path: Path, head: Header) -> bytes:
    return path.read_bytes()[-(-head.end // head.alignment) * head.alignment :]


def same_but_for_the_name(one: Path, other: Path) -> bool:
    first, second = header.read(one), header.read(other)
    pre = {"tokenizer.ggml.pre": ""}
    return (
        first.fields | pre == second.fields | pre
        and first.tensors == second.tensors
        and tensor_data(one, first) == tensor_data(other, second)
    )


def test_a_known_name_gets_its_older_one(smollm: Path, tmp_path: Path) -> None:
    assert adapt(smollm, tmp_path / "new.gguf") == "smollm"
    assert header.read(tmp_path / "new.gguf").pre_tokenizer == "command-r"
    assert same_but_for_the_name(smollm, tmp_path / "new.gguf")


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(lambda name: name.isprintable()))
def test_any_name_there_and_back_gives_the_same_file(smollm: Path, name: str) -> None:
    there, back = smollm.with_name("there.gguf"), smollm.with_name("back.gguf")
    adapt(smollm, there, name)
    assert header.read(there).pre_tokenizer == name
    assert same_but_for_the_name(smollm, there)
    adapt(there, back, "smollm")
    assert back.read_bytes() == smollm.read_bytes()


def test_a_name_without_an_older_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnsupported, match="tekken"):
        adapt(copier(tmp_path / "tekken.gguf", pre="tekken"), tmp_path / "new.gguf")


def test_a_file_that_names_none_is_refused(copier_path: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnsupported, match="names no pre-tokenizer"):
        adapt(copier_path, tmp_path / "new.gguf", "command-r")


def test_a_broken_file_is_refused_and_nothing_is_left(smollm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    with pytest.raises(ModelBroken):
        adapt(cut(smollm, tmp_path / "cut.gguf", 900_000), folder / "new.gguf")
    assert not folder.exists()


def test_a_disk_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "model.gguf"
    target.write_bytes(b"old")

    def fail(_out: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        written.whole(target, fail)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_every_alignment_is_kept(smollm: Path, tmp_path: Path) -> None:
    head = header.read(smollm)
    assert replace(head).alignment == 32
    adapt(smollm, tmp_path / "long.gguf", "x" * 33)
    assert same_but_for_the_name(smollm, tmp_path / "long.gguf")
