"""The tables. Everything that people said or were told is encrypted; ids of Mattermost are as it gives them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from mmapp.db import EncryptedText, UTCDateTime

IN_A_THREAD = text("root_id <> ''")
A_REQUEST = text("kind = 'admit'")
MODEL_NAME = 128  # characters


def new_id() -> str:
    return uuid.uuid4().hex


class Base(DeclarativeBase):
    # Named constraints, so that a migration can change them on both databases.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to say it
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class Conversation(Base):
    """What was asked and answered about one thread.

    It lives at (bot, channel, root post) and is shared by all who may read that; a private one belongs to `person_id`
    alone. `root_id` is empty in a direct message outside threads, and until the first answer in a channel has its post.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index(None, "channel_id", "root_id", "person_id"),
        # Two first questions in one thread at once must not begin two conversations, which know nothing of each other.
        Index(
            "uq_conversation_thread",
            *("bot", "channel_id", "root_id", "person_id"),
            unique=True,
            sqlite_where=IN_A_THREAD,
            postgresql_where=IN_A_THREAD,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    bot: Mapped[str] = mapped_column(String(64))
    channel_id: Mapped[str] = mapped_column(String(26))
    root_id: Mapped[str] = mapped_column(String(26), default="")
    person_id: Mapped[str] = mapped_column(String(26), default="")
    created_at: Mapped[datetime]


class Message(Base):
    """A question, or the answer to one.

    `raw` is an answer's text as the model wrote it, which is what the model meets again; `text` is what was posted.
    `read_until` is the create_at (ms) of the newest post that the answer has read: its place among the thread's posts.
    `bot` is the one that a question was put to. `post_id` is the post that it was asked with: empty for a command, which
    is none; who asks two bots in one post asks two questions. `marked`: that post has, or is to have, the bot's hourglass.
    `manner` is how a question was to be answered, as the model was told with it.
    `deleted`: its words are gone, or about to go, and nothing of it is posted. `rewriting`: an answer that is being written
    anew, and whether its post says so (jobs/rewrite.py).
    """

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    question_id: Mapped[str | None] = mapped_column(ForeignKey("message.id"), unique=True)
    role: Mapped[str] = mapped_column(String(8))
    bot: Mapped[str] = mapped_column(String(64), default="")
    person_id: Mapped[str] = mapped_column(String(26))
    person_name: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(EncryptedText)
    raw: Mapped[str] = mapped_column(EncryptedText, default="")
    manner: Mapped[str] = mapped_column(EncryptedText, default="")
    read_until: Mapped[int] = mapped_column(BigInteger, default=0)
    post_id: Mapped[str] = mapped_column(String(26), default="", index=True)
    marked: Mapped[bool] = mapped_column(default=False, index=True)
    deleted: Mapped[bool] = mapped_column(default=False)
    rewriting: Mapped[str] = mapped_column(String(8), default="", index=True)
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class AnswerPost(Base):
    """A post of ours and the question whose answer it carries; a long answer has several, counted by `part` from 0.

    It is remembered as soon as it is made, which is long before the answer is whole. `state` is empty while it carries the
    answer. Where another has taken its place, it "goes" until it is deleted, or "stays": people have replied under it. Where
    the answer could not be posted, its asker was "told" it there, alone.
    """

    __tablename__ = "answer_post"

    post_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    part: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="")


