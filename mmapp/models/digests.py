"""Digests: what is summed up when, for whom; each time that it was due; and what of it is still open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from mmapp.db import EncryptedText
from mmapp.models.base import MODEL_NAME, Base, new_id


class Digest(Base):
    """A summary that comes again and again: of these `channels`, as `line` and `zone` say (mmapp/schedule.py).

    It is posted in `to_channel`, or where that is empty to its person alone. `window` is "last" (since the one before), or
    "day" or "week"; with fewer than `quiet` messages it is left out, never where that is 0. `kind`, `length`, `language`
    and `model` are a summary's, empty for the usual ones.

    `state` is active, paused (`why`: texts/digest_obstacles.py) or removed. `read_until`: everything posted by then has been
    told (ms, Mattermost's clock). `next_at`: the first time that nothing was planned for yet, and `next_key`, what its person's
    wall shows then ("2026-11-26T09:00"); `planned_at` is when that was reckoned, and `folds`, how many before it are made up for
    with it, the first of which was due at `first_at`. `seconds` is what the last one took; `made` and `late` are counted.
    `told`: what its person was told of it last, and need not be told again.
    """

    __tablename__ = "digest"
    __table_args__ = (Index(None, "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    bot: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str] = mapped_column(String(26), index=True)
    person_name: Mapped[str] = mapped_column(String(64))
    team_id: Mapped[str] = mapped_column(String(26), default="")
    team_name: Mapped[str] = mapped_column(String(64), default="")
    channels: Mapped[list[str]]
    to_channel: Mapped[str] = mapped_column(String(26), default="", index=True)
    line: Mapped[str] = mapped_column(String(100))
    zone: Mapped[str] = mapped_column(String(64))
    window: Mapped[str] = mapped_column(String(8), default="last")
    quiet: Mapped[int] = mapped_column(default=5)
    kind: Mapped[str] = mapped_column(String(16), default="summary")
    length: Mapped[str] = mapped_column(String(8), default="medium")
    language: Mapped[str] = mapped_column(String(40), default="")
    model: Mapped[str] = mapped_column(String(MODEL_NAME), default="")
    state: Mapped[str] = mapped_column(String(8), default="active")
    why: Mapped[str] = mapped_column(String(16), default="")
    read_until: Mapped[int] = mapped_column(BigInteger)
    next_at: Mapped[datetime]
    next_key: Mapped[str] = mapped_column(String(16))
    planned_at: Mapped[datetime]
    folds: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(default=120.0)
    made: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    told: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class DigestRun(Base):
    """One time that a digest was due, or was asked for: its request, and what became of it.

    `key` is that moment in the world ("2026-11-26T09:00Z"), whatever a wall shows then, or of one that was asked for a word of
    its own; one that was taken back leaves its moment to another. `folds`: so many times before it, that nobody was there to
    keep, are made up for by it, and `first_at` is when the first of them was due, `due_at` without any. `since` and `until`:
    what it reads (ms, by create_at; 0 until it is prepared). `state`: planned, posted, quiet, failed, stopped, or folded into a
    later one. `preview`: for its person alone, and the next one reads all that again.
    """

    __tablename__ = "digest_run"
    __table_args__ = (
        Index("uq_digest_run_key", "digest_id", "key", unique=True),
        Index(None, "state", "ended_at"),
    )

    request_id: Mapped[str] = mapped_column(ForeignKey("message.id"), primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"))
    key: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime]
    folds: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    preview: Mapped[bool] = mapped_column(default=False)
    since: Mapped[int] = mapped_column(BigInteger, default=0)
    until: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(8), default="planned")
    ended_at: Mapped[datetime | None]

    @hybrid_property
    def typed(self) -> bool:
        """Whether somebody has asked for it, and no time has come. Of what was taken back that is not known any more."""
        return not self.key[:1].isdigit()

    @typed.inplace.expression
    @classmethod
    def _typed(cls) -> ColumnElement[bool]:
        return ~cls.key.regexp_match("^[0-9]")


class DigestItem(Base):
    """A task or a question of a digest, told again in the next ones until it is done: `section` todo or open, in `words`.

    `post_id` is the message that says it, of that person, channel, thread (`root_id`, empty for its root) and time (ms);
    `edited_at` is when that had been edited last, as it was read (ms, 0 for never). `request_id` is the digest that told it
    first. `done_by` has closed it, by Done…, or with the emoji `done_with` under that message.
    """

    __tablename__ = "digest_item"
    __table_args__ = (Index(None, "digest_id", "done_at"), Index(None, "channel_id", "post_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digest.id"))
    request_id: Mapped[str] = mapped_column(ForeignKey("digest_run.request_id"), index=True)
    section: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(EncryptedText)
    person_id: Mapped[str] = mapped_column(String(26))
    channel_id: Mapped[str] = mapped_column(String(26))
    post_id: Mapped[str] = mapped_column(String(26), index=True)
    root_id: Mapped[str] = mapped_column(String(26), default="", index=True)
    post_at: Mapped[int] = mapped_column(BigInteger)
    edited_at: Mapped[int] = mapped_column(BigInteger, default=0)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(String(26), default="")
    done_with: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
