"""A download of its own process: stopped by Ctrl-C, killed, begun twice at a time, and gone on with."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.checksum import sha256
from mmapp.texts import catalog as texts
from tests import gguf_files
from tests.acceptance.processes import Process, eventually
from tests.shop import Shop

HELD_UP_AT = 1_000_000

CATALOG = """[mine]
title = "Mine"
good_for = "tests"
licence = "MIT"
by = "me"
parameters = "1"
quantisation = "Q8_0"
architecture = "llama"
window = 8192
memory = 1000
[mine.url]
address = "{address}"
size = {size}
md5 = "{md5}"
"""


class Machine:
    """Where models are pulled to, from a shop that falls silent in the middle of its first answer."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.folder, self.shop, self.models = folder, shop, folder / "models"
        self.source = gguf_files.copier(folder / "copier.gguf")
        content = self.source.read_bytes()
        address = shop.put("file.gguf", content, cuts=[HELD_UP_AT], stall=True)
        md5 = hashlib.md5(content).hexdigest()  # noqa: S324
        self.catalog = folder / "mine.toml"
        self.catalog.write_text(CATALOG.format(address=address, size=len(content), md5=md5))

    def pull(self, log: str) -> Process:
        arguments = ("-m", "flask", "--app", "app", "models", "pull", "mine", "--catalog", str(self.catalog))
        return Process(*arguments, env={"CHORUS_MODELS_DIR": str(self.models)}, log=self.folder / log)

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
    assert texts.interrupted("mine") in first.said
    assert [path.name for path in machine.models.glob("*.gguf")] == []
    with machine.pull("second.log") as second:
        assert second.ended() == 0
    assert machine.shop.ranges()[-1] == f"bytes={HELD_UP_AT}-"
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
