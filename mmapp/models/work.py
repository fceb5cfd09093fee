"""What is to be done, and by whom: jobs, models, workers, how far was heard, and what was noted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mmapp.db import EncryptedText
from mmapp.models.base import MODEL_NAME, Base

A_REQUEST = text("kind IN ('admit', 'make')")


class Installation(Base):
    """Which database this is: one row, with a random id that its first migration made. `ticked_at`: when a scheduler looked
    last what is due."""

    __tablename__ = "installation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ticked_at: Mapped[datetime | None]


OPEN = ("queued", "running")  # states of a job that is not done yet


class Job(Base):
    """Something to be done once. docs/QUEUE.md has the rules; jobs/queue.py is the only writer.

    `class_` 0 is a person's, 1 background, 2 evaluation; `request_id` is the question that it serves; `model` is meant
    for its answer, also while the job still waits to be admitted. `words` are the answer so far, as the last heartbeat
    saved it; `deaths` counts engines that died over it; `estimate` and `model_seconds`, what it has taken, are in seconds
    of the model; `thread` is what its prompt begins with; `started_at` is its last claim. `parts_done` of about `parts` of
    a summary are written; a delivery brings so many `parts`, as posts, and of what is written anew they are `parts_done`
    once all are there.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "state", "queue", "run_at"),
        Index(None, "ended_at"),
        # What was asked in the last day, of a person and in a channel: counted in each acknowledgement.
        *(
            Index(
                f"ix_job_asked_{each}", f"{each}_id", "created_at", sqlite_where=A_REQUEST, postgresql_where=A_REQUEST
            )
            for each in ("person", "channel")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    queue: Mapped[str] = mapped_column(String(160))
    model: Mapped[str] = mapped_column(String(MODEL_NAME), default="")
    class_: Mapped[int] = mapped_column("class", default=0)
    person_id: Mapped[str] = mapped_column(String(26), default="")
    channel_id: Mapped[str] = mapped_column(String(26), default="")
    thread: Mapped[str] = mapped_column(String(32), default="")
    request_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    payload: Mapped[str] = mapped_column(EncryptedText)
    words: Mapped[str | None] = mapped_column(EncryptedText)
    estimate: Mapped[float] = mapped_column(default=0.0)
    model_seconds: Mapped[float] = mapped_column(default=0.0)
    parts: Mapped[int] = mapped_column(default=0)
    parts_done: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    stop: Mapped[bool] = mapped_column(default=False)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    deaths: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ModelRecord(Base):
    """What a worker has found out about a model: how it is called, whether it works, and how fast it is there.

    `leaf_tokens` is what a part of a summary reads: fixed at its first probe, since every part is kept under it. The speeds
    are what all machines have learnt from answers; `measures` what each was measured to do, by host (jobs/measured.py).
    """

    __tablename__ = "model"

    name: Mapped[str] = mapped_column(String(MODEL_NAME), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    engine: Mapped[str] = mapped_column(String(32))
    n_ctx: Mapped[int] = mapped_column(default=0)
    is_default: Mapped[bool] = mapped_column(default=False)
    fault: Mapped[str] = mapped_column(String(500), default="")
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    load_seconds: Mapped[float] = mapped_column(default=0.0)
    prefill: Mapped[float] = mapped_column(default=0.0)
    decode: Mapped[float] = mapped_column(default=0.0)
    answer_tokens: Mapped[float] = mapped_column(default=0.0)
    leaf_tokens: Mapped[int] = mapped_column(default=0)
    checksum: Mapped[dict[str, Any]] = mapped_column(default=dict)
    measures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    memory: Mapped[int] = mapped_column(BigInteger, default=0)
    architecture: Mapped[str] = mapped_column(String(32), default="")
    quantisation: Mapped[str] = mapped_column(String(32), default="")
    licence: Mapped[str] = mapped_column(String(100), default="")
    good_for: Mapped[str] = mapped_column(String(200), default="")
    concurrency: Mapped[int] = mapped_column(default=1)
    seen_at: Mapped[datetime]


class ModelAway(Base):
    """What was found out about a model that no worker has now, for when one has it again: `kept` are those fields of its
    ModelRecord that took measuring (jobs/measured.py)."""

    __tablename__ = "model_away"

    name: Mapped[str] = mapped_column(String(MODEL_NAME), primary_key=True)
    kept: Mapped[dict[str, Any]]
    gone_at: Mapped[datetime]


class WorkerRecord(Base):
    """A worker that lives, as it last said so, and the models that it has loaded."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    warm: Mapped[list[str]] = mapped_column(default=list)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Heard(Base):
    """How far a bot's listener has come: everything posted until `until` (ms, Mattermost's clock) was taken in.

    `began`: when it was started for the very first time (ms, the database's clock), and `behind`: the newest post then
    (ms, Mattermost's clock). Nothing older is meant for it.
    """

    __tablename__ = "heard"

    bot: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[int] = mapped_column(BigInteger)
    began: Mapped[int] = mapped_column(BigInteger)
    behind: Mapped[int] = mapped_column(BigInteger)


class Spent(Base):
    """A dialog that was submitted: its state is worth nothing a second time."""

    __tablename__ = "spent"

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class Node(Base):
    """Notes on a part of a summary: `key` is an HMAC of all that they were made from and of how (chat/tree.py)."""

    __tablename__ = "node"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    notes: Mapped[str] = mapped_column(EncryptedText)
    used_at: Mapped[datetime] = mapped_column(index=True)


class NodeSpan(Base):
    """When the posts of a node were made, in each channel that it has read (ms): with one of them, the node goes."""

    __tablename__ = "node_span"
    __table_args__ = (Index(None, "channel_id", "first_at"),)

    node_key: Mapped[str] = mapped_column(ForeignKey("node.key"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    first_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
