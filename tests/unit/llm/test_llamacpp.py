"""llama.cpp in a process of ours: what it cannot load is a sentence, and nobody else on the machine can ask it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.base import EngineMissing, ModelBroken, PromptTooLong
from llm.llamacpp_model import LlamaCppModel
from tests import gguf_files
from tests.unit.llm.asking import ask, lines, size, thread

LISTENING = "0A"  # a socket's state in /proc/net/tcp
CODE = "bob: the code is 4711"


def load(path: Path, window: int = 1024) -> LlamaCppModel:
    return LlamaCppModel(path, name="tested", threads=1, window=window, states_mb=16)


@pytest.fixture
def model(copier_path: Path) -> Iterator[LlamaCppModel]:
    opened = load(copier_path)
    ask(opened, thread(CODE))
    yield opened
    opened.close()


def listening(pid: int) -> list[tuple[str, int]]:
    """Addresses and ports that a process listens on."""
    mine = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    found = [row[1].split(":") for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in mine]
    return [(address, int(port, 16)) for address, port in found]


def test_it_listens_on_this_machine_alone_and_answers_nobody_without_its_key(model: LlamaCppModel) -> None:
    ((address, port),) = listening(model.host.pid or 0)
    assert address == "0100007F"
    for path in ("/completion", "/tokenize", "/v1/chat/completions", "/slots", "/props"):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", path, "{}", {"Authorization": "Bearer no-key", "Content-Type": "application/json"})
        assert connection.getresponse().status in (401, 404)
        connection.close()


def test_its_key_stands_in_no_command_line(model: LlamaCppModel) -> None:
    command = Path(f"/proc/{model.host.pid}/cmdline").read_bytes().split(b"\0")
    assert command[1:] == [b"-m", b"llm.llamacpp_child", b""]


def test_a_closed_model_leaves_no_process(model: LlamaCppModel) -> None:
    before = model.host.pid
    model.close()
    assert not Path(f"/proc/{before}").exists()
    assert ask(model, thread(CODE)).text == " 4711"


def test_an_architecture_that_it_does_not_know_is_broken_and_says_why(copier_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "newer.gguf"
    path.write_bytes(copier_path.read_bytes().replace(b"llama.", b"lluma."))
    gguf_files.renamed(path, path, "general.architecture", "llama", "lluma")
    model = load(path)
    with pytest.raises(ModelBroken, match=r"llama\.cpp does not load it.*unknown model architecture: 'lluma'"):
        ask(model, thread(CODE))
    assert model.host.pid is None


def test_the_longest_prompt_that_is_taken_is_answered_right(copier_path: Path) -> None:
    model = load(copier_path, window=600)
    window = size(model, thread(""), max_tokens=10).window
    padding = window - size(model, thread(CODE), max_tokens=10).tokens - len("\n")
    prompt = thread("a" * padding, CODE)
    assert size(model, prompt, max_tokens=10).tokens == window
    assert ask(model, prompt, max_tokens=10).text == " 4711"
    with pytest.raises(PromptTooLong):
        ask(model, prompt, max_tokens=11)
    model.close()


def test_a_foreign_conversation_between_costs_nothing(model: LlamaCppModel) -> None:
    posts = [*lines(15, start=100), CODE]
    first = ask(model, thread(*posts))
    ask(model, thread("eve: the code is a secret", *lines(3, start=900)))
    again = ask(model, thread(*posts))
    assert again.text == first.text == " 4711"
    assert again.finish.read < first.finish.read / 10


def test_what_nobody_has_told_it_is_forgotten_without_a_loss(model: LlamaCppModel) -> None:
    posts = [*lines(10, start=700), CODE]
    ask(model, thread(*posts))
    model.forget(["ann: something else\n"])
    assert ask(model, thread(*posts)).finish.read <= 1


def test_without_the_extra_it_says_how_to_install_it(copier_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm.machine.importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EngineMissing, match=r"make llamacpp.*pip install -r requirements-llamacpp\.txt"):
        ask(load(copier_path), thread(CODE))
