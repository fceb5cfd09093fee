"""Copies a GGUF file with another pre-tokenizer name, where both names mean the same rules.

GPT4All 2.8.2 refuses a file whose `tokenizer.ggml.pre` it has never heard of, although it knows the rules under an
older name (supported.KNOWN_AS, after llama.cpp's own table). Measured for smollm → command-r: 218 texts give the same
number of tokens in both engines. Only the header changes; the tensors stay byte for byte.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import BinaryIO

from llm import header as gguf
from llm import written
from llm.base import ModelUnsupported
from llm.header import Header
from llm.supported import KNOWN_AS

STEP = 1 << 20


def adapt(source: Path, target: Path, name: str = "") -> str:
    """Write `source` to `target` with the pre-tokenizer `name` (else the one of KNOWN_AS); returns the name it had.

    `target` appears whole or not at all. Raises ModelMissing, ModelBroken, ModelUnsupported, OSError.
    """
    header = gguf.read(source)
    was = header.pre_tokenizer
    if header.pre_span == (0, 0):
        raise ModelUnsupported("the file names no pre-tokenizer, so there is none to adapt")
    new = name or KNOWN_AS.get(was, "")
    if not new:
        raise ModelUnsupported(f"the pre-tokenizer {was!r} has no older name")
    with source.open("rb") as file:
        written.whole(target, lambda out: _write(file, out, header, new))
    return was


def _write(file: BinaryIO, out: BinaryIO, header: Header, name: str) -> None:
    start, end = header.pre_span
    encoded = name.encode()
    whole = file.read(header.end)
    changed = whole[:start] + struct.pack("<Q", len(encoded)) + encoded + whole[end:]
    out.write(changed + b"\0" * (-len(changed) % header.alignment))
    file.seek(-(-header.end // header.alignment) * header.alignment)
    shutil.copyfileobj(file, out, STEP)
