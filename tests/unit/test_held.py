"""What becomes of what a model writes: it is held against the messages, and quotations stand where it does not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llm.base import EmptyAnswer
from llm.scripted import ScriptedModel, Step
from mmapp.chat.brief import Brief
from mmapp.chat.held import checked, compared
from mmapp.chat.notes import Line, Notes
from mmapp.chat.read import Said
from tests.noting import MARKS, TALK, said, summed

KILLED, WRITES = "The payment pods were killed by the memory limit", "Carol writes the post-mortem by Friday"
BUDGET, LOGO = "The marketing budget was doubled by the board", "Nobody likes the colours of the new logo"


def written(step: Step | str, **brief: str) -> Notes:
    """The notes on the talk, of a model that writes this."""
    return summed(said(*TALK), ScriptedModel([step]), **brief).root


def texts(found: Notes) -> list[str]:
    return [line.text for line in found.all_lines]


def test_where_a_model_ends_without_a_word_the_messages_are_quoted() -> None:
    found = written(Step("", error=EmptyAnswer()))
    assert found.quoted
    assert set(texts(found)) <= {text for _, text in TALK}


def test_a_node_that_fills_its_limit_loses_the_line_that_it_did_not_end() -> None:
    assert texts(written(Step(f"- {KILLED} [2]\n- Carol writes the post-mortem of", reason="length"))) == [KILLED]


def test_a_node_that_is_one_line_without_an_end_is_kept() -> None:
    assert texts(written(Step(KILLED, reason="length"))) == [KILLED]


def test_a_node_that_repeats_itself_ends_before_its_first_repetition() -> None:
    line = f"- {KILLED} [2]"
    found = written(Step(f"{line}\n" * 3 + "- Then it", reason="repeat", keep=len(line)))
    assert texts(found) == [KILLED]


def test_marks_that_a_model_writes_are_struck() -> None:
    found = written(f"{MARKS.opening}- {KILLED} [2]\n{MARKS.closing}- {WRITES} {MARKS.word}")
    assert texts(found) == [KILLED, WRITES]


def test_lines_without_a_number_are_given_the_message_that_they_come_from() -> None:
    found = written(f"- {WRITES}\n- {KILLED}")
    assert [(line.support, line.posts) for line in found.lines] == [("supported", ("p6",)), ("supported", ("p2",))]


@pytest.mark.parametrize(
    ("lines", "quoted"), [((KILLED, BUDGET), False), ((KILLED, BUDGET, LOGO), True), ((LOGO,), True)]
)
def test_half_of_the_lines_must_hold(lines: tuple[str, ...], quoted: bool) -> None:
    assert written("".join(f"- {line}\n" for line in lines)).quoted is quoted


def test_a_line_that_holds_nowhere_is_kept_beside_one_that_does_and_marked() -> None:
    found = written(f"- {KILLED}\n- {BUDGET}")
    assert [line.support for line in found.lines] == ["supported", "unsupported"]


def test_one_sentence_about_much_talk_stands_above_the_messages_that_say_most_of_it() -> None:
    talk = [*TALK, *(("dave", f"Pump {number} leaks at seal {number}, we order a new seal") for number in range(20))]
    found = summed(said(*talk), ScriptedModel([KILLED])).root
    assert (found.verdict and found.verdict.text, found.quoted) == (KILLED, False)
    assert len(found.lines) > 1
    assert all(line.author for line in found.lines)


@pytest.mark.parametrize("brief", [{"kind": "brief"}, {"kind": "decisions"}, {"wish": "what was killed?"}], ids=str)
def test_one_sentence_is_enough_where_no_more_was_wanted(brief: dict[str, str]) -> None:
    talk = [*TALK, *(("dave", f"Pump {number} leaks at seal {number}, we order a new seal") for number in range(20))]
    assert texts(summed(said(*talk), ScriptedModel([KILLED]), **brief).root) == [KILLED]


@pytest.mark.parametrize("words", ["None.", "- To do: None.", "There are no tasks.", "Keine Aufgaben."])
def test_nobody_s_task_is_invented_where_a_model_finds_none(words: str) -> None:
    assert written(words, kind="actions") == Notes(None)


@pytest.mark.parametrize("language", ["English", "German"])
@pytest.mark.parametrize("words", ["Sorry, I cannot.", "To do:", "...", "[1] [2]", "La la la."])
def test_a_refusal_is_no_finding(words: str, language: str) -> None:
    assert written(words, kind="actions", language=language).quoted


def test_a_task_of_a_word_or_two_is_kept_where_its_message_says_it() -> None:
    found = written("- To do: carol: post-mortem [6]", kind="actions")
    assert [(line.text, line.support) for line in found.lines] == [("carol: post-mortem", "supported")]


@pytest.mark.parametrize(
    ("words", "brief"),
    [
        (
            "结账服务中断，内存限制是原因。[2]\n- 支付容器被终止 [2]\n- 内存上限已提高到 512 MB [4]",
            {"language": "Chinese", "kind": "brief"},
        ),
        ("- To do: carol: Bericht schreiben [6]", {"language": "German", "kind": "actions"}),
        ("- To do: Кэрол: отчёт [6]", {"language": "Russian", "kind": "actions"}),
        (
            "Оплата не работала, причиной был предел памяти [2]\n- Контейнеры были остановлены, это увидел Боб [2]\n"
            "- Откатить нельзя из-за миграции, сказала Кэрол [3]\n- Энн решила поднять предел, как сказал и Боб [4]",
            {"language": "Russian"},
        ),
    ],
)
def test_what_is_told_in_another_language_does_not_give_way_to_quotations(words: str, brief: dict[str, str]) -> None:
    found = written(words, **brief)
    assert not found.quoted
    assert all(line.support != "unsupported" for line in found.all_lines)


def test_a_citation_of_a_long_post_counts_for_each_of_its_pieces() -> None:
    long = (*(("dave", f"Chatter {number}") for number in range(30)), ("dave", KILLED))
    posts = [replace(piece, post_id="long") for piece in said(*long)]
    found = checked(Notes(None, (Line(KILLED, posts=("long",)),)), posts, Brief())
    assert found.lines == (Line(KILLED, posts=("long",)),)


def test_a_task_of_somebody_who_is_not_there_is_supported_by_nobody() -> None:
    posts = [Said("p1", "u1", "carol", "I write the post-mortem by Friday, promised to the whole team", 0)]
    for name, support in (("carol", "supported"), ("Mallory", "unsupported"), ("Friday", "supported")):
        task = Line(f"{name}: write the post-mortem by Friday", "todo", ("p1",))
        assert compared(Notes(None, (task,)), posts, Brief()).lines[0].support == support


def test_citations_that_hold_are_told_from_those_that_were_put_right() -> None:
    posts = [
        Said("p1", "u1", "ann", "The payment pods were killed by their memory limit", 0),
        *(Said(f"x{number}", "u2", "bob", f"lunch number {number} was fine, thank you all", 0) for number in range(20)),
    ]
    lines = (Line("The payment pods were killed by the memory limit", "", ("p1",)),)
    wrong = (Line("The payment pods were killed by their limit of memory", "", ("x19",)),)
    found = compared(Notes(None, lines + wrong), posts, Brief())
    assert (found.cited, found.held, found.mended) == (2, 1, 1)
    assert found.lines[1].posts == ("p1",)


def test_a_citation_that_could_not_be_checked_is_none_that_holds() -> None:
    lines = (
        Line("Die Bezahlung war den ganzen Morgen nicht möglich und alle Kunden warteten", "", ("p1",)),
        Line("Der Speicher der Dienste war seit der neuen Fassung zu klein gewählt worden", "", ("p2", "p3")),
    )
    found = compared(Notes(None, lines), said(*TALK), Brief(language="German"))
    assert [(line.support, line.posts) for line in found.lines] == [
        ("unchecked", ("p1",)),
        ("unchecked", ("p2", "p3")),
    ]
    assert (found.cited, found.held, found.mended) == (3, 0, 0)


def test_more_citations_than_are_shown_are_all_counted() -> None:
    posts = said(*[("ann", KILLED)] * 6)
    line = Line(KILLED, "", tuple(post.post_id for post in posts))
    found = compared(Notes(None, (line,)), posts, Brief())
    assert (found.held, found.cited, len(found.lines[0].posts)) == (6, 6, 4)


def test_in_a_small_thread_a_wrong_number_is_put_right() -> None:
    found = compared(Notes(None, (Line(WRITES, "", ("p1",)),)), said(*TALK), Brief())
    assert (found.lines[0].posts, found.held, found.mended) == (("p6",), 0, 1)


def test_the_hours_and_days_of_messages_are_no_figures_that_somebody_said() -> None:
    line = Line("The checkout API has returned 502 to 22 customers", "", ("p1",))
    assert compared(Notes(None, (line,)), said(*TALK), Brief()).lines[0].support == "unsupported"
