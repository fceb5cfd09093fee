"""What people and admins have set."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from mmapp.db import EncryptedText
from mmapp.models.base import MODEL_NAME, Base


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
    zone: Mapped[str] = mapped_column(String(64), default="")

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
            "zone": "",
        }
        return session.get(cls, person_id) or cls(person_id=person_id, **usual)


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

    `owner_id` is the id of that; empty fields leave it to the next of them. `length` is short, medium or long. Only a
    channel's, a team's and everyone's have `allowed` (empty: all) and `blocked` models, and the latter two nothing but these
    and a model. `set_by` is empty where nothing is set any more: of a thread's, the time stays for a while.
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
