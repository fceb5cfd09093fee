"""What a model wrote, taken apart into lines and citations."""

from __future__ import annotations

from mmapp.chat import notes
from mmapp.chat.notes import Line, Notes

POSTS = ["p1", "p2", "p3", "p4", "p5"]
WRITTEN = """Checkout was down for 32 minutes; a memory limit was the cause [1].
- The payment pods were killed after the release [2][3]
- Decided: raise the limit now, fix the cache on Monday [4]
- To do: Carol: post-mortem, by Friday [5]
- Open: Who fixes the cache?
"""


def test_a_verdict_lines_and_what_each_is() -> None:
    found = notes.parse(WRITTEN, POSTS, 8)
    assert found.verdict == Line("Checkout was down for 32 minutes; a memory limit was the cause.", posts=("p1",))
    assert [(line.section, line.text, line.posts) for line in found.lines] == [
        ("", "The payment pods were killed after the release", ("p2", "p3")),
        ("decided", "raise the limit now, fix the cache on Monday", ("p4",)),
        ("todo", "Carol: post-mortem, by Friday", ("p5",)),
        ("open", "Who fixes the cache?", ()),
    ]


def test_citations_as_models_write_them() -> None:
    for written in ("[2, 3]", "[2-3]", "[2][3]", "[#2] [#3]", "(2) (3)", "[2 and 3]", "【2】【3】"):
        assert notes.parse(f"- pods were killed {written}", POSTS, 8).lines[0].posts == ("p2", "p3"), written


def test_a_number_of_nothing_that_was_read_is_removed_and_counted() -> None:
    found = notes.parse("- pods were killed [2] [17] [0]", POSTS, 8)
    assert (found.lines[0].text, found.lines[0].posts, found.removed) == ("pods were killed", ("p2",), 2)


def test_a_year_in_brackets_is_a_year() -> None:
    assert (
        notes.parse("- the plan of the city (2024) stands", POSTS, 8).lines[0].text
        == "the plan of the city (2024) stands"
    )


def test_a_heading_tells_what_the_lines_below_it_are() -> None:
    found = notes.parse("## Decisions\n- raise the limit [4]\n\n**To do:**\n- Carol: post-mortem [5]", POSTS, 8)
    assert [line.section for line in found.lines] == ["decided", "todo"]


def test_a_line_that_comes_twice_counts_once() -> None:
    assert len(notes.parse("- the same thing again [1]\n- The same thing again [2]", POSTS, 8).lines) == 1


def test_an_announcement_is_no_line() -> None:
    assert notes.parse("The main points are:\n- one thing [1]", POSTS, 8).verdict is None


def test_a_paragraph_is_taken_apart_into_its_sentences_and_a_repeated_one_counts_once() -> None:
    written = (
        "The team talked about the leaking pump in hall two and its seal [1]. They agreed to order a new one, e.g. from the "
        "old supplier, at 2.50 euros [2]. They agreed to order a new one, e.g. from the old supplier, at 2.50 euros [2]."
    )
    found = notes.parse(written, POSTS, 8)
    assert found.verdict == Line("The team talked about the leaking pump in hall two and its seal.", posts=("p1",))
    assert [line.text for line in found.lines] == [
        "They agreed to order a new one, e.g. from the old supplier, at 2.50 euros."
    ]


def test_a_verdict_of_two_short_sentences_stays_one() -> None:
    assert notes.parse(
        "The pump leaks. A seal is ordered [1].\n- The seal comes on Friday [2]", POSTS, 8
    ).verdict == Line("The pump leaks. A seal is ordered.", posts=("p1",))


def test_of_actions_alone_every_line_is_one() -> None:
    assert [line.section for line in notes.parse("Carol: post-mortem [5]\n- Bob: cache", POSTS, 8, "todo").lines] == [
        "todo",
        "todo",
    ]


def test_notes_survive_being_kept() -> None:
    found = notes.parse(WRITTEN, POSTS, 8)
    assert Notes.from_json(found.to_json()) == found


def test_notes_are_read_again_with_numbers_of_their_own() -> None:
    first = Notes(None, (Line("one", posts=("p9",)), Line("two", posts=("p7", "p9"))))
    second = Notes(None, (Line("three", "decided", ("p7",)), Line("nonsense", support="unsupported")))
    turns, ids = notes.turns([first, second])
    assert [turn.text for turn in turns] == ["- one [1]\n- two [2] [1]\n", "- Decided: three [2]\n"]
    assert ids == ["p9", "p7"]


def test_parts_put_together_keep_decisions_first_and_their_order() -> None:
    parts = [Notes(Line(f"verdict {n}"), (Line(f"fact {n}"), Line(f"decision {n}", "decided"))) for n in (1, 2, 3)]
    joined = notes.joined(parts, 5)
    assert [line.text for line in joined.lines] == ["verdict 1", "decision 1", "verdict 2", "decision 2", "decision 3"]


def test_a_label_with_words_behind_it_is_theirs_alone() -> None:
    found = notes.parse(
        "- Decided: raise the limit [1]\n- The pods were killed [2]\n- To do: carol: cache [3]\n- All is back", POSTS, 8
    )
    assert [line.section for line in found.lines] == ["decided", "", "todo", ""]
