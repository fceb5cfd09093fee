"""A real endpoint for the tests: llama.cpp's server in a process of its own, with a key, to be killed at will.

python -m tests.endpoint MODEL.gguf PORT PARALLEL        serves until it is killed; says its address when it is ready
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from llm.endpoints import Endpoint, Network
from llm.openai_model import OpenAiModel
from llm.process import ROOT

KEY = "test-key-of-an-endpoint"
WINDOW = 4096
LONG = 60.0


class LlamaCpp:
    """llama.cpp's server with that model; `parallel` answers at a time, each with a window of 4,096 tokens."""

    def __init__(self, model: Path, parallel: int = 1) -> None:
        self.model, self.parallel, self.port = model, parallel, 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Serve, on the same port as before where there was one."""
        command = [sys.executable, "-m", "tests.endpoint", str(self.model), str(self.port), str(self.parallel)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def opened(self, **fields: Any) -> OpenAiModel:
        """A model that asks it."""
        return OpenAiModel(self.endpoint(**fields), Network(secret={"ENDPOINT_KEY": KEY}.get))  # type: ignore[arg-type]

    def endpoint(self, **fields: Any) -> Endpoint:
        declared = {"name": "tested", "url": self.url, "model": str(self.model), "window": WINDOW}
        return Endpoint(**declared | {"key_variable": "ENDPOINT_KEY"} | fields)

    def comes_to_rest(self) -> bool:
        """Whether it stops writing, long before it would by itself."""
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            slots = requests.get(
                f"{self.url[:-3]}/slots", headers={"Authorization": f"Bearer {KEY}"}, timeout=LONG
            ).json()
            if not any(slot["is_processing"] for slot in slots):
                return True
            time.sleep(0.05)
        return False


def main() -> None:
    """Serve for ever."""
    import xllamacpp

    model, port, parallel = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    asked: Any = xllamacpp.CommonParams()
    asked.model.path, asked.port, asked.n_parallel, asked.n_ctx = model, port, parallel, WINDOW * parallel
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
    asked.n_batch = asked.n_ubatch = 64
    asked.api_keys, asked.warmup, asked.fit_params, asked.verbosity = [KEY], False, False, 1
    server = xllamacpp.Server(asked)
    sys.stdout.write(f"{server.listening_address.rpartition(':')[2]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    while True:
        time.sleep(LONG)


if __name__ == "__main__":
    main()
