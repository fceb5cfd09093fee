"""What people think of answers, for whoever wants to choose models by it: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from mmapp.db import Database
from mmapp.models import Message, Rating

BATCH = 200  # rows that are decrypted at a time


def count(database: Database) -> int:
    """How many there are."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Rating)) or 0


def ratings(database: Database, *, words: bool = False) -> Iterator[dict[str, Any]]:
    """Each opinion, in order of time, with what is known of its answer; `words`: with question and answer.

    `sha256`, `prompt` and `seconds` are those of the answer as it is now, where the model is still the one that was rated.
    """
    question, answer = aliased(Message), aliased(Message)
    rows = (
        select(Rating, question, answer)
        .join(question, question.id == Rating.request_id)
        .join(answer, answer.question_id == Rating.request_id)
        .order_by(Rating.rated_at, Rating.request_id, Rating.person_id)
    )
    with database.read() as session:
        for rating, asked, answered in session.execute(rows.execution_options(yield_per=BATCH)):
            yield _line(rating, answered) | ({"question": asked.text, "answer": answered.raw} if words else {})


def _line(rating: Rating, answer: Message) -> dict[str, Any]:
    found: dict[str, Any] = {
        "request": rating.request_id,
        "by": rating.person_id,
        "at": rating.rated_at.isoformat(timespec="seconds"),
        "value": rating.value,
        "reason": rating.reason,
        "model": rating.model,
    }
    same = answer.provenance.get("model") == rating.model
    return found | ({name: answer.provenance[name] for name in ("sha256", "prompt", "seconds")} if same else {})
