"""The catalogue is whole, and what is wrong in somebody's own is told line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm import catalog
from llm.base import ModelMissing
from llm.catalog import CatalogFault
from llm.supported import KNOWN_AS

GOOD = """
[mine]
title = "Mine"
good_for = "tests"
licence = "MIT"
by = "me"
parameters = "1"
quantisation = "Q8_0"
architecture = "llama"
window = 1024
memory = 1000
[mine.url]
address = "https://models.example.org/mine.gguf"
size = 10
md5 = "00000000000000000000000000000000"
"""


def faults(path: Path, text: str) -> tuple[str, ...]:
    path.write_text(text)
    with pytest.raises(CatalogFault) as caught:
        catalog.entries(path)
    return caught.value.faults


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def test_there_are_eight_models_from_small_to_large_and_one_is_recommended() -> None:
    entries = catalog.entries()
    assert len(entries) >= 8
    recommended = [entry for entry in entries.values() if entry.recommended]
    assert [entry.source.size < 10**9 for entry in recommended] == [True]
    assert min(entry.source.size for entry in entries.values()) < 10**8
    assert max(entry.source.size for entry in entries.values()) > 4 * 10**9


def test_every_entry_says_where_it_is_from_and_what_it_is_good_for() -> None:
    for name, entry in catalog.entries().items():
        assert entry.file_name == f"{name}.gguf"
        assert entry.source.hashes
        assert entry.memory > entry.source.size
        assert not entry.pre_tokenizer or entry.pre_tokenizer in KNOWN_AS.values()
    assert "trying out" in catalog.entry("smollm2-135m").good_for


def test_what_the_open_source_initiative_has_not_approved_is_called_so() -> None:
    for entry in catalog.entries().values():
        assert ("not OSI" in entry.licence) == (entry.licence not in ("Apache-2.0", "MIT"))


def test_a_catalogue_of_ones_own_has_the_same_form(path: Path) -> None:
    path.write_text(GOOD)
    entry = catalog.entry("mine", path)
    assert (entry.title, entry.source.hashes) == ("Mine", {"md5": "0" * 32})


def test_an_unknown_entry_comes_with_those_there_are() -> None:
    with pytest.raises(ModelMissing) as missing:
        catalog.entry("gpt-9")
    assert "smollm2-135m" in missing.value.near


def test_all_that_is_wrong_is_told_at_once_with_its_place(path: Path) -> None:
    bad = GOOD.replace('title = "Mine"\n', "").replace("size = 10", 'size = "10"').replace("window", "windows")
    assert set(faults(path, bad)) == {
        "mine.title: Field required",
        "mine.window: Field required",
        "mine.windows: Unexpected keyword argument",
        "mine.url.size: Input should be a valid integer",
    }


@pytest.mark.parametrize(
    "address",
    [
        "http://models.example.org/m", "https://me:secret@models.example.org/m", "file:///etc/passwd", "m.gguf",
        "https://models.example.org:port/m",
    ],
)  # fmt: skip
def test_nothing_is_fetched_without_tls_or_with_a_password_in_the_address(path: Path, address: str) -> None:
    bad = GOOD.replace("https://models.example.org/mine.gguf", address)
    assert faults(path, bad) == ("mine.url.address: must begin with https:// and hold no name and password",)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('md5 = "00000000000000000000000000000000"', "", "mine.url: needs a sha256 or an md5"),
        ('architecture = "llama"', 'architecture = "qwen9"', "mine.architecture: is none that GPT4All 2.8.2 loads"),
        ("memory = 1000", "memory = 0", "mine.memory: Input should be greater than 0"),
        ("memory = 1000", 'memory = 1000\npre_tokenizer = "tekken"', "mine.pre_tokenizer: is none that GPT4All 2.8.2 knows"),
    ],
)  # fmt: skip
def test_a_wrong_fact_is_told_with_its_place(path: Path, old: str, new: str, fault: str) -> None:
    assert faults(path, GOOD.replace(old, new)) == (fault,)


WHEEL = """
[mine.wheel]
project = "our-models"
version = "1.0.post1"
file = "our_models-1.0.post1-py3-none-any.whl"
size = 10
sha256 = "{0}"
member = "m.gguf"
member_size = 10
member_sha256 = "{0}"
""".format("0" * 64)


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("project", "our-models", "our-models @ file:///tmp/evil-1.0.tar.gz#"),
        ("project", "our-models", "--requirement=/tmp/r.txt"),
        ("project", "our-models", "-r"),
        ("version", '"1.0.post1"', '"1.0 ; python_version>=3"'),
        ("version", '"1.0.post1"', '"*"'),
        ("file", "our_models-1.0", "../our_models-1.0"),
        ("file", "any.whl", "any.tar.gz"),
    ],
)
def test_a_wheel_is_a_name_and_a_version_and_nothing_that_pip_takes_for_more(
    path: Path, field: str, old: str, new: str
) -> None:
    good = GOOD.split("[mine.url]")[0] + WHEEL
    path.write_text(good)
    assert catalog.entry("mine", path).source.origin == "our-models 1.0.post1: m.gguf"
    (fault,) = faults(path, good.replace(old, new))
    assert fault.startswith(f"mine.wheel.{field}: String should match pattern")


def test_a_text_is_one_line_that_a_terminal_shows_as_it_stands(path: Path) -> None:
    bad = GOOD.replace('"MIT"', '"MIT\\u001b[2J"')
    assert faults(path, bad) == ("mine.licence: must be a text of one line",)


def test_a_name_cannot_lead_out_of_the_models_folder(path: Path) -> None:
    (fault,) = faults(path, GOOD.replace("[mine", '["../mine"'))
    assert fault.startswith("../mine.name: String should match pattern")


def test_an_entry_without_a_source_or_with_two_is_told(path: Path) -> None:
    none = GOOD.split("[mine.url]")[0]
    assert faults(path, none) == ("mine: needs exactly one source, a table `wheel` or a table `url`",)


def test_what_is_no_catalogue_is_told_with_the_reason(path: Path, tmp_path: Path) -> None:
    assert faults(path, "[mine")[0].startswith("it is not written in TOML: ")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogFault, match="not written in UTF-8"):
        catalog.entries(path)
    with pytest.raises(CatalogFault, match="cannot be read: No such file"):
        catalog.entries(tmp_path / "none.toml")
    assert faults(path, 'mine = "x"')[0].startswith("mine: ")
