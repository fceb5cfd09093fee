"""Counts tokens as the loaded engine will, by the llama.cpp library inside the gpt4all wheel: vocabulary only, 0.06 s.

Lives in the model's own process: loading a vocabulary aborted on 16 of 60 flipped headers too (measured).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from pathlib import Path

from llm.base import ModelBroken
from llm.machine import processor_flags
from llm.templates import Segment

# llama_token_attr in llama.h: UNKNOWN | CONTROL | USER_DEFINED. Behind such a token SPM vocabularies get a space again.
SPACE_FOLLOWS = 1 << 0 | 1 << 3 | 1 << 4
START = -1


class _Parameters(ctypes.Structure):
    """struct llama_model_params of the llama.h that gpt4all 2.8.2 was built with."""

    _fields_ = (
        ("n_gpu_layers", ctypes.c_int32),
        ("split_mode", ctypes.c_int),
        ("main_gpu", ctypes.c_int32),
        ("tensor_split", ctypes.c_void_p),
        ("rpc_servers", ctypes.c_char_p),
        ("progress_callback", ctypes.c_void_p),
        ("progress_data", ctypes.c_void_p),
        ("kv_overrides", ctypes.c_void_p),
        ("vocab_only", ctypes.c_bool),
        ("use_mmap", ctypes.c_bool),
        ("use_mlock", ctypes.c_bool),
        ("check_tensors", ctypes.c_bool),
    )


class Vocabulary:
    """The tokenizer of one GGUF file. Raises ModelBroken where its vocabulary cannot be loaded."""

    def __init__(self, path: Path, libraries: Path) -> None:
        # The wheel ships two builds; the other one would end in an illegal instruction on processors without AVX2.
        build = "kompute" if "avx2" in processor_flags() else "kompute-avxonly"
        self.library = ctypes.CDLL(str(libraries / f"libllamamodel-mainline-{build}.so"))
        _declare(self.library)
        parameters = self.library.llama_model_default_params()
        parameters.vocab_only = True
        self.model = self.library.llama_load_model_from_file(str(path).encode(), parameters)
        if not self.model:
            raise ModelBroken("its vocabulary cannot be loaded")

    def ids(self, segment: Segment, last: int = START) -> list[int]:
        """The segment's token ids behind the token `last`, as gpt4all's own tokenize() makes them."""
        encoded = segment.text.encode()
        room = len(encoded) + 8
        found = (ctypes.c_int32 * room)()
        starts = last == START
        space = starts or bool(self.library.llama_token_get_attr(self.model, last) & SPACE_FOLLOWS)
        count = self.library.llama_tokenize_gpt4all(
            self.model, encoded, len(encoded), found, room, starts, segment.special, space
        )
        return found[:count]

    def count(self, segments: Iterable[Segment], last: int = START) -> int:
        """How many tokens the segments take, fed one after the other behind the token `last`."""
        total = 0
        for segment in segments:
            found = self.ids(segment, last)
            total, last = total + len(found), found[-1] if found else last
        return total


def _declare(library: ctypes.CDLL) -> None:
    pointer, number, flag = ctypes.c_void_p, ctypes.c_int32, ctypes.c_bool
    library.llama_model_default_params.restype = _Parameters
    library.llama_load_model_from_file.restype = pointer
    library.llama_load_model_from_file.argtypes = [ctypes.c_char_p, _Parameters]
    library.llama_token_get_attr.restype = ctypes.c_int
    library.llama_token_get_attr.argtypes = [pointer, number]
    library.llama_tokenize_gpt4all.restype = number
    library.llama_tokenize_gpt4all.argtypes = [
        pointer, ctypes.c_char_p, number, ctypes.POINTER(number), number, flag, flag, flag
    ]  # fmt: skip
