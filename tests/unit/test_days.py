"""Days as people name them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmapp.chat import days

FRIDAY = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["by Friday", "Fridays", "bis Freitag", "am Freitagabend", "vendredi", "el viernes", "venerdì", "na sexta-feira", "vrijdag",
     "w piątek", "på fredag", "в пятницу", "у п'ятницю", "v pátek", "cuma", "perjantaina", "pénteken", "vineri", "в петък",
     "我们周五发布", "星期五之前", "金曜日までに", "금요일까지", "جمعه"],
)  # fmt: skip
def test_a_friday_in_any_language(text: str) -> None:
    assert days.claimed(text) == {4}
    assert days.named(text, None) == {4}


@pytest.mark.parametrize(
    ("word", "day"),
    [("sat", 5), ("fri", 4), ("segunda", 0), ("luni", 0), ("pazar", 6), ("thứ hai", 0), ("chủ nhật", 6),
     ("среду", 2), ("среда", 2), ("среды", 2), ("неделя", 6)],  # surroundings as well, and a week
)  # fmt: skip
def test_what_is_another_word_as_well_is_no_claim_of_a_line_and_counts_in_a_message(word: str, day: int) -> None:
    assert days.claimed(f"bob {word} there") == set()
    assert days.named(f"bob {word} there", None) == {day}


@pytest.mark.parametrize(
    "text", ["the sunny side", "joint work", "среди нас", "środowisko", "в центре средств", "pazarlık", "mondän"]
)
def test_what_only_begins_like_a_day_is_none(text: str) -> None:
    assert days.named(text, None) == set()


@pytest.mark.parametrize(
    "text",
    [
        "20 November",
        "20. November",
        "20th of November",
        "Nov 20",
        "November 20th",
        "le 20 novembre",
        "el 20 de noviembre",
        "20 listopada",
        "20 ноября",
        "20. marraskuuta",
        "11月20日",
        "11월 20일",
        "20 tháng 11",
    ],
)
def test_the_same_date_in_any_language(text: str) -> None:
    assert days.taken_out(text)[0] == ["11-20"]


@pytest.mark.parametrize(
    ("text", "dates", "rest"),
    [
        ("on 2026-11-20 at 9:12", ["2026-11-20"], "on at 9:12"),
        ("20.11.2026: out", ["2026-11-20"], ": out"),
        ("11/20/2026 and 20/11/2026", ["2026-11-20", "2026-11-20"], "and"),
        ("20 November 2026, 22 customers", ["2026-11-20"], ", 22 customers"),
        ("in November 2026", ["2026-11"], "in"),
        ("2026年11月20日", ["2026-11-20"], ""),
    ],
)
def test_dates_are_taken_out_of_a_line(text: str, dates: list[str], rest: str) -> None:
    found, left = days.taken_out(text)
    assert (found, " ".join(left.split())) == (dates, rest)


@pytest.mark.parametrize(
    "text", ["22 customers", "version 1.2.3", "at 10.0.0.1", "30 February", "2026-13-01", "set 5", "1/2"]
)
def test_what_is_no_date_stays(text: str) -> None:
    assert days.taken_out(text) == ([], text)


@pytest.mark.parametrize(
    ("message", "ways"),
    [
        ("the pump leaks", {"2026-11-20", "11-20", "20.11"}),
        ("I mend it tomorrow", {"2026-11-21"}),
        ("das mache ich übermorgen", {"2026-11-22"}),
        ("昨天漏水了", {"2026-11-19"}),
        ("by Monday", {"11-16", "11-23"}),
        ("by 3 January", {"2027-01-03"}),
        ("bis zum 27.11. fertig", {"11-27"}),
    ],
)
def test_the_days_of_a_message_as_a_line_may_write_them(message: str, ways: set[str]) -> None:
    assert ways <= days.ways(message, FRIDAY)
    assert "2026-12-24" not in days.ways(message, FRIDAY)


def test_a_date_is_a_weekday_too() -> None:
    assert days.named("ready on 23 November", FRIDAY) == {0}
    assert days.named("ready on 29 February", FRIDAY) == set()  # which there is in none of these years


@given(st.text(alphabet="0123456789٢ .-/,:年月日 novmaydepn", max_size=40))
@example("٢٠٢٦-١١-٢٠")
@example("9999-12-31 0000-01-01")
def test_no_text_breaks_it(text: str) -> None:
    for at in (FRIDAY, None):
        assert days.named(text, at) <= set(range(7))
        assert all(isinstance(way, str) for way in days.ways(text, at))


@pytest.mark.parametrize("line", ["Bob calls them; may 3 people join", "what may 10 pods cost"])
def test_who_may_is_no_month_of_a_line(line: str) -> None:
    assert days.taken_out(line) == ([], line)


@pytest.mark.parametrize("written", ["May 3", "3 May", "may 3, 2026", "MAY 3"])
def test_with_a_capital_or_a_year_it_is_one(written: str) -> None:
    assert days.taken_out(f"The release is due {written}")[0] in (["05-03"], ["2026-05-03"])


def test_in_a_message_it_is_one_however_it_is_written() -> None:
    assert "05-03" in days.ways("the release is on may 3", FRIDAY)
