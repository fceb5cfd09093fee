"""Documentation that cannot rot: what exists is described, what is described exists."""

from __future__ import annotations

import re
from pathlib import Path

from mmapp import texts
from mmapp.commands.verbs import OFFERED
from mmapp.config import PREFIX, Settings
from mmapp.texts import help as help_texts

ROOT = Path(__file__).parent.parent


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(rf"`({PREFIX}[A-Z_]+)`", (ROOT / "docs" / "SETTINGS.md").read_text()))
    assert described == {PREFIX + name.upper() for name in Settings.model_fields}


def test_help_and_readme_name_every_verb() -> None:
    readme = (ROOT / "README.md").read_text()
    for verb in OFFERED:
        assert all(f"/ai {verb}" in help_texts.full("ai", tells_root=tells) for tells in (True, False))
        assert f"/ai {verb}" in readme


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert named <= targets


def test_links_between_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:\s]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_sentences_for_people_live_in_texts() -> None:
    assert texts.__doc__
    for path in (ROOT / "mmapp").rglob("*.py"):
        if path.parent.name != "texts":
            assert "/ai ask " not in path.read_text(), path
