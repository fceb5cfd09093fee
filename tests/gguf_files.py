"""Builds small GGUF files for the tests: a model that provably reads its prompt, random ones, and damaged copies.

The copier is a hand-made transformer of three layers, without any training: it finds the longest earlier occurrence of
the last six tokens (it has one token a character) and writes what followed there, to the end of that line. So an answer
can only be right where the real engine has read the right prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Quant
from gguf import quants

Matrix = npt.NDArray[np.float64]

UNKNOWN, CONTROL, USER_DEFINED, BYTE, NORMAL = 2, 3, 4, 6, 1
ROLES = ("<|user|>", "<|assistant|>", "<|system|>", "<|end|>")
# An answer goes on where the question's text ends: ask "the code is", and the copier goes on as the thread does.
CONTINUES = (
    "{% for m in messages %}{% if not loop.first %}<|end|>\n{% endif %}"
    "<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
)
# As real templates are: with an opening of the assistant's turn behind the question.
CHAT = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
EOS = 2

# The copier's measures. A head of 128 is wide enough that half of its dimensions hardly turn with RoPE.
LAYERS, HEADS, HEAD = 3, 3, 128
WIDTH = HEADS * HEAD
CODE, SHORT = 36, 18  # a token's code, and the beginning of it that is kept of earlier tokens
BACK = 6  # how many tokens back are looked at
ONES = 16  # dimensions that are always 1: what positions are compared by
TURNING = 8  # pairs of dimensions that turn fast enough to tell positions apart
SHARPNESS = 24.0
WEIGHTS = (64, 32, 24, 16, 16, 16)  # how much an equal token counts, 0 to 5 places back
ROPE_BASE = 1e30


def vocabulary(role_type: int = CONTROL) -> tuple[list[bytes], list[int]]:
    """One token a printable character, one a byte for all else, and the roles' marks: texts and types."""
    texts = [b"<unk>", b"<s>", b"</s>", *(b"<0x%02X>" % byte for byte in range(256))]
    types = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256]
    characters = ["\u2581", *map(chr, range(33, 127))]
    texts += [character.encode() for character in characters] + [role.encode() for role in ROLES]
    return texts, types + [NORMAL] * len(characters) + [role_type] * len(ROLES)


def codes(count: int, seed: int = 7) -> Matrix:
    """`count` codes of ±1 that differ enough from each other, in their first SHORT places too."""
    random = np.random.default_rng(seed)
    found = np.zeros((0, CODE))
    while len(found) < count:
        code = random.choice([-1.0, 1.0], size=CODE)
        if not len(found) or ((found @ code).max() <= 18 and (found[:, :SHORT] @ code[:SHORT]).max() <= 10):
            found = np.vstack([found, code])
    return found


@dataclass
class Layer:
    """The four matrices of one layer's attention; each starts as nothing. One key and value head serves all heads."""

    query: Matrix = field(default_factory=lambda: np.zeros((WIDTH, WIDTH)))
    key: Matrix = field(default_factory=lambda: np.zeros((HEAD, WIDTH)))
    value: Matrix = field(default_factory=lambda: np.zeros((HEAD, WIDTH)))
    out: Matrix = field(default_factory=lambda: np.zeros((WIDTH, WIDTH)))

    def look_back(self, head: int, distance: int) -> None:
        """Let a head attend to the token exactly `distance` places back: RoPE turns equal vectors by their places."""
        for pair in range(TURNING):
            angle = -distance * ROPE_BASE ** (-2 * pair / HEAD)
            row = head * HEAD + 2 * pair
            self.key[2 * pair, Stream.ones] = SHARPNESS
            self.query[row, Stream.ones] = SHARPNESS * np.cos(angle)
            self.query[row + 1, Stream.ones] = SHARPNESS * np.sin(angle)

    def move(self, head: int, source: int, target: int, width: int, lane: int = 0) -> None:
        """Carry `width` numbers from `source` of the token attended to, to `target` of this one."""
        for i in range(width):
            self.value[lane + i, source + i] = 1
            self.out[target + i, head * HEAD + lane + i] = 1

    def compare(self, slot: int, mine: int, theirs: int, weight: float) -> None:
        """Let the first head attend where `theirs` equals `mine`, in dimensions that hardly turn."""
        still = 2 * 10 + slot * SHORT
        for i in range(SHORT):
            self.query[still + i, mine + i] = self.key[still + i, theirs + i] = np.sqrt(weight)


