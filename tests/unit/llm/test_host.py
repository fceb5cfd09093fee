"""A model's process: whatever happens in it, the parent gets a ModelError and the next request works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.base import Chunk, ModelDied, ModelHung, Options, Prompt
from llm.describe import ENGINES
from llm.gpt4all_model import Gpt4AllModel
from llm.host import LONGEST_WAIT, BackOff, Host, Limits
from llm.process import ROOT, Child
from tests import gguf_files
from tests.unit.llm.asking import ask, lines, load, texts, thread

LONG = thread(*lines(300))
WINDOW = 1 << 15
GENEROUS = 20.0  # seconds: far above what is needed, far below the test's own limit


@pytest.fixture(scope="session")
def wide(models: Path) -> Path:
    """A copier whose window takes the long thread."""
    return gguf_files.copier(models / "wide.gguf", context=WINDOW)


@pytest.fixture
def own(wide: Path) -> Iterator[Gpt4AllModel]:
    """A model for one test alone, to be killed."""
    model = load(wide, window=WINDOW)
    yield model
    model.close()


def reading(model: Gpt4AllModel, prompt: Prompt = LONG) -> Iterator[Chunk]:
    """An answer of which the prompt is being read right now."""
    chunks = model.generate(prompt, Options(max_tokens=20, temperature=0.0))
    for chunk in chunks:
        if chunk.stage == "read" and chunk.of:
            break
    return chunks


def test_a_model_s_process_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes apart what strangers have made."""
    monkeypatch.setenv("CHORUS_SECRET_KEY", "s" * 32)
    monkeypatch.setenv("INFERENCE_KEY", "sk-4711")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    child = Child("llm.host_child")
    told = Path(f"/proc/{child.pid}/environ").read_text().split("\0")
    child.kill()
    assert f"TMPDIR={tmp_path}" in told
    assert not [each for each in told if each.startswith(("CHORUS_", "INFERENCE_"))]


def test_loading_reading_and_writing_show_as_stages(own: Gpt4AllModel) -> None:
    chunks = ask(own, thread("bob: the code is 4711", *lines(60))).chunks
    stages = [chunk.stage for chunk in chunks]
    assert stages == sorted(stages, key=["load", "read", "write"].index)
    assert set(stages) == {"load", "read", "write"}


