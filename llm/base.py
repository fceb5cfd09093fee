"""What a model is: a prompt goes in, chunks of text come out, the last one tells how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from llm.checksum import Identity
from llm.foreign import one_line

Stage = Literal["load", "read", "write"]
LONGEST_DETAIL = 2000


@dataclass(frozen=True)
class Turn:
    """One thing that was said before the question, in the order in which the model met it.

    `text` is what enters the prompt. A post also carries `author` and `said`, its plain words, for engines that quote.
    """

    role: Literal["post", "question", "answer"]
    text: str
    author: str = ""
    said: str = ""


@dataclass(frozen=True)
class Prompt:
    """Instructions, what was said before, and the question. `begun` holds the words of an answer that broke off."""

    system: str
    turns: tuple[Turn, ...]
    question: str
    begun: str = ""
    asked: str = ""  # the question in the person's plain words, for engines that quote


@dataclass(frozen=True)
class Options:
    """How to answer. `temperature` 0 is greedy; `stop` are texts that end the answer and are not part of it."""

    max_tokens: int = 800
    temperature: float = 0.2
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finish:
    """How an answer ended, and what it cost.

    `reason`: `stop` (the model's own end), `length` (max_tokens were written), `repeat` (it began to repeat itself) or
    `cancelled`. `keep`: how many characters of the whole text to keep, None for all: a repetition shows only when it
    has been yielded, so it is cut off afterwards. `read` counts the tokens that were fed for this answer, `reused`
    those that were known already; seconds are wall-clock.
    """

    reason: Literal["stop", "length", "repeat", "cancelled"]
    read: int = 0
    reused: int = 0
    written: int = 0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    keep: int | None = None


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer. An empty one is a tick: the model lives, and the caller can do its own work.

    `stage` says what the model is doing, and `done` of `of` how far it is with that (bytes hashed, tokens read or
    written; 0 of 0: unknown). The last chunk carries `finish`.
    """

    text: str = ""
    stage: Stage = "write"
    finish: Finish | None = None
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class Speed:
    """What a model does on this machine: seconds to load, tokens a second reading and writing, its window, and the bytes
    that its process takes (PSS), 0 where it has none."""

    load_seconds: float
    prefill: float
    decode: float
    n_ctx: int
    memory: int = 0


@dataclass(frozen=True)
class Size:
    """How large a prompt is for a model, in tokens.

    `known` of its first ones stand behind the model already and are not read again. `turns` are those of each turn by
    itself, so that a prompt with fewer turns can be reckoned: exact for BPE, at most one too many for other vocabularies.
    `window` is the most that the model reads beside an answer of that length.
    """

    tokens: int
    known: int
    turns: tuple[int, ...]
    window: int


class Model(Protocol):
    """A model that answers; one call of `generate` at a time, of an endpoint as many as it was declared with.

    What stands below `close` most models have no need of: who derives from this class has the plain answers.
    """

    @property
    def name(self) -> str: ...

    @property
    def warm(self) -> bool:
        """Whether it can answer without being loaded first."""
        ...

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        """Answer. Yields at least one chunk a second; closing the iterator stops the model within a second.

        Raises a ModelError; what was yielded before stays valid.
        """
        ...

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        """Load it if need be, and count what `generate` would read. The last item is the Size. Raises a ModelError."""
        ...

    def probe(self) -> Iterator[Chunk | Speed]:
        """Load, read and write a little, and measure it. The last item is the Speed. Raises a ModelError."""
        ...

    def close(self) -> None:
        """Free its memory. It loads again when it is asked."""
        ...

    @property
    def continues(self) -> bool:
        """Whether it goes on from the words in `Prompt.begun`; else they stay as they are, and the answer is cut off."""
        return True

    @property
    def loaded(self) -> bool:
        """Whether it takes memory of this machine now."""
        return False

    @property
    def busy(self) -> bool:
        """Whether it must not be closed now, as somebody is being answered by it."""
        return False

    @property
    def gone(self) -> bool:
        """Whether what it was opened from is no longer there."""
        return False

    @property
    def checksum(self) -> Identity | None:
        """The SHA-256 of its file, with what it was taken from; None where it has none, or was not loaded yet."""
        return None

    def forget(self, texts: Iterable[str]) -> None:
        """Drop all that is remembered of prompts with these texts in them, before the next answer."""
        del texts  # an engine that remembers nothing has nothing to drop


class ModelError(Exception):
    """A model could not answer. `detail` is for the log of an administrator: never a person's words, and one plain line,
    whatever files and servers have to say in it."""

    def __init__(self, detail: str = "") -> None:
        self.detail = one_line(detail, LONGEST_DETAIL)
        super().__init__(self.detail or (type(self).__doc__ or "").strip())


class ModelMissing(ModelError):
    """There is no such model. `near` holds the names most like it."""

    def __init__(self, detail: str = "", near: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.near = near


class ModelUnsupported(ModelError):
    """The file is sound, but this engine cannot load it."""


class NotApproved(ModelError):
    """It is not on the approved list (models.lock); `models lock --add NAME` approves it."""


class ModelBroken(ModelError):
    """The file is damaged, or its probe failed."""


class EngineMissing(ModelError):
    """The engine is not installed, or the processor cannot run it."""


class OutOfMemory(ModelError):
    """The model does not fit into this machine's memory."""


class PromptTooLong(ModelError):
    """The prompt and its answer do not fit into the model's window."""

    def __init__(self, tokens: int, window: int) -> None:
        super().__init__(f"{tokens} tokens do not fit into a window of {window}")
        self.tokens, self.window = tokens, window


class ModelHung(ModelError):
    """The model gave no sign of life and was stopped."""


class ModelDied(ModelError):
    """The model's process ended in the middle of its work."""


class EndpointDown(ModelError):
    """The model's server cannot be reached."""


class KeyRefused(ModelError):
    """The model's server does not accept the key that it is given."""


class EmptyAnswer(ModelError):
    """The model ended without a word."""


class EngineFault(ModelError):
    """The engine reported an error while it worked."""


@dataclass
class ModelInfo:
    """What is known of a model without loading it. `engine`: gpt4all, llamacpp, openai, extractive or scripted; `fault`:
    why it cannot be loaded, or empty; `version`: another one once its file, or what was declared of it, was replaced or
    changed; `memory`: the bytes that it takes when it is loaded, estimated, and `least`: with the smallest window that is of
    use; `concurrency`: how many answers it writes at a time; `unloadable`: why an engine cannot load it, by engine."""

    name: str
    engine: str
    title: str = ""
    path: str = ""
    size: int = 0
    architecture: str = ""
    quantisation: str = ""
    n_ctx: int = 0
    fault: str = ""
    version: str = ""
    licence: str = ""
    good_for: str = ""
    memory: int = 0
    least: int = 0
    concurrency: int = 1
    unloadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
