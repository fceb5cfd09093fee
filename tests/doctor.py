"""`flask --app app doctor`, run against a line's settings as they stand in a `.env`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mmapp import logs
from mmapp.cli import app
from mmapp.config import PREFIX
from tests.line import Line

ORDER = ("ok", "skipped", "warning", "fault")


class Findings:
    """What one visit found: `worst` by check, leaving out what is well; `text` is what an administrator reads."""

    def __init__(self, findings: list[dict[str, str]], exit_code: int) -> None:
        self.all, self.exit_code = findings, exit_code

    @property
    def worst(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in self.all:
            found[one["check"]] = max(found.get(one["check"], "ok"), one["level"], key=ORDER.index)
        return {check: level for check, level in found.items() if level != "ok"}

    @property
    def faults(self) -> set[str]:
        return {one["check"] for one in self.all if one["level"] == "fault"}

    def what(self, check: str) -> str:
        """The worst that is said of one thing, with its cure."""
        one = max((one for one in self.all if one["check"] == check), key=lambda one: ORDER.index(one["level"]))
        return f"{one['what']} {one['cure']}".strip()

    def seconds(self, check: str, direction: str) -> int:
        """By how many seconds a clock is "ahead of" ours or "behind" it, as it is said."""
        found = re.search(rf"(\d+) s {direction}", self.what(check))
        assert found, self.what(check)
        return int(found[1])


class Doctor:
    """Visits a line. `env` is where its settings are written."""

    def __init__(self, line: Line, env: Path) -> None:
        self.line, self.env = line, env

    def visit(self, **changes: str) -> Findings:
        """Write the line's settings, with these changes, and look."""
        self.settle_in(**changes)
        return self.look()

    def settle_in(self, **changes: str) -> None:
        """Write the line's settings, with these changes, to where every command reads them."""
        lines = [f"{PREFIX}{name.upper()}={value}" for name, value in (self._written() | changes).items()]
        self.env.touch(mode=0o600)
        self.env.write_text("\n".join(lines))

    def look(self) -> Findings:
        """Look with the `.env` as it is."""
        result = self._run("--json")
        return Findings(json.loads(result.output), result.exit_code)

    def read(self) -> str:
        """What the terminal shows."""
        return str(self._run().output)

    def _run(self, *options: str) -> Any:
        try:
            return app.test_cli_runner().invoke(args=["doctor", *options])
        finally:
            logs.configure()  # the command's own log went to a terminal that is gone now

    def _written(self) -> dict[str, str]:
        settings = self.line.settings
        found = {
            name: str(getattr(settings, name))
            for name in ("mattermost_url", "public_url", "models_dir", "database_url", "access")
        }
        for name in ("bot_tokens", "command_tokens"):
            found[name] = ",".join(f"{key}={token.get_secret_value()}" for key, token in getattr(settings, name))
        found["encryption_keys"] = ",".join(key.get_secret_value() for key in settings.encryption_keys)
        return found | {
            "secret_key": settings.secret_key.get_secret_value(),
            "var_dir": str(settings.models_dir.parent),
        }
