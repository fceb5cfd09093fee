"""The GGUF header: what a good file says, and that a bad one never does worse than a ModelError."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm import header, supported
from llm.base import ModelBroken, ModelError, ModelMissing, ModelUnsupported
from tests.gguf_files import CONTINUES, ROLES, copier, cut, flipped, random_model, renamed, with_number
from tests.smollm2 import smollm2_path


def test_the_header_tells_what_the_file_is(copier_path: Path) -> None:
    head = header.read(copier_path)
    assert (head.architecture, head.title, head.quantisation, head.context_length) == ("llama", "copier", "Q8_0", 8192)
    assert (head.tokenizer, head.adds_bos, head.token("bos"), head.token("eos")) == ("llama", True, "<s>", "</s>")
    assert head.chat_template == CONTINUES
    assert head.names() == {*ROLES, "<s>", "</s>"}


def test_the_tensors_end_where_the_file_ends(copier_path: Path) -> None:
    head = header.read(copier_path)
    data = -(-head.end // head.alignment) * head.alignment
    ends = [data + tensor.offset + (tensor.size or 0) for tensor in head.tensors]
    assert 0 <= copier_path.stat().st_size - max(ends) < head.alignment


def test_a_real_header_is_read_fast() -> None:
    started = time.monotonic()
    head = header.read(smollm2_path())
    assert time.monotonic() - started < 2  # 0.04 s when nothing else runs
    assert (head.pre_tokenizer, head.quantisation, len(head.tokens)) == ("command-r", "Q4_1", 49_152)
    assert "<|im_start|>" in head.names()


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        header.read(tmp_path / "none.gguf")


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken):
        header.read(tmp_path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 bytes"),
        (b"GGUF", "4 bytes"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b"PK\x03\x04" + b"x" * 100, "not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 1, 1) + b"x" * 100, "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + b"x" * 100, "version 50331648"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1) + b"x" * 100, "cannot hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60) + b"x" * 100, "cannot hold"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1 << 62) + b"x" * 100, "the header wants"),
    ],
)
def test_what_is_no_model_is_called_broken(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelBroken, match=said):
        header.read(path)


def test_a_cut_file_is_broken_wherever_it_was_cut(copier_path: Path, tmp_path: Path) -> None:
    size = copier_path.stat().st_size
    for kept in (100, 5_000, size // 2, size - 64):
        with pytest.raises(ModelBroken):
            header.read(cut(copier_path, tmp_path / "cut.gguf", kept))


def test_an_array_of_absurd_length_is_refused_at_once(tmp_path: Path) -> None:
    absurd = pair(b"tokenizer.ggml.tokens", struct.pack("<IIQ", 9, 8, 1 << 40))
    path = tmp_path / "absurd.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + absurd + b"\0" * 1000)
    with pytest.raises(ModelBroken, match="an array of"):
        header.read(path)


def test_two_tokens_of_one_text_are_refused_before_the_engine_aborts(copier_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.gguf"
    path.write_bytes(copier_path.read_bytes().replace(b"<0x01>", b"<0x02>", 1))
    with pytest.raises(ModelBroken, match="one text"):
        header.read(path)


@pytest.mark.parametrize("key", ["block_count", "embedding_length", "attention.head_count", "attention.head_count_kv"])
def test_measures_that_no_model_has_are_refused(copier_path: Path, tmp_path: Path, key: str) -> None:
    path = with_number(copier_path, tmp_path / "absurd.gguf", f"llama.{key}", (1 << 32) - 1)
    with pytest.raises(ModelBroken, match=f"{key} of 4294967295"):
        header.read(path)


def test_one_of_several_files_is_told_how_it_becomes_one(tmp_path: Path) -> None:
    """What stands in the others would be loaded unseen: hashed, counted and watched is this one alone."""
    with pytest.raises(ModelUnsupported, match=r"one of 3 .*gguf-split --merge"):
        header.read(copier(tmp_path / "copier-00001-of-00003.gguf", parts=3))


def test_a_pipe_is_no_model_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelBroken, match="no file"):
        header.read(tmp_path / "pipe.gguf")


def pair(key: bytes, value: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key + value


def test_a_header_of_more_fields_or_tensors_than_any_has_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "many.gguf"
    for tensors, fields in ((1, 10_001), (100_001, 1)):
        path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, tensors, fields) + bytes(5_000_000))
        with pytest.raises(ModelBroken, match="no model has"):
            header.read(path)


def test_of_long_lists_only_those_are_kept_that_are_used(copier_path: Path) -> None:
    kept = {key for key, value in header.read(copier_path).fields.items() if isinstance(value, list)}
    assert kept == {"tokenizer.ggml.tokens", "tokenizer.ggml.token_type"}


def test_a_tensor_s_name_holds_no_signs_that_cannot_be_shown(copier_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "named.gguf"
    path.write_bytes(copier_path.read_bytes().replace(b"output_norm.weight", b"output\0norm.weight"))
    with pytest.raises(ModelBroken, match="a tensor's name"):
        header.read(path)


def test_a_file_whose_token_types_are_missing_has_no_names(tmp_path: Path) -> None:
    path = random_model(tmp_path / "random.gguf")
    data = path.read_bytes().replace(b"tokenizer.ggml.token_type", b"tokenizer.ggml.token_tyqe")
    path.write_bytes(data)
    assert header.read(path).names() == frozenset()


@given(st.binary(max_size=600))
def test_random_bytes_are_never_more_than_a_model_error(data: bytes) -> None:
    for start in (b"", b"GGUF", b"GGUF\x03\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"):
        with pytest.raises(ModelError):
            header.parse(io.BytesIO(start + data), len(start + data))


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_read_or_refused(copier_path: Path, place: float, bit: int) -> None:
    target = copier_path.with_name("flipped-header.gguf")
    end = header.read(copier_path).end
    flipped(copier_path, target, int(place * end), bit)
    with contextlib.suppress(ModelError):  # any other exception fails the test
        supported.check(header.read(target))


def test_a_newer_architecture_names_the_other_way(copier_path: Path, tmp_path: Path) -> None:
    newer = renamed(copier_path, tmp_path / "new.gguf", "general.architecture", "llama", "qwenX")
    newer.write_bytes(newer.read_bytes().replace(b"llama.context_length", b"qwenX.context_length"))
    with pytest.raises(ModelUnsupported, match=r"qwenX.*OpenAI protocol"):
        supported.check(header.read(newer))


def test_a_pretokenizer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = bpe(tmp_path, "tekken")
    with pytest.raises(ModelUnsupported, match=r"tekken.*OpenAI protocol"):
        supported.check(header.read(path))
    with pytest.raises(ModelUnsupported, match="models add"):
        supported.check(header.read(bpe(tmp_path, "smollm")))
    supported.check(header.read(bpe(tmp_path, "qwen2")))


def bpe(folder: Path, pre: str) -> Path:
    """A copier that calls itself BPE with that pre-tokenizer: good for its header alone."""
    return copier(folder / f"{pre}.gguf", pre=pre)
