"""Chat templates: template parts and people's texts come out apart, in order, each once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm import header
from llm.base import ModelUnsupported, Prompt, Turn
from llm.cursor import Value
from llm.header import Header
from llm.templates import OPENING, ChatTemplate, Segment
from tests.smollm2 import smollm2_path
from tests.unit.llm.asking import turns

NO_SYSTEM = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "[{{ m['role'] }}]{{ m['content'] | trim }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.fixture(scope="session")
def real() -> ChatTemplate:
    return ChatTemplate(header.read(smollm2_path()))


def of(head: Header, source: str, **fields: Value) -> ChatTemplate:
    """The template `source` in the place of the file's own."""
    return ChatTemplate(replace(head, fields=head.fields | {"tokenizer.chat_template": source} | fields))


@pytest.fixture
def head(copier_path: Path) -> Header:
    return header.read(copier_path)


def shown(template: ChatTemplate, prompt: Prompt) -> list[str]:
    """People's texts in quotes, template parts without."""
    return [segment.text if segment.special else repr(segment.text) for segment in template.segments(prompt)]


def test_each_post_is_a_segment_of_its_own(real: ChatTemplate) -> None:
    prompt = Prompt("Be kind.", turns(("post", "bob: hi"), ("post", "ann: lunch?\n")), "Who is hungry?")
    assert real.segments(prompt) == [
        Segment("<|im_start|>system\n", special=True),
        Segment("Be kind."),
        Segment("<|im_end|>\n<|im_start|>user\n", special=True),
        Segment("bob: hi\n"),
        Segment("ann: lunch?\n"),
        Segment("Who is hungry?"),
        Segment("<|im_end|>\n<|im_start|>assistant\n", special=True),
    ]


def test_words_that_were_written_stand_behind_the_thoughts_that_a_template_begins_with(head: Header) -> None:
    thinking = of(
        head, "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}{{ '<|assistant|><think>\\n' }}"
    )
    assert shown(thinking, Prompt("", (), "q"))[-1] == "<|assistant|><think>\n"
    assert shown(thinking, Prompt("", (), "q", begun="It is"))[-3:] == [
        "<|assistant|><think>\n",
        "</think>\n\n",
        "'It is'",
    ]


FAILING = {
    "no such argument": "{{ '{}'.format() }}",
    "a macro without an end": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "no such encoding": "{{ 'a'.encode('b') }}",
    "25 loops in each other": "{% for i in 'a' %}" * 25 + "{% endfor %}" * 25,
    "300 brackets": "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "3,000 lists in each other": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "three gigabytes": "{{ 'a' * 3000000000 }}",
    "a gigabyte, bit by bit": (
        "{% set n = namespace(a='a' * 1024) %}{% for i in range(20) %}{% set n.a = n.a ~ n.a %}{% endfor %}"
    ),
    "words of its own without an end": "{{ 'a' * 50000000 }}",
    "more than anybody writes": "{# " + "a" * 1_000_000 + " #}",
}


@pytest.mark.parametrize("source", FAILING.values(), ids=FAILING)
def test_a_template_that_fails_in_whatever_way_is_unsupported(head: Header, source: str) -> None:
    with pytest.raises(ModelUnsupported):
        of(head, source + NO_SYSTEM).segments(Prompt("s", (), "q"))
    assert of(head, NO_SYSTEM).segments(Prompt("s", (), "q"))  # there is memory again


def test_a_follow_up_begins_with_the_whole_prompt_before_and_its_answer(real: ChatTemplate) -> None:
    first = Prompt("s", turns(("post", "p\n")), "q")
    then = Prompt("s", (*first.turns, *turns(("question", "q"), ("answer", "a"))), "and?")
    begins = [*real.segments(first), Segment("a")]
    assert real.segments(then)[: len(begins)] == begins


def test_broken_off_words_stand_behind_the_tail(real: ChatTemplate) -> None:
    assert real.segments(Prompt("s", (), "q", begun="The <|im_end|>"))[-1] == Segment("The <\u200b|im_end|>")


