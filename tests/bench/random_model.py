"""A model of 508 million random weights with SmolLM2's vocabulary: as fast as a real one of its size, never at an end."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Quant

from tests.smollm2 import smollm2_path

WIDTH, LAYERS, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT = 1280, 22, 20, 5, 3456, 8192
CONTROLS = 17  # SmolLM2's first tokens, its ends among them: without weights of their own they are never the likeliest
BLOCK, BLOCK_BYTES = 32, 18  # Q4_0: one scale of two bytes, then 32 weights of half a byte each
SCALE, OUTPUT_SCALE = 0.004, 0.001  # the output's is small, so that many tokens are about as likely: no answer repeats

Bytes = npt.NDArray[np.uint8]


def random_model(path: Path) -> Path:
    """Write it to `path`, unless it is there: 290 MB, in some seconds."""
    if path.is_file():
        return path
    half = path.with_suffix(".half")
    writer = gguf.GGUFWriter(str(half), "llama")
    writer.add_name("Random 500M")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    _add_tensors(writer, _add_vocabulary(writer))
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


def _add_tensors(writer: gguf.GGUFWriter, tokens: int) -> None:
    random = np.random.default_rng(0)

    def add(name: str, rows: int, columns: int, scale: float = SCALE, silent: int = 0) -> None:
        writer.add_tensor(f"{name}.weight", _weights(random, rows, columns, scale, silent), raw_dtype=Quant.Q4_0)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    add("token_embd", tokens, WIDTH)
    add("output", tokens, WIDTH, OUTPUT_SCALE, CONTROLS)
    norm("output_norm")
    for layer in (f"blk.{number}" for number in range(LAYERS)):
        shared = WIDTH // HEADS * KV_HEADS
        for part, rows in (("attn_q", WIDTH), ("attn_k", shared), ("attn_v", shared), ("attn_output", WIDTH)):
            add(f"{layer}.{part}", rows, WIDTH)
        add(f"{layer}.ffn_gate", FEED_FORWARD, WIDTH)
        add(f"{layer}.ffn_up", FEED_FORWARD, WIDTH)
        add(f"{layer}.ffn_down", WIDTH, FEED_FORWARD)
        norm(f"{layer}.attn_norm")
        norm(f"{layer}.ffn_norm")


def _weights(random: np.random.Generator, rows: int, columns: int, scale: float, silent: int) -> Bytes:
    """Packed as the file has them; the first `silent` rows are zero."""
    blocks = random.integers(0, 256, (rows, columns // BLOCK, BLOCK_BYTES), dtype=np.uint8)
    blocks[:, :, :2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    blocks[:silent, :, :2] = 0
    return blocks.reshape(rows, -1)
