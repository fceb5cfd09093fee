"""Summaries of real meetings: how much of them is read, what holds, and what the built-in model cites.

    python -m tests.bench.meetings FOLDER [--model quotes] [--show MEETING]

FOLDER holds meetings of QMSum (Zhong et al., NAACL 2021) as JSON, a turn a message, one a minute. The data is not the
project's, so this is no part of `make bench`; docs/BENCHMARKS.md has the table of the last run.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from llm.base import Chunk, Model
from llm.extractive import ExtractiveModel
from llm.gpt4all_model import Gpt4AllModel
from mmapp.chat import held
from mmapp.chat.brief import Brief
from mmapp.chat.citations import counts
from mmapp.chat.notes import Notes
from mmapp.chat.numbered import local
from mmapp.chat.read import Said
from mmapp.chat.summary import Budget, Part, Summary
from mmapp.jobs import minutes
from mmapp.jobs.minutes import Links, Read
from mmapp.texts import summarize as texts
from tests.noting import MARKS, START, Kept
from tests.smollm2 import smollm2_path

LEAF = 1500  # tokens of a part: the least, so that the figures do not depend on how fast a machine is
NOBODY_SAYS = re.compile(r"\{\w+\}\s*")  # "{vocalsound}", "{disfmarker}": the transcribers' marks
HEAD = (
    "meeting", "model", "turns read", "lines supported", "parts quoted", "citations in the spans", "by chance", "tokens read",
    "tokens written", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Meeting:
    """Its turns as posts, and those that answer one of its specific queries, as people have marked them (the spans of
    topics cover nearly all of it)."""

    name: str
    posts: list[Said]
    spans: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> Meeting:
        found: dict[str, Any] = json.loads(path.read_text())
        turns = enumerate(found["meeting_transcripts"])
        posts = [_post(number, turn["speaker"], NOBODY_SAYS.sub("", turn["content"])) for number, turn in turns]
        spans = [span for query in found["specific_query_list"] for span in query["relevant_text_span"]]
        marked = {_id(number) for first, last in spans for number in range(int(first), int(last) + 1)}
        return cls(path.stem, posts, frozenset(marked & {post.post_id for post in posts}))

    @property
    def chance(self) -> float:
        """The share of citations that would lie in the spans, were they drawn at random."""
        return len(self.spans) / len(self.posts)


def _post(number: int, speaker: str, words: str) -> Said:
    return Said(_id(number), speaker, speaker, words.strip(), START + number * 60_000, channel_id="meeting")


def _id(number: int) -> str:
    return f"turn{number}"


@dataclass
class Judged(Summary):
    """A summary that counts the lines that a model writes, before any of them give way to quotations."""

    lines: int = 0
    supported: int = 0

    def run(self, *, write: bool = True) -> Generator[Chunk | Part]:
        with mock.patch.object(held, "checked", partial(self._counted, held.checked)):
            yield from super().run(write=write)

    def _counted(self, checked: Callable[..., Notes], found: Notes, posts: Sequence[Said], brief: Brief) -> Notes:
        written = held.compared(found, posts, brief)
        judged = [line for line in written.all_lines if counts(line.text)]
        self.lines += len(judged)
        self.supported += sum(line.support == "supported" for line in judged)
        return checked(found, posts, brief)


def summed(meeting: Meeting, model: Model) -> tuple[Judged, float]:
    """The summary of a meeting, and the seconds that it took; the model is loaded before."""
    for _ in model.probe():
        pass
    quotes = isinstance(model, ExtractiveModel)
    summary = Judged(
        meeting.posts,
        Brief(),
        None if quotes else model,
        lambda: model.name,
        Budget(LEAF),
        Kept(),
        "",
        lambda _key: MARKS,
    )
    started = time.perf_counter()
    for step in summary.run():
        if isinstance(step, Part) and model.name != "quotes":
            sys.stderr.write(f"\r{meeting.name}: {step.done} of {step.of} parts")
    sys.stderr.write("\n")
    return summary, time.perf_counter() - started


def cells(meeting: Meeting, model: Model, summary: Judged, seconds: float) -> tuple[str, ...]:
    cited = [post for line in summary.root.all_lines for post in line.posts]
    hits = sum(post in meeting.spans for post in cited)
    quotes = summary.model is None
    return (
        meeting.name,
        model.name,
        f"{len(summary.posts_read):,} of {len(meeting.posts):,}",
        "quoted" if quotes else f"{summary.supported} of {summary.lines}",
        "" if quotes else f"{summary.quoted_parts} of {summary.parts}",
        f"{hits} of {len(cited)}",
        f"{meeting.chance:.2f}",
        f"{sum(finish.read for finish in summary.finishes):,}",
        f"{sum(finish.written for finish in summary.finishes):,}",
        f"{seconds:.1f}",
    )


def posted(meeting: Meeting, model: Model, summary: Judged, seconds: float) -> str:
    """As people would read it."""
    read = Read(meeting.posts, len(meeting.posts))
    now = local(meeting.posts[-1].at, "UTC")
    receipt = texts.receipt(len(summary.posts_read), read.of, read.when("UTC", now), read.people)
    notes = [texts.floor(model.name)] if summary.root.quoted and summary.model else []
    links = Links(
        "https://chat.example.org", "eng", {post.post_id: post for post in meeting.posts}, {"meeting"}, {}, {}
    )
    return minutes.text(summary.root, "summary", receipt, links, texts.foot(model.name, seconds, notes))


def models(names: Sequence[str]) -> Iterator[Model]:
    for name in names:
        if name == "quotes":
            yield ExtractiveModel()
        else:
            yield Gpt4AllModel(smollm2_path(), name=name, threads=1, window=8192, states_mb=64)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.meetings", description="Sum up meetings of QMSum.")
    options.add_argument("folder", type=Path)
    options.add_argument("--model", choices=("quotes", "smollm2-135m"), help="one of them alone")
    options.add_argument("--show", default="", metavar="MEETING", help="its summaries, as they would be posted")
    chosen = options.parse_args()
    _say(HEAD)
    _say(("---",) * len(HEAD))
    meetings = [Meeting.read(path) for path in sorted(chosen.folder.glob("*.json"))]
    for model in models([chosen.model] if chosen.model else ["quotes", "smollm2-135m"]):
        for meeting in meetings:
            summary, seconds = summed(meeting, model)
            _say(cells(meeting, model, summary, seconds))
            if chosen.show == meeting.name:
                sys.stderr.write(f"\n{posted(meeting, model, summary, seconds)}\n\n")
        model.close()
    return 0


def _say(row: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(row)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
