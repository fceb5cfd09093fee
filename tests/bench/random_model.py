"""Models of random weights with SmolLM2's vocabulary: as fast as real ones of their size, never at an end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Quant

from tests.smollm2 import smollm2_path

CONTEXT = 8192
CONTROLS = 17  # SmolLM2's first tokens, its ends among them: without weights of their own they are never the likeliest
BLOCK, BLOCK_BYTES = 32, 18  # Q4_0: one scale of two bytes, then 32 weights of half a byte each
SCALE, OUTPUT_SCALE = 0.004, 0.001  # the output's is small, so that many tokens are about as likely: no answer repeats

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Shape:
    """A model's measures; its embedding has `width` numbers, and its output as many again."""

    name: str
    width: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int


SHAPE_500M = Shape("Random 500M", 1280, 22, 20, 5, 3456)
SHAPE_135M = Shape("Random 135M", 576, 30, 9, 3, 1536)  # SmolLM2-135M's own


def random_model(path: Path, shape: Shape = SHAPE_500M) -> Path:
    """Write it to `path`, unless it is there: 290 or 95 MB, in some seconds."""
    if path.is_file():
        return path
    half = path.with_suffix(".half")
    writer = gguf.GGUFWriter(str(half), "llama")
    writer.add_name(shape.name)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    _add_tensors(writer, shape, _add_vocabulary(writer))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return half.replace(path)


def _add_vocabulary(writer: gguf.GGUFWriter) -> int:
    """SmolLM2's, with its chat template, so that both models are asked in the same tokens. How many there are."""
    fields = gguf.GGUFReader(smollm2_path()).fields
    for name, field in fields.items():
        if name.startswith("tokenizer."):
            kinds = field.types
            writer.add_key_value(name, field.contents(), kinds[0], kinds[-1] if len(kinds) > 1 else None)
    return len(fields["tokenizer.ggml.tokens"].data)


def _add_tensors(writer: gguf.GGUFWriter, shape: Shape, tokens: int) -> None:
    random, width = np.random.default_rng(0), shape.width

    def add(name: str, rows: int, columns: int, scale: float = SCALE, silent: int = 0) -> None:
        writer.add_tensor(f"{name}.weight", _weights(random, rows, columns, scale, silent), raw_dtype=Quant.Q4_0)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))

    add("token_embd", tokens, width)
    add("output", tokens, width, OUTPUT_SCALE, CONTROLS)
    norm("output_norm")
    for layer in (f"blk.{number}" for number in range(shape.layers)):
        shared = width // shape.heads * shape.kv_heads
        for part, rows in (("attn_q", width), ("attn_k", shared), ("attn_v", shared), ("attn_output", width)):
            add(f"{layer}.{part}", rows, width)
        add(f"{layer}.ffn_gate", shape.feed_forward, width)
        add(f"{layer}.ffn_up", shape.feed_forward, width)
        add(f"{layer}.ffn_down", width, shape.feed_forward)
        norm(f"{layer}.attn_norm")
        norm(f"{layer}.ffn_norm")


def _weights(random: np.random.Generator, rows: int, columns: int, scale: float, silent: int) -> Bytes:
    """Packed as the file has them; the first `silent` rows are zero."""
    blocks = random.integers(0, 256, (rows, columns // BLOCK, BLOCK_BYTES), dtype=np.uint8)
    blocks[:, :, :2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    blocks[:silent, :, :2] = 0
    return blocks.reshape(rows, -1)
