"""Summaries with the real engine: the first of 600 messages reaches the end, and a small model does no harm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.base import Chunk, Options, Prompt
from llm.gpt4all_model import Gpt4AllModel
from mmapp.models import ModelRecord
from tests import gguf_files
from tests.line import Line
from tests.playground.sample import THREAD
from tests.playground.store import Doc
from tests.scenarios.summaries import summary, typed_in
from tests.scenarios.test_real_models import SUNDAY
from tests.smollm2 import smollm2_path
from tests.unit.llm.asking import size

POSTS = 600
# The copier goes on as the text did where the prompt's last letters stood before. The wish stands there: in a leaf behind
# "agreed:", and in its parent, where that is gone, behind "approved:", which is most like it.
WISH = "what we agreed:"
DECISION = "We agreed: as approved: two pumps go to hall 2 by 4 December"
COPIED = "two pumps go to hall 2 by 4 December"


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Prompt, Options]]:
    """All that the real engine is asked from now on."""
    seen: list[tuple[Prompt, Options]] = []
    original = Gpt4AllModel.generate

    def generate(self: Gpt4AllModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        seen.append((prompt, options))
        return original(self, prompt, options)

    monkeypatch.setattr(Gpt4AllModel, "generate", generate)
    return seen


@pytest.fixture
def copying(database_url: str, tmp_path: Path) -> Iterator[Line]:
    models = tmp_path / "models"
    models.mkdir()
    gguf_files.copier(models / "copier.gguf")
    with Line(database_url, models, default_model="copier", window=8192) as running:
        yield fixed(running, "copier", 4096)


@pytest.fixture
def writing(database_url: str, tmp_path: Path) -> Iterator[Line]:
    models = tmp_path / "models"
    models.mkdir()
    (models / "smollm2-135m.gguf").symlink_to(smollm2_path())
    with Line(database_url, models, default_model="smollm2-135m", window=2048) as running:
        yield fixed(running, "smollm2-135m", 800)


def fixed(line: Line, model: str, leaf: int) -> Line:
    """How much a part reads does not depend on how fast this machine is today, nor the words on the day."""
    line.playground.advance(SUNDAY - time.time())
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, model).leaf_tokens = leaf
    return line


def thread(line: Line, texts: list[str]) -> Doc:
    people = (line.ann, line.bob, line.carol)
    root: Doc | None = None
    for number, text in enumerate(texts):
        post = line.playground.post_as(people[number % 3], line.town, text, root or "")
        root = root or post
    assert root
    return root


def parts(prompts: list[tuple[Prompt, Options]]) -> list[Prompt]:
    return [prompt for prompt, _ in prompts if "given its messages" in prompt.system]


def test_the_engine_reads_each_of_600_messages_once_and_a_decision_in_the_first_reaches_the_end(
    copying: Line, prompts: list[tuple[Prompt, Options]]
) -> None:
    root = thread(copying, [DECISION, *(f"Truck {number} left" for number in range(1, POSTS))])
    typed_in(copying, copying.ann, root, f"summarize --kind timeline {WISH}")
    text = summary(copying, copying.ann)
    assert text.startswith(f"**{COPIED}** [[1]]({copying.playground.url}/")
    assert f"/pl/{root['id']})" in text
    assert "600 of 600 messages read" in text

    told = "".join(turn.text for prompt in parts(prompts) for turn in prompt.turns)
    assert told.count(DECISION) == 1
    assert [told.count(f"Truck {number} left\n") for number in range(1, POSTS)] == [1] * (POSTS - 1)
    assert len(parts(prompts)) > 1
    assert "notes on its parts" in prompts[-1][0].system
    fit(copying, "copier", prompts)


def test_smollm2_sums_up_a_thread_or_quotes_it_and_the_same_again_asks_no_model(
    writing: Line, prompts: list[tuple[Prompt, Options]]
) -> None:
    root = thread(writing, [f"{text} ({number})" for number in (1, 2) for _, text in THREAD])
    typed_in(writing, writing.ann, root, "summarize")
    text = summary(writing, writing.ann)
    assert f"{2 * len(THREAD)} of {2 * len(THREAD)} messages read" in text
    assert len(parts(prompts)) > 1
    lines = [line for line in text.splitlines() if line.startswith(("* ", "**"))]
    assert lines
    warned = sum("no message supports this line" in line for line in lines)
    assert warned == 0 if "these are quotations" in text else warned < len(lines)
    fit(writing, "smollm2-135m", prompts)

    before = len(prompts)
    typed_in(writing, writing.bob, root, "summarize")
    assert len(prompts) == before
    assert summary(writing, writing.bob).splitlines()[0] == text.splitlines()[0]


def fit(line: Line, name: str, prompts: list[tuple[Prompt, Options]]) -> None:
    """Each prompt fits the window with its answer."""
    model = line.worker.registry.resolve(name)
    for prompt, options in prompts:
        found = size(model, prompt, max_tokens=options.max_tokens)
        assert found.tokens <= found.window