class Stream:
    """Where things stand in the residual stream: this token, the token to write, ones, and the tokens before."""

    this, write, ones = 0, CODE, 2 * CODE

    @staticmethod
    def back(distance: int) -> int:
        return Stream.this if distance == 0 else 2 * CODE + ONES + (distance - 1) * SHORT


def attention() -> list[Layer]:
    """Layer 1 brings the three tokens before here, layer 2 the three before those, layer 3 finds and copies."""
    first, second, third = Layer(), Layer(), Layer()
    for head in range(HEADS):
        first.look_back(head, head + 1)
        first.move(head, Stream.this, Stream.back(head + 1), SHORT)
    second.look_back(0, 3)
    for distance in range(1, 4):
        second.move(0, Stream.back(distance), Stream.back(distance + 3), SHORT, lane=(distance - 1) * SHORT)
    for slot, weight in enumerate(WEIGHTS):
        third.compare(slot, Stream.back(slot), Stream.back(slot + 1), weight)
    third.move(0, Stream.this, Stream.write, CODE)
    return [first, second, third]


def norms() -> list[float]:
    """The length of the stream before each layer is always the same, so that RMSNorm can be undone exactly."""
    filled = (CODE + ONES, CODE + ONES + 3 * SHORT, CODE + ONES + 6 * SHORT, 2 * CODE + ONES + 6 * SHORT)
    return [float(np.sqrt(count / WIDTH)) for count in filled]


def copier(
    path: Path, *, context: int = 8192, template: str | None = CONTINUES, role_type: int = CONTROL, pre: str = "",
    licence: str = "", parts: int = 1,
) -> Path:  # fmt: skip
    """Write the copier to `path`: 1.7 MB, in 0.2 s. It ends its answer where the line ends that it copies.

    With `pre` it calls itself a BPE model with that pre-tokenizer: good for its header alone. `parts`: it calls itself the first
    of so many files.
    """
    texts, types = vocabulary(role_type)
    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, "copier", context, len(texts))
    _tokenizer(writer, texts, types, space_prefix=False)
    if licence:
        writer.add_license(licence)
    if parts > 1:
        writer.add_uint16("split.count", parts)
    if template is not None:
        writer.add_chat_template(template)
    if pre:
        writer.add_tokenizer_pre(pre)
        writer.kv_data[0]["tokenizer.ggml.model"].value = "gpt2"
    _copier_tensors(writer, codes(len(texts)), newline=texts.index(b"<0x0A>"))
    return _finish(writer, path)


def _describe(writer: gguf.GGUFWriter, name: str, context: int, tokens: int) -> None:
    writer.add_name(name)
    writer.add_vocab_size(tokens)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(32)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)


def _tokenizer(writer: gguf.GGUFWriter, texts: Sequence[bytes], types: Sequence[int], *, space_prefix: bool) -> None:
    writer.add_tokenizer_model("llama")
    writer.add_token_list(list(texts))
    writer.add_token_scores([-float(number) for number in range(len(texts))])
    writer.add_token_types(list(types))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(EOS)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(space_prefix)


def _copier_tensors(writer: gguf.GGUFWriter, code: Matrix, newline: int) -> None:
    embedding, output = np.zeros((len(code), WIDTH)), np.zeros((len(code), WIDTH))
    embedding[:, Stream.this : Stream.this + CODE] = code
    embedding[:, Stream.ones : Stream.ones + ONES] = 1
    output[:, Stream.write : Stream.write + CODE] = code
    output[EOS] = output[newline]  # a copied newline is the answer's end
    output[newline] = 0
    norm = norms()
    _matrix(writer, "token_embd.weight", embedding)
    _matrix(writer, "output.weight", output)
    _vector(writer, "output_norm.weight", norm[-1], WIDTH)
    for number, layer in enumerate(attention()):
        _vector(writer, f"blk.{number}.attn_norm.weight", norm[number], WIDTH)
        _vector(writer, f"blk.{number}.ffn_norm.weight", 1.0, WIDTH)
        parts = {"attn_q": layer.query, "attn_k": layer.key, "attn_v": layer.value, "attn_output": layer.out}
        parts |= {"ffn_gate": np.zeros((32, WIDTH)), "ffn_up": np.zeros((32, WIDTH)), "ffn_down": np.zeros((WIDTH, 32))}
        for part, matrix in parts.items():
            _matrix(writer, f"blk.{number}.{part}.weight", matrix)


