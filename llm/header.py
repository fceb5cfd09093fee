"""What a GGUF file says of itself, read without the engine, which aborts on half of all flipped bytes (measured).

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import math
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

from llm.base import ModelBroken, ModelMissing, ModelUnsupported
from llm.cursor import Cursor, Value
from llm.quants import FILE_TYPES, TENSOR_TYPES

CONTROL, USER_DEFINED = 3, 4
LONGEST_KEY = 65_535  # the format's own limit
LONGEST_TENSOR_NAME = 63  # ggml keeps 64 bytes with the NUL and aborts beyond
SMALLEST_PAIR, SMALLEST_TENSOR = 8 + 1 + 4 + 1, 8 + 1 + 4 + 8 + 4 + 8
MOST_FIELDS, MOST_TENSORS = 10_000, 100_000  # real files have some forty and some hundreds
LISTS = frozenset({"tokenizer.ggml.tokens", "tokenizer.ggml.token_type"})  # kept; scores and merges are the engine's
# Far above every real model (Llama 3.1 405B: 126 blocks, 128 heads, a width of 16,384).
MOST = {
    "block_count": 1 << 14,
    "embedding_length": 1 << 20,
    **dict.fromkeys(("attention.head_count", "attention.head_count_kv"), 1 << 14),
    **dict.fromkeys(("attention.key_length", "attention.value_length"), 1 << 20),
}

T = TypeVar("T", str, int, bool)


@dataclass(frozen=True)
class Tensor:
    """A tensor's place: `offset` counts from the start of the tensor data, `shape` has the fastest dimension first."""

    name: str
    kind: int
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int | None:
        """Its bytes in the file; None where the type is unknown here."""
        if self.kind not in TENSOR_TYPES:
            return None
        _, elements, width = TENSOR_TYPES[self.kind]
        return math.prod(self.shape) // elements * width


@dataclass(frozen=True)
class Header:
    """A GGUF file's header; of its lists, LISTS alone are in `fields`, others are None. `pre_span` is where the pre-tokenizer's
    name stands with its length, `end` where tensor infos end; both in bytes from the file's start, for adapt.py."""

    version: int
    fields: dict[str, Value]
    tensors: tuple[Tensor, ...]
    pre_span: tuple[int, int]
    end: int

    def get(self, key: str, default: T) -> T:
        """The value of `key`, or `default`. Raises ModelBroken where its type is another."""
        found = self.fields.get(key, default)
        if not isinstance(found, type(default)):
            raise ModelBroken(f"{key} is not of the type {type(default).__name__}")
        return found

    def of_architecture(self, key: str) -> int:
        """A number of this architecture, 0 where the file does not tell or gives one a layer."""
        found = self.fields.get(f"{self.architecture}.{key}", 0)
        return found if isinstance(found, int) else 0

    @property
    def architecture(self) -> str:
        """`llama`, `qwen2`, … Whether the engine takes it, supported.py says."""
        return self.get("general.architecture", "")

    @property
    def title(self) -> str:
        """What the file calls itself."""
        return self.get("general.name", "")

    @property
    def licence(self) -> str:
        """What the file says of its licence, or nothing."""
        found = self.fields.get("general.license", "")
        return found if isinstance(found, str) else ""

    @property
    def quantisation(self) -> str:
        """`Q4_0`, `F16`, …; empty where the number is unknown."""
        return FILE_TYPES.get(self.get("general.file_type", -1), "")

    @property
    def context_length(self) -> int:
        """The window that it was trained for, in tokens."""
        return self.of_architecture("context_length")

    @property
    def tokenizer(self) -> str:
        """`llama` (SPM), `gpt2` (BPE), …"""
        return self.get("tokenizer.ggml.model", "")

    @property
    def pre_tokenizer(self) -> str:
        """The name of the rules that split text before BPE."""
        return self.get("tokenizer.ggml.pre", "")

    @property
    def chat_template(self) -> str:
        """The Jinja source, or nothing."""
        return self.get("tokenizer.chat_template", "")

    @property
    def alignment(self) -> int:
        """What tensor data is aligned to, in bytes."""
        return self.get("general.alignment", 32)

    @cached_property
    def tokens(self) -> list[bytes]:
        """The vocabulary's texts, by id."""
        found = self.fields.get("tokenizer.ggml.tokens", [])
        if not isinstance(found, list) or not all(isinstance(token, bytes) for token in found):
            raise ModelBroken("tokenizer.ggml.tokens is no list of texts")
        return [token for token in found if isinstance(token, bytes)]

    @cached_property
    def token_types(self) -> list[int]:
        """Their types, by id; empty where the file gives none."""
        found = self.fields.get("tokenizer.ggml.token_type", [])
        if not isinstance(found, list) or not all(isinstance(kind, int) for kind in found):
            raise ModelBroken("tokenizer.ggml.token_type is no list of numbers")
        return [kind for kind in found if isinstance(kind, int)]

    @property
    def adds_bos(self) -> bool:
        """Whether the engine puts BOS first: as the file says, else as llama.cpp does for SPM and Llama 3."""
        by_default = self.tokenizer == "llama" or self.pre_tokenizer in ("llama3", "llama-v3", "llama-bpe")
        return self.get("tokenizer.ggml.add_bos_token", by_default)

    def token(self, key: str) -> str:
        """The text of the token whose id stands under `tokenizer.ggml.{key}_token_id`, or nothing."""
        number, tokens = self.get(f"tokenizer.ggml.{key}_token_id", -1), self.tokens
        return tokens[number].decode("utf-8", "replace") if 0 <= number < len(tokens) else ""

    def names(self) -> frozenset[str]:
        """The texts of all CONTROL and USER_DEFINED tokens: what no people's text may hold."""
        pairs = zip(self.tokens, self.token_types, strict=False)  # some files give no types
        return frozenset(text.decode("utf-8", "replace") for text, kind in pairs if kind in (CONTROL, USER_DEFINED))


