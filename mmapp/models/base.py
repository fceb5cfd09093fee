"""What all tables have in common."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

from mmapp.db import UTCDateTime

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
