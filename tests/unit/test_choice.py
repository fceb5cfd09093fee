"""What is chosen, in the database."""

from __future__ import annotations

from datetime import timedelta

from mmapp import choice
from mmapp.choice import CONVERSATION, Spot
from mmapp.db import Database, clock
from mmapp.models import ModelSettings

ANN = Spot("ann", "", bot="ai")


def test_what_has_ended_goes_before_anything_is_asked(database: Database) -> None:
    with database.write() as session:
        choice.keep(session, ANN, CONVERSATION, clock(session) - timedelta(hours=9), model="tiny")
    with database.write() as session:
        choice.lapse(session, ANN.person_id, ANN.bot)
    with database.read() as session:
        assert session.get(ModelSettings, ANN.conversation) is None
