"""What happens to the channel and the people in it between a question and its answer."""

from __future__ import annotations

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.switching import heard
from tests.scenarios.writing import writing

WHOLE = "It ran dry. And then it stopped."


def thread(line: Line) -> Doc:
    return line.playground.post_as(line.bob, line.town, "The pump stopped.")


def test_the_bot_is_removed_while_it_writes_and_the_asker_gets_the_whole_answer(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.", root=thread(line)) as answer:
        answer.shows("It ran dry.")
        line.playground.remove_member(line.bot, line.town, by=line.bob)
        line.hear()
        answer.end()
    assert [WHOLE in text for text in heard(line, "ann")].count(True) == 1
    assert not any("was removed" in text for text in heard(line, "ann"))


def test_the_channel_is_archived_while_it_writes_and_the_whole_answer_is_read_there(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        answer.shows("It ran dry.")
        line.playground.archive(line.town, by=line.bob)
        line.hear()
        answer.end()
    assert [WHOLE in text for text in (*line.answers(), *heard(line, "ann"))].count(True) == 1


def test_the_channel_is_archived_before_it_is_written_and_the_asker_gets_the_answer(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.playground.archive(line.town, by=line.bob)
    line.hear()
    line.settle()
    assert line.answers() == []
    assert ["Because." in text for text in heard(line, "ann")].count(True) == 1


def test_the_asker_leaves_before_the_answer_is_written_and_reads_nothing_of_the_thread(line: Line) -> None:
    line.say(line.ann, f"ask --private --thread {line.playground.link(thread(line))} Why?")
    line.step("admit")
    line.playground.remove_member(line.ann, line.town)
    line.settle()
    assert line.model.history == []
    assert "not a member" in heard(line, "ann")[-1]


def test_the_asker_leaves_while_it_is_written_and_the_others_read_it_to_its_end(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.", root=thread(line)) as answer:
        answer.shows("It ran dry.")
        line.playground.remove_member(line.ann, line.town)
        line.hear()
        answer.end()
    assert WHOLE in line.answers()[0]
