"""Nothing is fetched unless somebody types `models pull`: a witness looks at what goes out, in every process but that of pip
and those that open files which hang on posts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llm import catalog
from tests import gguf_files
from tests.acceptance.everything import Everything
from tests.acceptance.house import House
from tests.acceptance.processes import eventually, run

FLASK = ("-m", "flask", "--app", "app")
# Every Python process runs this when it starts, and CPython itself tells it of connections and children.
WITNESS = """
import os, sys
HERE = ("127.0.0.1", "::1", "localhost")
def saw(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in HERE:
        note("went-out", f"connects to {args[1][0]}")
    if event == "socket.getaddrinfo" and args[0] and os.fsdecode(args[0]) not in HERE:
        note("went-out", f"asks for {args[0]}")
    if event == "subprocess.Popen" and "pip" in map(str, args[1]):
        note("went-out", "starts pip")
def note(where, what):
    with open(os.path.join(os.environ["TMPDIR"], where), "a") as notes:
        notes.write(what + chr(10))
sys.addaudithook(saw)
note("watched", " ".join(sys.orig_argv[1:]))
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(
        tmp_path, f"sqlite:///{tmp_path / 'chorus.db'}", web="process", script=[{"answer": "It ran dry."}]
    ) as found:
        yield found


def went_out(house: House) -> set[str]:
    """All that the witness has seen."""
    return noted(house, "went-out")


def watched(house: House) -> set[str]:
    """The processes that it was in, by what they were started with."""
    return noted(house, "watched")


def noted(house: House, where: str) -> set[str]:
    notes = house.folder / where
    return set(notes.read_text().splitlines()) if notes.exists() else set()


def typed(everything: Everything, *words: str) -> str:
    """What an administrator reads who types this."""
    log = everything.house.folder / f"{'-'.join(words[:2])}.log"
    return run(*FLASK, *words, env=everything.env, log=log, cwd=everything.tree)[1]


def test_whatever_is_asked_listed_and_imported_nothing_leaves_the_machine_before_a_pull(house: House) -> None:
    with Everything(house, hooks=WITNESS) as everything:
        everything.ready()
        alive = everything.supervisor.trouble
        for entry in catalog.entries().values():
            assert f"There is no model `{entry.name}` here." in house.ask(f"--model {entry.name} Why?").text
        house.ask("Why?")
        eventually(lambda: house.bot_posts(), "no answer", unless=alive)
        mine = gguf_files.copier(house.folder / "mine.gguf")
        assert "mine is ready" in typed(everything, "models", "add", str(mine))
        assert "Can be fetched:" in typed(everything, "models", "list")
        assert "loaded in" in typed(everything, "models", "probe", "mine")
        typed(everything, "models", "lock")
        typed(everything, "doctor")
        assert "mine is removed" in typed(everything, "models", "remove", "mine", "--yes")
        assert {"app.py", "-m llm.host_child", "-m flask --app app models probe mine"} <= watched(house)
        assert went_out(house) == set()
        everything.env |= {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
        assert "the package index does not answer" in typed(everything, "models", "pull", "smollm2-135m").lower()
        assert went_out(house) == {"starts pip"}


def test_the_witness_sees_what_goes_out(house: House) -> None:
    (house.folder / "sitecustomize.py").write_text(WITNESS)
    code = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=0.1)"  # an address that is nobody's
    run("-c", code, env=house.env | {"PYTHONPATH": str(house.folder)}, log=house.folder / "out.log", cwd=house.folder)
    assert went_out(house) == {"asks for 192.0.2.1", "connects to 192.0.2.1"}
