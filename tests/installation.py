"""A Mattermost with an administrator, and a folder in which `flask setup` writes its `.env`."""

from __future__ import annotations

import stat
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from click.testing import Result
from dotenv import dotenv_values

from mmapp import config
from mmapp.cli import app
from mmapp.mattermost import retry
from tests.playground.rest_admin import give_password
from tests.playground.store import Doc
from tests.playground.world import Playground

PASSWORD = "correct-horse-battery"
PUBLIC_URL = "http://127.0.0.1:8066"


class Installation:
    """`setup` runs the command as a script does, `type` as a person does; the rest is there to be looked at."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, age: str = "11", **settings: Any) -> None:
        self.env, self._patch = folder / ".env", patch
        patch.setitem(config.Settings.model_config, "env_file", self.env)
        patch.setenv("CHORUS_VAR_DIR", str(folder / "var"))  # this clone's own may hold somebody's questions
        patch.setattr(retry, "sleep", lambda _seconds: None)
        self.playground = Playground(age, **settings).start()
        self.team = self.playground.add_team("eng")
        self.root = self.playground.add_user("root", roles="system_admin system_user")
        give_password(self.playground.store, self.root, PASSWORD)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.playground.stop()

    # What people do

    def setup(self, *options: str, user: str = "root", password: str = PASSWORD, token: str = "") -> Result:
        """Without a question; the password, or a token, is in the environment."""
        url = () if "--url" in options else ("--url", self.playground.url)
        public = () if "--public-url" in options else ("--public-url", PUBLIC_URL)
        who = () if token else ("--user", user)
        return self._run("--yes", *url, *public, *who, *options, PASSWORD="" if token else password, TOKEN=token)

    def type(self, *answers: str, options: tuple[str, ...] = ()) -> Result:
        """With these answers to its questions; an empty one is Enter."""
        return self._run(*options, typed="".join(f"{answer}\n" for answer in answers))

    def type_as_root(self, *answers: str, options: tuple[str, ...] = ()) -> Result:
        """The addresses, name and password are typed already; these are the answers to what comes then."""
        addresses = ("--url", self.playground.url, "--public-url", PUBLIC_URL)
        return self.type("root", PASSWORD, *answers, options=(*addresses, *options))

    def refuses(self, *options: str, **who: str) -> str:
        """A run that ends in a sentence and has made nothing on the server; what it said, in one line."""
        before = self.everything()
        ran = self.setup(*options, **who)
        assert ran.exit_code == 1
        assert self.everything() | {"env": b""} == before | {"env": b""}
        return said(ran)

    def _run(self, *options: str, typed: str = "", **secrets: str) -> Result:
        for name in ("PASSWORD", "TOKEN"):
            self._patch.setenv(f"CHORUS_SETUP_{name}", secrets.get(name, ""))
        found = app.test_cli_runner().invoke(args=["setup", *options], input=typed)
        assert "Traceback" not in found.output
        return found

    # What there is to see

    def settings(self) -> dict[str, str | None]:
        """What `.env` says."""
        return dotenv_values(self.env)

    def load(self) -> config.Settings:
        """The settings as Chorus reads them at its start."""
        for name in ("PASSWORD", "TOKEN"):
            self._patch.delenv(f"CHORUS_SETUP_{name}", raising=False)
        return config.load()

    def mode(self) -> int:
        return stat.S_IMODE(self.env.stat().st_mode)

    def bots(self) -> list[Doc]:
        return [user for user in self.playground.store.every("user") if user.get("is_bot")]

    def tokens(self, of: Doc) -> list[str]:
        return [token for token, _ in self.playground.store.tokens(of["id"])]

    def commands(self) -> list[Doc]:
        return self.playground.store.every("command")

    def sessions(self) -> list[Doc]:
        """The administrator's sessions that were not ended."""
        return [one for _, one in self.playground.store.tokens(self.root["id"]) if one.get("session")]

    def everything(self) -> dict[str, Any]:
        """All that setup could have changed."""
        kinds = ("user", "command", "role", "team_member")
        found: dict[str, Any] = {kind: self.playground.store.every(kind) for kind in kinds}
        found["tokens"] = [token for user in self.playground.store.every("user") for token in self.tokens(user)]
        return found | {"env": self.env.read_bytes() if self.env.exists() else b""}


def said(result: Result) -> str:
    """All that was shown, in one line."""
    return " ".join(result.output.split())