def test_a_tick_says_how_far_reading_is(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    tick = next(chunk for chunk in chunks if chunk.of)
    assert 0 < tick.done < tick.of
    chunks.close()  # type: ignore[attr-defined]


def test_a_closed_answer_stops_reading_and_the_model_stays(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    before = own.host.pid
    started = time.monotonic()
    chunks.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < GENEROUS
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"
    assert own.host.pid == before


def test_what_was_read_before_the_cancel_is_not_read_again(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    while next(chunks).done < 2_000:
        pass
    chunks.close()  # type: ignore[attr-defined]
    finish = ask(own, thread(*lines(40), question="x"), max_tokens=1).finish
    assert finish.reused > 40 * len(lines(1)[0])
    assert finish.read == 1


def test_a_closed_answer_stops_writing(copier: Gpt4AllModel) -> None:
    chunks = copier.generate(thread(f"bob: the code is {'0123456789' * 20}"), Options(max_tokens=200))
    first = next(chunk for chunk in chunks if chunk.text)
    chunks.close()  # type: ignore[attr-defined]
    assert first.text == " "
    assert ask(copier, thread("bob: the code is 4711")).text == " 4711"


def test_a_killed_process_is_a_death_and_the_next_request_works(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    os.kill(own.host.pid or 0, signal.SIGKILL)
    with pytest.raises(ModelDied, match="SIGKILL"):
        list(chunks)
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"


def test_a_process_that_was_killed_while_idle_is_a_death_too(own: Gpt4AllModel) -> None:
    ask(own, thread("bob: the code is 4711"))
    os.kill(own.host.pid or 0, signal.SIGKILL)
    with pytest.raises(ModelDied):
        ask(own, thread("bob: the code is 4711"))
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"


def test_signals_to_the_whole_group_leave_the_answer_to_the_parent(own: Gpt4AllModel) -> None:
    prompt = thread("bob: the code is 4711", *lines(60))
    chunks = reading(own, prompt)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(own.host.pid or 0, number)
    assert texts(chunks) == " 4711"


def test_an_abort_names_its_signal(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    os.kill(own.host.pid or 0, signal.SIGABRT)
    with pytest.raises(ModelDied, match="SIGABRT"):
        list(chunks)


def test_a_model_that_gives_no_sign_of_life_is_killed(wide: Path) -> None:
    model = load(wide, window=WINDOW, limits=Limits(hang=0.6))
    chunks = reading(model)
    stopped = model.host.pid or 0
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(ModelHung):
        list(chunks)
    with pytest.raises(ProcessLookupError):
        os.kill(stopped, 0)
    assert ask(model, thread("bob: the code is 4711")).text == " 4711"
    model.close()


def test_a_silent_model_still_gives_ticks(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    os.kill(own.host.pid or 0, signal.SIGSTOP)
    while next(chunks).of:  # what it had sent before
        pass
    assert next(chunks) == Chunk(stage="read")
    own.close()


def test_a_stopped_process_is_killed_when_the_answer_is_closed(own: Gpt4AllModel) -> None:
    chunks = reading(own)
    os.kill(own.host.pid or 0, signal.SIGSTOP)
    started = time.monotonic()
    chunks.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < GENEROUS
    assert own.host.pid is None
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"


def test_loading_that_takes_too_long_is_ended(copier_path: Path) -> None:
    host = Host(copier_path, {"n_ctx": 512, "threads": 1, "states_bytes": 0, "known": None}, Limits(load=0.5))
    loading = host.load()
    host._start()
    os.kill(host.pid or 0, signal.SIGSTOP)
    with pytest.raises(ModelHung, match="not loaded"):
        list(loading)
    assert host.pid is None


def test_a_load_that_nobody_waited_for_serves_the_next_request(own: Gpt4AllModel) -> None:
    chunks = own.generate(thread("a"), Options())
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    loading = own.host.pid
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"
    assert own.host.pid == loading is not None


def test_two_requests_at_once_are_a_mistake(copier: Gpt4AllModel) -> None:
    chunks = reading(copier, thread(*lines(60)))
    with pytest.raises(RuntimeError, match="one request at a time"):
        next(copier.generate(thread("a"), Options()))
    chunks.close()  # type: ignore[attr-defined]


def test_a_closed_model_loads_again_when_it_is_asked(own: Gpt4AllModel) -> None:
    ask(own, thread("bob: the code is 4711"))
    assert warmth(own)
    own.close()
    assert not warmth(own)
    assert ask(own, thread("bob: the code is 4711")).text == " 4711"


def warmth(model: Gpt4AllModel) -> bool:
    return model.warm


def test_deaths_in_a_row_make_it_wait_longer_but_not_for_ever() -> None:
    back_off = BackOff()
    waits = []
    for _ in range(12):
        back_off.died()
        waits.append(round(back_off.left, 1))
    assert waits[:4] == [0.0, 0.5, 1.0, 2.0]
    assert max(waits) <= LONGEST_WAIT
    back_off.lived()
    assert back_off.left == 0


PARENT = """
import sys, time
from pathlib import Path
from llm.base import Options, Prompt, Turn
from llm.describe import ENGINES
model = ENGINES[sys.argv[2]](Path(sys.argv[1]), name="m", threads=1, window=1 << 15, states_mb=1)
for chunk in model.generate(Prompt("s", (Turn("post", "hello there " * 1500),), "q"), Options(max_tokens=9)):
    if chunk.of:
        print(model.host.pid, flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_the_process_ends_with_its_parent(wide: Path, engine: str) -> None:
    command = [sys.executable, "-c", PARENT, str(wide), engine]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + GENEROUS
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be collected does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
