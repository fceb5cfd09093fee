"""A model behind an endpoint that speaks the OpenAI protocol: vLLM, llama.cpp's server, Ollama, LocalAI.

The vocabulary is not known here, so every mark of a role that a known family has is broken up in people's text
(texts.escape_marks). Thoughts are no part of an answer, whether they come in it or beside it.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from llm.base import Chunk, EmptyAnswer, EngineFault, Finish, Model, ModelHung, Options, Prompt, Size, Speed, Stage
from llm.drawn import drawn
from llm.endpoints import Endpoint, Network
from llm.openai_tokens import A_MESSAGE, A_TEMPLATE, Server, bound
from llm.templates import messages
from llm.texts import clean, escape_marks
from llm.writing import Writing

if TYPE_CHECKING:
    from llm.openai_asking import Asking, Piece

T = TypeVar("T")

WORDS = "the pump of hall seven was checked on monday and all is well; "
MEASURED = Options(max_tokens=16, temperature=0.0)
GOING_ON = {"add_generation_prompt": False, "continue_final_message": True}  # vLLM's words for it
TICK_EVERY = 100  # counts
# What an answer may have at most: not every server keeps to the tokens that it is asked for. Some send several in a piece.
PIECES_A_TOKEN, LETTERS_A_TOKEN, SLACK = 2, 32, 16


class OpenAiModel(Model):
    """The model that a section of models.toml declares. It may be asked by several threads at a time."""

    def __init__(self, endpoint: Endpoint, network: Network) -> None:
        self.endpoint, self._network = endpoint, network
        self._server: Server = ""
        self._window = endpoint.window

    @property
    def name(self) -> str:
        """What people call it."""
        return self.endpoint.name

    @property
    def warm(self) -> bool:
        """Always: whoever runs it has loaded it."""
        return True

    @property
    def continues(self) -> bool:
        """Whether it goes on from words: llama.cpp's server and vLLM do, and are told apart when `size` is asked first."""
        return self._server != ""

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        """Answer a prompt; see base.Model. Closing it closes the connection, and the server stops."""
        if options.max_tokens < 1:
            raise ValueError("max_tokens must be at least 1")
        if prompt.begun and not self.continues:
            raise EngineFault("its server cannot go on from words")
        chat, asking = self._messages(prompt), self._asking
        more = {"extra_body": GOING_ON} if prompt.begun and self._server == "vllm" else {}
        source = asking.pieces(chat, max_tokens=options.max_tokens, temperature=options.temperature, **more)
        answer = _Answer(options, thinks=self.endpoint.thinks)
        with closing(self._watched(source, lambda: answer.stage, attrgetter("says"))) as pieces:
            for piece in pieces:
                yield from answer.take(piece)
                if answer.over:
                    break
        yield from answer.end(prompt, bound("".join(message["content"] for message in chat)))

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        """Count what it would read, by the endpoint's own count or an upper bound; see base.Model.

        Nothing is known of what its server has read already.
        """
        turns = [turn.text for turn in prompt.turns]
        texts = [escape_marks(text) for text in (prompt.system, prompt.question, prompt.begun, *turns)]
        found: list[int] = []
        with closing(self._watched(self._asking.counts(texts), lambda: "write")) as counts:
            for count in counts:
                if count is not None:
                    self._server = count.server
                    found.append(count.tokens)
                if count is None or len(found) % TICK_EVERY == 0:
                    yield Chunk(stage="read", done=len(found), of=len(texts))
        around = A_TEMPLATE + A_MESSAGE * len(texts)
        yield Size(
            sum(found) + around, 0, tuple(found[-len(turns) :] if turns else ()), self._window - options.max_tokens
        )

    def probe(self) -> Iterator[Chunk | Speed]:
        """Whether the endpoint has it, and how fast it answers, its queue and the way to it included; see base.Model."""
        with closing(self._watched(self._asking.look(), lambda: "write")) as looks:
            for window in looks:
                self._window = min(self.endpoint.window, window or self.endpoint.window)
                yield Chunk(stage="load")
        # Another beginning each time: what the server has in mind already would be read in no time.
        prompt = Prompt("", (), f"{secrets.token_hex(4)} {WORDS * 20}{WORDS[:16]}")
        finish = Finish("stop")
        for chunk in self.generate(prompt, MEASURED):
            finish = chunk.finish or finish
            yield Chunk(stage="load")
        prefill = finish.read / max(1e-6, finish.prefill_seconds)
        yield Speed(0.0, prefill, max(1, finish.written - 1) / max(1e-6, finish.decode_seconds), self._window)

    def close(self) -> None:
        """Each answer has a connection of its own: there is nothing to free."""

    @cached_property
    def _asking(self) -> Asking:
        from llm.openai_asking import Asking

        return Asking(self.endpoint, self._network)

    def _messages(self, prompt: Prompt) -> list[dict[str, str]]:
        chat = [(each.role, "".join(each.texts)) for each in messages(prompt, system_role=self.endpoint.system_role)]
        begun = [("assistant", prompt.begun)] if prompt.begun else []
        return [{"role": role, "content": escape_marks(text)} for role, text in [*chat, *begun]]

    def _watched(
        self, source: AsyncIterator[T], stage: Callable[[], Stage], says: Callable[[T], bool] = lambda _item: True
    ) -> Generator[T | None, None, None]:
        """What comes, and None for each quarter of a second of silence. Raises ModelHung where nothing comes for too long that
        `says` anything: a gateway may keep a connection alive whose model is gone."""
        silent = 0.0
        with closing(drawn(source)) as items:
            for item, waited in _timed(items):
                silent = 0.0 if item is not None and says(item) else silent + waited
                limit = self.endpoint.first_seconds if stage() == "read" else self.endpoint.between_seconds
                if silent >= limit:
                    raise ModelHung(f"no sign of life for {limit:.0f} seconds")
                yield item


