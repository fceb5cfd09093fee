"""What the playground keeps, in one SQLite file: documents by kind and id, and what is asked for by something else."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
create table if not exists docs (kind text, id text, doc text not null, primary key (kind, id)) without rowid;
create table if not exists posts (id text primary key, channel_id text, root_id text, original_id text,
  create_at integer, update_at integer, delete_at integer, doc text not null) without rowid;
create index if not exists posts_by_channel on posts (channel_id, create_at);
create index if not exists posts_by_root on posts (root_id, create_at);
create table if not exists events (seq integer primary key, doc text not null);
"""


class Store:
    """One connection behind a lock. A transaction is committed before its request is answered, so kill -9 loses nothing."""

    def __init__(self, path: str = ":memory:") -> None:
        self.lock = threading.RLock()
        self.on_events: Callable[[], object] = lambda: None
        """Called after a commit that logged events."""
        self._depth = 0
        self._logged = False
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")  # survives the process; a machine's crash is not played
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        with self.lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("begin immediate")
                yield
                if self._depth == 1:
                    self._connection.execute("commit")
            except BaseException:
                if self._depth == 1:
                    self._connection.execute("rollback")
                    self._logged = False
                raise
            finally:
                self._depth -= 1
            if self._depth == 0 and self._logged:
                self._logged = False
                self.on_events()

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    # Documents

    def put(self, kind: str, key: str, doc: Doc) -> Doc:
        """Keep a document."""
        with self.transaction():
            self._rows("insert or replace into docs values (?, ?, ?)", kind, key, json.dumps(doc))
        return doc

    def get(self, kind: str, key: str) -> Doc | None:
        """A document, None where there is none."""
        rows = self._rows("select doc from docs where kind = ? and id = ?", kind, key)
        return json.loads(rows[0][0]) if rows else None

    def drop(self, kind: str, key: str) -> None:
        """Forget a document."""
        with self.transaction():
            self._rows("delete from docs where kind = ? and id = ?", kind, key)

    def every(self, kind: str, prefix: str = "") -> list[Doc]:
        """All documents of a kind whose id begins so."""
        rows = self._rows("select doc from docs where kind = ? and id between ? and ?", kind, prefix, prefix + "~")
        return [json.loads(doc) for (doc,) in rows]

    def find(self, kind: str, **values: Any) -> Doc | None:
        """The first document of a kind with these values."""
        matching = (doc for doc in self.every(kind) if all(doc.get(key) == value for key, value in values.items()))
        return next(matching, None)

    def tokens(self, user_id: str) -> list[tuple[str, Doc]]:
        """Somebody's tokens."""
        rows = self._rows("select id, doc from docs where kind = 'token'")
        return [(key, doc) for key, text in rows if (doc := json.loads(text))["user_id"] == user_id]

    # Posts

    def put_post(self, post: Doc) -> Doc:
        """Keep a post, or a revision of one."""
        keys = ("id", "channel_id", "root_id", "original_id", "create_at", "update_at", "delete_at")
        with self.transaction():
            row = [post[key] for key in keys]
            self._rows("insert or replace into posts values (?, ?, ?, ?, ?, ?, ?, ?)", *row, json.dumps(post))
        return post

    def post(self, post_id: str) -> Doc | None:
        """A post, deleted ones too."""
        rows = self._rows("select doc from posts where id = ?", post_id)
        return json.loads(rows[0][0]) if rows else None

    def posts(self, where: str, *values: Any) -> list[Doc]:
        """Posts in order of time."""
        rows = self._rows(f"select doc from posts where {where} order by create_at, id", *values)  # noqa: S608
        return [json.loads(doc) for (doc,) in rows]

    # Events

    def log(self, event: Doc) -> None:
        """Keep what a WebSocket would send."""
        with self.transaction():
            self._rows("insert into events (doc) values (?)", json.dumps(event))
            self._logged = True

    def last_event(self) -> int:
        """The sequence number of the newest event."""
        return int(self._rows("select coalesce(max(seq), 0) from events")[0][0])

    def events_since(self, at: int, kind: str) -> list[Doc]:
        """The last events of a kind that happened since a time."""
        rows = self._rows("select doc from events order by seq desc limit 200")
        found = (json.loads(doc) for (doc,) in rows)
        return [event for event in found if event["event"] == kind and event["at"] >= at]

    def events(self, after: int = 0) -> list[Doc]:
        """All events behind a sequence number, each with its own."""
        rows = self._rows("select seq, doc from events where seq > ? order by seq", after)
        return [json.loads(doc) | {"seq": seq} for seq, doc in rows]
