"""What the real engine reads for a prompt, and that it answers the same as if it had read everything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llm.base import PromptTooLong
from llm.gpt4all_model import Gpt4AllModel
from tests import gguf_files
from tests.unit.llm.asking import ask, lines, load, size, thread, turns

CODE = "bob: the code is 4711"
COLOUR = "cy: the colour is blue"


def test_the_answer_depends_on_the_thread(copier: Gpt4AllModel) -> None:
    assert ask(copier, thread(*lines(5), CODE, *lines(5))).text == " 4711"
    assert ask(copier, thread(*lines(5), "bob: the code is 0815", *lines(5))).text == " 0815"


def test_a_second_persons_question_reads_the_question_alone(copier: Gpt4AllModel) -> None:
    posts = [*lines(20), CODE, COLOUR]
    first = ask(copier, thread(*posts)).finish
    second = ask(copier, thread(*posts, question="the colour is"))
    assert second.text == " blue"
    assert second.finish.read == len("the colour is")
    assert second.finish.reused == first.reused + first.read - len("the code is")


def test_ten_new_posts_read_the_posts_and_the_question_alone(copier: Gpt4AllModel) -> None:
    ask(copier, thread(*lines(20), CODE))
    new = lines(10, start=50)
    grown = ask(copier, thread(*lines(20), CODE, *new))
    assert grown.text == " 4711"
    assert grown.finish.read == sum(len(line) + 1 for line in new) + len("the code is")


def test_a_foreign_conversation_between_costs_nothing(copier: Gpt4AllModel) -> None:
    posts = [*lines(30, start=100), CODE]
    first = ask(copier, thread(*posts))
    ask(copier, thread("eve: the code is a secret", *lines(3, start=900)))
    again = ask(copier, thread(*posts))
    assert again.text == first.text == " 4711"
    assert again.finish.read == len("the code is")


def test_a_longer_conversation_comes_back_after_a_shorter_one(copier_path: Path) -> None:
    model = load(copier_path)
    long, short = thread(*lines(60), CODE), thread("eve: the code is a secret")
    for _ in range(3):  # without the token ids put back, the engine aborts at the second
        assert ask(model, long).text == " 4711"
        assert ask(model, short).text == " a secret"
    model.close()


def test_a_follow_up_reads_neither_question_nor_answer_again(chatting: Gpt4AllModel) -> None:
    prompt = replace(thread(*lines(20), question="well?"), begun="ann: hall 3 was")
    answer = ask(chatting, replace(prompt, begun=""))
    then = replace(
        prompt, begun="", question="and?", turns=(*prompt.turns, *turns(("question", "well?"), ("answer", answer.text)))
    )
    follow_up = ask(chatting, then).finish
    known = answer.finish.reused + answer.finish.read + answer.finish.written
    assert follow_up.reused == known
    assert follow_up.read == len("|\n|and?|\n|")  # each role's mark is one token


def test_the_size_of_a_prompt_says_what_will_be_read(copier: Gpt4AllModel) -> None:
    posts = lines(12, start=300)
    fresh = size(copier, thread(*posts))
    first = ask(copier, thread(*posts)).finish
    assert (fresh.known, fresh.tokens - fresh.known) == (first.reused, first.read)
    assert fresh.turns == tuple(len(post) + 1 for post in posts)
    ask(copier, thread("eve: the code is a secret"))
    other = size(copier, thread(*posts, question="all is"))
    read = ask(copier, thread(*posts, question="all is")).finish
    assert (other.known, other.tokens - other.known) == (read.reused, read.read) == (fresh.tokens - 11, 6)


def test_a_prompt_of_the_window_s_size_fits_and_one_token_more_does_not(copier: Gpt4AllModel) -> None:
    window = size(copier, thread("")).window
    padding = window - size(copier, thread("")).tokens
    assert size(copier, thread("a" * padding)).tokens == window
    assert ask(copier, thread("a" * padding)).finish.read
    with pytest.raises(PromptTooLong):
        ask(copier, thread("a" * (padding + 1)))


def test_answers_after_reuse_equal_fresh_ones(smollm2: Gpt4AllModel) -> None:
    posts = [
        f"{name}: {said}"
        for name, said in (("ann", "the pump costs 12 euros"), ("bob", "buy two of them"))
        for _ in "12"
    ]
    prompt = thread(*posts, question="What does the pump cost?")
    ask(smollm2, thread(*posts, question="Who wants to buy?"), max_tokens=10)
    ask(smollm2, thread("eve: hello", question="Who is there?"), max_tokens=10)
    reused = ask(smollm2, prompt, max_tokens=24)
    smollm2.close()
    fresh = ask(smollm2, prompt, max_tokens=24)
    assert fresh.finish.reused == 0
    assert reused.finish.read < fresh.finish.read / 3  # the question and the template's tail: the posts were kept aside
    assert reused.text == fresh.text


def test_words_of_a_broken_off_answer_are_gone_on_with(copier: Gpt4AllModel) -> None:
    assert ask(copier, thread(CODE, question="x", begun="the code is 47")).text == "11"


def test_a_forgotten_thread_is_read_again(copier: Gpt4AllModel) -> None:
    posts = [*lines(10, start=700), CODE]
    ask(copier, thread(*posts))
    ask(copier, thread("eve: the code is a secret"))
    copier.forget([f"{posts[4]}\n"])
    assert ask(copier, thread(*posts)).finish.read > 400


def test_a_host_says_how_many_bytes_of_states_it_keeps(copier_path: Path) -> None:
    model = load(copier_path)

    def kept() -> int:
        return next(event["states"] for event in model.host.ask("memory") if event and event["event"] == "done")

    ask(model, thread(*lines(10)))
    assert kept() > 0
    model.forget([f"{lines(1)[0]}\n"])
    assert kept() == 0
    model.close()


def test_too_long_a_prompt_is_refused_and_the_next_one_answered(copier_path: Path) -> None:
    model = load(copier_path, window=600)
    with pytest.raises(PromptTooLong) as refused:
        ask(model, thread(*lines(20)))
    assert refused.value.tokens > refused.value.window == 600 - 8 - 60
    assert ask(model, thread(CODE)).text == " 4711"
    model.close()


def test_the_longest_prompt_that_is_taken_is_answered_right(copier_path: Path) -> None:
    model = load(copier_path, window=600)
    head = ask(model, thread(CODE)).finish
    padding = 600 - 8 - 10 - head.read - len("\n")
    prompt = thread("a" * padding, CODE)
    assert ask(model, prompt, max_tokens=10).text == " 4711"
    with pytest.raises(PromptTooLong):
        ask(model, prompt, max_tokens=11)
    model.close()


def test_counts_are_what_the_engine_reads(tmp_path: Path) -> None:
    """In a vocabulary that puts spaces before words, too: there, an inner segment counted by itself is one too many."""
    model = load(gguf_files.random_model(tmp_path / "random.gguf"))
    posts = ["hello there", "pump", " hello", "日本語 é", "there hello pump"]
    read = ask(model, thread(*posts, question="hello"), max_tokens=1).finish.read
    most = 512 - 8 - read
    assert ask(model, thread(*posts, question="hello"), max_tokens=most)
    with pytest.raises(PromptTooLong) as refused:
        ask(model, thread(*posts, question="hello"), max_tokens=most + 1)
    assert refused.value.tokens == read
    model.close()