def _timed(items: Iterator[T]) -> Iterator[tuple[T, float]]:
    """Each with the seconds that it was waited for; what is done with it in between does not count."""
    started = time.monotonic()
    for item in items:
        yield item, time.monotonic() - started
        started = time.monotonic()


class _Answer:
    """An answer as it comes: its text, and what it cost. `over`: no more of it is wanted."""

    def __init__(self, options: Options, *, thinks: bool) -> None:
        self._out: list[str] = []
        self._writing = Writing(options.stop, frozenset(), self._out.append, thinks=thinks)
        self._started, self._first = time.monotonic(), 0.0
        self._prompt = self._cached = self._written = self._thoughts = 0
        self._end, self.over = "", False
        self._pieces = PIECES_A_TOKEN * options.max_tokens + SLACK
        self._letters = LETTERS_A_TOKEN * (options.max_tokens + SLACK)

    @property
    def stage(self) -> Stage:
        """What the model does: reading, until the first token of an answer or a thought."""
        return "write" if self._first else "read"

    def take(self, piece: Piece | None) -> Iterator[Chunk]:
        """The next piece, as chunks; a tick where there is nothing to show."""
        if piece is not None:
            self._note(piece)
            if piece.text:
                text = clean(piece.text[: self._letters]).encode()
                self.over = not self._writing.add(zlib.crc32(text), text)
            self._count(piece)
        yield from self._given() or [Chunk(stage=self.stage)]

    def end(self, prompt: Prompt, most_read: int) -> Iterator[Chunk]:
        """What was held back, and how it ended. `most_read`: the prompt's tokens at most, for servers that do not tell.

        Raises EmptyAnswer.
        """
        ended, writing = time.monotonic(), self._writing
        writing.end()
        yield from self._given()
        full = self._end == "length" and not writing.cut
        if writing.reason == "stop" and not full and not (writing.text.strip() or prompt.begun.strip()):
            raise EmptyAnswer
        first = self._first or ended
        yield Chunk(
            finish=Finish(
                "length" if full and writing.reason == "stop" else writing.reason,
                read=max(0, (self._prompt or most_read) - self._cached),
                reused=self._cached,
                written=self._written or writing.tokens + self._thoughts,
                prefill_seconds=first - self._started,
                decode_seconds=ended - first,
                keep=writing.keep,
            )
        )

    def _note(self, piece: Piece) -> None:
        if piece.says:
            self._first = self._first or time.monotonic()
        self._thoughts += piece.thought
        self._end = piece.end or self._end
        self._prompt, self._cached = piece.prompt or self._prompt, piece.cached or self._cached
        self._written = piece.written or self._written

    def _count(self, piece: Piece) -> None:
        """End it where it is longer than it was to be."""
        self._pieces -= piece.says
        self._letters -= len(piece.text)
        if not self.over and min(self._pieces, self._letters) < 0:
            self._end, self.over = "length", True

    def _given(self) -> list[Chunk]:
        found = [Chunk(text) for text in self._out]
        self._out.clear()
        return found
