"""The approved list: where `models.lock` lies in the models folder, only what stands in it is loaded.

A list that cannot be read approves nothing. Which file is which is told by its SHA-256, never by its name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from llm import written
from llm.alone import alone

LOCK = "models.lock"
NOT_APPROVED = f"not on the approved list ({LOCK})"
HEAD = f"""# {LOCK}: the approved list. Only files whose SHA-256 stands here are loaded, and only endpoints that are named here.
# Written by `flask --app app models lock`. Without this file, everything in the folder may be loaded.
"""

STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, config=STRICT)
class Approved:
    """A file that may be loaded, whatever it is called. `approved_at` in ISO 8601, UTC; `size` in bytes."""

    name: str
    sha256: Sha256
    size: Annotated[int, Field(strict=True, ge=0)]
    source: str = ""
    approved_at: str = ""


@dataclass(frozen=True, config=STRICT)
class ApprovedList:
    """What may be loaded. `endpoints` are names with the time of their approval; `fault`: why the list cannot be read."""

    files: tuple[Approved, ...] = ()
    endpoints: dict[str, str] = field(default_factory=dict)
    fault: str = ""

    @property
    def hashes(self) -> frozenset[str]:
        """The SHA-256 of every file that may be loaded."""
        return frozenset(file.sha256 for file in self.files)

    def may_have(self, size: int) -> bool:
        """Whether a file of that many bytes can be among them, before its hash is taken."""
        return any(file.size == size for file in self.files)

    def with_file(self, name: str, sha256: str, size: int, source: str) -> ApprovedList:
        """The list with one more file, or with that file named anew."""
        others = tuple(file for file in self.files if file.sha256 != sha256)
        return ApprovedList((*others, Approved(name, sha256, size, source, now())), self.endpoints)

    def with_endpoint(self, name: str) -> ApprovedList:
        """The list with one more endpoint."""
        return ApprovedList(self.files, {**self.endpoints, name: now()})

    def without(self, name: str) -> ApprovedList:
        """The list without the files and the endpoint of that name, in any case."""
        others = tuple(file for file in self.files if file.name.lower() != name.lower())
        return ApprovedList(others, {one: when for one, when in self.endpoints.items() if one.lower() != name.lower()})

    def names(self) -> Iterable[str]:
        """What may be loaded, by name."""
        return [*(file.name for file in self.files), *self.endpoints]


_LIST = TypeAdapter(ApprovedList)


def read(models_dir: Path) -> ApprovedList | None:
    """The list of a models folder; None where it has none, and everything may be loaded."""
    try:
        return _LIST.validate_python(tomllib.loads((models_dir / LOCK).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        return _broken(error.strerror or type(error).__name__)
    except UnicodeDecodeError:
        return _broken("it is not written in UTF-8")
    except tomllib.TOMLDecodeError as error:
        return _broken(str(error))
    except ValidationError as error:
        fault = error.errors()[0]
        return _broken(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}")


def changing(models_dir: Path) -> AbstractContextManager[None]:
    """Nobody else reads and writes the list meanwhile who does so in here; to be held for a moment. Raises OSError."""
    return alone(models_dir / f".{LOCK}.lock", waits=True)


def write(models_dir: Path, approved: ApprovedList) -> None:
    """Put the list into the folder. Raises OSError."""
    text = HEAD
    for file in approved.files:
        text += "\n[[files]]\n" + written.lines(asdict(file))
    if approved.endpoints:
        text += "\n[endpoints]\n" + written.lines(approved.endpoints)
    written.save(models_dir / LOCK, text)


def now() -> str:
    """The time of an approval."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _broken(why: str) -> ApprovedList:
    return ApprovedList(fault=f"the approved list ({LOCK}) cannot be read, so nothing is loaded: {why}")
