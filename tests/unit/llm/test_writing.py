"""What ends an answer: stop texts, role tokens and repetition; and half characters wait for their other half."""

from __future__ import annotations

import pytest

from llm.writing import RUN, Writing

CONTROL_ID = 2


class Written:
    """Writes texts token by token, one character a token unless told otherwise."""

    def __init__(self, *stop: str, thinks: bool = False) -> None:
        self.pieces: list[str] = []
        self.writing = Writing(stop, frozenset({CONTROL_ID}), self.pieces.append, thinks=thinks)

    def add(self, text: str) -> bool:
        return all(self.writing.add(ord(character) + 10, character.encode()) for character in text)

    def end(self) -> str:
        self.writing.end()
        return "".join(self.pieces)

    @property
    def kept(self) -> str:
        return self.writing.text[: self.writing.keep]


def test_an_answer_comes_as_it_is_written() -> None:
    written = Written()
    assert written.add("Paris.")
    assert written.pieces == list("Paris.")


def test_half_a_character_waits_for_its_other_half() -> None:
    written = Written()
    for byte in "é€😀".encode():
        written.writing.add(50, bytes([byte]))
    assert written.pieces == ["é", "€", "😀"]


def test_half_a_character_at_the_end_is_left_out() -> None:
    written = Written()
    written.writing.add(50, b"ok\xf0\x9f")
    assert written.end() == "ok"
    assert written.writing.cut


def test_bytes_that_are_no_text_are_replaced() -> None:
    written = Written()
    written.writing.add(50, b"a\xffb")
    assert written.end() == "a\ufffdb"


def test_a_stop_text_ends_the_answer_and_is_not_in_it() -> None:
    written = Written("\nUser:")
    assert not written.add("Paris.\nUser: and")
    assert written.end() == "Paris."


def test_what_might_become_a_stop_text_waits() -> None:
    written = Written("\nUser:")
    written.add("Paris.\nUs")
    assert "".join(written.pieces) == "Paris."
    written.add("ually")
    assert "".join(written.pieces) == "Paris.\nUsually"


def test_the_beginning_of_a_stop_text_at_the_end_is_given_out() -> None:
    written = Written("\nUser:")
    written.add("Paris.\nUser")
    assert written.end() == "Paris.\nUser"


def test_a_stop_text_inside_one_token_is_found() -> None:
    written = Written("STOP")
    assert not written.writing.add(50, b"one STOP two")
    assert written.end() == "one "


def test_a_role_token_ends_the_answer() -> None:
    written = Written()
    written.add("ok")
    assert not written.writing.add(CONTROL_ID, b"<|user|>")
    assert (written.end(), written.writing.tokens, written.writing.reason) == ("ok", 2, "stop")


LINE = "You can use the ls command.\n"


def test_the_third_time_of_a_line_ends_the_answer_before_the_second() -> None:
    written = Written()
    assert not written.add(f"First of all:\n{LINE}Or so:\n{LINE}{LINE}more")
    assert written.writing.reason == "repeat"
    assert written.kept == f"First of all:\n{LINE}Or so:"


def test_a_third_time_without_a_newline_counts_when_the_answer_ends() -> None:
    written = Written()
    assert written.add(LINE + LINE + LINE.strip())
    written.end()
    assert (written.writing.reason, written.kept) == ("repeat", LINE.strip())


@pytest.mark.parametrize("line", ["yes\n", "---\n", "| 1 | 2 |\n", "\n", "- ok\n"])
def test_short_lines_may_come_back(line: str) -> None:
    written = Written()
    assert written.add(line * 5)


def test_lines_of_code_may_come_back() -> None:
    written = Written()
    assert written.add("```\n" + "".join(f"for it in items:\n  {number}\n" for number in range(4)) + "```\n")


def test_the_third_time_of_a_long_run_ends_the_answer_before_the_second() -> None:
    written = Written()
    run = "the quick brown fox jumps over the lazy dog, "
    assert not written.add("Well: " + run * 4)
    assert written.kept == "Well: " + run.strip()


def test_a_short_loop_is_cut_to_one_round() -> None:
    written = Written()
    assert not written.add("ha, " * 3 * RUN)
    assert written.kept == "ha,"


def test_two_times_are_no_loop() -> None:
    written = Written()
    assert written.add("the quick brown fox jumps over the lazy dog, " * 2)
    assert written.add(LINE + LINE)
    written.end()
    assert written.writing.keep is None


def test_thoughts_are_not_shown_and_count_as_written() -> None:
    written = Written(".")
    assert not written.add("<think>Hm. Hm.</think>\n\nParis.")
    assert written.end() == "Paris"
    assert written.writing.tokens == len("<think>Hm. Hm.</think>\n\nParis.")


def test_what_is_kept_of_an_answer_that_repeats_itself_counts_from_its_own_beginning() -> None:
    line = "The pump ran dry on Monday.\n"
    written = Written(thinks=True)
    written.add("Hm.</think>" + line * 3)
    written.end()
    assert written.writing.reason == "repeat"
    assert written.kept == line.strip()


def test_thoughts_without_an_answer_leave_none() -> None:
    written = Written(thinks=True)
    written.add("Hm, Paris")
    assert written.end() == ""
