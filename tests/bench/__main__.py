"""`make bench`: measures what docs/BENCHMARKS.md promises, each figure beside a baseline of the same run.

    python -m tests.bench [PART …]         all parts, or some; 1 where a row does not hold
    python -m tests.bench --write-docs     put the table of what was measured last into docs/BENCHMARKS.md

Each part replaces what was measured of it before in var/bench.json.
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
from tests.bench.table import Part, Row

JSON, DOCS = ROOT / "var" / "bench.json", ROOT / "docs" / "BENCHMARKS.md"
Measure = Callable[[Path], Iterator[Row]]
PARTS: dict[str, Measure] = {
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


def measure(name: str, rows: Measure, folder: Path) -> Part:
    """One part, in a folder of its own that was empty; each row is said as soon as it is there."""
    _say(f"{name} …")
    measured, started = table.conditions(), time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    found = []
    for row in rows(folder):
        _say("  " + "  ".join(row.cells()))
        found.append(row)
    _say(f"  ({time.monotonic() - started:.0f} s)")
    return Part(found, measured)


def bench(parts: dict[str, Measure], folder: Path, json: Path) -> int:
    """Measure, print the table, and keep it in `json` beside the other parts. 1 where a row does not hold."""
    found = {name: measure(name, rows, folder / name) for name, rows in parts.items()}
    listed = [row for part in found.values() for row in part.rows]
    _say(f"\n{table.as_text(listed)}")
    known = table.read_json(json) | found
    table.write_json(json, {name: known[name] for name in sorted(known, key=_place)})
    return code(listed)


def _place(name: str) -> int:
    """Where a part stands in the table; one that there is no more comes last."""
    return [*PARTS, name].index(name)


def code(rows: Iterable[Row]) -> int:
    return int(any(row.holds is False for row in rows))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Chorus on this machine.")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    options.add_argument("--write-docs", action="store_true", help="put what was measured last into docs/BENCHMARKS.md")
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - PARTS.keys():
        options.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if chosen.write_docs:
        table.write_docs(DOCS, table.read_json(JSON))
        return 0
    wanted = {name: part for name, part in PARTS.items() if name in chosen.parts or not chosen.parts}
    return bench(wanted, FOLDER, JSON)


if __name__ == "__main__":
    sys.exit(main())
