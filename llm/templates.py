"""Renders a prompt by the file's own chat template and tells its parts from people's text.

The template is rendered with sentinels where people's text belongs and split there: a template part may hold control
tokens, people's text never. A template that loses, doubles or reorders a sentinel is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from llm import bounded
from llm.base import ModelUnsupported, Prompt, Turn
from llm.header import Header
from llm.texts import escape_controls, harmless
from llm.thoughts import CLOSED, OPENED

SENTINEL = "7f3a{}c19e"  # letters and digits only: it survives `| trim`, `| tojson` and `| escape`
SENTINELS = re.compile(r"7f3a(\d+)c19e")

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# For files without roles of their own (base models). No `###` headings: the engine stops at some, in silence.
PLAIN = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'] | capitalize }}:\n{% endif %}"
    "{{ message['content'] }}\n\n{% endfor %}{% if add_generation_prompt %}Assistant:\n{% endif %}"
)
PLAIN_STOPS = ("\nUser:\n",)

LONGEST_SOURCE = 1 << 18  # characters; the longest of real ones have thirty thousand
MOST_OF_ITS_OWN = 16 << 20  # characters that it puts around people's text: some thirty a message
MOST_MEMORY = 512 << 20

# Most templates demand that a person speaks first; a conversation that begins at the bot's own post has none.
OPENING = "(The conversation begins with this message.)"


@dataclass(frozen=True)
class Segment:
    """A stretch of the prompt that is fed at once. `special`: its control tokens count; people's text has none."""

    text: str
    special: bool = False


