"""What was measured: rows, as a table for people, as JSON for scripts, and as a part of docs/BENCHMARKS.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from mmapp import machine

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = ("what", "value", "baseline", "ratio", "limit", "holds")
Limited = Literal["ratio", "value"]


@dataclass(frozen=True)
class Row:
    """One measured figure beside its baseline of the same run, in the same unit.

    `limit` bounds the ratio, or with `limited="value"` the value; None: it is reported, and nothing is promised.
    `least`: the limit is the least that it may be, not the most. `against` says what the baseline is.
    """

    name: str
    value: float
    unit: str
    baseline: float
    limit: float | None
    against: str
    limited: Limited = "ratio"
    least: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.baseline if self.baseline else float(bool(self.value))

    @property
    def holds(self) -> bool | None:
        """None where nothing is promised."""
        if self.limit is None:
            return None
        found = self.ratio if self.limited == "ratio" else self.value
        return found >= self.limit if self.least else found <= self.limit

    def as_json(self) -> dict[str, Any]:
        shown = {key: getattr(self, key) for key in ("name", "value", "unit", "baseline", "ratio", "limit", "holds")}
        return shown | {"limited": self.limited, "least": self.least, "against": self.against}

    def cells(self) -> tuple[str, ...]:
        bound = "≥" if self.least else "≤"
        unit = f" {self.unit}" if self.limited == "value" else ""
        limit = "" if self.limit is None else f"{bound} {number(self.limit)}{unit}"
        holds = {None: "reported", True: "yes", False: "NO"}[self.holds]
        amounts = (f"{number(amount)} {self.unit}" for amount in (self.value, self.baseline))
        return (self.name, *amounts, number(self.ratio), limit, holds)


def number(value: float) -> str:
    """With three digits that count: 1,235 and 0.00812."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"


def conditions() -> dict[str, Any]:
    """When and on what it was measured. Memory in MB."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": machine.cores(),
        "memory": machine.memory() // 10**6,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def as_text(rows: Iterable[Row]) -> str:
    """Aligned columns for a terminal."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines)


def write_json(path: Path, rows: Sequence[Row], measured: dict[str, Any]) -> None:
    """Replace the file at once, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_text(json.dumps({**measured, "rows": [row.as_json() for row in rows]}, indent=2) + "\n")
    half.replace(path)


def read_json(path: Path) -> tuple[list[Row], dict[str, Any]]:
    """What write_json has written."""
    found = json.loads(path.read_text())
    derived = ("ratio", "holds")
    return [Row(**{key: value for key, value in row.items() if key not in derived}) for row in found.pop("rows")], found


def as_markdown(rows: Iterable[Row], measured: dict[str, Any]) -> str:
    """The table of docs/BENCHMARKS.md, and below it what each baseline is."""
    listed = list(rows)
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in listed)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    baselines = "\n".join(f"- {row.name}: {row.against}" for row in listed)
    return (
        f"{measured['date']}, {measured['cores']} cores, {measured['memory']:,} MB of memory, "
        f"Python {measured['python']}, load at the beginning {measured['load']}.\n\n"
        f"{table}\n\nThe baselines:\n\n{baselines}"
    )


def write_docs(path: Path, rows: Iterable[Row], measured: dict[str, Any]) -> None:
    """Put the table between its two marks. Raises ValueError where they are missing."""
    text = path.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{path.name} has no place for the table: {BEGIN} … {END}")
    before, _, rest = text.partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{as_markdown(rows, measured)}\n{END}{rest.partition(END)[2]}")
