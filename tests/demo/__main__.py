"""`make demo`: a short conversation with real models, against a stand-in Mattermost, then a page to try it oneself.

make demo                    play it, then keep serving
DEMO=once make demo          end after it
make demo MODEL=file.gguf    with a model of your own
make demo AGE=5.37           as a Mattermost of 2021 behaves: threads are asked about by their link
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from typing import IO

from mmapp.texts import admin
from tests.demo import models
from tests.demo.models import SMALL
from tests.demo.stage import ROOT, Demo
from tests.demo.terminal import BOLD, PLAIN, indented, say, wait_for
from tests.playground.sample import THREAD
from tests.playground.server import VERSIONS

FOLDER = ROOT / "var" / "demo"


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


def play(demo: Demo) -> None:
    say(f"{BOLD}~operations{PLAIN}, a thread of this morning:\n")
    for who, text in THREAD:
        say(indented(f"{who}: {text}"))
    say()
    demo.ask("ann", "/ai ask Why was the booking page down?")
    demo.ask("dave", "/ai ask Who will read from the replica, and by when?")
    demo.mention("carol", "@ai When may the report run again?")
    demo.summarize("dave", "/ai summarize")
    demo.digest("carol", "/ai digest weekdays 08:30", "/ai digest run")
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
        "  Try yours here: make demo MODEL=path/to/file.gguf\n"
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
    model = models.prepare(FOLDER / "models", os.environ.get("MODEL", ""))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(FOLDER, model, age)
    try:
        wait_for("Chorus", demo.ready)
        play(demo)
        farewell(demo)
        if os.environ.get("DEMO") != "once":
            say(
                "Under every answer, More… shows where it comes from; who asked can have it again, shorter or by another model."
            )
            say(f"Now try it yourself: {BOLD}{demo.playground.url}{PLAIN}   (Ctrl-C ends it)")
            signal.pause()
    except KeyboardInterrupt:
        say("\nEnded.")
    finally:
        demo.close()


if __name__ == "__main__":
    main()
