"""The schema that the migrations make, column by column: the one that the tables in mmapp/models describe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from mmapp.db import Database
from mmapp.models import Base, Conversation

POSTGRESQL = {"DATETIME": "TIMESTAMP", "BLOB": "BYTEA", "DOUBLE": "DOUBLE PRECISION"}
# As SQLite names the types. `?` may be null.
TABLES = {
    "alembic_version": ["version_num VARCHAR(32)"],
    "answer_post": ["post_id VARCHAR(26)", "request_id VARCHAR(32)", "part INTEGER", "state VARCHAR(8)"],
    "channel_settings": [
        "channel_id VARCHAR(26)",
        "on BOOLEAN",
        "public VARCHAR(8)",
        "set_by VARCHAR(26)",
        "set_at DATETIME",
    ],
    "closed_channel": ["channel_id VARCHAR(26)", "closed_by VARCHAR(26)", "closed_at DATETIME"],
    "conversation": [
        "id VARCHAR(32)",
        "bot VARCHAR(64)",
        "channel_id VARCHAR(26)",
        "root_id VARCHAR(26)",
        "person_id VARCHAR(26)",
        "created_at DATETIME",
    ],
    "digest": [
        "id INTEGER",
        "bot VARCHAR(64)",
        "person_id VARCHAR(26)",
        "person_name VARCHAR(64)",
        "team_id VARCHAR(26)",
        "team_name VARCHAR(64)",
        "channels JSON",
        "to_channel VARCHAR(26)",
        "line VARCHAR(100)",
        "zone VARCHAR(64)",
        "window VARCHAR(8)",
        "quiet INTEGER",
        "kind VARCHAR(16)",
        "length VARCHAR(8)",
        "language VARCHAR(40)",
        "model VARCHAR(128)",
        "state VARCHAR(8)",
        "why VARCHAR(16)",
        "read_until BIGINT",
        "next_at DATETIME",
        "next_key VARCHAR(16)",
        "planned_at DATETIME",
        "folds INTEGER",
        "first_at DATETIME?",
        "seconds DOUBLE",
        "made INTEGER",
        "late INTEGER",
        "told VARCHAR(200)",
        "created_at DATETIME",
    ],
    "digest_item": [
        "id VARCHAR(32)",
        "digest_id INTEGER",
        "request_id VARCHAR(32)",
        "section VARCHAR(8)",
        "words BLOB",
        "person_id VARCHAR(26)",
        "channel_id VARCHAR(26)",
        "post_id VARCHAR(26)",
        "root_id VARCHAR(26)",
        "post_at BIGINT",
        "edited_at BIGINT",
        "done_at DATETIME?",
        "done_by VARCHAR(26)",
        "done_with VARCHAR(64)",
        "created_at DATETIME",
    ],
    "digest_run": [
        "request_id VARCHAR(32)",
        "digest_id INTEGER",
        "key VARCHAR(40)",
        "due_at DATETIME",
        "folds INTEGER",
        "first_at DATETIME",
        "preview BOOLEAN",
        "since BIGINT",
        "until BIGINT",
        "state VARCHAR(8)",
        "ended_at DATETIME?",
    ],
    "installation": ["id VARCHAR(32)", "ticked_at DATETIME?"],
    "job": [
        "id INTEGER",
        "kind VARCHAR(16)",
        "queue VARCHAR(160)",
        "model VARCHAR(128)",
        "class INTEGER",
        "person_id VARCHAR(26)",
        "channel_id VARCHAR(26)",
        "thread VARCHAR(32)",
        "request_id VARCHAR(32)",
        "payload BLOB",
        "words BLOB?",
        "estimate DOUBLE",
        "model_seconds DOUBLE",
        "parts INTEGER",
        "parts_done INTEGER",
        "state VARCHAR(16)",
        "stop BOOLEAN",
        "run_at DATETIME",
        "attempts INTEGER",
        "max_attempts INTEGER",
        "deaths INTEGER",
        "lease_token VARCHAR(32)?",
        "lease_until DATETIME?",
        "dedupe_key VARCHAR(200)?",
        "created_at DATETIME",
        "started_at DATETIME?",
        "ended_at DATETIME?",
    ],
    "message": [
        "id VARCHAR(32)",
        "conversation_id VARCHAR(32)?",
        "question_id VARCHAR(32)?",
        "role VARCHAR(8)",
        "bot VARCHAR(64)",
        "person_id VARCHAR(26)",
        "person_name VARCHAR(64)",
        "text BLOB",
        "raw BLOB",
        "manner BLOB",
        "read_until BIGINT",
        "post_id VARCHAR(26)",
        "marked BOOLEAN",
        "deleted BOOLEAN",
        "rewriting VARCHAR(8)",
        "provenance JSON",
        "created_at DATETIME",
    ],
    "model": [
        "name VARCHAR(128)",
        "title VARCHAR(200)",
        "engine VARCHAR(32)",
        "n_ctx INTEGER",
        "is_default BOOLEAN",
        "fault VARCHAR(500)",
        "failures INTEGER",
        "retry_at DATETIME?",
        "load_seconds DOUBLE",
        "prefill DOUBLE",
        "decode DOUBLE",
        "answer_tokens DOUBLE",
        "leaf_tokens INTEGER",
        "checksum JSON",
        "measures JSON",
        "size BIGINT",
        "memory BIGINT",
        "architecture VARCHAR(32)",
        "quantisation VARCHAR(32)",
        "licence VARCHAR(100)",
        "good_for VARCHAR(200)",
        "concurrency INTEGER",
        "seen_at DATETIME",
    ],
    "model_away": ["name VARCHAR(128)", "kept JSON", "gone_at DATETIME"],
    "model_settings": [
        "owner_id VARCHAR(100)",
        "model VARCHAR(128)",
        "instructions BLOB",
        "temperature DOUBLE?",
        "length VARCHAR(8)",
        "language VARCHAR(40)",
        "allowed JSON",
        "blocked JSON",
        "set_by VARCHAR(26)",
        "set_at DATETIME",
    ],
    "node": ["key VARCHAR(64)", "notes BLOB", "used_at DATETIME"],
    "node_span": ["node_key VARCHAR(64)", "channel_id VARCHAR(26)", "first_at BIGINT", "last_at BIGINT"],
    "heard": ["bot VARCHAR(64)", "until BIGINT", "began BIGINT", "behind BIGINT"],
    "person_settings": [
        "person_id VARCHAR(26)",
        "fresh_at DATETIME?",
        "private BOOLEAN",
        "note_when_late BOOLEAN",
        "thumbs BOOLEAN",
        "silence INTEGER",
        "member_of VARCHAR(26)",
        "unread BOOLEAN",
        "zone VARCHAR(64)",
    ],
    "rating": [
        "request_id VARCHAR(32)",
        "person_id VARCHAR(26)",
        "value INTEGER",
        "reason BLOB",
        "model VARCHAR(128)",
        "rated_at DATETIME",
    ],
    "saved_prompt": [
        "owner_id VARCHAR(26)",
        "name VARCHAR(40)",
        "text BLOB",
        "saved_by VARCHAR(26)",
        "saved_at DATETIME",
    ],
    "spent": ["nonce VARCHAR(32)", "spent_at DATETIME"],
    "worker": [
        "id VARCHAR(32)",
        "host VARCHAR(255)",
        "pid INTEGER",
        "warm JSON",
        "started_at DATETIME",
        "seen_at DATETIME",
    ],
}


def test_the_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_tables_are_these(database: Database) -> None:
    assert sorted(inspect(database.engine).get_table_names()) == sorted(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_s_columns_are_these(database: Database, table: str) -> None:
    columns = inspect(database.engine).get_columns(table)
    wanted = TABLES[table]
    if database.engine.dialect.name == "postgresql":
        wanted = [_on_postgresql(column) for column in wanted]
    assert [f"{each['name']} {each['type']}{'?' * each['nullable']}" for each in columns] == wanted


def _on_postgresql(column: str) -> str:
    name, kind = column.split(" ")
    plain = kind.removesuffix("?")
    return f"{name} {POSTGRESQL.get(plain, plain)}{kind[len(plain) :]}"


def test_times_are_stored_with_their_zone_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        return  # SQLite has no type for it: mmapp/db.py writes UTC
    columns = [each for table in TABLES for each in inspect(database.engine).get_columns(table)]
    assert all(each["type"].timezone for each in columns if str(each["type"]) == "TIMESTAMP")


def conversation(root_id: str, person_id: str = "", bot: str = "ai") -> Conversation:
    return Conversation(bot=bot, channel_id="c", root_id=root_id, person_id=person_id, created_at=datetime.now(UTC))


def test_a_thread_has_one_conversation_of_all_and_one_of_each_person(database: Database) -> None:
    with database.write() as session:
        session.add_all(conversation("root", person) for person in ("", "ann", "bob"))
        session.add(conversation("root", bot="other"))
    for person in ("", "ann"):
        with pytest.raises(IntegrityError), database.write() as session:
            session.add(conversation("root", person))


def test_outside_threads_there_are_as_many_conversations_as_people_begin(database: Database) -> None:
    with database.write() as session:
        session.add_all([conversation(""), conversation(""), conversation("", "ann"), conversation("", "ann")])