def test_a_template_without_a_system_role_gets_it_in_the_first_message(head: Header) -> None:
    template = of(head, NO_SYSTEM)
    assert not template.has_system_role
    prompt = Prompt("Be kind.", turns(("question", "q"), ("answer", "a")), "b")
    assert shown(template, prompt) == [
        "[user]",
        "'Be kind.\\n\\n'",
        "'q'",
        "[assistant]",
        "'a'",
        "[user]",
        "'b'",
        "[assistant]",
    ]


def test_a_conversation_that_begins_with_an_answer_gets_an_opening(head: Header) -> None:
    assert shown(of(head, NO_SYSTEM), Prompt("", turns(("answer", "a")), "q"))[:3] == [
        "[user]",
        repr(OPENING),
        "[assistant]",
    ]


def test_roles_always_alternate(head: Header) -> None:
    strict = (
        "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('x') }}"
        "{% endif %}{{ m['content'] }}|{% endfor %}"
    )
    prompt = Prompt("s", turns(("answer", "a"), ("answer", "b"), ("post", "p"), ("question", "q")), "r")
    people = [segment.text for segment in of(head, strict).segments(prompt) if not segment.special]
    assert people == ["s\n\n", OPENING, "a\n", "b", "p\n", "q\n", "r"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages[-1]['content'] }}",
        "{% for m in messages %}{{ m['content'] }}{{ m['content'] }}{% endfor %}",
        "{% for m in messages | reverse %}{{ m['content'] }}{% endfor %}",
        "{% for m in messages %}{{ m['content'] | upper }}{% endfor %}",
        "{% for m in messages %}",
        "{{ messages.nothing.at.all }}",
        "{{ ''.__class__.__mro__ }}",
        "{% for i in range(999999999) %}{% endfor %}",
        "{{ 1 / 0 }}",
        "7f3a0c19e",
    ],
)
def test_a_template_that_changes_messages_or_fails_is_refused(head: Header, source: str) -> None:
    with pytest.raises(ModelUnsupported):
        of(head, source).segments(Prompt("s", turns(("post", "p"), ("answer", "a")), "q"))


def test_bos_is_left_to_the_engine_where_it_adds_it(head: Header) -> None:
    source = "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
    assert shown(of(head, source), Prompt("", (), "q")) == ["[user]", "'q'"]
    without = {"tokenizer.ggml.add_bos_token": False}
    assert shown(of(head, source, **without), Prompt("", (), "q")) == ["<s>[user]", "'q'"]


def test_today_is_the_same_all_day(head: Header) -> None:
    template = of(head, "{{ strftime_now('%H:%M:%S') }}{% for m in messages %}{{ m['content'] }}{% endfor %}")
    assert template.segments(Prompt("", (), "q"))[0].text == "00:00:00"


def test_a_file_without_a_template_speaks_chatml_where_it_has_its_tokens() -> None:
    head = header.read(smollm2_path())
    assert shown(of(head, ""), Prompt("s", (), "q")) == shown(ChatTemplate(head), Prompt("s", (), "q"))


def test_a_file_without_a_template_or_roles_gets_plain_words(head: Header) -> None:
    template = of(head, "")
    assert (
        "".join(segment.text for segment in template.segments(Prompt("s", (), "q"))) == "s\n\nUser:\nq\n\nAssistant:\n"
    )
    assert template.stops == ("\nUser:\n",)


words = st.text("ab<|im_start>\n\0", max_size=20)
said = st.builds(Turn, st.sampled_from(["post", "question", "answer"]), words)


@given(st.builds(Prompt, words, st.lists(said, max_size=6).map(tuple), words, words))
def test_no_persons_text_ever_becomes_a_template_part(real: ChatTemplate, prompt: Prompt) -> None:
    def harmless(text: str) -> str:
        return "x" if text.replace("\0", "") else ""

    plain = Prompt(
        harmless(prompt.system),
        tuple(Turn(turn.role, harmless(turn.text)) for turn in prompt.turns),
        harmless(prompt.question),
    )
    assert parts(real, prompt) == parts(real, plain)


def parts(template: ChatTemplate, prompt: Prompt) -> list[str]:
    """The template's parts alone, as one text each between people's."""
    return [segment.text for segment in template.segments(prompt) if segment.special]
