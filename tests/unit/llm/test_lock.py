"""The approved list: nothing else is loaded, whatever it is called, and a list that cannot be read approves nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm import lock
from llm.base import NotApproved
from llm.checksum import sha256
from llm.gpt4all_model import Gpt4AllModel
from llm.lock import ApprovedList
from llm.registry import Registry
from tests import gguf_files
from tests.unit.llm.asking import ask, thread

QUESTION = thread("bob: the code is 4711")


@pytest.fixture
def path(copier_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(copier_path, tmp_path / "mine.gguf"))


@pytest.fixture
def other(path: Path) -> Path:
    """Another model of the very same size: one number in it differs."""
    target = gguf_files.copier(path.with_name("other.gguf"), context=8191)
    assert target.stat().st_size == path.stat().st_size
    return target


@pytest.fixture
def registry(path: Path) -> Iterator[Registry]:
    opened = Registry(path.parent, threads=1, window=1024, states_mb=16)
    yield opened
    opened.close()


def approve(*paths: Path) -> None:
    approved = ApprovedList()
    for path in paths:
        approved = approved.with_file(path.stem, sha256(path), path.stat().st_size, "here")
    lock.write(paths[0].parent, approved)


def faults(registry: Registry) -> dict[str, str]:
    return {info.name: info.fault for info in registry.infos()}


def test_without_a_list_everything_is_loaded(path: Path, registry: Registry) -> None:
    assert lock.read(path.parent) is None
    assert faults(registry) == {"mine": "", "quotes": ""}


def test_what_stands_in_the_list_is_loaded_and_nothing_else(path: Path, other: Path, registry: Registry) -> None:
    approve(path)
    assert faults(registry) == {"mine": "", "other": "not on the approved list (models.lock)", "quotes": ""}
    assert ask(registry.resolve("mine"), QUESTION).text == " 4711"
    with pytest.raises(NotApproved):
        ask(registry.resolve("other"), QUESTION)


def test_a_file_is_known_by_its_content_and_not_by_its_name(path: Path, other: Path, registry: Registry) -> None:
    approve(path)
    path.rename(path.with_name("renamed.gguf"))
    other.rename(path)
    assert {name for name, fault in faults(registry).items() if not fault} == {"renamed", "quotes"}


def test_a_file_that_is_replaced_behind_the_listing_is_not_loaded(path: Path, other: Path, registry: Registry) -> None:
    """The hash is taken in the model's own process, of what is loaded there."""
    approve(path)
    model = registry.resolve("mine")
    assert faults(registry)["mine"] == ""
    other.replace(path)
    with pytest.raises(NotApproved):
        ask(model, QUESTION)


def test_a_file_that_looks_untouched_is_not_believed_to_be(path: Path, other: Path, registry: Registry) -> None:
    """Overwritten in place, with the time of its last change put back: a remembered hash would be right by looks."""
    approve(path)
    model, before = registry.resolve("mine"), path.stat()
    assert ask(model, QUESTION).text == " 4711"
    model.close()
    with path.open("r+b") as file:
        file.write(other.read_bytes())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(NotApproved):
        ask(model, QUESTION)


def test_a_model_that_is_loaded_goes_when_it_is_approved_no_more(path: Path, other: Path, registry: Registry) -> None:
    approve(path, other)
    model = registry.resolve("mine")
    assert isinstance(model, Gpt4AllModel)
    ask(model, QUESTION)
    approve(other)
    with pytest.raises(NotApproved):
        ask(model, QUESTION)
    assert model.host.pid is None
    approve(path)
    assert ask(model, QUESTION).text == " 4711"


BROKEN = {
    "no toml": "[[files]",
    "a hash of another kind": '[[files]]\nname = "mine"\nsha256 = "abc"\nsize = 1\n',
    "a slip": '[[file]]\nname = "mine"\n',
    "a size in words": f'[[files]]\nname = "mine"\nsha256 = "{"0" * 64}"\nsize = "big"\n',
    "endpoints without a time": "endpoints = 3\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_list_that_cannot_be_read_approves_nothing(path: Path, registry: Registry, text: str) -> None:
    (path.parent / "models.lock").write_text(text)
    found = faults(registry)
    assert found["mine"].startswith("the approved list (models.lock) cannot be read, so nothing is loaded: ")
    assert found["quotes"] == ""
    with pytest.raises(NotApproved):
        ask(registry.resolve("mine"), QUESTION)


def test_a_list_that_nobody_may_read_approves_nothing(path: Path) -> None:
    (path.parent / "models.lock").mkdir()
    listed = lock.read(path.parent)
    assert listed
    assert "Is a directory" in listed.fault


def test_the_list_says_of_each_file_what_it_is_and_of_endpoints_their_names(path: Path) -> None:
    listed = ApprovedList().with_file('odd "name"\x7f', "0" * 64, 5, "https://x").with_endpoint("cluster")
    lock.write(path.parent, listed)
    found = lock.read(path.parent)
    assert found == listed
    assert list(found.names()) == ['odd "name"\x7f', "cluster"]
    assert list(found.without("cluster").names()) == ['odd "name"\x7f']
    assert list(found.without('odd "name"\x7f').names()) == ["cluster"]


def test_without_a_list_a_hash_is_taken_once(path: Path, registry: Registry) -> None:
    model = registry.resolve("mine")
    assert isinstance(model, Gpt4AllModel)
    ask(model, QUESTION)
    known = model.checksum
    model.close()
    ask(model, QUESTION)
    assert model.checksum is known
