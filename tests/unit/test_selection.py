"""What of a long thread a question reads, and that the next question begins with the very same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.base import Prompt, Size
from mmapp.chat import context, reading, selection
from mmapp.chat.context import GAP
from mmapp.chat.history import Exchange
from mmapp.chat.read import Said
from mmapp.chat.reading import Asked
from mmapp.chat.selection import LONGEST, Selection

MARKS = context.marks("s" * 32, "thread", date(2026, 11, 22))
WINDOW = 25_000
CRANE = 300


def said(number: int, text: str = "") -> Said:
    return Said(f"post{number:04}", "id-ann", "ann", text or f"Hall {number} was checked and all is well.", number)


def thread(count: int = 612) -> list[Said]:
    """A long thread of rounds; in the middle of it, somebody talks about a crane."""
    posts = [said(number) for number in range(count)]
    talk = {CRANE - 1: "Did you hear that noise?", CRANE: "The gearbox of the crane is worn.", CRANE + 1: "By Friday."}
    return [said(number, talk[number]) if number in talk else post for number, post in enumerate(posts)]


def texts(prompt: Prompt) -> list[str]:
    return [prompt.system, *(turn.text for turn in prompt.turns), prompt.question]


@dataclass
class Reader:
    """A model with a token a byte, as no vocabulary has more; it knows what it has read. And the talk about one thread."""

    window: int = WINDOW
    budget: int = WINDOW
    posts: list[Said] = field(default_factory=thread)
    exchanges: list[Exchange] = field(default_factory=list)
    read: list[list[str]] = field(default_factory=list)
    fed: int = 0

    def size(self, prompt: Prompt) -> Size:
        tokens = [len(text.encode()) for text in texts(prompt)]
        known = max((_equal(one, texts(prompt)) for one in self.read), default=0)
        return Size(sum(tokens), sum(tokens[:known]), tuple(tokens[1:-1]), self.window)

    def select(self, question: str) -> tuple[Selection, Prompt]:
        asked = self.asked(question)
        selected = reading.select(asked, self.size, lambda: self.budget)
        return selected, asked.prompt(selected)

    def asked(self, question: str) -> Asked:
        return Asked("ai", question, "bob", self.posts, self.exchanges, MARKS)

    def ask(self, question: str, answer: str = "So it is.") -> Selection:
        """Ask, have it answered, and remember both as the model and the database do. What is read is within bounds."""
        selected, prompt = self.select(question)
        size, alone = self.size(prompt), self.size(self.asked(question).prompt(Selection(())))
        self.fed = size.tokens - size.known
        assert size.tokens <= self.window
        assert self.fed <= alone.tokens + self.budget
        self.read.append([*texts(prompt), answer])
        until = max((post.at for post in self.posts), default=0)
        number = f"question{len(self.exchanges)}"
        self.exchanges.append(Exchange(question, "bob", answer, until, number, selected.chosen))
        return selected

    def grow(self, count: int) -> None:
        self.posts += [said(number) for number in range(len(self.posts), len(self.posts) + count)]


def _equal(known: Sequence[str], wanted: Sequence[str]) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(known, wanted, strict=False))))


def numbers(selected: Selection) -> list[int]:
    return [post.at for post in selected.posts]


def test_a_thread_that_fits_is_read_whole() -> None:
    reader = Reader(posts=thread(400))
    selected = reader.ask("Why is the crane noisy?")
    assert numbers(selected) == list(range(400))
    assert selected.chosen is None


def test_a_thread_that_does_not_fit_the_window_is_read_in_part() -> None:
    read = numbers(Reader().ask("Why is the crane's gearbox noisy?"))
    assert read == sorted(read)
    assert read[0] == 0
    assert read[-20:] == list(range(592, 612))
    assert {CRANE - 1, CRANE, CRANE + 1} <= set(read)


def test_a_thread_that_does_not_fit_the_time_for_reading_is_read_in_part() -> None:
    reader = Reader(window=500_000, budget=5000)
    read = numbers(reader.ask("Why is the crane's gearbox noisy?"))
    assert {0, CRANE, 611} <= set(read)
    assert 4000 < reader.fed < 5300


def test_what_was_chosen_leaves_a_quarter_of_the_window_to_the_questions_that_follow() -> None:
    reader = Reader()
    reader.ask("Why?")
    assert WINDOW * 0.65 < reader.fed <= WINDOW * 0.75 + 100


def test_a_follow_up_reads_only_what_is_new() -> None:
    reader = Reader()
    first = reader.ask("Why is the crane's gearbox noisy?")
    second = reader.ask("Is the gearbox of the crane worn?")
    assert numbers(second)[: len(first.posts)] == numbers(first)
    assert reader.fed < WINDOW / 8 + 20
    *new, _answer = reader.read[1][len(reader.read[0]) :]
    assert reader.fed == sum(len(text.encode()) for text in new)


def test_a_question_about_something_else_reads_that_too() -> None:
    reader = Reader()
    reader.ask("How is hall 42?")
    first = reader.exchanges[-1]
    assert first.chosen
    assert f"post{CRANE:04}" not in first.chosen.posts
    second = reader.ask("What about the gearbox of that crane?")
    assert CRANE in numbers(second)
    assert second.exchanges == [first]
    assert reader.fed < WINDOW / 8 + 20


@pytest.mark.parametrize(("window", "budget"), [(4000, 15_000), (15_000, 4000)])
def test_a_follow_up_never_reads_one_token_too_many(window: int, budget: int) -> None:
    for length in range(1, 200, 10):
        reader = Reader(window, budget, thread(100))
        for number in range(8):
            reader.read.clear()  # the worker is started again and again: what was read counts against the time, too
            reader.ask(f"Is all well in hall {number}?", answer="x" * length)


def test_posts_that_came_since_are_read_behind_the_answer() -> None:
    reader = Reader()
    reader.ask("Why is the crane's gearbox noisy?")
    reader.grow(10)
    second = reader.ask("Is the gearbox of the crane worn?")
    assert numbers(second)[-10:] == list(range(612, 622))
    assert reader.fed < WINDOW / 8 + 10 * 60


def test_what_the_model_has_forgotten_is_chosen_anew_where_it_takes_too_long_to_read() -> None:
    reader = Reader(window=500_000, budget=5000)
    reader.ask("Why is the crane's gearbox noisy?", answer="word " * 300)
    assert reader.ask("Since when?").chosen != selection.Chosen(frozenset(), anew=True)
    assert reader.fed < 1000
    reader.read.clear()  # the worker was started again
    third = reader.ask("And the gearbox of the crane?")
    assert third.chosen
    assert third.chosen.anew
    assert reader.fed < 5300


def test_a_conversation_that_grows_is_chosen_anew_and_then_goes_on_from_there() -> None:
    reader = Reader(window=10_000)
    fed, chosen_anew = [], []
    for number in range(40):
        selected = reader.ask(f"How is hall {number}?", answer="word " * 60)
        fed.append(reader.fed)
        chosen_anew.append(bool(selected.chosen and selected.chosen.anew))
    assert chosen_anew[0]
    assert 1 < sum(chosen_anew) < 20
    assert max(cost for cost, anew in zip(fed, chosen_anew, strict=True) if not anew) < 10_000 / 8 + 50


def test_exchanges_that_no_longer_fit_are_left_out_from_the_oldest_on() -> None:
    reader = Reader(posts=[], window=1000)
    for number in range(12):
        reader.ask(f"Question {number}?", answer=f"{number} " * 100)
    asked = [exchange.question for exchange in reader.ask("And now?").exchanges]
    assert asked == [f"Question {number}?" for number in range(12 - len(asked), 12)]
    assert 2 < len(asked) < 12


def test_the_last_answer_stays_even_where_it_takes_more_than_its_half() -> None:
    reader = Reader(window=10_000)
    reader.ask("Why?", answer="word " * 800)
    reader.grow(1)
    reader.window = 9500
    selected = reader.ask("Go on!")
    assert [exchange.question for exchange in selected.exchanges] == ["Why?"]


def test_a_long_post_is_cut_where_not_everything_fits() -> None:
    reader = Reader()
    reader.posts[0] = said(0, "log " * 4000)
    root = reader.ask("Why?").posts[0]
    assert root.text == ("log " * 4000)[:LONGEST] + " […]"


@pytest.mark.parametrize("place", [0, 20, 39])
def test_a_post_of_many_tokens_is_cut_until_it_takes_no_more_than_a_quarter(place: int) -> None:
    text = "起重机的变速箱坏了。" * 10_000
    reader = Reader(100_000, 1500, [said(number, text if number == place else "好的") for number in range(40)])
    first = reader.ask("变速箱怎么了？").posts
    assert {0, place, 39} <= {post.at for post in first}
    (cut,) = [post for post in first if post.at == place]
    assert text.startswith(cut.text.removesuffix(" […]"))
    assert 1500 / 10 < len(cut.text.encode()) < 1500 / 4
    assert reader.ask("起重机的变速箱是不是坏了，是从什么时候开始的？").posts[: len(first)] == first


def test_a_long_post_that_fits_is_read_to_its_end() -> None:
    reader = Reader(posts=[said(0, "log " * 4000)])
    assert reader.ask("Why?").posts == reader.posts


def test_a_question_that_fills_the_window_reads_nothing_else() -> None:
    reader = Reader()
    selected, _prompt = reader.select("why " * WINDOW)
    assert selected.told == ()


def test_a_deleted_post_is_left_out_of_what_follows() -> None:
    reader = Reader()
    reader.ask("Why is the crane's gearbox noisy?")
    del reader.posts[CRANE]
    second = reader.ask("Is the gearbox of the crane worn?")
    assert CRANE not in numbers(second)


def test_gaps_show_and_neighbours_do_not_look_apart() -> None:
    selected, prompt = Reader(window=10_000).select("Why is the crane's gearbox noisy?")
    read = numbers(selected)
    gaps = sum(later != earlier + 1 for earlier, later in pairwise(read))
    assert sum(turn.text.startswith(GAP) for turn in prompt.turns) == gaps > 1


def test_what_an_answer_was_told_survives_the_database() -> None:
    chosen = selection.Chosen(frozenset({"b", "a"}), anew=True, since="question7")
    assert chosen.to_json() == {"posts": ["a", "b"], "anew": True, "since": "question7"}


@pytest.mark.parametrize("question", ["Why is the crane's gearbox noisy?", "zebra"])
def test_ten_thousand_posts_are_counted_a_few_times_at_the_most(question: str) -> None:
    reader, sizes = Reader(posts=thread(10_000)), 0

    def size(prompt: Prompt) -> Size:
        nonlocal sizes
        sizes += 1
        return reader.size(prompt)

    selected = reading.select(reader.asked(question), size, lambda: reader.budget)
    assert sizes == 2  # everything; the question alone
    assert {0, 9_999} <= set(numbers(selected))


@settings(max_examples=200)
@given(
    st.lists(st.integers(1, 300) | st.just(3000), min_size=20, max_size=60),
    st.lists(st.tuples(st.sampled_from(["hall", "crane"]), st.integers(1, 300)), min_size=2, max_size=8),
    st.integers(1500, 4000),
    st.integers(1000, 4000),
    st.booleans(),
    st.booleans(),
)
def test_every_prompt_fits_and_is_begun_by_the_last_or_chosen_anew(
    lengths: list[int], questions: list[tuple[str, int]], window: int, budget: int, grows: bool, forgets: bool
) -> None:
    posts = [said(number, f"crane {number} " + "x" * length) for number, length in enumerate(lengths)]
    reader = Reader(window, budget, posts)
    for word, answer in questions:
        before = reader.read[-1] if reader.read else []
        if forgets:
            reader.read.clear()
        selected = reader.ask(f"What of the {word}?", "x" * answer)
        prompt = reader.read[-1]
        assert len(set(numbers(selected))) == len(selected.posts)
        anew = selected.chosen is not None and selected.chosen.anew
        assert anew or prompt[: len(before)] == before
        if grows:
            reader.posts = [*reader.posts, replace(said(len(reader.posts)), text="crane again")]
