"""The child's side of the lines between a model's process and its parent."""

from __future__ import annotations

import json
import os
import queue
import time
from typing import Any, BinaryIO

HEARTBEAT = 0.25


class Wire:
    """The lines to the parent, and what the parent has cancelled."""

    def __init__(self, requests: BinaryIO, out: BinaryIO) -> None:
        self.requests, self.out = requests, out
        self.waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        self.id, self.beat = 0, 0.0

    def listen(self) -> None:
        """Take the parent's lines as they come. Ends the process with the last one."""
        for line in self.requests:
            request = json.loads(line)
            if request["op"] == "cancel":
                self.cancelled.add(request["id"])
            else:
                self.waiting.put(request)
        os._exit(0)

    def next(self) -> dict[str, Any]:
        """The next request; all that is sent from now on belongs to it."""
        request = self.waiting.get()
        self.id, self.beat = request["id"], 0.0
        return request

    def send(self, event: str, **fields: Any) -> None:
        """One event of the current request."""
        self.out.write(json.dumps({"id": self.id, "event": event, **fields}).encode() + b"\n")
        self.out.flush()
        self.beat = time.monotonic()

    def tick(self, stage: str, done: int, of: int) -> bool:
        """A sign of life, now and then. False: the parent wants no more of this request."""
        if time.monotonic() - self.beat >= HEARTBEAT:
            self.send("tick", stage=stage, done=done, of=of)
        return self.id not in self.cancelled
