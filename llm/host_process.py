"""The process that one loaded model lives in, whatever its engine: an abort of the engine ends it, and nothing else.

host.py starts it and speaks JSON lines with it over stdin and stdout. It goes with its parent: at the end of stdin, or
when its parent is another process. (PR_SET_PDEATHSIG would fire when the parent's *thread* ends that started it, and
lanes start models from threads.)
"""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from llm.base import ModelError, PromptTooLong
from llm.host_session import Session
from llm.host_wire import Wire

ORPHANED = 1.0

Opens = Callable[[Wire, dict[str, Any]], Session]


def run(opens: Opens) -> None:
    """Set the process up so that the engine's own chatter never reaches the protocol, and serve."""
    parent = os.getppid()
    requests, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold people's words
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the whole group; the parent decides when this one ends
        signal.signal(number, signal.SIG_IGN)
    os.environ["PATH"] = os.devnull  # an aborting engine starts gdb for a backtrace, which would show them as well
    wire = Wire(requests, out)
    for work in (wire.listen, lambda: leave_with(parent)):
        threading.Thread(target=work, daemon=True).start()
    serve(wire, opens)


def serve(wire: Wire, opens: Opens) -> None:
    """Load the model of the first request, then answer the others one after the other, for ever."""
    request = wire.next()
    sessions: list[Session] = []

    def load() -> dict[str, Any]:
        sessions.append(opens(wire, request))
        return sessions[0].ready(request)

    if not _attempt(wire, load):
        return
    verbs = sessions[0].verbs()
    while True:
        asked = wire.next()
        verb = verbs[asked["op"]]
        _attempt(wire, lambda verb=verb, asked=asked: verb(asked))  # type: ignore[misc]  # mypy infers no lambda with defaults
        wire.cancelled.discard(wire.id)


def leave_with(parent: int) -> None:
    """End when the parent has gone: a copy of its pipe in some fork would keep stdin open."""
    while os.getppid() == parent:
        time.sleep(ORPHANED)
    os._exit(0)


def _attempt(wire: Wire, work: Callable[[], dict[str, Any]]) -> bool:
    try:
        result = work()
    except PromptTooLong as error:
        wire.send("error", kind="PromptTooLong", tokens=error.tokens, window=error.window)
    except ModelError as error:
        wire.send("error", kind=type(error).__name__, detail=error.detail)
    except MemoryError:
        wire.send("error", kind="OutOfMemory", detail="the model's process ran out of memory")
    else:
        wire.send("done", **result)
        return True
    return False
