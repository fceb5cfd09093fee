"""README's "On a real server", played: its own code blocks, line by line as they stand, until somebody is answered.

Each line is a process of its own in a copy of this tree, except for the one that is typed in Mattermost, which is the
playground. Tests use no network, so two lines find their work done: `make setup` finds this clone's `.venv`, and
`models pull` the SmolLM2 that `make test` fetched once, whose checksum it takes again. The rest is as on any machine.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.everything import RUNTIME
from tests.acceptance.processes import BOUND, ROOT, eventually, free_port, living
from tests.installation import PASSWORD
from tests.playground.rest_admin import give_password
from tests.playground.world import Playground
from tests.smollm2 import NAME, smollm2_path

SECTION = "## On a real server\n"
COPIED = (*RUNTIME, "Makefile", "requirements.txt", "scripts", "static")
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}
WHO = {"root": "root", PASSWORD: PASSWORD}  # what the second run of setup must be told again
ANSWERED_WITHIN = 120.0  # seconds: a model is loaded and reads and writes on one thread of a shared machine


def lines_of_readme() -> list[str]:
    """The lines of the section's code blocks, in order."""
    section = (ROOT / "README.md").read_text().split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"^ {4}(\S.*)$", section, re.MULTILINE)


class Machine:
    """A fresh clone on a machine of its own: what is typed there, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "a fresh clone"
        self.tree.mkdir()
        for name in COPIED:
            source = ROOT / name
            whole = source.is_dir()
            copy = shutil.copytree if whole else shutil.copy2  # with its times, by which make judges
            copy(source, self.tree / name, **({"ignore": shutil.ignore_patterns("__pycache__")} if whole else {}))
        (self.tree / ".venv").symlink_to(ROOT / ".venv")
        models = self.tree / "var" / "models"
        models.mkdir(parents=True)
        (models / smollm2_path().name).symlink_to(smollm2_path())
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
        self.env = clean | NOWHERE | {"PLAYED_IN": str(self.tree)}
        self.log = (folder / "everything.log").open("ab")
        self._started: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """End what was started, by its own ids."""
        for process in self._started:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 25
        while self.living() and time.monotonic() < deadline:
            for process in self._started:
                process.poll()
            time.sleep(0.1)
        for pid in self.living():
            os.kill(pid, signal.SIGKILL)
        for process in self._started:
            process.wait()
        self.log.close()

    def living(self) -> dict[int, str]:
        return living(f"PLAYED_IN={self.tree}")

    def run(self, line: str) -> str:
        """To its end, which must be a good one; what it said."""
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.tree, env=self.env, capture_output=True, text=True, timeout=BOUND, check=False
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, line: str) -> subprocess.Popen[bytes]:
        """And let it run."""
        self._started.append(
            subprocess.Popen(
                ["sh", "-c", f"exec {line}"], cwd=self.tree, env=self.env, stdout=self.log, stderr=self.log
            )
        )
        return self._started[-1]

    def said(self) -> str:
        return Path(self.log.name).read_text(errors="replace")

    def type(self, line: str, answers: list[tuple[str, str]]) -> str:
        """In a terminal: each question is waited for, then answered; all that the terminal showed."""
        master, slave = pty.openpty()
        try:
            process = subprocess.Popen(
                ["sh", "-c", line], cwd=self.tree, env=self.env, stdin=slave, stdout=slave, stderr=slave,
                start_new_session=True,
            )  # fmt: skip
            os.close(slave)
            shown = ""
            for question, answer in answers:
                shown += _until(master, question)
                os.write(master, f"{answer}\n".encode())
            shown += _until(master, "")
            assert process.wait(BOUND) == 0, shown
            return shown
        finally:
            os.close(master)


def _until(terminal: int, words: str) -> str:
    """Read a terminal until it has shown these words; without any, until its end."""
    shown, deadline = "", time.monotonic() + BOUND
    while not words or words not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{words!r} is not asked: {shown}"
        try:
            read = os.read(terminal, 4096)
        except OSError:  # the other side is closed: Linux says so by an error
            read = b""
        if not read:
            assert not words, f"{words!r} is not asked: {shown}"
            return shown
        shown += read.decode(errors="replace")
    return shown


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    found = Machine(tmp_path)
    yield found
    found.close()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("age", ["11", "5.37"])
def test_what_readme_says_line_by_line_ends_in_an_answer(machine: Machine, age: str) -> None:
    lines = lines_of_readme()
    assert [line.split()[-1] for line in lines] == ["setup", NAME, "setup", "app.py", "doctor", "on", "do?"]
    making, pulling, connecting, starting, examining, switching, asking = lines
    public_url = f"http://127.0.0.1:{free_port()}"

    with Playground(age) as playground:
        town = _world(playground)
        machine.run(making)
        assert "Nothing was fetched" in machine.run(pulling)
        answers = [
            ("Mattermost's address", playground.url),
            ("Mattermost reaches Chorus", public_url),
            ("Administrator's username", "root"),
            ("Password of root", PASSWORD),
            ("Teams that get the command", ""),
            ("The bot's username", ""),
        ]
        answers += [("Grant it?", "")] if age == "11" else []
        shown = machine.type(connecting, answers)
        assert PASSWORD not in shown
        again = machine.type(connecting, [(question, WHO.get(answer, "")) for question, answer in answers])
        assert "Nothing had to be changed." in again

        running = machine.start(starting)

        def trouble() -> str:
            return machine.said()[-3000:] if running.poll() is not None else ""

        for sign in ("Listening at", "the worker is ready"):
            eventually(lambda sign=sign: sign in machine.said(), f"not {sign!r}", unless=trouble)
        machine.run(examining)
        assert "Chorus is off in this channel" in playground.slash("ann", town, asking).text
        playground.slash("root", town, switching)
        eventually(lambda: _is_told(playground, "root", "Chorus is on"), "not switched on", unless=trouble)
        said = playground.slash("ann", town, asking)
        assert said.status == 200, said.text  # what is said first hangs on the machine's speed: nothing, under 3 s
        eventually(lambda: _answers(playground, town), "no answer", within=ANSWERED_WITHIN, unless=trouble)
        assert "SmolLM2" in _answers(playground, town)[0]


def _world(playground: Playground) -> str:
    """A team with a channel, an administrator and somebody who asks; the channel's id."""
    playground.add_team("eng")
    root = playground.add_user("root", roles="system_admin system_user")
    give_password(playground.store, root, PASSWORD)
    ann = playground.add_user("ann")
    return str(playground.add_channel("O", "town-square", members=(root, ann))["id"])


def _is_told(playground: Playground, who: str, words: str) -> bool:
    return any(words in each["message"] for each in playground.ephemerals(who))


def _answers(playground: Playground, channel: str) -> list[str]:
    bot = playground.user("ai")
    whole = (post for post in playground.posts(channel) if post["user_id"] == bot["id"] and "card" in post["props"])
    return [post["message"] for post in whole]
