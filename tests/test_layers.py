"""The arrows of the structure: who may import whom. A new arrow is a decision, and is made here."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Room -> what it may import of the project. `mmapp.x` stands for everything in it.
SHARED = {
    "mmapp.config",
    "mmapp.db",
    "mmapp.errors",
    "mmapp.logs",
    "mmapp.models",
    "mmapp.texts",
    "mmapp.machine",
    "mmapp.written",
}
SHARED |= {"mmapp.access"}  # where Chorus is on: web side, worker, listener and doctor read the same table
SHARED |= {"mmapp.choice"}  # which model answers: decided at the command, and again when the job runs
SHARED |= {"mmapp.direct"}  # whether a direct conversation goes on: what was chosen for it ends with it
SHARED |= {
    "mmapp.items",
    "mmapp.nodes",
    "mmapp.wanted",
    "mmapp.languages",
    "mmapp.schedule",
    "mmapp.plan",
}  # what a summary is, from the command to the last part kept
BUTTONS = {"mmapp.buttons", "mmapp.dialogs", "mmapp.signing"}
ALLOWED = {
    "llm": {"llm"},
    "mmapp.mattermost": {"mmapp.mattermost"},
    "mmapp.texts": {"mmapp.texts"},
    "mmapp.chat": SHARED | {"mmapp.chat", "mmapp.mattermost", "llm"},
    "mmapp.commands": SHARED
    | BUTTONS
    | {"mmapp.commands", "mmapp.jobs.queue", "mmapp.jobs.waiting", "mmapp.jobs.fairness", "mmapp.jobs.payload"}
    | {"mmapp.chat.permalink"}  # a link to another server is told while its dialog is still open
    | {"mmapp.mattermost.channel_names"},  # whether it was typed in a direct message: nothing is called for it
    "mmapp.jobs": SHARED
    | BUTTONS
    | {"mmapp.jobs", "mmapp.chat", "mmapp.mattermost", "mmapp.migrate", "mmapp.services", "llm"},
    "mmapp.listen": SHARED
    | {"mmapp.listen", "mmapp.commands", "mmapp.jobs.queue", "mmapp.jobs.waiting", "mmapp.jobs.payload"}
    | {"mmapp.jobs.tick"}  # who is heard to leave may have digests that have to be looked at
    | {"mmapp.chat.audience"}  # whether another of our bots still hears what is deleted where one was removed
    | {
        "mmapp.jobs.refusal",
        "mmapp.mattermost",
        "mmapp.services",
    },  # who waited where the bot was removed gets his words back
    "mmapp.setup": SHARED | {"mmapp.setup", "mmapp.mattermost"},
    "mmapp.web": SHARED
    | {"mmapp.web", "mmapp.commands", "mmapp.jobs.queue", "mmapp.mattermost", "mmapp.migrate", "mmapp.services"}
    | BUTTONS
    | {"mmapp.roundtrip", "mmapp.chat.audience", "mmapp.chat.provenance"}  # rights are checked at the click
    | {"mmapp.chat.when"}  # a digest's time zone may have another name by now
    | {"mmapp.chat.privacy"},  # who does not want to be read is not shown among threads to pick either
    "mmapp.doctor": SHARED
    | {"mmapp.doctor", "mmapp.jobs.waiting", "mmapp.mattermost", "mmapp.migrate", "mmapp.services", "mmapp.signing"}
    | {"mmapp.roundtrip", "llm"},
}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room.replace(".", "/")).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module of the project that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    names = {
        str(each.relative_to(ROOT).with_suffix("")).replace("/", ".") for each in (*modules("llm"), *modules("mmapp"))
    }
    return {name for name in found if name in names}


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_what_its_arrows_allow(room: str) -> None:
    for path in modules(room):
        for name in imported(path):
            assert any(name == each or name.startswith(f"{each}.") for each in ALLOWED[room]), (
                f"{path.name} imports {name}"
            )


def test_only_the_model_s_process_imports_gpt4all() -> None:
    for path in (*modules("llm"), *modules("mmapp")):
        assert "gpt4all" not in packages(path) or path == ROOT / "llm" / "engine.py", path


def test_only_its_process_imports_llama_cpp_and_only_who_asks_endpoints_their_client() -> None:
    for path in (*modules("llm"), *modules("mmapp")):
        assert "xllamacpp" not in packages(path) or path == ROOT / "llm" / "llamacpp_server.py", path
        assert not packages(path) & {"openai", "httpx2"} or path.name.startswith("openai_"), path


def test_web_and_worker_come_by_engines_over_no_detour() -> None:
    engines = "{'gpt4all', 'xllamacpp', 'openai'}"
    code = f"import sys, mmapp.web.app, mmapp.jobs.worker, mmapp.cli; sys.exit(bool({engines} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def packages(path: Path) -> set[str]:
    """The first part of every name that a file imports, inside functions too."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    of = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | of}


def test_only_models_pull_fetches() -> None:
    """Nothing is fetched unless somebody types it."""
    who = {"llm.download": {"mmapp.catalogue.command"}, "llm.fetch": {"llm.download"}, "llm.wheel": {"llm.download"}}
    for path in (*modules("llm"), *modules("mmapp")):
        me = str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for name in imported(path) & who.keys():
            assert me in who[name], f"{me} imports {name}"


READ_THE_ENVIRONMENT = {"config.py", "environment.py"}  # the settings, and what children are told of it


def test_only_the_settings_read_the_environment() -> None:
    for path in (*modules("llm"), *modules("mmapp")):
        source = path.read_text().replace('os.environ["PATH"] = os.devnull', "")  # writing is not reading
        assert path.name in READ_THE_ENVIRONMENT or ("os.environ" not in source and "getenv" not in source), path


def test_whoever_starts_a_process_says_what_it_is_told() -> None:
    for path in (*modules("llm"), *modules("mmapp")):
        source = path.read_text()
        assert "Popen(" not in source or "env=" in source or path.name == "supervise.py", path  # that starts `cat`
