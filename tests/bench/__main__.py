"""`make bench`: measures what docs/BENCHMARKS.md promises, each figure beside a baseline of the same run.

    python -m tests.bench [PART …]         all parts, or some; 1 where a row does not hold
    python -m tests.bench --write-docs     put the last whole run's table into docs/BENCHMARKS.md

A whole run leaves var/bench.json; a part only prints.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.acceptance.processes import ROOT
from tests.bench import (
    acknowledgement,
    answer,
    claim,
    claims,
    digests,
    edits,
    engines,
    fed,
    first_token,
    memory,
    mention,
    streamed,
    summary,
    table,
    twenty,
)
from tests.bench.models import FOLDER
from tests.bench.table import Row

JSON, DOCS = ROOT / "var" / "bench.json", ROOT / "docs" / "BENCHMARKS.md"
Part = Callable[[Path], Iterator[Row]]
PARTS: dict[str, Part] = {
    "ack": acknowledgement.rows,
    "answer": answer.rows,
    "streamed": streamed.rows,
    "digests": digests.rows,
    "edits": edits.rows,
    "engines": engines.rows,
    "fed": fed.rows,
    "first": first_token.rows,
    "claim": claim.rows,
    "mention": mention.rows,
    "claims": claims.rows,
    "memory": memory.rows,
    "summary": summary.rows,
    "twenty": twenty.rows,
}


def measure(parts: dict[str, Part], folder: Path) -> Iterator[Row]:
    """The rows of these parts, each in a folder of its own that was empty, and each said as soon as it is there."""
    for name, part in parts.items():
        _say(f"{name} …")
        started, own = time.monotonic(), folder / name
        shutil.rmtree(own, ignore_errors=True)
        for row in part(own):
            _say("  " + "  ".join(row.cells()))
            yield row
        _say(f"  ({time.monotonic() - started:.0f} s)")


def bench(parts: dict[str, Part], folder: Path, json: Path | None) -> int:
    """Measure, print the table, and keep it where `json` is given. 1 where a row does not hold."""
    measured = table.conditions()
    rows = list(measure(parts, folder))
    _say(f"\n{table.as_text(rows)}")
    if json:
        table.write_json(json, rows, measured)
    return code(rows)


def code(rows: Iterable[Row]) -> int:
    return int(any(row.holds is False for row in rows))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Chorus on this machine.")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    options.add_argument("--write-docs", action="store_true", help="put the last whole run into docs/BENCHMARKS.md")
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - PARTS.keys():
        options.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if chosen.write_docs:
        table.write_docs(DOCS, *table.read_json(JSON))
        return 0
    wanted = {name: part for name, part in PARTS.items() if name in chosen.parts or not chosen.parts}
    return bench(wanted, FOLDER, None if chosen.parts else JSON)


if __name__ == "__main__":
    sys.exit(main())