def _matrix(writer: gguf.GGUFWriter, name: str, matrix: Matrix) -> None:
    packed = quants.quantize(np.ascontiguousarray(matrix, np.float32), Quant.Q8_0)
    writer.add_tensor(name, packed, raw_dtype=Quant.Q8_0)


def _vector(writer: gguf.GGUFWriter, name: str, value: float, width: int) -> None:
    writer.add_tensor(name, np.full(width, value, np.float32))


def _finish(writer: gguf.GGUFWriter, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def random_model(path: Path, *, size: int = 64, context: int = 512) -> Path:
    """Write a model of random weights with an embedding of `size` numbers: 0.4 MB, and nonsense for answers.

    Its vocabulary puts a space before words, as most SPM ones do.
    """
    random = np.random.default_rng(0)
    texts, types = vocabulary()
    texts += [f"\u2581{word}"[:end].encode() for word in ("hello", "there", "pump") for end in range(2, len(word) + 2)]
    types += [NORMAL] * (len(texts) - len(types))
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(size)
    writer.add_block_count(2)
    writer.add_feed_forward_length(2 * size)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _tokenizer(writer, texts, types, space_prefix=True)
    shapes = {"token_embd": (len(texts), size), "output": (len(texts), size)}
    for block in ("blk.0", "blk.1"):
        shapes |= {f"{block}.{part}": (size, size) for part in ("attn_q", "attn_output")}
        shapes |= {f"{block}.{part}": (size // 2, size) for part in ("attn_k", "attn_v")}
        shapes |= {f"{block}.{part}": (2 * size, size) for part in ("ffn_gate", "ffn_up")}
        shapes |= {f"{block}.ffn_down": (size, 2 * size)}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.06).astype(np.float32))
    for name in ("output_norm", *(f"blk.{block}.{part}_norm" for block in (0, 1) for part in ("attn", "ffn"))):
        _vector(writer, f"{name}.weight", 1.0, size)
    return _finish(writer, path)


def flipped(source: Path, target: Path, byte: int, bit: int) -> Path:
    """A copy with one bit the other way round."""
    data = bytearray(source.read_bytes())
    data[byte] ^= 1 << bit
    target.write_bytes(data)
    return target


def cut(source: Path, target: Path, size: int) -> Path:
    """A copy of the first `size` bytes."""
    target.write_bytes(source.read_bytes()[:size])
    return target


def renamed(source: Path, target: Path, key: str, old: str, new: str) -> Path:
    """A copy in which the text of a field is another of the same length."""
    if len(old) != len(new):
        raise ValueError("only as long a text can take its place")
    data = source.read_bytes()
    place = data.index(old.encode(), data.index(key.encode()) + len(key))
    target.write_bytes(data[:place] + new.encode() + data[place + len(new) :])
    return target


def with_number(source: Path, target: Path, key: str, number: int) -> Path:
    """A copy in which a field of four bytes holds another number."""
    data = bytearray(source.read_bytes())
    place = data.index(key.encode()) + len(key) + 4
    data[place : place + 4] = number.to_bytes(4, "little")
    target.write_bytes(data)
    return target


def of_architecture(source: Path, target: Path, name: str) -> Path:
    """A copy of a copier that calls itself another architecture, of five letters, in every place."""
    data = source.read_bytes().replace(b"llama.", name.encode() + b".")
    place = data.index(b"llama", data.index(b"general.architecture"))
    target.write_bytes(data[:place] + name.encode() + data[place + len(name) :])
    return target
