"""What was measured: rows, as a table for people, as JSON for scripts, and as a part of docs/BENCHMARKS.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

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


@dataclass(frozen=True)
class Part:
    """The rows of one part, and under which conditions they were `measured`."""

    rows: Sequence[Row]
    measured: Mapping[str, Any]

    @classmethod
    def of(cls, found: dict[str, Any]) -> Self:
        derived = ("ratio", "holds")
        rows = [Row(**{key: value for key, value in row.items() if key not in derived}) for row in found.pop("rows")]
        return cls(rows, found)

    def as_json(self) -> dict[str, Any]:
        return {**self.measured, "rows": [row.as_json() for row in self.rows]}

    @property
    def machine(self) -> str:
        found = self.measured
        return f"{found['cores']} cores, {found['memory']:,} MB of memory and Python {found['python']}"


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


def write_json(path: Path, parts: Mapping[str, Part]) -> None:
    """Replace the file at once, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_text(json.dumps({name: part.as_json() for name, part in parts.items()}, indent=2) + "\n")
    half.replace(path)


def read_json(path: Path) -> dict[str, Part]:
    """What write_json has written; nothing where there is no such file."""
    found = json.loads(path.read_text()) if path.exists() else {}
    return {name: Part.of(part) for name, part in found.items()}


def as_markdown(parts: Mapping[str, Part]) -> str:
    """The table of docs/BENCHMARKS.md; below it when each part was measured, and what each baseline is."""
    rows = [row for part in parts.values() for row in part.rows]
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    baselines = "\n".join(f"- {row.name}: {row.against}" for row in rows)
    return f"{table}\n\n{_when(parts)}\n\nThe baselines:\n\n{baselines}"


def _when(parts: Mapping[str, Part]) -> str:
    """Parts that were measured on the same day on the same machine stand on one line."""
    days: dict[tuple[str, str], list[str]] = {}
    for name, part in parts.items():
        day, _, clock = part.measured["date"].partition(" ")
        days.setdefault((day, part.machine), []).append(
            f"`{name}` {clock.removesuffix(' UTC')} ({part.measured['load']})"
        )
    return "\n\n".join(
        f"Measured on {day} (UTC; the load at the part's beginning in brackets) with {machine}: {', '.join(told)}."
        for (day, machine), told in days.items()
    )


def write_docs(path: Path, parts: Mapping[str, Part]) -> None:
    """Put the table between its two marks. Raises ValueError where they are missing."""
    text = path.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{path.name} has no place for the table: {BEGIN} … {END}")
    before, _, rest = text.partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{as_markdown(parts)}\n{END}{rest.partition(END)[2]}")
