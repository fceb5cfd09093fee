"""`flask models …`: what administrators type about models, and the sentences that they get back."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from llm import checksum, lock, record
from llm.checksum import sha256
from mmapp import config
from mmapp.catalogue.bar import Rate
from mmapp.cli import app
from mmapp.db import Database, clock
from mmapp.jobs import measured
from mmapp.models import ModelRecord
from mmapp.texts import catalog as texts
from tests import gguf_files
from tests.conftest import KEY
from tests.shop import Shop
from tests.smollm2 import smollm2_path

SETTINGS = {
    "MATTERMOST_URL": "https://chat.example.org",
    "PUBLIC_URL": "http://127.0.0.1:8066",
    "BOT_TOKENS": "ai=token",
    "COMMAND_TOKENS": f"{'t' * 26}=token",
    "SECRET_KEY": "s" * 32,
    "ENCRYPTION_KEYS": KEY,
}


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_files.copier(tmp_path_factory.mktemp("sound") / "copier.gguf")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models folder of a machine on which Chorus is not set up."""
    monkeypatch.setitem(config.Settings.model_config, "env_file", None)
    monkeypatch.setenv("CHORUS_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("CHORUS_THREADS", "1")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def set_up(folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of a machine on which it is."""
    for name, value in {**SETTINGS, "DATABASE_URL": database_url}.items():
        monkeypatch.setenv(f"CHORUS_{name}", value)
    opened = Database(database_url, (KEY,))
    yield opened
    opened.close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as opened:
        yield opened


def run(*words: str, typed: str = "") -> Result:
    shown = app.test_cli_runner().invoke(args=["models", *words], input=typed)
    assert "Traceback" not in shown.output
    return shown


def refused(*words: str) -> str:
    """The sentence that a command ends with."""
    shown = run(*words)
    assert shown.exit_code == 1, shown.output
    return shown.output.partition("Error: ")[2].strip()


def own_catalog(folder: Path, shop: Shop, path: Path, **more: object) -> Path:
    """A catalogue of one's own, whose model is this file on the shop's shelf."""
    content = path.read_bytes()
    extra = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    catalog = folder.parent / "mine.toml"
    catalog.write_text(f"""[mine]
title = "Mine"
good_for = "tests"
licence = "MIT"
by = "me"
parameters = "1"
quantisation = "Q8_0"
architecture = "llama"
window = 8192
memory = 1000
{extra}[mine.url]
address = "{shop.put("file.gguf", content)}"
size = {len(content)}
md5 = "{hashlib.md5(content).hexdigest()}"
""")  # noqa: S324
    return catalog


# list


def test_models_are_listed_with_what_is_known_of_them(folder: Path, sound: Path) -> None:
    run("add", str(sound))
    (folder / "page.gguf").write_text("<html>not found</html>         ")
    shown = run("list").output
    assert "copier  copier, 2 MB, Q8_0, window 8,192, gpt4all\n    takes about 2" in shown
    assert "page  22 MB" not in shown
    assert "cannot be used: a web page, not a GGUF file" in shown
    assert "quotes  Quotes, built in, extractive" in shown


def test_what_can_be_fetched_stands_below_with_its_licence_and_the_recommended_one(folder: Path) -> None:
    shown = run("list").output.partition("Can be fetched:")[2]
    assert "smollm2-135m  SmolLM2 135M Instruct, 93 MB, Apache-2.0\n    for trying out" in shown
    assert "llama-3.2-1b (recommended)  Llama 3.2 1B Instruct, 773 MB, Llama 3.2 Community License (not OSI)" in shown
    assert "to fetch it: .venv/bin/flask --app app models pull llama-3.2-1b" in shown
    assert shown.count("(recommended)") == 1


def test_what_is_there_is_not_offered_again(folder: Path) -> None:
    (folder / "smollm2-135m.gguf").symlink_to(smollm2_path())
    here, _, others = run("list").output.partition("Can be fetched:")
    assert "smollm2-135m  SmolLM2 135M Instruct, 98 MB, Q4_1, window 8,192, Apache-2.0, gpt4all" in here
    assert "smollm2-135m" not in others


def test_scripts_are_told_the_same(folder: Path, sound: Path) -> None:
    shutil.copy(sound, folder)
    found = {each["name"]: each for each in json.loads(run("list", "--json").output)}
    assert found.keys() == {"copier", "quotes"}
    assert (found["copier"]["approved"], found["copier"]["measured"]) == (None, None)
    assert found["copier"]["memory"] > found["copier"]["size"] == sound.stat().st_size


# probe


def test_a_model_is_probed_and_measured(folder: Path, sound: Path) -> None:
    shutil.copy(sound, folder)
    first, second = run("probe", "Copier").output.splitlines()
    assert first == "Loading copier and measuring it ..."
    assert "tokens a second here" in second
    assert "MB of memory" in second
    assert json.loads(run("probe", "copier", "--json").output)["n_ctx"] == 8192


def test_a_model_that_is_not_there_or_broken_is_a_sentence(folder: Path) -> None:
    (folder / "page.gguf").write_text("<html>not found</html>         ")
    assert refused("probe", "page") == "a web page, not a GGUF file"
    where = "There is no model `nothing`. `.venv/bin/flask --app app models list` shows what is there."
    assert refused("probe", "nothing") == where


def listed(database: Database, name: str = "copier", **fields: object) -> None:
    """A worker has listed this model."""
    with database.write() as session:
        session.add(ModelRecord(name=name, title=name, engine="gpt4all", seen_at=clock(session), **fields))


def test_what_was_measured_is_kept_for_this_machine_and_listed(set_up: Database, folder: Path, sound: Path) -> None:
    shutil.copy(sound, folder)
    listed(set_up)
    assert run("probe", "copier").output.splitlines()[-1] == texts.kept()
    figures = measured.here(set_up)["copier"]
    with set_up.read() as session:
        assert session.get_one(ModelRecord, "copier").decode == figures.decode > 0
    assert texts.measured(figures.prefill, figures.decode) in run("list").output
    assert f"({figures.memory / 1e6:,.0f} MB measured)" in run("list").output
    (found, _quotes) = json.loads(run("list", "--json").output)
    assert found["measured"]["prefill"] == figures.prefill


def test_a_model_that_no_worker_has_listed_is_measured_and_not_kept(
    set_up: Database, folder: Path, sound: Path
) -> None:
    shutil.copy(sound, folder)
    assert run("probe", "copier").output.splitlines()[-1] == texts.not_listed_yet()


def test_models_are_listed_though_the_database_is_away(
    folder: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**SETTINGS, "DATABASE_URL": f"sqlite:///{folder}/none/chorus.db"}.items():
        monkeypatch.setenv(f"CHORUS_{name}", value)
    shutil.copy(sound, folder)
    shown = run("list")
    assert (shown.exit_code, "copier  copier" in shown.output) == (0, True)
    assert "could not be asked for what was measured" in shown.output


# pull


def test_a_model_of_ones_own_catalogue_is_fetched_and_both_hashes_shown(folder: Path, shop: Shop, sound: Path) -> None:
    catalog = own_catalog(folder, shop, sound)
    lines = run("pull", "mine", "--catalog", str(catalog)).output.splitlines()
    assert lines[0] == "Fetching Mine (2 MB) from 127.0.0.1 ..."
    assert f"mine is ready: {folder / 'mine.gguf'}" in lines
    assert any("md5 of the file as published" in line for line in lines)
    assert lines[-1] == f"    sha256 of the file as installed: {sha256(sound)}"
    assert "mine  Mine, 2 MB, Q8_0, window 8,192, MIT, gpt4all\n    tests" in run("list").output


def test_an_adapted_model_is_said_to_be_one(folder: Path, shop: Shop, tmp_path: Path) -> None:
    newer = gguf_files.copier(tmp_path / "newer.gguf", pre="falcon3")
    shown = run("pull", "mine", "--catalog", str(own_catalog(folder, shop, newer, pre_tokenizer="llama-bpe"))).output
    assert "Its pre-tokenizer falcon3 has an older name in GPT4All 2.8.2: its header was adapted." in shown
    assert sha256(folder / "mine.gguf") in shown


def test_the_template_of_the_catalogue_comes_with_the_file(folder: Path, shop: Shop, sound: Path) -> None:
    catalog = own_catalog(folder, shop, sound, template=gguf_files.CHAT, stop=["<|end|>"])
    run("pull", "mine", "--catalog", str(catalog))
    chat = record.chat(folder / "mine.gguf")
    assert (chat.template, chat.stop) == (gguf_files.CHAT, ["<|end|>"])


def test_a_model_that_is_there_is_not_fetched_and_nothing_says_so(folder: Path) -> None:
    (folder / smollm2_path().name).symlink_to(smollm2_path())
    shown = run("pull", "smollm2-135m")
    assert shown.exit_code == 0
    assert shown.output.strip() == texts.already_there("smollm2-135m")


def test_a_file_that_nobody_may_read_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    (folder / smollm2_path().name).symlink_to(smollm2_path())
    monkeypatch.setattr("llm.checksum.hashes", refuse)
    assert "Permission denied in models" in refused("pull", "smollm2-135m")
    monkeypatch.setattr(Path, "glob", refuse)
    assert refused("list") == "Permission denied. Check who may read the models folder and what is in it."


def test_pulling_what_the_catalogue_has_not_names_what_it_has(folder: Path) -> None:
    said = refused("pull", "gpt-9")
    assert said.startswith("The catalogue has no gpt-9; it has smollm2-135m, llama-3.2-1b, ")
    assert "models add PATH" in said


def test_a_catalogue_that_cannot_be_used_is_told_line_by_line(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[mine]\ntitle = "Mine"\nsize = 3\n')
    said = refused("pull", "mine", "--catalog", str(bad))
    assert said.startswith(f"The catalogue {bad} cannot be used.")
    assert "- mine.licence: Field required" in said
    assert "- mine.size: Unexpected keyword argument" in said
    assert "No such file" in refused("pull", "mine", "--catalog", str(tmp_path / "none.toml"))


def test_an_index_that_does_not_answer_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:secret@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    said = refused("pull", "smollm2-135m")
    assert "he package index does not answer" in said
    assert "Check that pip reaches your package index" in said
    assert "secret" not in said


SENTENCES = {
    "missing": ({"statuses": [404]}, "has it no more (HTTP 404). The catalogue's address is out of date"),
    "forbidden": ({"statuses": [403]}, "refuses it (HTTP 403). Fetch the file by hand"),
    "page": ({"kind": "text/html"}, "answered with a web page. That is a proxy's or a login page"),
    "redirect": (
        {"redirect": "http://models.example.org/m"},
        "leads to an address that is not https. Nothing was taken",
    ),
}


@pytest.mark.parametrize(("how", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_what_an_address_gives_instead_is_a_sentence_with_what_to_do(
    folder: Path, shop: Shop, sound: Path, how: dict[str, object], sentence: str
) -> None:
    catalog = own_catalog(folder, shop, sound)
    for name, value in how.items():
        setattr(shop.shelves["/file.gguf"], name, value)
    said = refused("pull", "mine", "--catalog", str(catalog))
    assert sentence in said
    assert list(folder.glob("*.gguf")) == []


def test_another_file_than_meant_is_a_sentence(folder: Path, shop: Shop, sound: Path) -> None:
    catalog = own_catalog(folder, shop, sound)
    shelf = shop.shelves["/file.gguf"]
    shelf.content = shelf.content[:-1] + b"?"
    said = refused("pull", "mine", "--catalog", str(catalog))
    assert said.startswith("What came is another file than the catalogue means by mine. Nothing of it was kept.")
    shelf.content += b"more"
    assert "bytes, and the catalogue means" in refused("pull", "mine", "--catalog", str(catalog))


def test_a_pull_that_is_stopped_says_how_to_go_on_and_goes_on(
    folder: Path, shop: Shop, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = own_catalog(folder, shop, sound)
    shop.shelves["/file.gguf"].cuts = [1_000_000]

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("llm.fetch.time.sleep", stopped)
        shown = run("pull", "mine", "--catalog", str(catalog))
    assert (shown.exit_code, shown.output.splitlines()[-1]) == (130, texts.interrupted(kept=True))
    assert "mine is ready" in run("pull", "mine", "--catalog", str(catalog)).output
    assert shop.ranges() == ["", "bytes=1000000-"]


def test_a_proxy_or_certificates_that_are_no_such_thing_are_told(
    folder: Path, shop: Shop, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = own_catalog(folder, shop, sound)
    monkeypatch.setenv("CHORUS_CA_FILE", str(folder / "none.pem"))
    assert refused("pull", "mine", "--catalog", str(catalog)) == "CHORUS_CA_FILE names a file that does not exist."
    monkeypatch.setenv("CHORUS_CA_FILE", "")
    monkeypatch.setenv("CHORUS_PROXY", "nonsense")
    assert refused("pull", "mine", "--catalog", str(catalog)).startswith("CHORUS_PROXY must be a web address")


def test_a_proxy_of_the_settings_is_used_and_one_of_the_environment_is_not(
    folder: Path, shop: Shop, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop plays the proxy: it is asked for the whole address."""
    catalog = own_catalog(folder, shop, sound)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert run("pull", "mine", "--catalog", str(catalog)).exit_code == 0
    monkeypatch.setenv("CHORUS_PROXY", shop.url)
    (folder / "mine.gguf").unlink()
    assert "HTTP 404" in refused("pull", "mine", "--catalog", str(catalog))
    assert shop.asked[-1][0] == f"{shop.url}/file.gguf"


# add


def test_a_file_is_added_and_what_it_is_shown(folder: Path, sound: Path) -> None:
    lines = run("add", str(sound)).output.splitlines()
    assert lines[-2:] == [
        f"copier is ready: {folder / 'copier.gguf'}",
        f"    sha256 of the file as published: {sha256(sound)}",
    ]
    assert run("add", str(sound)).output.splitlines()[-1] == texts.already_added("copier")


def test_no_terminal_is_told_what_a_file_or_its_words_would_have_it_do(folder: Path, tmp_path: Path) -> None:
    named = "a\x1b[2Jb\nquotes  forged"
    source = gguf_files.copier(tmp_path / f"{named}.gguf", licence="MIT\x1b]0;forged\x07\nquotes  forged")
    said = (
        run("add", str(source)).output + run("list").output + run("remove", "a-2jb-quotes-forged", typed="y\n").output
    )
    said += refused("add", str(tmp_path / f"{named}.none"))
    assert "a-2jb-quotes-forged is ready" in said
    assert [line for line in said.splitlines() if line.startswith("quotes  forged")] == []
    assert not {"\x1b", "\x07"} & set(said)


@pytest.mark.usefixtures("no_llamacpp")
def test_what_cannot_be_added_is_a_sentence_with_what_to_do(folder: Path, sound: Path, tmp_path: Path) -> None:
    cut = gguf_files.cut(sound, tmp_path / "cut.gguf", 500_000)
    newer = gguf_files.of_architecture(sound, tmp_path / "newer.gguf", "qwen9")
    said = {path.stem: refused("add", str(path)) for path in (cut, newer, tmp_path / "none.gguf")}
    assert said["cut"].startswith("The file is truncated: ")
    assert said["cut"].endswith("Nothing was installed. Get the file once more.")
    assert "llama.cpp server" in said["newer"]
    assert (
        said["none"]
        == "The file none.gguf cannot be read: No such file or directory. Name a GGUF file that you may read."
    )
    assert list(folder.iterdir()) == []


def test_another_model_of_the_name_is_replaced_only_when_told(folder: Path, sound: Path, tmp_path: Path) -> None:
    run("add", str(sound))
    (tmp_path / "elsewhere").mkdir()
    other = gguf_files.copier(tmp_path / "elsewhere" / "copier.gguf", context=1024)
    assert refused("add", str(other)).startswith("Another model is called copier.gguf. Add `--replace`")
    assert run("add", str(other), "--replace").exit_code == 0
    assert sha256(folder / "copier.gguf") == sha256(other)


# remove


def test_a_model_is_removed_with_its_record_when_it_is_confirmed(folder: Path, sound: Path) -> None:
    run("add", str(sound))
    assert run("remove", "copier", typed="n\n").exit_code == 1
    assert (folder / "copier.gguf").exists()
    assert texts.removed("copier") in run("remove", "Copier", typed="y\n").output
    assert list(folder.iterdir()) == []


def test_what_was_left_of_fetching_it_goes_with_a_model(folder: Path, sound: Path) -> None:
    run("add", str(sound))
    for name in (".copier.gguf.part", ".copier.gguf.part.json"):
        (folder / name).write_text("half")
    run("remove", "copier", "--yes")
    assert list(folder.iterdir()) == []


def test_a_removed_model_that_something_still_names_is_said_to_be(
    folder: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", str(sound))
    run("lock")
    monkeypatch.setenv("CHORUS_DEFAULT_MODEL", "Copier")
    said = run("remove", "copier", "--yes").output.splitlines()
    assert said == [texts.removed("copier"), texts.still_default("copier"), texts.still_approved("copier")]


def test_a_link_is_removed_and_what_it_leads_to_stays(folder: Path, sound: Path) -> None:
    (folder / "link.gguf").symlink_to(sound)
    run("remove", "link", "--yes")
    assert sound.exists()


def test_what_is_no_file_cannot_be_removed(folder: Path) -> None:
    assert refused("remove", "quotes", "--yes") == texts.no_file("quotes")
    assert refused("remove", "none", "--yes") == texts.no_such_model("none")


# lock


def test_a_lock_approves_what_is_there_and_nothing_that_comes_later(folder: Path, sound: Path, tmp_path: Path) -> None:
    run("add", str(sound))
    assert texts.locked(["copier"]) in run("lock").output
    (approved,) = lock.read(folder).files  # type: ignore[union-attr]
    assert (approved.name, approved.sha256, approved.source) == ("copier", sha256(sound), "copier.gguf")
    later = gguf_files.copier(tmp_path / "later.gguf", context=4096)
    assert texts.not_approved_yet("later") in run("add", str(later)).output
    shown = run("list").output
    assert "copier  copier, 2 MB, Q8_0, window 8,192, gpt4all, approved" in shown
    assert "cannot be used: not on the approved list (models.lock)" in shown
    assert {each["name"]: each["approved"] for each in json.loads(run("list", "--json").output)} == {
        "copier": True, "later": False, "quotes": None,
    }  # fmt: skip


def test_models_are_approved_and_no_more_approved_one_by_one(folder: Path, sound: Path, tmp_path: Path) -> None:
    run("add", str(sound))
    run("lock")
    run("add", str(gguf_files.copier(tmp_path / "later.gguf", context=4096)))
    assert texts.locked(["copier", "later"]) in run("lock", "--add", "later").output
    assert texts.locked(["later"]) in run("lock", "--remove", "copier").output
    assert refused("lock", "--remove", "copier") == texts.not_in_lock("copier")
    assert refused("lock", "--add", "none") == texts.no_such_model("none")


def test_the_command_that_is_suggested_is_the_one_that_works(folder: Path, sound: Path, tmp_path: Path) -> None:
    run("lock")
    said = run("add", str(shutil.copy(sound, tmp_path / "My Model.Q8_0.gguf"))).output
    assert "`.venv/bin/flask --app app models lock --add my-model.q8_0` approves it" in said
    assert texts.locked(["my-model.q8_0"]) in run("lock", "--add", "My-Model.Q8_0").output
    assert texts.locked([]) in run("lock", "--remove", "My-Model.Q8_0").output


def test_a_model_that_was_withdrawn_while_another_was_hashed_stays_withdrawn(
    folder: Path, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("add", str(sound))
    run("lock")
    run("add", str(gguf_files.copier(tmp_path / "later.gguf", context=4096)))
    hashed = checksum.sha256

    def meanwhile(*args: Any) -> str:
        monkeypatch.undo()
        monkeypatch.setenv("CHORUS_MODELS_DIR", str(folder))
        run("lock", "--remove", "copier")
        return hashed(*args)

    monkeypatch.setattr(checksum, "sha256", meanwhile)
    assert texts.locked(["later"]) in run("lock", "--add", "later").output


def test_a_list_that_is_not_there_or_broken_is_not_added_to(folder: Path, sound: Path) -> None:
    run("add", str(sound))
    assert refused("lock", "--add", "copier") == texts.no_lock()
    (folder / "models.lock").write_text("[[")
    said = refused("lock", "--add", "copier")
    assert "the approved list (models.lock) cannot be read" in said
    assert "Mend it, or delete it" in said
    assert texts.locked(["copier"]) in run("lock").output


def test_a_file_that_was_replaced_since_is_approved_as_what_it_is_now(
    folder: Path, sound: Path, tmp_path: Path
) -> None:
    run("add", str(sound))
    run("lock")
    gguf_files.copier(tmp_path / "other", context=4096).replace(folder / "copier.gguf")
    assert "not on the approved list" in run("list").output
    run("lock", "--add", "copier")
    assert "not on the approved list" not in run("list").output


# The bar


def test_the_bar_tells_bytes_speed_and_the_time_that_is_left() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    assert texts.fetched(0, 100_000_000, rate.at(0)) == "fetching 0 of 100 MB"
    now = 2.0
    assert texts.fetched(20_000_000, 100_000_000, rate.at(20_000_000)) == "fetching 20 of 100 MB, 10.0 MB/s, 8 s left"
    now = 30.0
    assert rate.at(20_000_000) < 10_000_000
    assert texts.fetched(5_000_000, 905_000_000, 10_000_000.0).endswith("1 min 30 s left")


def test_a_download_that_goes_on_is_as_fast_as_what_it_fetches_itself() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    rate.at(500_000_000)  # those of yesterday
    now = 1.0
    assert rate.at(501_000_000) == 1_000_000.0


# worker --models


def test_a_worker_of_models_that_are_not_there_does_not_start(set_up: Database, folder: Path, sound: Path) -> None:
    shutil.copy(sound, folder)
    shown = app.test_cli_runner().invoke(args=["worker", "--models", "copier, copyer"])
    assert shown.exit_code == 1
    assert texts.only_unknown(["copyer"], ["copier", "quotes"]) in shown.output
