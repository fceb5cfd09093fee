"""The least that can acknowledge anything: a Flask view that reads a form and commits one row, without an ORM.

gunicorn 'tests.bench.bare_view:create_app()'        under the very configuration that serves Chorus
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import make_url

from mmapp import config
from mmapp.db import PRAGMAS

TABLE = "create table if not exists said (id integer primary key, text text not null)"
SAY = "insert into said (text) values (?)"
POSTGRES_TABLE = "create table if not exists said (id bigserial primary key, text text not null)"


def create_app() -> Flask:
    """One connection a thread, as a pool would give it; the database is the one of CHORUS_DATABASE_URL."""
    app, threads = Flask("bare"), threading.local()
    connect = _connecting(config.load(_env_file=None).database)
    connect()

    @app.post("/say")
    def say() -> Response:
        if not hasattr(threads, "commit"):
            threads.commit = connect()
        threads.commit(request.form["text"])
        return jsonify({})

    return app


def _connecting(url: str) -> Callable[[], Callable[[str], Any]]:
    return _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgres(url)


def _sqlite(url: str) -> Callable[[], Callable[[str], Any]]:
    def connect() -> Callable[[str], Any]:
        # Without an isolation level each statement is a transaction of its own, and committed when it returns.
        connection = sqlite3.connect(make_url(url).database or "", timeout=15, isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        connection.execute(TABLE)
        return lambda text: connection.execute(SAY, (text,))

    return connect


def _postgres(url: str) -> Callable[[], Callable[[str], Any]]:
    import psycopg

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def connect() -> Callable[[str], Any]:
        connection = psycopg.connect(plain, autocommit=True)
        connection.execute(POSTGRES_TABLE)
        return lambda text: connection.execute(SAY.replace("?", "%s"), (text,))

    return connect