@dataclass(frozen=True)
class Message:
    """One message of the chat: a role and the texts it consists of."""

    role: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Chat:
    """A chat template and stop texts that take the place of the file's own; empty where it has them.

    `sha256` is the file that they are meant for; empty for whatever has its name.
    """

    template: str = ""
    stop: list[str] = field(default_factory=list)
    sha256: str = ""

    def fields(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    def meant_for(self, sha256: str) -> dict[str, Any]:
        """What a ChatTemplate is given for the file with that hash: nothing, where this is about another one."""
        return {"own": self.template, "stop": self.stop} if self.sha256 in ("", sha256) else {}


class ChatTemplate:
    """The chat template of one file: `own` where somebody gave one for it, else what stands in it, else one that suits it.

    `stop` are texts that end an answer beside its end token. Where a template's roles are marked by plain text, they are these
    marks, so people's text holds them broken up as it does the vocabulary's own.
    """

    def __init__(self, header: Header, own: str = "", stop: Iterable[str] = ()) -> None:
        self.source = own or header.chat_template or _default(header)
        self.stops = (*(PLAIN_STOPS if self.source == PLAIN else ()), *stop)
        self.names = header.names() | set(stop)
        self.roles = frozenset(name for name in self.names if not harmless(name) and name in self.source)
        self.bos, self.eos = header.token("bos"), header.token("eos")
        self.adds_bos = header.adds_bos
        if len(self.source) > LONGEST_SOURCE:
            raise ModelUnsupported(f"its chat template has {len(self.source):,} characters")
        if SENTINELS.search(self.source):
            raise ModelUnsupported("its chat template holds a sentinel")

    def check(self) -> None:
        """That it renders a conversation at all, before anybody waits for that. Raises ModelUnsupported."""
        self.segments(Prompt("s", (Turn("question", "u"), Turn("answer", "a")), "v"))

    def segments(self, prompt: Prompt) -> list[Segment]:
        """The prompt as template parts and people's texts, none empty. Raises ModelUnsupported."""
        safe = self._escaped(prompt)
        found = self._render(messages(safe, system_role=self.has_system_role))
        if safe.begun:
            # What was written already is answer: a template that begins with thoughts has them behind it.
            found += [Segment(f"{CLOSED}\n\n", special=True)] if found[-1].text.rstrip().endswith(OPENED) else []
            found.append(Segment(safe.begun))
        # Once more: a line's end that was put behind a text might have completed a name.
        return [part if part.special else Segment(self.escape(part.text)) for part in found]

    def _escaped(self, prompt: Prompt) -> Prompt:
        """Before it is rendered, as an instruction of one NUL would not be empty for the template."""
        turns = tuple(Turn(turn.role, self.escape(turn.text)) for turn in prompt.turns)
        return Prompt(self.escape(prompt.system), turns, self.escape(prompt.question), self.escape(prompt.begun))

    def escape(self, text: str) -> str:
        """People's text as it may be fed."""
        return escape_controls(text, self.names)

    @cached_property
    def has_system_role(self) -> bool:
        """Whether the template takes a system message and leaves it first; else the first message holds it."""
        chat = [
            Message("system", ("s",)),
            Message("user", ("u",)),
            Message("assistant", ("a",)),
            Message("user", ("v",)),
        ]
        try:
            self._render(chat)
        except ModelUnsupported:
            return False
        return True

    def _render(self, chat: list[Message]) -> list[Segment]:
        texts = [text for message in chat for text in message.texts]
        numbers = iter(range(len(texts)))
        filled = [
            {"role": message.role, "content": "".join(SENTINEL.format(next(numbers)) for _ in message.texts)}
            for message in chat
        ]
        return _split(self._fill(filled), texts)

    def _fill(self, chat: list[dict[str, str]]) -> str:
        try:
            with bounded.memory(MOST_MEMORY):
                rendered: str = self._template.render(
                    messages=chat,
                    tools=None,
                    documents=None,
                    add_generation_prompt=True,
                    bos_token=self.bos,
                    eos_token=self.eos,
                )
        except Exception as error:  # it is a stranger's program: whatever it raises, this one cannot be used
            raise ModelUnsupported(f"its chat template fails: {type(error).__name__}") from error
        if len(rendered) > MOST_OF_ITS_OWN:
            raise ModelUnsupported(f"its chat template writes {len(rendered):,} characters of its own")
        # The engine puts BOS first by itself, and twice would be once too often.
        return rendered.removeprefix(self.bos) if self.adds_bos and self.bos else rendered

    @cached_property
    def _template(self) -> Template:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals |= {"raise_exception": _raise, "strftime_now": _now}
        environment.filters["tojson"] = json.dumps
        return environment.from_string(self.source)


def messages(prompt: Prompt, *, system_role: bool) -> list[Message]:
    """The prompt as alternating messages: posts and questions are the person's, answers the assistant's."""
    said = [("assistant" if turn.role == "answer" else "user", turn.text) for turn in prompt.turns]
    chat = _alternate([*said, ("user", prompt.question)])
    if chat[0].role == "assistant":
        chat.insert(0, Message("user", (OPENING,)))
    if not prompt.system:
        return chat
    if system_role:
        return [Message("system", (prompt.system,)), *chat]
    return [Message("user", (prompt.system.rstrip("\n") + "\n\n", *chat[0].texts)), *chat[1:]]


def _alternate(said: Iterable[tuple[str, str]]) -> list[Message]:
    chat: list[Message] = []
    for role, text in said:
        if chat and chat[-1].role == role:
            chat[-1] = Message(role, (*chat[-1].texts[:-1], _ended(chat[-1].texts[-1]), text))
        else:
            chat.append(Message(role, (text,)))
    return chat


def _ended(text: str) -> str:
    """Text that ends its line, so that what follows in the same message begins one."""
    return text if text.endswith("\n") else text + "\n"


def _split(rendered: str, texts: list[str]) -> list[Segment]:
    parts = SENTINELS.split(rendered)
    if [int(number) for number in parts[1::2]] != list(range(len(texts))):
        raise ModelUnsupported("its chat template loses, doubles or reorders messages")
    found: list[Segment] = []
    for index, part in enumerate(parts):
        found.append(Segment(texts[int(part)]) if index % 2 else Segment(part, special=True))
    return [segment for segment in found if segment.text]


def _default(header: Header) -> str:
    return CHATML if {b"<|im_start|>", b"<|im_end|>"} <= set(header.tokens) else PLAIN


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _now(form: str) -> str:
    """Today by the template's own form: by the day, so that equal prompts stay equal tokens."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).strftime(form)
