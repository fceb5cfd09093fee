"""The server that tests use: of a run that was killed nothing is left, neither its process nor its files in memory."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.acceptance.processes import Process, eventually, living

STARTED = (
    "import sys, time; from tests.postgres import PostgreSQL; print(PostgreSQL().folder, flush=True); time.sleep(99)"
)


def test_a_server_ends_with_the_process_that_started_it_however_that_ends(tmp_path: Path) -> None:
    marker = str(tmp_path / "its own")
    with Process("-c", STARTED, env={"STARTED_BY": marker}, log=tmp_path / "log") as process:
        eventually(lambda: process.said.endswith("\n"), "no server", unless=process.trouble)
        folder = Path(process.said.strip())
        assert folder.is_dir()
        assert len(living(marker)) > 2
        process.signal(signal.SIGKILL)
        eventually(lambda: not living(marker), "somebody is left")
    assert not folder.exists()
