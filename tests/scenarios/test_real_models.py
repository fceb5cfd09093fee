"""The whole line with the real engine: the right thread is read, and no token twice."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from llm.base import Finish, Options
from llm.gpt4all_model import Gpt4AllModel
from mmapp.chat import context, history, prompts, read, selection
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import Source
from mmapp.db import clock
from mmapp.jobs import answer, engines, rewrite
from mmapp.models import Conversation, Job, Message
from tests import gguf_files
from tests.line import Line, expire
from tests.playground.sample import THREAD
from tests.playground.store import Doc
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_rewrite import other_model
from tests.smollm2 import smollm2_path
from tests.unit.llm.asking import counts

README = Path(__file__).parents[2] / "README.md"
MARKS = 4  # tokens of `<|im_end|>\n<|im_start|>…\n` without the role's name: marks and newlines are one each
SUNDAY = 1_795_338_000  # 22 November 2026, 9:00 UTC
LATER = [f"Truck {number} has passed gate 2, {number} minutes late." for number in range(1, 11)]


@pytest.fixture
def greedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine has no seed: without chance, an answer is the same each time."""
    monkeypatch.setattr(answer, "OPTIONS", Options(max_tokens=24, temperature=0.0))


@pytest.fixture
def copying(database_url: str, tmp_path: Path, greedy: None) -> Iterator[Line]:
    models = tmp_path / "models"
    models.mkdir()
    gguf_files.copier(models / "copier.gguf")
    with Line(database_url, models, default_model="copier") as running:
        yield running


@pytest.fixture
def writing(database_url: str, tmp_path: Path, greedy: None) -> Iterator[Line]:
    models = tmp_path / "models"
    models.mkdir()
    (models / "smollm2-135m.gguf").symlink_to(smollm2_path())
    with Line(database_url, models, default_model="smollm2-135m") as running:
        yield running


def test_the_engine_reads_the_thread_that_was_asked_about(copying: Line) -> None:
    roots = []
    for code in ("4711", "0815"):
        root = copying.playground.post_as(copying.ann, copying.town, "Which code opens gate 2?")
        copying.playground.post_as(copying.bob, copying.town, f"Today the code is {code}", root)
        copying.playground.post_as(copying.carol, copying.town, "Thank you.", root)
        roots.append(root)
    for root in roots:
        copying.ask(copying.carol, "Today the code is", root=root)
    first, second = copying.posts()
    assert ("4711" in first["message"], first["root_id"]) == (True, roots[0]["id"])
    assert ("0815" in second["message"], second["root_id"]) == (True, roots[1]["id"])


def test_a_broken_model_is_explained_and_the_next_question_is_answered(copying: Line) -> None:
    whole = copying.settings.models_dir / "copier.gguf"
    (copying.settings.models_dir / "cut.gguf").write_bytes(whole.read_bytes()[:900_000])
    engines.list_models(copying.worker)
    assert "`cut` cannot be used: its file is incomplete." in copying.ask(copying.ann, "--model cut Why?").text
    root = copying.playground.post_as(copying.ann, copying.town, "The code is 1234")
    copying.ask(copying.ann, "The code is", root=root)
    assert "1234" in copying.answers()[0]


def test_smollm2_knows_the_capital_of_france(writing: Line) -> None:
    writing.ask(writing.ann, "What is the capital of France?")
    assert "Paris" in writing.answers()[0]


def thread(line: Line) -> Doc:
    people = {"ann": line.ann, "bob": line.bob, "carol": line.carol, "dave": line.carol}
    root: Doc | None = None
    for who, text in THREAD:
        posted = line.playground.post_as(people[who], line.town, text, root or "")
        root = root or posted
    assert root
    return root


def provenance(line: Line) -> dict[str, int]:
    """Of the newest answer."""
    request = line.posts()[-1]["props"]["chorus_request"]
    with line.worker.database.read() as session:
        return dict(session.query(Message).filter_by(question_id=request).one().provenance)


def in_readme(pattern: str) -> int:
    found = re.search(pattern, README.read_text())
    assert found, pattern
    return int(found[1].replace(",", ""))


