"""The engine by itself: gpt4all in a process of its own, as its binding offers it, and nothing of Chorus around it.

    python -m tests.bench.bare_engine MODEL.gguf TOKENS        one prompt a line, as JSON; what it took, as JSON

It is asked with Chorus' own sampling and as many threads, window and batch: what differs is the line around it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from gpt4all import GPT4All

from llm.engine import BATCH, REPEAT_PENALTY
from tests.bench.worker import TEMPERATURE

WINDOW, THREADS = 8192, 1


def main() -> None:
    """Answer prompts until stdin ends."""
    path, tokens = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the engine's own chatter
    model = GPT4All(
        path.name, model_path=str(path.parent), allow_download=False, device="cpu", n_threads=THREADS, n_ctx=WINDOW
    ).model
    for line in sys.stdin:
        out.write(json.dumps(_answer(model, json.loads(line), tokens)) + "\n")
        out.flush()


def _answer(model: Any, prompt: str, tokens: int) -> dict[str, float]:
    read, written = 0, 0

    def on_read(_token: int) -> bool:
        nonlocal read
        read += 1
        return True

    def on_written(_token: int, _text: str) -> bool:
        nonlocal written
        written += 1
        return True

    model._prompt_callback = on_read
    started = time.perf_counter()
    model.prompt_model(
        prompt, "%1%2", on_written, n_predict=tokens, n_batch=BATCH, reset_context=True, special=True,
        temp=TEMPERATURE, repeat_penalty=REPEAT_PENALTY, repeat_last_n=64, top_k=40, top_p=0.95, min_p=0.05,
    )  # fmt: skip
    return {"seconds": time.perf_counter() - started, "read": read, "written": written}


if __name__ == "__main__":
    main()
