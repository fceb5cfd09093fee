"""llama.cpp's own server, from the wheel xllamacpp, started in this process and asked over the loopback.

Only the process of its model imports this: a file that it cannot take may end the process. It listens on a port of its
own choice, and answers nobody but who knows the key that was made for this one start.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import secrets
import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import xllamacpp

from llm.base import EngineFault, ModelBroken, Options

# SmolLM2 on one thread reads 133 tokens a second at 16, 175 at 64 and 225 at 128 and beyond; a stopped answer is read to its
# batch's end (measured).
BATCH = 128
SAMPLING = {"top_k": 40, "top_p": 0.95, "min_p": 0.05, "repeat_last_n": 64}
REPEAT_PENALTY = 1.1  # as engine.py has it
ERRORS_ALONE = 1  # what is logged: nothing of prompts stands there
SECONDS = 60.0
LOOK_EVERY = 0.25


class LlamaCppServer:
    """A loaded model behind HTTP. `cache` are the bytes for prompts that it has read before. Raises ModelBroken."""

    def __init__(self, path: Path, n_ctx: int, threads: int, cache: int) -> None:
        self._key = secrets.token_urlsafe(32)
        try:
            self._server = xllamacpp.Server(parameters(path, n_ctx, threads, cache, self._key))
        except RuntimeError as error:  # why not, it has said on stderr
            raise ModelBroken("llama.cpp does not load it") from error
        self._place = self._server.listening_address.removeprefix("http://")
        self._plain = http.client.HTTPConnection(self._place, timeout=SECONDS)

    def close(self) -> None:
        """Free its memory, and all that it remembers."""
        self._plain.close()
        del self._server

    def ids(self, text: str, *, special: bool) -> list[int]:
        """The text's token ids. `special`: marks of control tokens in it become these."""
        asked = {"content": text, "add_special": False, "parse_special": special}
        try:
            return self._ids(asked)
        except ConnectionError:  # the server closes a connection that was idle for some seconds
            self._plain.close()
            return self._ids(asked)

    def _ids(self, asked: dict[str, Any]) -> list[int]:
        self._plain.request("POST", "/tokenize", json.dumps(asked), self._headers)
        response = self._plain.getresponse()
        found = json.loads(response.read())
        if response.status != http.client.OK:
            raise EngineFault(f"llama.cpp cannot count tokens: status {response.status}")
        return list(found["tokens"])

    def write(
        self, ids: Sequence[int], options: Options, *, measured: bool = False
    ) -> Generator[dict[str, Any] | None, None, None]:
        """Read a prompt and write behind it: the server's own events, None where none comes for a quarter of a second.

        `measured`: everything is read, and all that may be is written. Closing it stops the model at the end of its batch.
        Raises EngineFault.
        """
        asked = {
            "prompt": list(ids), "n_predict": options.max_tokens, "temperature": options.temperature, **SAMPLING,
            "repeat_penalty": REPEAT_PENALTY if options.temperature else 1.0, "cache_prompt": not measured,
            "ignore_eos": measured, "stream": True, "return_tokens": True, "return_progress": True,
        }  # fmt: skip
        connection = http.client.HTTPConnection(self._place)
        with contextlib.closing(connection):
            connection.request("POST", "/completion", json.dumps(asked), self._headers)
            events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
            reader = threading.Thread(target=_read, args=(connection, events), daemon=True)
            reader.start()
            try:
                yield from _until_the_end(events)
            finally:
                with contextlib.suppress(OSError):  # it has closed the connection itself
                    connection.sock.shutdown(socket.SHUT_RDWR)
                reader.join()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}


def parameters(path: Path, n_ctx: int, threads: int, cache: int, key: str) -> Any:
    """How the server is started: `cache` in bytes."""
    found = xllamacpp.CommonParams()
    found.model.path, found.n_ctx, found.n_parallel = str(path), n_ctx, 1
    found.n_batch = found.n_ubatch = BATCH
    found.cpuparams.n_threads = found.cpuparams_batch.n_threads = threads
    found.cache_ram_mib = cache >> 20
    found.hostnames, found.port, found.api_keys, found.n_threads_http = ["127.0.0.1"], 0, [key], 2
    # The prompt comes rendered: the file's own template is none of the server's business. Nothing is fetched.
    found.use_jinja = found.enable_chat_template = found.fit_params = found.warmup = False
    found.ui = found.endpoint_slots = found.endpoint_props = found.endpoint_metrics = False
    found.offline, found.verbosity = True, ERRORS_ALONE
    return found


def _read(connection: http.client.HTTPConnection, events: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Put each event into the queue, and None behind the last. In a thread of its own: whoever waits in a `recv` hears of
    nothing else."""
    try:
        response = connection.getresponse()
        if response.status != http.client.OK:
            events.put(json.loads(response.read()))
            return
        for line in response:
            name, _, data = line.partition(b": ")
            if name in (b"data", b"error") and data.strip() != b"[DONE]":
                events.put(json.loads(data))
    except (http.client.HTTPException, OSError, ValueError, AttributeError):  # the last: closed while it was read
        pass
    finally:
        events.put(None)


def _until_the_end(events: queue.SimpleQueue[dict[str, Any] | None]) -> Iterator[dict[str, Any] | None]:
    while True:
        try:
            event = events.get(timeout=LOOK_EVERY)
        except queue.Empty:
            yield None
            continue
        if event is None:
            raise EngineFault("llama.cpp ended in the middle of an answer")
        if "error" in event:
            raise EngineFault(f"llama.cpp refused: {event['error'].get('type', 'an error')}")
        yield event
        if event.get("stop"):
            return
