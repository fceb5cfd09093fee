"""The WebSockets of the server: who is connected, what each was sent, and what v11 replays to those who come back."""

from __future__ import annotations

import json
import os
import selectors
import socket
import threading
import time
from collections import deque
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from tests.playground import events
from tests.playground.faults import Faults
from tests.playground.ids import new_id
from tests.playground.server import VERSIONS, Mattermost
from tests.playground.store import Doc

REPLAYED = 400
"""So many missed events are replayed; measured on 11.6: 150 are, 420 are not."""


class Session:
    """What the server knows of a connection: its numbering, and on v11 its last events, also after it broke."""

    def __init__(self, mm: Mattermost, user_id: str, token: str) -> None:
        self.connection_id, self.user_id, self.token = new_id(), user_id, token
        self.owner: Socket | None = None
        self._mm, self._lock = mm, threading.Lock()
        self._cursor = mm.store.last_event()
        self._kept: deque[str] = deque(maxlen=REPLAYED)
        self._next = 1  # `hello` is 0

    def take(self, owner: Socket) -> list[str]:
        """The messages that are new, each numbered; none for a socket that has lost the session to another."""
        with self._lock:
            return self._take() if self.owner is owner else []

    def _take(self) -> list[str]:
        fresh = []
        for event in self._mm.store.events(self._cursor):
            self._cursor = event["seq"]
            if self.user_id in event["receivers"]:
                found = events.message(self._mm, event, self.user_id, self._next)
                fresh.append(json.dumps(found, ensure_ascii=False))
                self._next += 1
        self._kept.extend(fresh)
        return fresh

    def resume(self, owner: Socket, wanted: int) -> list[str] | None:
        """The messages from a number on, for a socket that takes over; None where they are not kept, or it is in use."""
        with self._lock:
            if self.owner is not None and not self.owner.cut:
                return None
            self._take()
            missed = self._next - wanted
            if not 0 <= missed <= len(self._kept):
                return None
            self.owner = owner
            return list(self._kept)[len(self._kept) - missed :]

    def release(self, owner: Socket) -> None:
        """Let others take over."""
        with self._lock:
            if self.owner is owner:
                self.owner = None


class Sockets:
    """All connections of a server."""

    def __init__(self, mm: Mattermost, faults: Faults) -> None:
        self.mm, self.faults = mm, faults
        self._lock = threading.Lock()
        self._open: set[Socket] = set()
        self._sessions: dict[str, Session] = {}
        self._closed = False
        mm.store.on_events = self.wake
        faults.on_cut = self.cut

    def serve(self, connection: socket.socket, upgrade: bytes, token: str, wanted: tuple[str, int]) -> None:
        """Speak over a connection until it ends. `wanted` are the id and the number to go on from."""
        one = Socket(self, connection, token, wanted)
        with self._lock:
            if self._closed:
                return
            self._open.add(one)
        try:
            one.run(upgrade)
        finally:
            with self._lock:
                self._open.discard(one)
                one.close()

    def connected(self, user_id: str) -> int:
        """How many sockets somebody has open."""
        with self._lock:
            return sum(one.session is not None and one.session.user_id == user_id for one in self._open if not one.cut)

    def wake(self) -> None:
        """Let every connection look whether there is something to send."""
        with self._lock:
            for one in self._open:
                one.wake()

    def cut(self) -> None:
        """Drop every connection, without a word. Who comes back finds it gone, and may resume."""
        with self._lock:
            for one in self._open:
                one.drop()

    def close(self) -> None:
        """End all of it, before the store is closed."""
        with self._lock:
            self._closed = True
            left = list(self._open)
        self.cut()
        for one in left:
            one.ended.wait(10)

    def begin(self, user_id: str, token: str, owner: Socket) -> Session:
        """A new session; that it is known by its id is v11's alone."""
        session = Session(self.mm, user_id, token)
        session.owner = owner
        if not self.mm.is_old:
            with self._lock:
                self._sessions[session.connection_id] = session
        return session

    def resume(self, owner: Socket, user_id: str, wanted: tuple[str, int]) -> tuple[Session, list[str]] | None:
        """The session of that id and what was missed since; None where it is not this person's or too much was missed."""
        with self._lock:
            session = self._sessions.get(wanted[0])
        if session is None or session.user_id != user_id:
            return None
        missed = session.resume(owner, wanted[1])
        return None if missed is None else (session, missed)


