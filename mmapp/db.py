"""The database: transactions, its clock, and texts that are encrypted at rest. SQLite and PostgreSQL are equals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from mmapp.errors import WrongKey
from mmapp.texts import admin

CLOCK = {
    "sqlite": text("select strftime('%Y-%m-%d %H:%M:%f', 'now')"),
    "postgresql": text("select clock_timestamp()"),
}
# A server that is gone is noticed within seconds. A transaction of a process that sleeps is ended by the server, before
# those that wait for it give up.
POSTGRESQL = {"application_name": "chorus", "connect_timeout": "5", "tcp_user_timeout": "15000"}
POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=15s -c statement_timeout=30s -c idle_in_transaction_session_timeout=5s"
)
# "chorus", as the number that all of our processes ask PostgreSQL for: whoever has it is alone.
ADVISORY_LOCK = int.from_bytes(b"chorus", "big")
# synchronous=full: with "normal" a power cut can take back the last commits, and an acknowledged question is lost.
PRAGMAS = ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=15000")


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time. Aware on the Python side, always UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class EncryptedText(TypeDecorator[str]):
    """A text that only holders of CHORUS_ENCRYPTION_KEYS can read: Fernet, the newest key writes, every key reads.

    The keys belong to one database and so ride on its dialect, where `Database` puts them.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _keys(dialect).encrypt(value.encode("utf-8", "surrogatepass"))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _keys(dialect).decrypt(value).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise WrongKey(admin.wrong_key()) from None


def _keys(dialect: Dialect) -> MultiFernet:
    keys: MultiFernet = dialect.chorus_keys  # type: ignore[attr-defined]
    return keys


class Database:
    """One database and its transactions."""

    def __init__(self, url: str, encryption_keys: tuple[str, ...]) -> None:
        self.url = make_url(url)
        self.engine = _engine(self.url, encryption_keys)
        self._writer = self.engine.execution_options(chorus_begin="immediate")

    def seal(self, text: str) -> str:
        """A text that goes out of our hands and comes back, unreadable meanwhile."""
        return _keys(self.engine.dialect).encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Raises WrongKey."""
        try:
            return _keys(self.engine.dialect).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey(admin.wrong_key()) from None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end, rolled back on an error.

        No other one runs meanwhile, in any process and on either database: what is read in it stays true until its end.
        So nothing that asks a model or another server stands in one.
        """
        with Session(self._writer) as session, session.begin():
            session.connection()  # begins; without it, a transaction begins with its first statement
            if session.get_bind().dialect.name == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            yield session

    def close(self) -> None:
        self.engine.dispose()


def inserting(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, for a table or a model."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def clock(session: Session) -> datetime:
    """The database's time, UTC: the one clock that several machines share."""
    value = session.execute(CLOCK[session.get_bind().dialect.name]).scalar_one()
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _engine(url: Any, encryption_keys: tuple[str, ...]) -> Engine:
    engine = _postgresql(url) if url.get_backend_name() != "sqlite" else _sqlite(url)
    engine.dialect.chorus_keys = MultiFernet([Fernet(key) for key in encryption_keys])  # type: ignore[attr-defined]
    return engine


def _postgresql(url: Any) -> Engine:
    options = f"{POSTGRESQL_OPTIONS} {url.query.get('options', '')}".strip()
    own = {name: value for name, value in POSTGRESQL.items() if name not in url.query} | {"options": options}
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, pool_size=16, connect_args=own)


def _sqlite(url: Any) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, hide_parameters=True, pool_size=16, connect_args={"timeout": 15})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions at moments of its own
    for pragma in PRAGMAS:
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer inside its transaction gets "database is locked" at once, whatever the time-out:
    # so writers say so at the beginning.
    mode = connection.get_execution_options().get("chorus_begin", "deferred")
    connection.exec_driver_sql(f"begin {mode}")
