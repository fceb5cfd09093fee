"""Stop works before the first token and behind it; what was written stays."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

from llm.base import Chunk, Options, Prompt
from llm.scripted import Step
from tests.line import Line
from tests.scenarios.writing import writing


def stop_button(line: Line) -> dict[str, object]:
    return line.playground.ephemerals(line.ann)[-1]


def test_a_waiting_question_is_stopped_by_its_button_and_never_reaches_the_model(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    line.playground.click(line.ann, stop_button(line), "Stop")
    line.settle()
    assert line.answers() == []
    assert line.model.history == []
    assert "Stopped. You have no more open questions here." in line.told(line.ann)[-1]


def test_pressing_stop_twice_says_so_and_harms_nothing(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    button = stop_button(line)
    line.playground.click(line.ann, button, "Stop")
    line.playground.click(line.ann, button, "Stop")
    line.settle()
    assert "ended already" in line.told(line.ann)[-1]


def test_a_question_stopped_while_it_is_admitted_is_not_answered(line: Line) -> None:
    line.playground.faults.add("GET /api/v4/channels", delay=0.5)
    line.say(line.ann, "ask Why?")
    admitting = threading.Thread(target=line.settle)
    admitting.start()
    while not line.jobs("running"):
        pass
    line.say(line.ann, "stop")
    admitting.join()
    assert line.model.history == []
    assert line.answers() == []


def test_a_question_stopped_while_its_thread_is_read_never_reaches_the_model(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.say(line.ann, "ask Why?", root=root)
    line.step("admit")
    line.playground.faults.add("GET /api/v4/posts/[a-z0-9]+/thread", delay=2.5)
    reading = threading.Thread(target=line.settle)
    reading.start()
    while not line.jobs("running"):
        pass
    assert "Stopped." in line.say(line.ann, "stop").text
    reading.join()
    assert (line.model.history, line.answers()) == ([], [])


def test_stop_pressed_since_the_last_heartbeat_still_shows(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    generate = line.model.generate

    def and_stopped(prompt: Prompt, options: Options) -> Iterator[Chunk]:
        yield from generate(prompt, options)
        line.say(line.ann, "stop")

    line.model.generate = and_stopped  # type: ignore[method-assign]
    line.settle()
    assert "(stopped)" in line.answers()[0]


def test_stop_after_the_answer_leaves_the_answer(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    button = stop_button(line)
    line.settle()
    line.playground.click(line.ann, button, "Stop")
    line.settle()
    assert "Because." in line.answers()[0]
    assert "ended already" in line.told(line.ann)[-1]


def test_a_stopped_answer_keeps_the_words_that_were_written(line: Line) -> None:
    with writing(line, "One. Two. ", "Three.") as underway:
        underway.shows("Two.")
        assert "Stopped." in line.say(line.ann, "stop").text
        underway.lane.join(30)
        line.settle()
        (answer,) = line.answers()
    assert "(stopped)" in answer
    assert "Three" not in answer


def test_a_question_stopped_before_its_first_token_posts_nothing(line: Line) -> None:
    line.model.enqueue(Step(hangs=True))
    line.say(line.ann, "ask Why?")
    line.step("admit")
    working = threading.Thread(target=line.settle)
    working.start()
    while not line.model.history:
        pass
    assert "Stopped." in line.say(line.ann, "stop").text
    working.join()
    assert line.answers() == []
    assert line.jobs("cancelled") == 1


def test_who_is_told_stopped_gets_no_answer_however_near_the_admission_is(line: Line) -> None:
    line.model.enqueue("Nobody wants this.")
    line.model.repeat = True
    chance = random.Random(5)
    for number in range(30):
        line.say(line.ann, f"ask Question {number}?")
        admitting = threading.Thread(target=line.step, args=("admit",))
        admitting.start()
        time.sleep(chance.uniform(0, 0.03))
        said = line.say(line.ann, "stop").text
        admitting.join()
        line.settle()
        assert "Stopped." in said
        assert line.answers() == []
