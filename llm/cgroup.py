"""What control groups let this process use, of version 2 and of version 1.

A group is bound by those that it lies in, so the least of all counts that can be seen: a service of systemd lies some levels
below the root, and in a container the root is its own group, or the only one that is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ControlGroups:
    """Those that the file `own` names for this process, below `root`."""

    root: Path = Path("/sys/fs/cgroup")
    own: Path = Path("/proc/self/cgroup")

    def memory_limit(self) -> int | None:
        """Bytes that this process may take together with others of its groups; None where nothing bounds them."""
        return min((limit for limit, _left in self._memory()), default=None)

    def memory_left(self) -> int | None:
        """Bytes that are left of it in the group that has the least."""
        return min((left for _limit, left in self._memory()), default=None)

    def cores(self) -> float | None:
        """How many processors' time it may use; None where nothing bounds it."""
        quotas = [_words(folder / "cpu.max") for folder in self._folders("cpu")]
        quotas += [
            [*_words(folder / "cpu.cfs_quota_us"), *_words(folder / "cpu.cfs_period_us")]
            for folder in self._folders("cpu")
        ]
        shares = (int(each[0]) / int(each[1]) for each in quotas if len(each) == 2 and each[0].isdigit())
        return min(shares, default=None)

    def _memory(self) -> list[tuple[int, int]]:
        """The limit and what is left of it, of each group that has one."""
        found = []
        for folder in self._folders("memory"):
            for limit, used, cached in (
                ("memory.max", "memory.current", "inactive_file"),
                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
            ):
                if (most := _number(folder / limit)) is not None:
                    taken = (_number(folder / used) or 0) - _counted(folder / "memory.stat", cached)
                    found.append((most, max(0, most - taken)))
        return found

    def _folders(self, controller: str) -> list[Path]:
        """From this process's own groups up to the roots. A version 1 has a root for each controller."""
        found = []
        for line in _lines(self.own):
            _, controllers, place = line.split(":", 2)
            if not controllers or controller in controllers.split(","):
                root = self.root / controller if controllers else self.root
                below = [
                    root.joinpath(*place.strip("/").split("/")[:depth]) for depth in range(1, place.count("/") + 1)
                ]
                found += [root, *below]
        return found or [self.root, self.root / controller]


GROUPS = ControlGroups()
"""This process's own."""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # no such group or controller: then it bounds nothing
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _counted(path: Path, name: str) -> int:
    return next((int(line.split()[1]) for line in _lines(path) if line.startswith(f"{name} ")), 0)


def _number(path: Path) -> int | None:
    found = "".join(_words(path))
    return int(found) if found.isdigit() else None
