"""A worker killed with -9 at each step of a request: another one goes on, and the question is answered once."""

from __future__ import annotations

import signal

import pytest

from tests.acceptance.house import STORY, Forgetful, House
from tests.acceptance.processes import Process, eventually
from tests.playground.store import Doc
from tests.smollm2 import smollm2_path

QUESTION = "Why did it stop?"
QUICK = ("--settle", "0.5")  # what queue.SETTLE waits for, a worker that was paused, cannot be here
REAL = ()
SHORT = ("--tokens", "200")  # the real engine writes them for longer than a heartbeat takes

# Where it dies; how often each kind of job is begun in the end; and the second worker's options.
TWELVE = [
    ("admission: after its claim", {"admit": 2, "answer": 1, "post": 1}, QUICK),
    ("admission: after asking Mattermost, before its commit", {"admit": 2, "answer": 1, "post": 1}, QUICK),
    ("admission: after its commit", {"admit": 1, "answer": 1, "post": 1}, QUICK),
    ("answer: after its claim", {"admit": 1, "answer": 2, "post": 1}, QUICK),
    ("answer: after reading the thread", {"admit": 1, "answer": 2, "post": 1}, QUICK),
    ("answer: before the first token", {"admit": 1, "answer": 2, "post": 1}, QUICK),
    ("answer: in its middle, after words were saved", {"admit": 1, "answer": 2, "post": 1}, QUICK),
    ("answer: after the last token, before its commit", {"admit": 1, "answer": 2, "post": 1}, QUICK),
    ("answer: after its commit", {"admit": 1, "answer": 1, "post": 1}, QUICK),
    ("delivery: after its claim", {"admit": 1, "answer": 1, "post": 2}, QUICK),
    ("delivery: after the post was made, before we know", {"admit": 1, "answer": 1, "post": 2}, REAL),
    ("delivery: after the post was read back, before its commit", {"admit": 1, "answer": 1, "post": 2}, QUICK),
]


def _thread(house: House) -> Doc:
    root = house.playground.post_as(house.ann, house.town, "The pump in hall 3 stopped at 9:10.")
    house.playground.post_as(house.ann, house.town, "The filter was blocked.", root)
    return root


def _answered_once(house: House, root: Doc) -> Doc:
    """The one post, whole and in its place; nothing is left to do, and nobody was told of an error."""
    (question,) = house.messages("question")
    (answer,) = house.messages("answer")
    assert answer.raw == STORY
    (post,) = house.bot_posts()
    assert post["props"]["chorus_request"] == question.id
    assert (post["channel_id"], post["root_id"], post["delete_at"]) == (house.town["id"], root["id"], 0)
    assert post["message"].count(STORY) == 1
    assert {word: post["message"].count(word) for word in STORY.split()[2:]} == dict.fromkeys(STORY.split()[2:], 1)
    assert [(job.kind, job.state) for job in house.jobs()] == [("admit", "done"), ("answer", "done"), ("post", "done")]
    assert not [text for text in house.told() if "wrong" in text or "could not" in text]
    return post


def _begun(house: House) -> dict[str, int]:
    return {job.kind: job.attempts for job in house.jobs()}


def _dies(worker: Process) -> None:
    assert worker.ended() == -signal.SIGKILL, worker.said


@pytest.mark.parametrize(("point", "begun", "options"), TWELVE, ids=[point for point, *_ in TWELVE])
def test_a_question_is_answered_once_though_its_worker_is_killed(
    house: House, point: str, begun: dict[str, int], options: tuple[str, ...]
) -> None:
    house.playground.server.pending = Forgetful()  # a takeover often comes after the 30 s that they are kept for
    root = _thread(house)
    with house.worker(point) as first:
        house.ask(QUESTION, root)
        _dies(first)
    before = len(house.told())
    with house.worker("never", *options) as second:
        house.at_rest(second)
        _answered_once(house, root)
        assert all(_begun(house)[kind] >= times for kind, times in begun.items())
        assert len(house.told()) == before


