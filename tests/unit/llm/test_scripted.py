"""The model for tests does what its script says."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from llm.base import EmptyAnswer, ModelDied, ModelHung, Options, Prompt
from llm.process import ROOT
from llm.scripted import ScriptedModel, Step
from tests.unit.llm.asking import ask, size, texts, thread


def test_steps_are_done_in_order_and_prompts_remembered() -> None:
    model = ScriptedModel(["Paris.", Step("Rome.")])
    assert [ask(model, thread("a")).text, ask(model, thread("b")).text] == ["Paris.", "Rome."]
    assert [prompt.turns[0].text for prompt in model.history] == ["a\n", "b\n"]


def test_its_tokens_are_words_and_what_it_has_read_is_known() -> None:
    model = ScriptedModel(["Paris."])
    ask(model, thread("one two", question="why?"))
    found = size(model, thread("one two", "three", question="why not?"))
    assert (found.tokens, found.known, found.turns) == (7, 4, (2, 1))


def test_words_come_one_by_one() -> None:
    chunks = ask(ScriptedModel(["one two\nthree"]), thread("a")).chunks
    assert [chunk.text for chunk in chunks] == ["one ", "two\n", "three", ""]


def test_an_error_comes_behind_the_words() -> None:
    chunks = ScriptedModel([Step("The cap", error=ModelDied("x"))]).generate(thread("a"), Options())
    written = [next(chunks), next(chunks)]
    with pytest.raises(ModelDied):
        next(chunks)
    assert texts(written) == "The cap"


def test_a_step_waits_for_the_prompt_that_it_is_for() -> None:
    model = ScriptedModel([Step("Rome.", contains="Italy"), Step("Paris.", contains="France")])
    assert ask(model, thread("a", question="Of France?")).text == "Paris."


def test_without_a_step_the_answer_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        ask(ScriptedModel(), thread("a"))


def test_a_hanging_model_ticks_and_can_be_closed() -> None:
    chunks = ScriptedModel([Step(hangs=True)]).generate(thread("a"), Options())
    assert not next(chunks).text
    chunks.close()  # type: ignore[attr-defined]


def test_delays_tick() -> None:
    started = time.monotonic()
    chunks = ask(ScriptedModel([Step("a b", delay_ms=300, delay_ms_per_word=10)]), thread("a")).chunks
    assert time.monotonic() - started >= 0.3
    assert [chunk.stage for chunk in chunks][:2] == ["read", "read"]


def test_broken_off_words_are_gone_on_with() -> None:
    assert ask(ScriptedModel(["one two three"]), Prompt("", (), "q", begun="one ")).text == "two three"


def test_a_script_from_a_file_answers_as_often_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "puppet.scripted.json"
    path.write_text('[{"contains": "France", "answer": "Paris."}, {"answer": "Hm.", "error": "ModelHung"}]')
    model = ScriptedModel.from_file(path)
    assert [ask(model, thread("a", question="France?")).text for _ in "12"] == ["Paris.", "Paris."]
    with pytest.raises(ModelHung):
        ask(model, thread("a"))


def test_a_script_can_kill_its_process(tmp_path: Path) -> None:
    path = tmp_path / "puppet.scripted.json"
    path.write_text('[{"answer": "The cap", "die": true}]')
    code = (
        "import sys; from pathlib import Path; from llm.scripted import *; "
        "[print(c.text, flush=True) for c in ScriptedModel.from_file(Path(sys.argv[1])).generate(Prompt('', (), 'q'), Options())]"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (-9, "The \ncap\n")
