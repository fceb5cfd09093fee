"""Memory, as the kernel counts it: PSS, in which what several processes share is shared out among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

MB = 10**6
_PSS = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ .*$", re.MULTILINE)


def of_processes(pids: Iterable[int]) -> float:
    """Their sum in MB."""
    return sum(int(_PSS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())[0]) for pid in pids) * 1024 / MB


def of_file(pid: int, path: Path) -> float:
    """What of a process's PSS, in MB, are pages of this file that it has mapped."""
    return of_mappings(Path(f"/proc/{pid}/smaps").read_text(), str(path.resolve()))


def of_mappings(smaps: str, path: str) -> float:
    """The same, from the text of `smaps`."""
    heads = list(_MAPPING.finditer(smaps))
    ends = [head.start() for head in heads[1:]] + [len(smaps)]
    mine = [smaps[head.end() : end] for head, end in zip(heads, ends, strict=True) if head[0].endswith(f" {path}")]
    return sum(int(found) for text in mine for found in _PSS.findall(text)) * 1024 / MB