def test_a_killed_answer_goes_on_from_its_saved_words(house: House) -> None:
    root = _thread(house)
    with house.worker("answer: in its middle, after words were saved") as first:
        house.ask(QUESTION, root)
        _dies(first)
    (job,) = house.jobs("answer")
    assert job.words
    assert STORY.startswith(job.words)
    with house.worker("never", *QUICK) as second:
        house.at_rest(second)
    _answered_once(house, root)
    (answer,) = house.messages("answer")
    assert answer.provenance["written"] == len(STORY.split()) - len(job.words.split())


def test_a_question_is_answered_once_though_its_worker_is_killed_twice(house: House) -> None:
    root = _thread(house)
    house.ask(QUESTION, root)
    with house.worker("answer: in its middle, after words were saved") as first:
        _dies(first)
    with house.worker("delivery: after the post was made, before we know") as second:
        _dies(second)
    with house.worker("never", *QUICK) as third:
        house.at_rest(third)
    _answered_once(house, root)
    assert min(_begun(house)["answer"], _begun(house)["post"]) >= 2


def test_a_request_that_kills_every_worker_is_given_up_and_its_asker_told(house: House) -> None:
    house.ask(QUESTION, _thread(house))
    for _ in range(2):
        with house.worker("answer: before the first token", "--attempts", "2") as worker:
            eventually(lambda dying=worker: dying.code is not None or house.is_at_rest(), "it is not given up")
    with house.worker("never", *QUICK) as last:
        house.at_rest(last)
    assert house.bot_posts() == []
    assert [job.state for job in house.jobs("answer")] == ["dead"]
    assert "could not be answered" in house.told()[-1]


@pytest.mark.parametrize(
    ("point", "options"),
    [("answer: before the first token", QUICK), ("delivery: before the post is asked for", REAL)],
    ids=["answer", "delivery"],
)
def test_a_worker_that_was_asleep_while_another_took_over_changes_nothing_when_it_wakes(
    house: House, point: str, options: tuple[str, ...]
) -> None:
    root = _thread(house)
    house.ask(QUESTION, root)
    with house.worker(point, "--pause") as sleeper:
        eventually(sleeper.is_stopped, "it does not fall asleep", unless=sleeper.trouble)
        with house.worker("never", *options) as awake:
            house.at_rest(awake)
        sleeper.signal(signal.SIGCONT)
        eventually(lambda: "lease was lost" in sleeper.said, "the sleeper noticed nothing", unless=sleeper.trouble)
        _answered_once(house, root)


def test_an_answer_by_the_real_engine_goes_on_from_its_saved_words_and_no_process_is_left_behind(house: House) -> None:
    (house.folder / "models" / "smollm2-135m.gguf").symlink_to(smollm2_path())
    root = _thread(house)
    with house.worker("never", *SHORT) as first:
        eventually(lambda: any(one.warm for one in house.workers()), "no model is loaded", unless=first.trouble)
        house.ask("--model smollm2-135m Tell a long story about a pump, with all that happened to it.", root)
        eventually(lambda: _words(house), "no words are saved", unless=first.trouble)
        first.signal(signal.SIGKILL)
        _dies(first)
        words = _words(house)
        eventually(lambda: not house.processes(), "a model's process outlives its worker")
    with house.worker("never", *QUICK, *SHORT) as second:
        house.at_rest(second)
    (answer,) = house.messages("answer")
    # The whole goes on from the words; or ends within them, where the engine has seen them repeated later.
    assert answer.raw
    assert answer.raw.startswith(words) or words.startswith(answer.raw)
    (post,) = house.bot_posts()
    assert (post["root_id"], post["props"]["chorus_request"]) == (root["id"], answer.question_id)
    assert [(job.kind, job.state) for job in house.jobs()] == [("admit", "done"), ("answer", "done"), ("post", "done")]


def _words(house: House) -> str:
    """The words of the running answer that are on the disk."""
    return next((job.words for job in house.jobs("answer") if job.words and job.state == "running"), "")
