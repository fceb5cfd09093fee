"""An answer that is written while a test looks on: its words come when the test lets them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from llm.scripted import Step
from mmapp.jobs import queue
from tests.acceptance.processes import eventually
from tests.line import Line
from tests.playground.store import Doc


@dataclass
class Writing:
    """One answer under way, by the main bot where none is named."""

    line: Line
    gates: list[threading.Event]
    lane: threading.Thread
    bot: Doc | None = None

    def go_on(self) -> None:
        """Let the model write to the next stop."""
        next(gate for gate in self.gates if not gate.is_set()).set()

    def shows(self, words: str, channel: Doc | None = None) -> Doc:
        """Wait until the newest post of the bot holds these words; that post."""

        def newest() -> list[str]:
            return self.line.answers(channel, self.bot)[-1:]

        eventually(lambda: any(words in text for text in newest()), f"{words!r} is not shown")
        return self.line.posts(channel, self.bot)[-1]

    def end(self) -> None:
        """Let the model write to its end, and wait until the answer is whole and everything is done."""
        self.end_of_the_model()
        self.line.hurry()
        self.line.settle()

    def end_of_the_model(self) -> None:
        """Let the model write to its end."""
        for gate in self.gates:
            gate.set()
        self.lane.join(30)
        assert not self.lane.is_alive()


@contextmanager
def writing(
    line: Line, *parts: str, command: str = "ask Why?", who: Doc | None = None, bot: Doc | None = None, **where: Doc
) -> Iterator[Writing]:
    """Somebody asks, and the model writes the first of these parts; each further one waits for `go_on`.

    By a command; one `bot` that is named is asked by mention.
    """
    before, gates = 0, {}
    for part in parts[:-1]:
        before += len(part.split())
        gates[before] = threading.Event()
    line.model.enqueue(Step(" ".join(parts), gates=gates))
    if bot:
        where.setdefault("channel", line.town)
        line.playground.post_as(who or line.ann, text=f"@{bot['username']} {command}", **where)
        line.hear()
    else:
        line.say(who or line.ann, command, **where)
    while not line.claimable("model:tiny"):
        assert line.step("admit")
    lane = threading.Thread(target=line.step, args=(queue.model_queue("tiny"),))
    lane.start()
    found = Writing(line, list(gates.values()), lane, bot)
    try:
        yield found
    finally:
        found.end_of_the_model()
