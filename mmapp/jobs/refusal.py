"""What a refusal says besides why: the command to copy, since the input box was cleared."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mmapp.errors import WrongKey
from mmapp.jobs.payload import Payload
from mmapp.mattermost import render
from mmapp.models import Message
from mmapp.texts import ask as texts

REPEATED = 8_000  # characters of a question that are given back


def with_words(session: Session, request_id: str, payload: Payload, sentence: str) -> str:
    """The sentence, and below it what was typed, if it was: as a command, which has a response_url. A post's words are
    where they were, and with a reaction nothing was typed."""
    if not (payload.verb and payload.response_url):
        return sentence
    try:
        question = session.get_one(Message, request_id).text
    except WrongKey:  # why a question cannot be answered must be told even where it cannot be read any more
        return sentence
    words = question if len(question) <= REPEATED else question[:REPEATED] + "…"
    verb = "" if payload.is_summary else payload.verb  # its words begin with it
    return f"{sentence}\n{render.code_block(texts.command(verb, payload.flags, words))}"
