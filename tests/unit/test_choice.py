"""What is chosen, in the database."""

from __future__ import annotations

from datetime import timedelta

from mmapp import choice
from mmapp.choice import CONVERSATION, Spot
from mmapp.db import Database, clock
from mmapp.models import ModelSettings

ANN = Spot("ann", "", bot="ai")
THREAD = Spot("ann", "town", thread="town:root")


def test_what_has_ended_goes_before_anything_is_asked(database: Database) -> None:
    with database.write() as session:
        choice.keep(session, ANN, CONVERSATION, clock(session) - timedelta(hours=9), model="tiny")
    with database.write() as session:
        choice.lapse(session, ANN.person_id, ANN.bot)
    with database.read() as session:
        assert session.get(ModelSettings, ANN.conversation) is None


def test_of_a_thread_s_that_was_taken_back_the_time_alone_stays_until_it_is_swept(database: Database) -> None:
    with database.write() as session:
        choice.keep(session, THREAD, CONVERSATION, model="large")
        assert choice.of_threads(session) == {"town"}
        choice.forget(session, THREAD, CONVERSATION)
        assert choice.of_threads(session) == frozenset()
        left = choice.kept(session, THREAD, CONVERSATION)
        assert (left.model, left.set_by, left.set_at is None) == ("", "", False)
    choice.sweep(database)
    with database.read() as session:
        assert session.get(ModelSettings, THREAD.conversation) is None
