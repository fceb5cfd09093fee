"""llama.cpp's server by itself: as the wheel offers it, in a process of its own, and nothing of Chorus around it.

    python -m tests.bench.bare_llamacpp MODEL.gguf TOKENS        one prompt a line, as JSON; what it took, as JSON

It is asked over HTTP with Chorus' own sampling, threads, window and batch: what differs is what Chorus adds.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from pathlib import Path

from llm.llamacpp_server import REPEAT_PENALTY, SAMPLING, parameters
from tests.bench.bare_engine import THREADS, WINDOW
from tests.bench.worker import TEMPERATURE

KEY = "of-the-bench"


def main() -> None:
    """Answer prompts until stdin ends."""
    import xllamacpp

    path, tokens = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    server = xllamacpp.Server(parameters(path, WINDOW, THREADS, 0, KEY))
    place = server.listening_address.removeprefix("http://")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(place, json.loads(line), tokens)) + "\n")
        sys.stdout.flush()


def _answer(place: str, prompt: str, tokens: int) -> dict[str, float]:
    asked = {
        "prompt": prompt, "n_predict": tokens, "temperature": TEMPERATURE, **SAMPLING, "repeat_penalty": REPEAT_PENALTY,
        "stream": True, "cache_prompt": False,
    }  # fmt: skip
    started = time.perf_counter()
    connection = http.client.HTTPConnection(place)
    connection.request("POST", "/completion", json.dumps(asked), {"Authorization": f"Bearer {KEY}"})
    last = next(json.loads(line[6:]) for line in connection.getresponse() if b'"stop":true' in line)
    connection.close()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "read": last["timings"]["prompt_n"], "written": last["timings"]["predicted_n"]}


if __name__ == "__main__":
    main()
