"""What a model wrote, taken apart into lines and citations."""

from __future__ import annotations

import re

import pytest

from mmapp.chat import notes
from mmapp.chat.none import says_none
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


def test_round_brackets_within_a_line_are_words_of_it_and_so_are_all_beside_square_ones() -> None:
    for written, text, posts in (
        ("option (2) instead of option (1) [5]", "option (2) instead of option (1)", ("p5",)),
        ("option (2) is dropped (5).", "option (2) is dropped.", ("p5",)),
        ("option (2) is dropped", "option (2) is dropped", ()),
    ):
        line = notes.parse(f"- Decided: {written}", POSTS, 8).lines[0]
        assert (line.text, line.posts) == (text, posts)


@pytest.mark.parametrize(
    ("written", "text", "posts"),
    [
        ("The bug is in items[0] of the parser [2]", "The bug is in items[0] of the parser", ("p2",)),
        ("Call foo[1] first, then bar [2][3]", "Call foo[1] first, then bar", ("p2", "p3")),
        ("`rows[4]` is read before `rows[3]` [2]", "`rows[4]` is read before `rows[3]`", ("p2",)),
        ("The bug is in `items[0]`", "The bug is in `items[0]`", ()),
        ("pods were killed[2] by the limit[3].", "pods were killed by the limit.", ("p2", "p3")),
        ("服务器宕机[1]，原因是内存不足 [2]", "服务器宕机，原因是内存不足", ("p1", "p2")),
    ],
)
def test_brackets_of_code_are_none_of_a_citation(written: str, text: str, posts: tuple[str, ...]) -> None:
    found = notes.parse(f"- {written}", POSTS, 8)
    assert (found.lines[0].text, found.lines[0].posts, found.removed) == (text, posts, 0)


def test_what_was_code_in_a_part_is_code_in_the_whole() -> None:
    part = notes.parse("- The bug is in items[0] of the parser [2]\n", POSTS, 8)
    (turn,), ids = notes.turns([part])
    assert turn.text == "- The bug is in items[0] of the parser [1]\n"
    assert notes.parse(turn.text, ids, 8).lines == part.lines


def test_a_date_in_brackets_is_a_date() -> None:
    found = notes.parse("- [2026-11-20] the release went out [3]", POSTS, 8)
    assert (found.lines[0].text, found.lines[0].posts) == ("[2026-11-20] the release went out", ("p3",))
    assert found.removed == 0


@pytest.mark.parametrize(
    "date", ["20. November", "1. März", "3. maj", "20. listopadu", "5. joulukuuta", "20. 11. 2026"]
)
def test_the_day_of_a_month_is_no_number_of_a_list(date: str) -> None:
    for written in (f"{date}: the release went out [3]", f"- {date}: the release went out [3]"):
        assert notes.parse(written, POSTS, 8).all_lines[0].text == f"{date}: the release went out"


def test_numbers_of_a_list_go() -> None:
    found = notes.parse("1. Carol writes [1]\n2) 512 MB is the limit [2]\n3. Jan orders the seal [3]", POSTS, 8)
    assert [line.text for line in found.lines] == ["Carol writes", "512 MB is the limit", "Jan orders the seal"]


def test_names_of_programs_stay_and_bold_type_goes() -> None:
    written = "- **Bob**: the bug is in __init__ of snake__case, __not here__, at 2**8 bytes [3]"
    assert (
        notes.parse(written, POSTS, 8).lines[0].text
        == "Bob: the bug is in __init__ of snake__case, not here, at 2**8 bytes"
    )


def test_fences_and_rules_are_no_lines() -> None:
    written = "```markdown\n---\nThe pump leaks [1]\n***\n- A seal is ordered [2]\n- - -\n___\n```"
    assert [line.text for line in notes.parse(written, POSTS, 8).all_lines] == ["The pump leaks", "A seal is ordered"]


def test_that_there_is_none_is_no_line_beside_others() -> None:
    written = "The pump leaks [1]\n- To do: None.\n- Open: No open questions.\n- Decided: No deploys on Friday [2]"
    assert [line.text for line in notes.parse(written, POSTS, 8).all_lines] == [
        "The pump leaks",
        "No deploys on Friday",
    ]
    assert [line.text for line in notes.parse("None.\n- A seal is ordered [2]", POSTS, 8).all_lines] == [
        "A seal is ordered"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "None.",
        "No open questions.",
        "(none)",
        "N/A",
        "There are no decisions yet.",
        "Nothing was decided.",
        "Nothing of note.",
        "Keine offenen Fragen.",
        "Aucune.",
        "No hay preguntas abiertas",
        "нет открытых вопросов",
        "没有未解决的问题。",
        "なし",
    ],
)
def test_how_models_say_that_there_is_none(line: str) -> None:
    assert says_none(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sorry, I cannot.",
        "No deploys on Friday",
        "Nobody deploys",
        "None of the pods restarted",
        "There are no pods left",
        "没有回滚",
        "",
    ],
)
def test_what_else_begins_like_that_says_more(line: str) -> None:
    assert not says_none(line)


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


@pytest.mark.parametrize(
    "sentences",
    [
        [
            "Команда обсудила протекающий насос во втором зале и его уплотнение [1].",
            "Было решено заказать новое уплотнение у старого поставщика за два евро пятьдесят [2].",
            "Ёмкость проверят до пятницы, это сделает Боб вместе с остальными [3].",
        ],
        [
            "团队讨论了二号大厅漏水的水泵及其密封件的问题，并且查看了上周的全部维修记录和照片，确认漏水的原因是密封件已经严重老化。[1]",
            "大家同意从原来的供应商那里订购新的密封件，价格为每个二点五欧元，并且要求在下周之内送到，否则就换一家供应商来提供[2]。",
            "水箱将在星期五之前由鲍勃和其他同事一起检查完毕，检查的结果会写进周报里面，然后由卡罗尔负责发给所有相关的部门！[3]",
        ],
        [
            "Das Team sprach am 20. November über die undichte Pumpe in Halle zwei und ihre alte Dichtung [1].",
            "Österreichische Händler liefern sie, z. B. aus Graz, zu 2.50 Euro bis zum Freitag [2].",
        ],
    ],
    ids=["Russian", "Chinese", "German"],
)
def test_a_paragraph_in_another_language_is_taken_apart_too(sentences: list[str]) -> None:
    found = notes.parse(("" if sentences[0][0] > "\u4e00" else " ").join(sentences), POSTS, 8)
    assert [line.posts for line in found.all_lines] == [(f"p{number}",) for number in range(1, len(sentences) + 1)]
    bare = [re.sub(r"\s*\[\d\]", "", sentence) for sentence in sentences]
    assert [line.text for line in found.all_lines] == bare


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


def test_of_parts_put_together_lines_that_a_model_wrote_are_no_quotations() -> None:
    quoted = Notes(None, (Line("the pump leaks", posts=("p1",), author="ann"),), quoted=True, removed=3)
    written = Notes(None, (Line("a seal is ordered", "decided", ("p2",)),), removed=1, cited=1, held=1)
    both = notes.joined([quoted, written], 8)
    assert not both.quoted
    assert (both.removed, both.cited, both.held) == (1, 1, 1)
    assert notes.joined([quoted, quoted], 8).quoted