class Job(Base):
    """Something to be done once. docs/QUEUE.md has the rules; jobs/queue.py is the only writer.

    `class_` 0 is a person's, 1 background, 2 evaluation; `request_id` is the question that it serves; `model` is meant
    for its answer, also while the job still waits to be admitted. `words` are the answer so far, as the last heartbeat
    saved it; `deaths` counts engines that died over it; `estimate` and `model_seconds`, what it has taken, are in seconds
    of the model; `thread` is what its prompt begins with; `started_at` is its last claim. `parts_done` of about `parts` of
    a summary are written.
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


class Installation(Base):
    """Which database this is: one row, with a random id that its first migration made."""

    __tablename__ = "installation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)


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


class PersonSettings(Base):
    """What one person has set. `fresh_at`: since `/ai new`, nothing earlier belongs to the direct conversation.

    `private`: answers to commands come by direct message; `note_when_late`: a direct message when an answer in a channel
    took more than a minute; `thumbs`: the bot puts 👍 and 👎 under this person's answers; `silence`: so many hours of it
    end the direct conversation, 0 for never. `member_of`: a channel that is on and that the person was found in: where to
    look first, and no more than that. `unread`: this person's posts are read for nobody.
    """

    __tablename__ = "person_settings"

    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    fresh_at: Mapped[datetime | None]
    private: Mapped[bool]
    note_when_late: Mapped[bool]
    thumbs: Mapped[bool]
    silence: Mapped[int]
    member_of: Mapped[str] = mapped_column(String(26))
    unread: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def of(cls, session: Session, person_id: str) -> Self:
        """This person's, or the usual ones, which are not saved yet."""
        usual = {
            "private": False,
            "note_when_late": True,
            "thumbs": True,
            "silence": 8,
            "member_of": "",
            "unread": False,
        }
        return session.get(cls, person_id) or cls(person_id=person_id, **usual)


class Rating(Base):
    """What one person thinks of one answer: `value` 1 or -1, by a thumb or in a dialog, and perhaps the reason.

    `model` is the one that had written the answer then: one that is written anew may be another's.
    """

    __tablename__ = "rating"

    request_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    value: Mapped[int]
    reason: Mapped[str] = mapped_column(EncryptedText, default="")
    model: Mapped[str] = mapped_column(String(MODEL_NAME))
    rated_at: Mapped[datetime]


class Spent(Base):
    """A dialog that was submitted: its state is worth nothing a second time."""

    __tablename__ = "spent"

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class ChannelSettings(Base):
    """What a channel's admins have set, by `/ai on` and `/ai off`.

    `public`: who may have the bot post there: everyone, admins, nobody. `set_at` is when what holds was typed, so that
    what was typed last holds, in whatever order it is done.
    """

    __tablename__ = "channel_settings"

    channel_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    on: Mapped[bool] = mapped_column(default=False)
    public: Mapped[str] = mapped_column(String(8), default="everyone")
    set_by: Mapped[str] = mapped_column(String(26))
    set_at: Mapped[datetime]


class ModelSettings(Base):
    """Which model answers, how, and which may: of a conversation, a person, a channel, a team, or everyone (choice.py).

    `owner_id` is the id of that; empty fields leave it to the next of them. `length` is short or long. Only a channel's, a
    team's and everyone's have `allowed` (empty: all) and `blocked` models.
    """

    __tablename__ = "model_settings"

    owner_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    model: Mapped[str] = mapped_column(String(MODEL_NAME), default="")
    instructions: Mapped[str] = mapped_column(EncryptedText, default="")
    temperature: Mapped[float | None]
    length: Mapped[str] = mapped_column(String(8), default="")
    language: Mapped[str] = mapped_column(String(40), default="")
    allowed: Mapped[list[str]] = mapped_column(default=list)
    blocked: Mapped[list[str]] = mapped_column(default=list)
    set_by: Mapped[str] = mapped_column(String(26))
    set_at: Mapped[datetime]


class ClosedChannel(Base):
    """A channel of which nothing is read for anybody, as its admins want it (`/ai privacy`), on or off."""

    __tablename__ = "closed_channel"

    channel_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    closed_by: Mapped[str] = mapped_column(String(26))
    closed_at: Mapped[datetime]


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


class SavedPrompt(Base):
    """A wish for summaries in somebody's own words, under a name: a person's, or a channel's for everyone there.

    `owner_id` is the person's or the channel's id.
    """

    __tablename__ = "saved_prompt"

    owner_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(EncryptedText)
    saved_by: Mapped[str] = mapped_column(String(26))
    saved_at: Mapped[datetime]
