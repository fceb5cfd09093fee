"""`flask doctor`'s round trip: the bot submits a dialog, Mattermost carries it to Chorus, and the answer comes back.

Nothing is posted, and whatever answers must hold the same CHORUS_SECRET_KEY: what is asked is signed, and so is the
answer, in which stands which database it works with.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from mmapp.errors import Refused
from mmapp.signing import Signer

CALLBACK = "doctor"
ASKED, ANSWERED = "doctor.asked", "doctor.answered"
LIVES = 120  # seconds


@dataclass(frozen=True)
class Question:
    """One round trip; `nonce` tells its answer from an older one's."""

    nonce: str
    state: str


def ask(signer: Signer) -> Question:
    """What the bot submits."""
    nonce = secrets.token_urlsafe(12)
    return Question(nonce, signer.sign(ASKED, {"nonce": nonce}))


def answer(signer: Signer, state: object, database: str) -> str:
    """What a web process that works with this database answers. Raises Refused where the question has another key."""
    asked = signer.read(ASKED, state, LIVES)
    return signer.sign(ANSWERED, {"nonce": asked.get("nonce"), "database": database})


def database_of(signer: Signer, question: Question, answered: str) -> str | None:
    """The id of the database that the answer comes from; None where it is no answer to this question."""
    try:
        found = signer.read(ANSWERED, answered, LIVES)
    except Refused:
        return None
    return str(found.get("database", "")) if found.get("nonce") == question.nonce else None
