"""What this machine offers: whether its processor and C library can run the engine, and how much memory is left."""

from __future__ import annotations

import importlib.util
import platform
from functools import cache
from pathlib import Path

from llm.base import EngineMissing, OutOfMemory
from llm.cgroup import GROUPS
from llm.header import Header

INSTALL_LLAMACPP = "`make llamacpp` (or `pip install -r requirements-llamacpp.txt`)"
OLDEST_GLIBC = (2, 34)
COMPUTE_BYTES = 192 << 20  # the engine's own buffers: 133 MB beside the weights of a 637 MB model (measured)
SMALLEST_WINDOW = 512


def check_engine() -> None:
    """Raise EngineMissing where gpt4all cannot run here. It is not imported for that: a web process must not."""
    if importlib.util.find_spec("gpt4all") is None:
        raise EngineMissing("gpt4all is not installed: it has wheels for Linux on x86-64 alone")
    if "avx" not in processor_flags():
        raise EngineMissing("this processor has no AVX, which gpt4all needs")
    if not glibc_is_new_enough(platform.libc_ver()[1]):
        raise EngineMissing("this system's C library is older than glibc 2.34, which gpt4all needs")


def check_llamacpp() -> None:
    """Raise EngineMissing where llama.cpp's server is not installed. It is not imported: it has its own process."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise EngineMissing(f"llama.cpp is not installed: {INSTALL_LLAMACPP} does that, on Linux on x86-64")


def glibc_is_new_enough(version: str) -> bool:
    """Whether a version like `2.36` is one the wheel runs on."""
    parts = version.split(".")
    return len(parts) > 1 and all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) >= OLDEST_GLIBC


@cache
def processor_flags() -> frozenset[str]:
    """The instruction sets of the processor, as Linux names them."""
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("flags"):
            return frozenset(line.partition(":")[2].split())
    return frozenset()


def memory_left() -> int:
    """Bytes that this process may still take: the least of what the machine and its control groups have left."""
    left = [
        _number(line.split()[1]) * 1024 for line in _lines(Path("/proc/meminfo")) if line.startswith("MemAvailable")
    ]
    if (ours := GROUPS.memory_left()) is not None:
        left.append(ours)
    return min(left, default=1 << 62)


def window(header: Header, size: int, wanted: int, left: int) -> int:
    """n_ctx: the least of the file's, the wanted one and what fits into `left` bytes. Raises OutOfMemory."""
    most = min(header.context_length, wanted)
    per_token = bytes_a_token(header)
    if not per_token:  # some architectures give their heads a layer each
        return most
    fits = (left - size - COMPUTE_BYTES) // per_token
    if fits < min(SMALLEST_WINDOW, most):
        raise OutOfMemory(f"{(size + COMPUTE_BYTES) >> 20} MB and its window are needed, {left >> 20} MB are left")
    return min(most, fits)


def bytes_a_token(header: Header) -> int:
    """What the engine keeps for each token: keys and values of all layers as f16. 23 kB for SmolLM2 (measured)."""
    heads = header.of_architecture("attention.head_count")
    if not heads:
        return 0
    width = header.of_architecture("embedding_length") // heads
    key = header.of_architecture("attention.key_length") or width
    value = header.of_architecture("attention.value_length") or width
    shared = header.of_architecture("attention.head_count_kv") or heads
    return header.of_architecture("block_count") * shared * (key + value) * 2


def pss(pid: int) -> int:
    """Bytes of memory that a process takes, with its share of what it has in common with others; 0 where it is gone."""
    found = (line.split()[1] for line in _lines(Path(f"/proc/{pid}/smaps_rollup")) if line.startswith("Pss:"))
    return _number(next(found, "")) * 1024


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # gone, or no such file here
        return []


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
