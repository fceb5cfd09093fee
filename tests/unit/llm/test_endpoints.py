"""models.toml: endpoints as they are declared, and a sentence for each fault, which hides no other section."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from llm.endpoints import Declarations, Declared, Network, read

KEYS = {"INFERENCE_KEY": "sk-very-secret"}
GOOD = """
[far]
url = "https://inference.example.org/v1/"
model = "meta-llama/Llama-3.3-70B-Instruct"
title = "Llama 3.3 70B"
window = 32768
concurrency = 4
key_variable = "INFERENCE_KEY"
licence = "Llama 3.3"
good_for = "long threads"
"""


def declared(text: str, folder: Path) -> Declared:
    path = folder / "models.toml"
    path.write_text(text, encoding="utf-8")
    return read(path, lambda name: KEYS.get(name, ""))


def test_an_endpoint_is_listed_as_it_is_declared(tmp_path: Path) -> None:
    (info,) = declared(GOOD, tmp_path).infos()
    assert (info.name, info.engine, info.title, info.n_ctx) == ("far", "openai", "Llama 3.3 70B", 32768)
    assert (info.concurrency, info.licence, info.good_for, info.fault) == (4, "Llama 3.3", "long threads", "")
    assert info.notes == ["runs at inference.example.org"]


def test_the_least_is_an_address_and_a_name(tmp_path: Path) -> None:
    endpoint = declared('[near]\nurl = "http://127.0.0.1:8080/v1"\nmodel = "m"', tmp_path).endpoints["near"]
    assert (endpoint.window, endpoint.concurrency, endpoint.key_variable, endpoint.is_here) == (8192, 1, "", True)


def test_no_secret_is_in_what_is_shown_of_it(tmp_path: Path) -> None:
    assert "sk-very-secret" not in repr(declared(GOOD, tmp_path))
    assert "secret.proxy" not in repr(Network(proxy="http://name:secret.proxy@proxy.example.org"))


FAULTS: dict[str, tuple[str, str]] = {
    "no address": ('model = "m"', "models.toml, [bad]: `url` is missing"),
    "no model": ('url = "http://127.0.0.1/v1"', "models.toml, [bad]: `model` is missing"),
    "a slip": ('windw = 1', "models.toml, [bad]: there is no field `windw`; did you mean `window`?"),
    "no such field": ('colour = 1', "models.toml, [bad]: there is no field `colour`"),
    "its own name": ('name = "x"', "models.toml, [bad]: there is no field `name`"),
    "a text for a number": ('window = "8192"', "models.toml, [bad], window: must be a whole number from 512 to 10,000,000"),
    "half a token": ("window = 812.5", "models.toml, [bad], window: must be a whole number from 512 to 10,000,000"),
    "a flag for a number": ("concurrency = true", "models.toml, [bad], concurrency: must be a whole number from 1 to 64"),
    "too many": ("concurrency = 65", "models.toml, [bad], concurrency: must be a whole number from 1 to 64"),
    "no time": ("first_seconds = 0", "models.toml, [bad], first_seconds: must be a number from 1 to 3,600"),
    "a number for a flag": ("thinks = 1", "models.toml, [bad], thinks: must be true or false"),
    "a number for a text": ("title = 7", "models.toml, [bad], title: must be a text of one line in quotes"),
    "two lines": ('title = "a\\nb"', "models.toml, [bad], title: must be a text of one line in quotes"),
    "our own secret": (
        'key_variable = "CHORUS_SECRET_KEY"',
        "models.toml, [bad], key_variable: CHORUS_… are Chorus' own secrets; choose another name",
    ),
    "no such variable": (
        'key_variable = "OTHER_KEY"',
        "models.toml, [bad], key_variable: neither the environment nor .env has a variable of that name",
    ),
    "the key itself": (
        'key_variable = "hf_very_secret"',
        "models.toml, [bad], key_variable: neither the environment nor .env has a variable of that name",
    ),
    "the key as a field": ('key = "sk-secret"', "models.toml, [bad]: there is no field `key`; did you mean `key_variable`?"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_sentence_and_the_other_sections_are_as_they_were(tmp_path: Path, name: str) -> None:
    lines, sentence = FAULTS[name]
    given = [line for line in ('url = "http://127.0.0.1/v1"', 'model = "m"') if name not in ("no address", "no model")]
    found = declared("\n".join(["[bad]", *given, lines, GOOD]), tmp_path)
    assert found.faults == {"bad": sentence}
    assert list(found.endpoints) == ["far"]
    assert [(info.name, info.fault) for info in found.infos()] == [("far", ""), ("bad", sentence)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a/v1",
        "inference:8000/v1",
        "https://",
        "https://me:pw@a/v1",
        "https://a/v1?key=1",
        "http://a:port/v1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    (fault,) = declared(f'[bad]\nurl = "{url}"\nmodel = "m"', tmp_path).faults.values()
    assert fault.startswith("models.toml, [bad], url: must be")
    assert "pw" not in fault


@pytest.mark.parametrize("here", ["127.0.0.1", "localhost", "[::1]", "127.8.8.8"])
def test_a_key_may_go_in_clear_to_this_machine_alone(tmp_path: Path, here: str) -> None:
    section = '[near]\nurl = "http://{}:8000/v1"\nmodel = "m"\nkey_variable = "INFERENCE_KEY"\n'
    assert declared(section.format(here), tmp_path).faults == {}
    (fault,) = declared(section.format("10.0.0.7"), tmp_path).faults.values()
    assert (
        fault
        == "models.toml, [near], url: the key would go over the network in clear; use https://, or write `insecure = true`"
    )
    assert declared(section.format("10.0.0.7") + "insecure = true", tmp_path).faults == {}


@pytest.mark.parametrize("key", ["sk-1\n", "sk–1", "sk 1", "sk-\x7f"])
def test_a_key_that_cannot_be_sent_is_told_without_repeating_it(tmp_path: Path, key: str) -> None:
    (tmp_path / "models.toml").write_text(GOOD)
    (fault,) = read(tmp_path / "models.toml", lambda _name: key).faults.values()
    assert fault.startswith("models.toml, [far], key_variable: the key in INFERENCE_KEY has signs")
    assert "sk" not in fault


def test_of_two_sections_of_one_name_neither_is_taken_for_the_other(tmp_path: Path) -> None:
    section = 'url = "http://127.0.0.1/v1"\nmodel = "m"\n'
    found = declared(f"[Far]\n{section}[near]\n{section}[far]\n{section}", tmp_path)
    assert list(found.endpoints) == ["near"]
    assert found.faults == {"far": "models.toml, [far]: there is a [Far] too, and people type both alike"}


def test_no_endpoint_is_called_as_the_built_in_model(tmp_path: Path) -> None:
    found = declared('["Quotes"]\nurl = "http://127.0.0.1/v1"\nmodel = "m"\n', tmp_path)
    assert found.faults == {
        "models.toml-quotes": "models.toml, [Quotes]: the built-in model is called so; choose another name"
    }


def test_a_name_with_a_dot_wants_quotes(tmp_path: Path) -> None:
    section = 'url = "http://127.0.0.1/v1"\nmodel = "m"'
    assert declared(f"[llama-3.3-70b]\n{section}", tmp_path).faults == {
        "llama-3": 'models.toml, [llama-3].3-70b: a name with a dot goes in quotes: ["llama-3.3-70b"]'
    }
    assert list(declared(f'["Llama-3.3-70B"]\n{section}', tmp_path).endpoints) == ["llama-3.3-70b"]


@pytest.mark.parametrize("name", ["my model", "modèle", "a" * 101])
def test_names_that_nobody_can_type_are_refused(tmp_path: Path, name: str) -> None:
    (fault,) = declared(f'["{name}"]\nurl = "http://127.0.0.1/v1"\nmodel = "m"', tmp_path).faults.values()
    assert fault.endswith("a name has letters, digits, `-`, `_` and dots, at most 100 of them")


def test_a_line_outside_of_sections_is_a_fault(tmp_path: Path) -> None:
    assert declared("far = 3", tmp_path).faults == {
        "far": "models.toml, [far]: must be a section with `url` and `model`"
    }


@pytest.mark.parametrize("text", ["[far", "[far]\nurl = x", "[far]\n[far]"])
def test_what_is_no_toml_says_where(tmp_path: Path, text: str) -> None:
    (info,) = declared(text, tmp_path).infos()
    assert info.name == "models.toml"
    assert info.fault.startswith("models.toml is no TOML: ")
    assert "(at " in info.fault


def test_another_encoding_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_bytes('title = "Größe"'.encode("latin-1"))
    (fault,) = read(tmp_path / "models.toml", str).faults.values()
    assert "UTF-8" in fault


def test_an_engine_may_be_wanted_for_a_file(tmp_path: Path) -> None:
    assert declared('[files."My Model.gguf"]\nengine = "llamacpp"\nstop = ["</s>"]', tmp_path).engines == {
        "My Model.gguf": "llamacpp"
    }


def test_a_file_may_have_a_template_without_an_engine(tmp_path: Path) -> None:
    found = declared('[files."My Model.gguf"]\ntemplate = "{{ x }}"\nstop = ["a"]', tmp_path)
    assert (found.engines, found.faults) == ({}, {})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('engine = "vllm"', ", engine: must be one of gpt4all, llamacpp"),
        ("engine = 3", ", engine: must be one of gpt4all, llamacpp"),
        ('engin = "llamacpp"', ": `engine`, `template` and `stop` alone belong there"),
        ('engine = "llamacpp"\nthreads = 3', ": `engine`, `template` and `stop` alone belong there"),
        ("template = 3", ", template: must be a text"),
        ('stop = "</s>"', ", stop: must be a list of texts"),
    ],
)
def test_nothing_else_belongs_to_a_file(tmp_path: Path, line: str, why: str) -> None:
    found = declared(f'[files."My Model.gguf"]\n{line}', tmp_path)
    assert list(found.faults.values()) == [f'models.toml, [files."My Model.gguf"]{why}']


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    declarations = Declarations(tmp_path, Network(secret=lambda name: KEYS.get(name, "")))
    assert declarations.now().infos() == []
    path = tmp_path / "models.toml"
    path.write_text(GOOD)
    first = declarations.now().infos()[0]
    assert declarations.now().infos()[0].version == first.version
    path.write_text(GOOD.replace("32768", "16384"))
    os.utime(path, ns=(1, 1))  # as many bytes, and perhaps within the clock's step
    second = declarations.now().infos()[0]
    assert (second.n_ctx, second.version != first.version) == (16384, True)
    path.unlink()
    assert declarations.now().infos() == []


def test_a_file_that_nobody_may_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models.toml").write_text(GOOD)

    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    (fault,) = read(tmp_path / "models.toml", str).faults.values()
    assert "who may read it" in fault