class Socket:
    """One connection, served by the one thread that `run` is called in; others wake or drop it."""

    def __init__(self, sockets: Sockets, connection: socket.socket, token: str, wanted: tuple[str, int]) -> None:
        self.session: Session | None = None
        self.cut = False
        self.ended = threading.Event()
        self._sockets, self._mm = sockets, sockets.mm
        self._connection, self._token, self._wanted = connection, token, wanted
        self._protocol = ServerProtocol()
        self._sent = 0
        self._deadline = time.monotonic() + self._mm.settings["AuthenticationSeconds"]
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_out, False)

    # From other threads

    def wake(self) -> None:
        """Let it look for news; one that was told and has not looked yet need not be told again."""
        try:
            os.write(self._wake_out, b".")
        except BlockingIOError:
            return

    def drop(self) -> None:
        """Cut it: from now on its session may be resumed."""
        self.cut = True
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # the other side was faster
            return
        finally:
            self.wake()

    def close(self) -> None:
        """Give its pipe back; the connection itself belongs to the HTTP server."""
        os.close(self._wake_in)
        os.close(self._wake_out)
        self.ended.set()

    # In its own thread

    def run(self, upgrade: bytes) -> None:
        """Shake hands, and go on until either side ends it."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            selector.register(self._wake_in, selectors.EVENT_READ)
            try:
                if self._shake_hands(upgrade):
                    self._authenticate(self._token, self._wanted)
                    while self._goes_on():
                        self._turn({key.fileobj for key, _ in selector.select(self._patience())})
            except OSError:  # the other side is gone
                self.cut = True
            finally:
                self._release()
                self.drop()  # or the HTTP server would wait for another request

    def _shake_hands(self, upgrade: bytes) -> bool:
        self._protocol.receive_data(upgrade)
        for request in self._protocol.events_received():
            assert isinstance(request, Request)
            self._protocol.send_response(self._protocol.accept(request))
        self._flush()
        return self._protocol.state is OPEN

    def _goes_on(self) -> bool:
        if self.cut or self._protocol.state is not OPEN:
            return False
        if self.session is None:
            return time.monotonic() < self._deadline
        return self._mm.user_of_token(self.session.token) is not None

    def _patience(self) -> float | None:
        return max(self._deadline - time.monotonic(), 0) if self.session is None else None

    def _turn(self, ready: set[Any]) -> None:
        if self._wake_in in ready:
            os.read(self._wake_in, 65536)
        if self._connection in ready:
            self._receive()
        if self.session and self._goes_on():
            self._send(self.session.take(self))

    def _receive(self) -> None:
        data = self._connection.recv(65536)
        if not data:
            self.cut = True
            return
        self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT:
                self._act(json.loads(frame.data))
        if self._protocol.state is not OPEN:
            self._release()  # before the goodbye is answered: whoever reads that may come back at once
        self._flush()

    def _act(self, asked: Doc) -> None:
        """An action of the client's. Other actions than these two are not played."""
        reply: Doc = {"status": "OK", "seq_reply": asked.get("seq", 0)}
        if asked.get("action") == "authentication_challenge":
            self._authenticate(str((asked.get("data") or {}).get("token") or ""), ("", 0))
            if self.session is None:  # NOT RECORDED: a wrong token is answered with nothing but the end
                self.cut = True
                return
        elif asked.get("action") == "ping":
            reply["data"] = {"text": "pong", "version": VERSIONS[self._mm.age]}
        self._protocol.send_text(json.dumps(reply).encode())
        self._flush()

    def _authenticate(self, token: str, wanted: tuple[str, int]) -> None:
        """Begin with a `hello`, or on v11 with what was missed."""
        user = self._mm.user_of_token(token) if token and self.session is None else None
        if user is None:
            return
        resumed = self._sockets.resume(self, user["id"], wanted) if wanted[0] and not self._mm.is_old else None
        if resumed:
            self.session, missed = resumed
            self._send(missed)
        else:
            self.session = self._sockets.begin(user["id"], token, self)
            self._text(json.dumps(events.hello(self._mm, user["id"], self.session.connection_id)))

    def _send(self, messages: list[str]) -> None:
        for text in messages:
            self._text(text)
            self._sent += 1
            if self._sockets.faults.drops_socket(self._sent):
                self._release()
                self.drop()
                return

    def _text(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)

    def _release(self) -> None:
        if self.session:
            self.session.release(self)
