"""What was asked and answered, where it stands, and what people think of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mmapp.db import EncryptedText
from mmapp.models.base import MODEL_NAME, Base, new_id

IN_A_THREAD = text("root_id <> ''")


class Conversation(Base):
    """What was asked and answered about one thread.

    It lives at (bot, channel, root post) and is shared by all who may read that; a private one belongs to `person_id`
    alone. `root_id` is empty in a direct message outside threads, and until the first answer in a channel has its post.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index(None, "channel_id", "root_id", "person_id"),
        Index(None, "person_id", "bot"),
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
    `manner` is how an answer was to be written, as the model was told with its question.
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

    It is remembered as soon as it is made, which is long before the answer is whole. `state` is empty once it carries
    all of the answer that belongs there, and it "grows" while that is written. It has "begun" while nothing of that stands in
    it, or may stay in it. Where another has taken its place, or nothing came of it, it "goes" until it is deleted, or "stays":
    people have replied under it. Where the answer could not be posted, its asker was "told" it there, alone.
    """

    __tablename__ = "answer_post"

    post_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    part: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="", index=True)


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
