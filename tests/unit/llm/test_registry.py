"""Which models there are, what they are called, and which one answers when nobody says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llm import machine
from llm.base import EngineMissing, ModelMissing
from llm.checksum import identify, sha256
from llm.describe import friendly
from llm.extractive import ExtractiveModel
from llm.gpt4all_model import Gpt4AllModel
from llm.llamacpp_model import LlamaCppModel
from llm.openai_model import OpenAiModel
from llm.registry import Registry
from llm.scripted import ScriptedModel
from tests import gguf_files
from tests.smollm2 import smollm2_path
from tests.unit.llm.asking import ask, thread


@pytest.fixture
def folder(copier_path: Path, tmp_path: Path) -> Path:
    """Two sound models, whose names are one to a reader, and a broken one."""
    shutil.copy(copier_path, tmp_path / "My Copier.gguf")
    shutil.copy(copier_path, tmp_path / "my-copier.gguf")
    gguf_files.cut(copier_path, tmp_path / "half.gguf", 500_000)
    return tmp_path


@pytest.fixture
def registry(folder: Path) -> Iterator[Registry]:
    opened = of(folder)
    yield opened
    opened.close()


def not_installed() -> None:
    raise EngineMissing("llama.cpp is not installed")


def of(folder: Path, **more: Any) -> Registry:
    return Registry(folder, threads=1, window=1024, states_mb=16, **more)


def test_the_files_and_the_built_in_model_are_listed(registry: Registry) -> None:
    infos = registry.infos()
    assert [info.name for info in infos] == ["my-copier-2", "half", "my-copier", "quotes"]
    assert [(info.architecture, info.quantisation, info.n_ctx) for info in infos[:1]] == [("llama", "Q8_0", 8192)]
    assert [bool(info.fault) for info in infos] == [False, True, False, False]


def test_a_broken_file_is_listed_with_what_is_wrong(registry: Registry) -> None:
    fault = registry.infos()[1].fault
    assert re.fullmatch(r"the file is truncated: \S+ extends past the end of the file; copy it again", fault)


def test_what_a_file_says_of_itself_is_listed_as_one_plain_line(copier_path: Path, tmp_path: Path) -> None:
    made = gguf_files.copier(tmp_path / "made", licence="M\x1b[2JI\nT\0\u202e" + "!" * 500)
    gguf_files.renamed(made, tmp_path / "forged.gguf", "general.name", "copier", "\x1b\0\n\r\x7fb")
    (info, _quotes) = of(tmp_path).infos()
    assert (info.title, info.licence[:20], len(info.licence)) == ("b", "M [2JI T !!!!!!!!!!!", 200)


def test_a_long_name_is_cut_to_what_the_database_holds(copier_path: Path, tmp_path: Path) -> None:
    for end in "ab":
        shutil.copy(copier_path, tmp_path / f"{'long-' * 40}{end}.gguf")
    names = [info.name for info in of(tmp_path).infos()[:2]]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 128
    assert of(tmp_path).resolve(names[1]).name == names[1]


def test_a_file_has_the_title_of_the_catalogue_where_it_is_that_file_and_not_by_its_name(
    copier_path: Path, tmp_path: Path
) -> None:
    shutil.copy(copier_path, tmp_path / "mistral-7b-instruct.gguf")
    (tmp_path / "small.gguf").symlink_to(smollm2_path())
    named, small, _quotes = of(tmp_path).infos()
    assert (named.title, named.licence) == ("copier", "")
    assert (small.title, small.licence) == ("SmolLM2 135M Instruct", "Apache-2.0")


def test_a_file_whose_hash_is_known_has_the_title_of_the_catalogue(tmp_path: Path) -> None:
    """As the worker has it, once it has loaded it."""
    path = Path(shutil.copy(smollm2_path(), tmp_path / "small.gguf"))
    assert of(tmp_path).infos()[0].title != "SmolLM2 135M Instruct"
    known = {path.name: identify(path, None, lambda _done, _of: None)}
    assert of(tmp_path, known=known).infos()[0].title == "SmolLM2 135M Instruct"


def test_a_folder_that_is_not_there_has_the_built_in_model(tmp_path: Path) -> None:
    registry = of(tmp_path / "none")
    assert [info.name for info in registry.infos()] == ["quotes"]
    assert isinstance(registry.default(), ExtractiveModel)


def test_a_name_is_found_in_any_case(registry: Registry) -> None:
    assert registry.resolve("MY-Copier ").name == "my-copier"
    assert registry.resolve("Quotes").name == "quotes"


def test_whichever_is_called_so_exactly_keeps_its_name_whatever_comes_beside_it(
    registry: Registry, folder: Path
) -> None:
    (info,) = (info for info in registry.infos() if info.name == "my-copier")
    assert info.path == str(folder / "my-copier.gguf")


def test_a_wrong_name_comes_with_the_nearest_ones(registry: Registry) -> None:
    with pytest.raises(ModelMissing) as missing:
        registry.resolve("mycopier")
    assert missing.value.near[0] == "my-copier"


def test_the_same_model_comes_twice(registry: Registry) -> None:
    assert registry.resolve("my-copier") is registry.resolve("my-copier")


def test_the_first_sound_file_answers_by_default(registry: Registry) -> None:
    assert registry.default_name() == "my-copier-2"
    assert ask(registry.default(), thread("bob: the code is 4711")).text == " 4711"


def test_the_wanted_model_answers_by_default_and_another_where_it_is_not_there(folder: Path) -> None:
    assert of(folder, default="Quotes").default().name == "quotes"
    assert of(folder, default="none").default_name() == of(folder).default_name()


def test_a_file_that_comes_later_is_there_without_a_restart(tmp_path: Path, copier_path: Path) -> None:
    registry = of(tmp_path)
    assert registry.default_name() == "quotes"
    shutil.copy(copier_path, tmp_path / "new.gguf")
    assert registry.default_name() == "new"


def test_a_worker_of_some_models_lists_them_alone_and_agrees_with_others_on_the_default(folder: Path) -> None:
    registry = of(folder, only=["My-Copier-2"], default="my-copier")
    assert [info.name for info in registry.infos()] == ["my-copier-2"]
    assert registry.default_name() == "my-copier"
    with pytest.raises(ModelMissing):
        registry.resolve("my-copier")


def test_scripts_are_models_only_where_they_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "puppet.scripted.json").write_text('[{"answer": "hello"}]')
    assert [info.name for info in of(tmp_path).infos()] == ["quotes"]
    assert ask(of(tmp_path, scripted=True).resolve("puppet"), thread("a")).text == "hello"


def test_models_of_the_callers_own_are_among_them(tmp_path: Path) -> None:
    mine = ScriptedModel(name="Mine")
    assert of(tmp_path, extra=[mine]).resolve("mine") is mine


def test_without_the_engine_files_say_why_and_the_built_in_model_answers(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "processor_flags", frozenset)
    monkeypatch.setattr(machine, "check_llamacpp", not_installed)
    assert "AVX" in registry.infos()[0].fault
    assert registry.default_name() == "quotes"


def declare(folder: Path, *sections: str) -> None:
    (folder / "models.toml").write_text("\n".join(sections))


def endpoint(name: str, url: str = "http://127.0.0.1:1/v1") -> str:
    return f'["{name}"]\nurl = "{url}"\nmodel = "m"'


def test_endpoints_stand_behind_files_and_a_bad_one_has_its_fault(registry: Registry, folder: Path) -> None:
    declare(folder, endpoint("far"), endpoint("lost", "nowhere"))
    infos = registry.infos()
    assert [info.name for info in infos] == ["my-copier-2", "half", "my-copier", "far", "lost", "quotes"]
    assert [info.engine for info in infos[3:]] == ["openai", "openai", "extractive"]
    assert infos[4].fault.startswith("models.toml, [lost], url")
    with pytest.raises(ModelMissing, match=r"models\.toml, \[lost\]"):
        registry.resolve("lost")


def test_a_declared_name_is_an_endpoint_s_whatever_files_there_are(registry: Registry, folder: Path) -> None:
    declare(folder, endpoint("my-copier"))
    assert [info.name for info in registry.infos()] == ["my-copier-2", "half", "my-copier-3", "my-copier", "quotes"]
    assert isinstance(registry.resolve("my-copier"), OpenAiModel)


def test_an_endpoint_answers_by_default_where_no_file_does(tmp_path: Path) -> None:
    declare(tmp_path, endpoint("far"))
    assert of(tmp_path).default_name() == "far"
    assert of(tmp_path).is_warm("far")  # whoever runs it has loaded it


def test_an_endpoint_that_is_declared_anew_is_asked_anew(tmp_path: Path) -> None:
    registry = of(tmp_path)
    declare(tmp_path, endpoint("far"))
    first = registry.resolve("far")
    assert registry.resolve("far") is first
    declare(tmp_path, endpoint("far", "http://127.0.0.1:22/v1"))
    second = registry.resolve("far")
    assert isinstance(second, OpenAiModel)
    assert second.endpoint.url == "http://127.0.0.1:22/v1"
    declare(tmp_path)
    with pytest.raises(ModelMissing):
        registry.resolve("far")


def test_gpt4all_loads_what_it_can_and_llama_cpp_the_rest(copier_path: Path, tmp_path: Path) -> None:
    shutil.copy(copier_path, tmp_path / "old.gguf")
    gguf_files.copier(tmp_path / "new.gguf", pre="tekken")
    found = {info.name: info for info in of(tmp_path).infos()}
    assert (found["old"].engine, found["old"].fault, found["old"].unloadable) == ("gpt4all", "", {})
    assert (found["new"].engine, found["new"].fault) == ("llamacpp", "")
    assert "does not know the pre-tokenizer 'tekken'" in found["new"].unloadable["gpt4all"]


def test_what_gpt4all_cannot_load_names_both_ways_where_llama_cpp_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "check_llamacpp", not_installed)
    gguf_files.copier(tmp_path / "new.gguf", pre="tekken")
    info = of(tmp_path).infos()[0]
    assert info.unloadable.keys() == {"gpt4all", "llamacpp"}
    assert info.unloadable["llamacpp"] == "llama.cpp is not installed"
    assert "make llamacpp" in info.fault
    assert "models.toml" in info.fault


def test_a_file_is_loaded_by_the_engine_that_models_toml_names(copier_path: Path, tmp_path: Path) -> None:
    shutil.copy(copier_path, tmp_path / "copier.gguf")
    registry = of(tmp_path)
    before = registry.infos()[0]
    declare(tmp_path, '[files."copier.gguf"]', 'engine = "llamacpp"')
    after = registry.infos()[0]
    assert (before.engine, after.engine) == ("gpt4all", "llamacpp")
    assert before.version != after.version  # what was measured of one engine is not true of the other
    model = registry.resolve("copier")
    assert isinstance(model, LlamaCppModel)
    assert ask(model, thread("bob: the code is 4711")).text == " 4711"
    assert registry.sha256("copier") == sha256(tmp_path / "copier.gguf")
    assert registry.checksums().keys() == {"copier.gguf"}
    (tmp_path / "copier.gguf").unlink()
    registry.close_removed()
    assert not model.warm


def test_a_known_checksum_is_not_taken_again(copier_path: Path, tmp_path: Path, copier: Gpt4AllModel) -> None:
    ask(copier, thread("bob: the code is 4711"))
    known = copier.checksum
    assert known
    model = of(copier_path.parent, known={copier_path.name: known}).resolve("copier")
    assert isinstance(model, Gpt4AllModel)
    assert model.checksum == known


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("SmolLM2-135M-Instruct.Q4_1", "smollm2-135m-instruct.q4_1"),
        ("Mein Modell (2)", "mein-modell-2"),
        ("模型", "model"),
    ],
)
def test_names_can_be_typed(stem: str, name: str) -> None:
    assert friendly(stem) == name