def read(path: Path) -> Header:
    """The header of the file at `path`, checked against the file's size.

    Raises ModelMissing, ModelUnsupported where it is one of several files, or ModelBroken where anything in it cannot be true.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            size = _size(file)
            header = parse(file, size)
    except FileNotFoundError:
        raise ModelMissing(f"there is no file {path.name}") from None
    except OSError as error:
        raise ModelBroken(f"the file cannot be read: {error.strerror}") from error
    _check_whole(header)
    _check_vocabulary(header)
    _check_measures(header)
    _check_tensors(header, size)
    return header


def _at_once(path: str, flags: int) -> int:
    """A pipe that nobody writes into would be waited for."""
    return os.open(path, flags | os.O_NONBLOCK)


def _size(file: BinaryIO) -> int:
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise ModelBroken("it is no file")
    return found.st_size


def parse(file: BinaryIO, size: int) -> Header:
    """Read the header alone, without comparing it with the tensor data."""
    cursor = Cursor(file, size)
    version = _version(cursor)
    tensor_count, pair_count = cursor.number("Q"), cursor.number("Q")
    if not 1 <= tensor_count <= size // SMALLEST_TENSOR or not 1 <= pair_count <= size // SMALLEST_PAIR:
        raise ModelBroken(f"a file of {size} bytes cannot hold {tensor_count} tensors and {pair_count} fields")
    if tensor_count > MOST_TENSORS or pair_count > MOST_FIELDS:
        raise ModelBroken(f"{tensor_count} tensors and {pair_count} fields, which no model has")
    fields, span = _fields(cursor, pair_count)
    tensors = tuple(_tensor(cursor) for _ in range(tensor_count))
    return Header(version, fields, tensors, span, cursor.position)


def _version(cursor: Cursor) -> int:
    if cursor.size < 24:
        raise ModelBroken(f"{cursor.size} bytes are no GGUF file")
    start = cursor.take(4)
    if start != b"GGUF":
        html = start.lstrip().lower().startswith((b"<", b"<!do", b"<htm"))
        raise ModelBroken("a web page, not a GGUF file" if html else "not a GGUF file")
    version = cursor.number("I")
    if version not in (2, 3):
        raise ModelBroken(f"GGUF version {version}; 2 and 3 can be read")
    return version


def _fields(cursor: Cursor, count: int) -> tuple[dict[str, Value], tuple[int, int]]:
    fields: dict[str, Value] = {}
    span = (0, 0)
    for _ in range(count):
        key = cursor.text()
        if not 1 <= len(key) <= LONGEST_KEY or key in fields:
            raise ModelBroken(f"a field's name is empty, too long or there twice (field {len(fields) + 1})")
        start = cursor.position + 4
        fields[key] = cursor.value(whole=key in LISTS)
        if key == "tokenizer.ggml.pre":
            span = (start, cursor.position)
    return fields, span


def _tensor(cursor: Cursor) -> Tensor:
    encoded = cursor.take(cursor.number("Q"))
    dimensions = cursor.number("I")
    if not 1 <= len(encoded) <= LONGEST_TENSOR_NAME or not 1 <= dimensions <= 4:
        raise ModelBroken(f"a tensor with a name of {len(encoded)} bytes and {dimensions} dimensions")
    name = encoded.decode("utf-8", "replace")
    if not name.isprintable():
        raise ModelBroken("a tensor's name holds signs that cannot be shown")
    shape = tuple(cursor.number("Q") for _ in range(dimensions))
    return Tensor(name, cursor.number("I"), shape, cursor.number("Q"))


def _check_whole(header: Header) -> None:
    """What stands in the others would be loaded, and nobody here would have hashed, counted or watched it."""
    parts = header.fields.get("split.count", 1)
    if parts not in (0, 1):
        raise ModelUnsupported(
            f"it is one of {parts} files that make a model: join them with llama.cpp's `gguf-split --merge FIRST.gguf MODEL.gguf`"
        )


def _check_vocabulary(header: Header) -> None:
    if not header.architecture:
        raise ModelBroken("the file names no architecture")
    if not 1 <= header.context_length <= 1 << 28:
        raise ModelBroken(f"a context length of {header.context_length}")
    tokens, kinds = len(header.tokens), len(header.token_types)
    if not tokens or kinds not in (0, tokens):
        raise ModelBroken(f"{tokens} tokens with {kinds} types")
    if len(set(header.tokens)) != tokens:  # the engine asserts that, and aborts
        raise ModelBroken("two tokens have one text")
    for key in ("bos", "eos"):
        number = header.get(f"tokenizer.ggml.{key}_token_id", 0)
        if not 0 <= number < tokens:
            raise ModelBroken(f"{key} is the token {number} of {tokens}")


def _check_measures(header: Header) -> None:
    for key, most in MOST.items():
        if not 0 <= (found := header.of_architecture(key)) <= most:
            raise ModelBroken(f"a {key} of {found}")


def _check_tensors(header: Header, size: int) -> None:
    alignment = header.alignment
    if alignment < 1 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise ModelBroken(f"an alignment of {alignment}")
    data = -(-header.end // alignment) * alignment
    names = {tensor.name for tensor in header.tensors}
    if len(names) != len(header.tensors):
        raise ModelBroken("two tensors have one name")
    for tensor in header.tensors:
        _check_tensor(tensor, alignment, size - data)


def _check_tensor(tensor: Tensor, alignment: int, available: int) -> None:
    if min(tensor.shape) < 1 or max(tensor.shape) > 1 << 40:
        raise ModelBroken(f"{tensor.name} has the shape {tensor.shape}")
    if tensor.kind in TENSOR_TYPES and tensor.shape[0] % TENSOR_TYPES[tensor.kind][1]:
        raise ModelBroken(f"{tensor.name} has rows of {tensor.shape[0]}, which its type cannot hold")
    if tensor.offset % alignment:
        raise ModelBroken(f"{tensor.name} is not aligned")
    if tensor.offset + (tensor.size or 0) > available:
        raise ModelBroken(f"the file is truncated: {tensor.name} extends past the end of the file; copy it again")
