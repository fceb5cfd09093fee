"""The stage: the stand-in Mattermost in this process, Chorus in processes of its own, and four people who ask."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.request import urlopen

from tests.demo.terminal import BOLD, DIM, PLAIN, indented, say, wait_for
from tests.playground.sample import THREAD
from tests.playground.store import Doc
from tests.playground.world import Playground

ROOT = Path(__file__).resolve().parents[2]


class Demo:
    """`ask` and `stop` play one request each, and show what is seen of it."""

    def __init__(self, folder: Path, model: str, age: str) -> None:
        self.folder, self.model = folder, model
        for name in ("playground.db", "chorus.db"):
            for path in self.folder.glob(f"{name}*"):
                path.unlink()
        self.playground = Playground(age, db=str(self.folder / "playground.db"), port=free_port(8065)).start()
        self.port = free_port(8066)
        self.build()
        self.log = (self.folder / "chorus.log").open("wb")
        self.chorus = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=self.settings(),
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def build(self) -> None:
        team = self.playground.add_team("harbour")
        self.people = {name: self.playground.add_user(name) for name in ("ann", "bob", "carol", "dave")}
        self.bot = self.playground.add_bot("ai")
        members = (*self.people.values(), self.bot)
        self.channel = self.playground.add_channel("O", "operations", members=members)
        self.playground.add_channel("O", "town-square", members=members)
        url = f"http://127.0.0.1:{self.port}/mattermost/slash"
        self.command_token = self.playground.add_command(team, "ai", url, username="ai")
        self.team = team
        root: Doc | None = None
        for who, text in THREAD:
            posted = self.playground.post_as(self.people[who], self.channel, text, root or "")
            root = root or posted
        self.root = root or {}

    def settings(self) -> dict[str, str]:
        """Keys that are thrown away with the demo's data: nothing here is meant to last."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
        return mine | {
            "CHORUS_MATTERMOST_URL": self.playground.url,
            "CHORUS_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "CHORUS_PORT": str(self.port),
            "CHORUS_BOT_TOKENS": f"ai={self.playground.token(self.bot)}",
            "CHORUS_COMMAND_TOKENS": f"{self.team['id']}={self.command_token}",
            "CHORUS_SECRET_KEY": secrets.token_urlsafe(48),
            "CHORUS_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CHORUS_DATABASE_URL": f"sqlite:///{self.folder / 'chorus.db'}",
            "CHORUS_MODELS_DIR": str(self.folder / "models"),
            "CHORUS_DEFAULT_MODEL": self.model,
            "CHORUS_VAR_DIR": str(self.folder),
            "CHORUS_ACCESS": "everyone",
        }

    def ready(self) -> bool:
        """Whether the worker has listed and measured its models."""
        if self.chorus.poll() is not None:
            raise SystemExit(f"Chorus did not start. Its log: {self.folder / 'chorus.log'}")
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return b"the worker is ready" in (self.folder / "chorus.log").read_bytes()
        except OSError:
            return False

    def close(self) -> None:
        if self.chorus.poll() is None:
            self.chorus.send_signal(signal.SIGTERM)
            try:
                self.chorus.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.chorus.pid, signal.SIGKILL)
                self.chorus.wait()
        self.log.close()
        self.playground.stop()

    # The conversation

    def ask(self, who: str, command: str, *, in_thread: bool = True, stop_after: float = 0.0) -> None:
        """Type a command, show what its person sees at once, and what everybody sees in the end."""
        if in_thread and self.playground.age == "5.37":  # it does not tell the app in which thread a command is typed
            command = command.replace("/ai ask", f"/ai ask --thread {self.playground.link(self.root)}")
        say(f"{BOLD}{who}{PLAIN} {'in the thread' if in_thread else 'in the channel'}: {BOLD}{command}{PLAIN}")
        person = self.people[who]
        before, told = self._posts(), self._told(person)
        started = time.monotonic()
        said = self.playground.slash(person, self.channel, command, self.root["id"] if in_thread else "")
        at_once = time.monotonic() - started
        if said.text:
            say(f"{DIM}{indented(said.text)}\n  ╰ only {who} sees this, after {at_once * 1000:.0f} ms{PLAIN}")
        if stop_after:
            time.sleep(stop_after)
            self.stop(who, told)
        posts, private = wait_for(
            "an answer", lambda: self._news(before, person, told + bool(said.text), refused=_is_final(said.text))
        )
        for post in posts:
            say(f"{indented(post['message'])}\n  ╰ everybody sees this, after {time.monotonic() - started:.1f} s")
            say(f"{DIM}    behind the (i): {_tokens(post)}{PLAIN}")
        for text in private:
            say(f"{DIM}{indented(text)}\n  ╰ only {who} sees this{PLAIN}")
        say()

    def summarize(self, who: str, command: str) -> None:
        """Have the thread summed up, and show the direct message that comes of it."""
        if self.playground.age == "5.37":
            command = f"{command} {self.playground.link(self.root)}"
        say(f"{BOLD}{who}{PLAIN} in the thread: {BOLD}{command}{PLAIN}")
        started = time.monotonic()
        said = self.playground.slash(self.people[who], self.channel, command, self.root["id"])
        say(f"{DIM}{indented(said.text)}\n  ╰ only {who} sees this{PLAIN}")
        self._read_directly(who, started)

    def digest(self, who: str, command: str, now: str) -> None:
        """Set a digest up, have it made at once, and show what its person reads."""
        self._told_in_channel(who, command)
        started = time.monotonic()
        self._told_in_channel(who, now)
        self._read_directly(who, started)

    def _told_in_channel(self, who: str, command: str) -> None:
        """Type it, and show the word that comes back when it is done."""
        say(f"{BOLD}{who}{PLAIN} in the channel: {BOLD}{command}{PLAIN}")
        told = self._told(self.people[who])
        self.playground.slash(self.people[who], self.channel, command)
        (text,) = wait_for("a word on the digest", lambda: self.playground.ephemerals(self.people[who])[told:])
        say(f"{DIM}{indented(text['message'])}\n  ╰ only {who} sees this{PLAIN}\n")

    def _read_directly(self, who: str, started: float) -> None:
        """Show the direct message that comes of it."""
        direct = self.playground.direct(self.bot, self.people[who])
        post, *_ = wait_for("a summary", lambda: [one for one in self.playground.posts(direct) if one["edit_at"]])
        say(f"{indented(post['message'])}\n  ╰ in {who}'s direct message, after {time.monotonic() - started:.1f} s\n")

    def mention(self, who: str, text: str) -> None:
        """Say something in the thread, and show what everybody sees of it first and last."""
        say(f"{BOLD}{who}{PLAIN} in the thread: {BOLD}{text}{PLAIN}")
        before, started = self._posts(), time.monotonic()
        self.playground.post_as(self.people[who], self.channel, text, self.root)
        beginning = wait_for("the first words", lambda: self._all_by_the_bot()[before:])
        say(f"{DIM}  ╰ its first words are there after {time.monotonic() - started:.1f} s{PLAIN}" if beginning else "")
        posts, _ = wait_for("an answer", lambda: self._news(before, self.people[who], 10**6, refused=False))
        say(
            f"{indented(posts[-1]['message'])}\n  ╰ everybody sees this, whole after {time.monotonic() - started:.1f} s\n"
        )

    def stop(self, who: str, told: int) -> None:
        """By the button, or typed where the answer was expected so soon that none was shown."""
        shown = self.playground.ephemerals(self.people[who])[told:]
        say(f"{BOLD}{who}{PLAIN} {'presses' if shown else 'types'} {BOLD}{'Stop' if shown else '/ai stop'}{PLAIN}")
        if shown:
            self.playground.click(who, shown[0], "Stop")
        else:
            self.playground.slash(who, self.channel, "/ai stop")

    def _posts(self) -> int:
        return len(self._by_the_bot())

    def _all_by_the_bot(self) -> list[Doc]:
        posts = self.playground.posts(self.channel)
        return [post for post in posts if post["user_id"] == self.bot["id"] and not post["type"]]

    def _by_the_bot(self) -> list[Doc]:
        """Those that are whole: while one is written, it has no card."""
        return [post for post in self._all_by_the_bot() if "card" in post["props"]]

    def _told(self, person: Doc) -> int:
        return len(self.playground.ephemerals(person))

    def _news(self, posts: int, person: Doc, told: int, *, refused: bool) -> tuple[list[Doc], list[str]] | None:
        new = self._by_the_bot()[posts:]
        private = [each["message"] for each in self.playground.ephemerals(person)[told:]]
        if private and not new and "Stopped." in private[0]:
            return None  # the words that were written until then are still to come
        if any("card" not in post["props"] for post in new):
            return None  # it is still being written
        return (new, private) if new or private or refused else None


def _is_final(text: str) -> bool:
    """Whether what was said at once is all that will be said."""
    return "cannot be used" in text


def _tokens(post: Doc) -> str:
    lines = [line for line in post["props"]["card"].splitlines() if "Tokens" in line]
    return lines[0].removeprefix("* **Tokens** ") + " tokens" if lines else "who asked, which model, how long"


def free_port(wanted: int) -> int:
    """This port, or any other where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise SystemExit("The demo found no free port on 127.0.0.1.")
