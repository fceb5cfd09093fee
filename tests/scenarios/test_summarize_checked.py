"""What a summary says of itself: its foot counts what was checked, and what a model adds around its lines is none of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from llm.base import Speed
from llm.scripted import Step
from mmapp.chat.numbered import DAYS
from tests.line import Line
from tests.scenarios.summaries import WRITTEN, summary, talk, typed_in
from tests.scenarios.test_summarize_parts import trucks


def test_the_foot_counts_the_citations_of_what_is_read_and_not_those_of_its_parts(line: Line) -> None:
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)  # a window of 600 words: read in parts
    root, written = (
        trucks(line),
        "Trucks bring cement for the harbour wall. [1]\n- Pallets of cement passed the gate [2]\n",
    )
    line.model.repeat = True
    line.model.enqueue(
        Step(written, contains="notes on its parts"), f"{written}- A truck has passed gate with cement [99] [98]\n"
    )
    typed_in(line, line.ann, root, "summarize")
    assert len(line.model.history) > 2
    assert "2 of its 2 citations hold*" in summary(line, line.ann)


def test_what_could_not_be_checked_is_not_told_as_checked(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(
        "Die Bezahlung war den ganzen Morgen nicht möglich und alle haben gewartet. [1]\n"
        "- Der Speicher der Dienste war seit der neuen Fassung zu klein gewählt [3]\n"
        "- Das Limit ist jetzt auf 512 MB erhöht worden und der Dienst läuft wieder [5]\n"
    )
    typed_in(line, line.ann, root, "summarize --language German")
    text = summary(line, line.ann)
    assert "1 of its 3 citations hold · 2 lines" in text
    assert "2 lines not checked: the messages are in another language" in text


def test_the_foot_says_how_many_were_put_right(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN.replace("[1]", "[2]"))
    typed_in(line, line.ann, root, "summarize")
    assert "4 of its 5 citations hold, 1 put right*" in summary(line, line.ann)


@pytest.mark.parametrize(
    ("number", "told"), [(7, "its citation holds*"), (2, "its citation does not hold, 1 put right*")]
)
def test_of_one_citation_it_says_whether_it_holds(line: Line, number: int, told: str) -> None:
    root = talk(line)
    line.model.enqueue(f"- To do: carol: post-mortem by Friday [{number}]\n")
    typed_in(line, line.ann, root, "summarize --kind actions")
    assert told in summary(line, line.ann)


def test_where_a_model_names_no_message_the_foot_counts_those_that_were_found(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(
        "The checkout API has returned 502 and customers cannot pay.\n- The memory limit of the pods is 256 MB\n"
    )
    typed_in(line, line.ann, root, "summarize")
    assert "2 citations found afterwards: the model named none*" in summary(line, line.ann)
    posts = line.playground.thread(root)
    assert all(f"/pl/{posts[place]['id']})" in summary(line, line.ann) for place in (0, 2))


def test_a_fence_around_it_and_sections_of_nothing_are_left_out(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(f"```markdown\n---\n{WRITTEN}- To do: None.\n- Open: No open questions.\n```\n")
    typed_in(line, line.ann, root, "summarize")
    text = summary(line, line.ann)
    assert text.startswith("**The checkout was down; a memory limit was the cause.**")
    assert not [word for word in ("```", "markdown", "---", "None", "No open questions") if word in text]
    assert "⚠" not in text


def test_the_wrong_day_of_a_task_is_marked(line: Line) -> None:
    root, today = talk(line), datetime.now(UTC).weekday()
    near = {DAYS[today], DAYS[(today + 1) % 7]}  # it may be midnight in a moment, and today can be meant
    wrong = next(day for day in ("Tuesday", "Wednesday", "Saturday") if day not in near)
    line.model.enqueue(WRITTEN.replace("by Friday", f"by {wrong}"))
    typed_in(line, line.ann, root, "summarize")
    assert re.search(rf"post-mortem by {wrong} \[\[\d\]\]\(\S+\) ⚠", summary(line, line.ann))
    assert summary(line, line.ann).count("⚠") == 1


def test_names_of_programs_are_shown_as_they_are_written(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The bug is in `__init__` of snake__case, in pump/__main__.py")
    line.playground.post_as(line.bob, line.town, "I mend the bug in __init__ by noon.", root)
    line.model.enqueue("The bug in __init__ of snake__case is mended by noon. [1]\n")
    typed_in(line, line.ann, root, "summarize")
    assert summary(line, line.ann).startswith(r"**The bug in \_\_init\_\_ of snake__case is mended by noon.**")