def test_another_persons_question_and_ten_new_posts_read_only_what_is_new(writing: Line) -> None:
    writing.playground.advance(SUNDAY - time.time())  # the README's figures hold the times of posts as well
    model = writing.worker.registry.resolve("smollm2-135m")
    assert isinstance(model, Gpt4AllModel)
    root = thread(writing)
    writing.ask(writing.ann, "Why was the booking page down?", root=root)
    first = provenance(writing)
    assert first["reused"] == 0

    question = "Who stopped the report?"
    writing.ask(writing.bob, question, root=root)
    second = provenance(writing)
    around = sum(counts(model, ["user", "assistant"])) + 2 * MARKS
    assert second["read"] == around + sum(counts(model, [f"bob asks: {question}"]))

    posts = [writing.playground.post_as(writing.ann, writing.town, text, root) for text in LATER]
    writing.ask(writing.carol, "Which truck was the last?", root=root)
    third = provenance(writing)
    assert third["posts"] == len(THREAD) + len(posts)
    prompt = _last_turns(writing, root)
    assert third["read"] == around + sum(counts(model, prompt))

    assert in_readme(r"first question about the thread read ([\d,]+) tokens") == first["read"]
    assert in_readme(r"second person's question ([\d,]+)") == second["read"]
    assert in_readme(r"after ten new posts ([\d,]+)") == third["read"]


def test_an_answer_again_reads_nothing_new_and_a_shorter_one_only_the_wish_for_it(
    writing: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    finishes: list[Finish] = []
    monkeypatch.setattr(rewrite, "answered", lambda _worker, _job, _model, work: finishes.append(work.finish))
    model = writing.worker.registry.resolve("smollm2-135m")
    assert isinstance(model, Gpt4AllModel)
    writing.ask(writing.ann, "Why was the booking page down?", root=thread(writing))
    asked = writing.posts()[-1]
    writing.ask(writing.carol, "What is the capital of France?")  # somebody else in between
    for what in ("again", "shorter"):
        writing.pick(writing.ann, writing.more(writing.ann, asked), what=what)
        writing.settle()
        expire(writing)  # nothing was done with it: the job is over for this test
        with writing.worker.database.write() as session:
            session.execute(update(Job).values(state="done"))
    again, shorter = finishes
    around = sum(counts(model, ["user", "assistant"])) + 2 * MARKS
    assert again.read <= around  # marks alone, no word of anybody's
    with writing.worker.database.read() as session:
        raw = session.query(Message).filter_by(question_id=asked["props"]["chorus_request"]).one().raw
    # The other answer has taken the old one's place in the model's mind, so that is read once more.
    assert shorter.read == around + sum(counts(model, [raw, f"ann asks: {prompts.shorter()}"]))


def test_what_was_deleted_the_model_has_forgotten_and_reads_anew(copying: Line) -> None:
    root = copying.playground.post_as(copying.ann, copying.town, "Today the code is 4711")
    copying.ask(copying.carol, "Today the code is", root=root)
    read = provenance(copying)["read"]
    copying.say(copying.carol, "delete", root=root)
    do_all(copying)
    copying.ask(copying.carol, "Today the code is", root=root)
    again = provenance(copying)
    assert (again["read"], again["reused"]) == (read, 0)


def test_a_question_that_another_model_has_answered_since_is_forgotten_by_the_first_as_well(copying: Line) -> None:
    root = copying.playground.post_as(copying.ann, copying.town, "Today the code is 4711")
    copying.ask(copying.carol, "Today the code is", root=root)
    other_model(copying).enqueue("Nobody knows.")
    copying.pick(copying.carol, copying.more(copying.carol), what="with", model="other")
    copying.settle()
    copying.say(copying.carol, "delete", root=root)
    do_all(copying)
    copying.ask(copying.carol, "Today the code is", root=root)
    assert provenance(copying)["reused"] == 0


def _last_turns(line: Line, root: Doc) -> list[str]:
    """What stands in the last prompt behind the last answer: built again from the thread, as the segments of its own."""
    source = Source(line.town["id"], root["id"])
    posts = read.said(line.worker.people, read.source(line.worker.client, source, line.bot["id"], Privacy()).posts)
    with line.worker.database.read() as session:
        conversation = session.query(Conversation).filter_by(root_id=root["id"]).one()
        known = history.exchanges(session, conversation)[:2]
        marks = context.marks("s" * 32, root["id"], clock(session).date())
    told = selection.whole(posts, known).told
    built = context.build("ai", told, "Which truck was the last?", "carol", marks, thread=posts)
    last = max(number for number, turn in enumerate(built.turns) if turn.role == "answer")
    return [*(turn.text for turn in built.turns[last + 1 :]), built.question]
