"""What is chosen, in the database: two at once."""

from __future__ import annotations

import threading
from datetime import timedelta

from mmapp import choice
from mmapp.choice import CONVERSATION, Spot
from mmapp.db import Database, clock
from mmapp.models import ModelSettings

ANN = Spot("ann", "", bot="ai")


def ask(database: Database) -> None:
    """What has ended goes before anything is asked."""
    with database.write() as session:
        choice.lapse(session, ANN.person_id, ANN.bot)


def test_what_is_chosen_anew_while_something_is_asked_stays(database: Database) -> None:
    with database.write() as session:
        choice.keep(session, ANN, CONVERSATION, clock(session) - timedelta(hours=9), model="tiny")
    asking = threading.Thread(target=ask, args=(database,))
    with database.write() as session:
        choice.keep(session, ANN, CONVERSATION, model="large")
        asking.start()
        asking.join(0.5)  # it waits; where it did not, it would have found what has ended
    asking.join(30)
    with database.read() as session:
        assert choice.kept(session, ANN, CONVERSATION).model == "large"


def test_what_has_ended_goes(database: Database) -> None:
    with database.write() as session:
        choice.keep(session, ANN, CONVERSATION, clock(session) - timedelta(hours=9), model="tiny")
    ask(database)
    with database.read() as session:
        assert session.get(ModelSettings, ANN.conversation) is None
