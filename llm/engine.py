"""GPT4All 2.8.2 as it really behaves (measured), behind six calls. Only the child process imports this."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gpt4all._pyllmodel as binding
from gpt4all import GPT4All

from llm.base import EngineFault, ModelBroken, Options
from llm.templates import Segment

LIBRARIES = Path(str(binding.MODEL_LIB_PATH))
BATCH = 16  # at 8 to 16 a 1.1 B model stops within 0.35 s, and is as fast as at 128
# Measured with SmolLM2: stories (share of runs of four words that differ), simple questions right of 20. Without a penalty
# 0.37 to 0.97 and 20; with 1.05 0.86 to 0.98 and 20; with 1.1 1.0 and 20, worded as chat/prompts are. The binding has 1.18.
REPEAT_PENALTY = 1.1
BEGIN, END, CAPACITY = 0, 1, 2

LIBRARY = binding.llmodel
for _name, _takes in (("get_state_size", 1), ("save_state_data", 2), ("restore_state_data", 2)):
    _function = getattr(LIBRARY, f"llmodel_{_name}")
    _function.restype, _function.argtypes = ctypes.c_uint64, [ctypes.c_void_p] * _takes


@dataclass(frozen=True)
class State:
    """A saved prefix: its token ids and the engine's own bytes, logits included."""

    ids: tuple[int, ...]
    data: bytes


class Engine:
    """One loaded model. Raises ModelBroken where it does not load; may abort the process, so it has one of its own.

    `token_bytes` is what the model keeps for each token (machine.bytes_a_token), 0 where that is not known.
    """

    def __init__(self, path: Path, n_ctx: int, threads: int, token_bytes: int = 0) -> None:
        self.token_bytes = token_bytes
        try:
            loaded = GPT4All(
                path.name,
                model_path=str(path.parent),
                allow_download=False,
                device="cpu",
                n_threads=threads,
                n_ctx=n_ctx,
            )
        except Exception as error:  # the binding raises the bare class: "Model not loaded"
            raise ModelBroken(f"the engine does not load it: {error}") from error
        self._model = loaded.model
        if not LIBRARY.llmodel_isModelLoaded(self._model.model):
            raise ModelBroken("the engine does not load it, and says nothing")
        self._model._callback_decoder = _undecoded  # noqa: SLF001 - the binding has no public way to set it

    @property
    def n_past(self) -> int:
        """How many tokens the model has behind it."""
        return int(self._model.context.n_past) if self._model.context else 0

    def ids(self, start: int = 0) -> list[int]:
        """The token ids that were read, from `start` to n_past."""
        return list(self._model.context.tokens[start : self.n_past]) if self._model.context else []

    def stand(self, n_past: int) -> None:
        """Go back to behind the first `n_past` tokens. What stood there is erased by the next token fed, not before."""
        if self._model.context:
            self._model.context.n_past = n_past

    def feed(self, segment: Segment, go_on: Callable[[int], bool], *, fresh: bool, batch: int = BATCH) -> bool:
        """Read a segment; `go_on` is asked with each token id. False: it was told to stop. Raises EngineFault."""
        answers: list[bool] = []

        def on_token(token: int) -> bool:
            answers.append(go_on(token))
            return answers[-1]

        self._prompt(segment, on_token, lambda _token, _piece: True, n_predict=0, batch=batch, fresh=fresh)
        return all(answers)

    def write(self, options: Options, on_token: Callable[[int, bytes], bool]) -> None:
        """Write behind what was read, until the model or `on_token` ends it. Raises EngineFault."""
        self._prompt(Segment("", special=True), lambda _token: True, on_token, n_predict=options.max_tokens,
                     temperature=options.temperature)  # fmt: skip

    def save(self) -> State:
        """What the model has behind it. Only straight behind a feed: trimmed tokens would be in it as well.

        The engine asks for room for its largest state (592 MB for SmolLM2 at 8,192 tokens) and fills what it needs
        (23 kB a token): anonymous memory costs nothing where it is not written to.
        """
        with mmap.mmap(-1, LIBRARY.llmodel_get_state_size(self._model.model)) as room:
            start = (ctypes.c_char * len(room)).from_buffer(room)
            used = LIBRARY.llmodel_save_state_data(self._model.model, start)
            del start  # the map cannot be closed while something points into it
            return State(tuple(self.ids()), room[:used])

    @property
    def state_size(self) -> int:
        """About how many bytes save() would give."""
        return self.n_past * self.token_bytes

    def restore(self, state: State) -> bool:
        """Stand behind a saved prefix. False: this process cannot, and nothing has changed.

        The binding's own list of ids is put back too: without it the engine aborts ("n_past=… is past end of token
        cache"). In a young process that list has no room for them yet.
        """
        vector = self._token_vector()
        count = len(state.ids)
        if vector is None or (vector[CAPACITY] - vector[BEGIN]) // 4 < count:
            return False
        LIBRARY.llmodel_restore_state_data(self._model.model, state.data)
        ctypes.memmove(vector[BEGIN], (ctypes.c_int32 * count)(*state.ids), 4 * count)
        vector[END] = vector[BEGIN] + 4 * count
        self._model.context.n_past = self._model.context.tokens_size = count
        return True

    def _token_vector(self) -> ctypes.Array[ctypes.c_uint64] | None:
        """The three pointers of the std::vector of ids in the C wrapper, or None where it does not look like that."""
        context = self._model.context
        if context is None:
            return None
        wrapper = ctypes.cast(self._model.model, ctypes.c_void_p).value or 0
        vector = (ctypes.c_uint64 * 3).from_address(wrapper + 8)
        begins = ctypes.cast(context.tokens, ctypes.c_void_p).value
        fits = vector[END] - vector[BEGIN] == 4 * context.tokens_size and vector[CAPACITY] >= vector[END]
        return vector if vector[BEGIN] == begins and fits else None

    def _prompt(
        self, segment: Segment, on_read: Callable[[int], bool], on_written: Callable[[int, bytes], bool], *,
        n_predict: int, temperature: float = 0.0, batch: int = BATCH, fresh: bool = False,
    ) -> None:  # fmt: skip
        faults: list[str] = []

        def on_token(token: int, piece: bytes) -> bool:
            if token < 0:  # the engine reports its errors as text
                faults.append(piece.decode("utf-8", "replace"))
                return False
            return on_written(token, piece)

        self._model._prompt_callback = on_read  # noqa: SLF001 - the only way to stop it while it reads
        self._model.prompt_model(
            segment.text, "%1%2", on_token, n_predict=n_predict, n_batch=batch, reset_context=fresh,
            special=segment.special, temp=temperature, repeat_penalty=REPEAT_PENALTY if temperature else 1.0,
            repeat_last_n=64, top_k=40, top_p=0.95, min_p=0.05,
        )  # fmt: skip
        if faults:
            raise EngineFault(faults[0][:200])


def _undecoded(callback: Callable[[int, bytes], bool]) -> Callable[[int, bytes], bool]:
    """In the place of the binding's decoder, which does not call back for tokens that hold half a character."""
    return callback
