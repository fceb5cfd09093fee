"""The post that carries an answer: the question on top, the answer made harmless, what it is on the foot."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from llm.base import Finish
from mmapp import buttons
from mmapp.buttons import Button
from mmapp.chat.prompts import VERSION
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.jobs.work import Work
from mmapp.mattermost import messages, render
from mmapp.models import Message
from mmapp.signing import Signer
from mmapp.texts import ask as texts
from mmapp.texts import files as file_texts
from mmapp.texts import stop as stop_texts
from mmapp.texts.plain import label


def provenance(worker: Worker, model: str, work: Work) -> dict[str, Any]:
    """Where an answer comes from: kept with it, shown on its foot and behind the (i). Tokens, seconds, posts.

    `chosen` is for the next prompt: what this one held where not everything fitted (history.Chosen).
    """
    receipt = work.receipt
    return {
        "model": model,
        "title": worker.title(model),
        "sha256": worker.registry.sha256(model),
        "prompt": VERSION,
        "posts": receipt.read,
        "of": receipt.of,
        "cut": receipt.cut,
        "forgotten": receipt.forgotten,
        "first": receipt.first,
        "newest": receipt.newest,
        "people": list(work.people),
        **({"files": [list(one) for one in receipt.files]} if receipt.files else {}),
        **({"chosen": work.chosen.to_json()} if work.chosen else {}),
        **_counted(work.finish),
        "seconds": round(time.monotonic() - work.started, 2),
    }


def _told(provenance: dict[str, Any]) -> texts.Told:
    return texts.Told(*(provenance[name] for name in ("posts", "of", "cut", "forgotten", "first", "newest")))


def _files(provenance: dict[str, Any]) -> list[file_texts.Told]:
    return [file_texts.Told(*one) for one in provenance.get("files", ())]


def _files_foot(provenance: dict[str, Any]) -> str:
    """In italics, as the line that it belongs to: nothing in a name may end them."""
    return file_texts.foot(_files(provenance), label)


def _counted(finish: Finish | None) -> dict[str, int]:
    """Tokens, as the engine counted them at the end. An answer that was stopped or broke off has no such count."""
    return {"read": finish.read, "reused": finish.reused, "written": finish.written} if finish else {}


def text(worker: Worker, question: Message, raw: str, provenance: dict[str, Any], below: str) -> str:
    """The whole text, before it is split into posts. A command was seen by nobody but the asker: it stands on top."""
    parts = [
        "" if question.post_id else render.quote_question(question.person_name, question.text),
        render.neutralise(raw.strip(), links=_links(worker)),
        below,
        texts.foot(provenance["title"], provenance["seconds"], _told(provenance), _files_foot(provenance)),
    ]
    return "\n\n".join(filter(None, parts))


def so_far(worker: Worker, payload: Payload, question: str, raw: str, people: Collection[str]) -> str:
    """The first post of an answer that is still being written."""
    quoted = "" if payload.post_id else render.quote_question(payload.person_name, question)
    parts = [quoted, render.neutralise(raw.strip(), links=_links(worker))]
    return render.answer_posts("\n\n".join(filter(None, parts)), links=_links(worker), names=people)[0]


def props_so_far(worker: Worker, request_id: str) -> dict[str, Any]:
    """What goes with that post: whose it is, and Stop."""
    signer = Signer(worker.settings.secret_key.get_secret_value())
    stop = Button(stop_texts.button(), "stop", request_id, style="danger")
    own = {"chorus_request": request_id, "chorus_part": "0"}
    return messages.answer_props(worker.bot_id, attachments=[buttons.row(worker.settings, signer, stop)], own=own)


def pieces(worker: Worker, answer: Message) -> list[str]:
    """The posts, as few as fit, each harmless by itself: a cut can open what was closed.

    These texts create posts, so the names of the people in them must not notify either.
    """
    return render.answer_posts(answer.text, links=_links(worker), names=answer.provenance["people"])


def _links(worker: Worker) -> frozenset[str]:
    """What an answer may link to: this Mattermost."""
    return frozenset({worker.settings.mattermost_url})


def props(worker: Worker, answer: Message, asker: str, part: int, *, carded: bool = True) -> dict[str, Any]:
    """What goes with a post: whose question it answers (it is found again by that after a crash), and the card."""
    found = answer.provenance
    tokens = (found["read"], found["reused"], found["written"]) if "read" in found else None
    read = file_texts.card(_files(found), label)
    card = texts.card(found["title"], asker, _told(found), tokens, found["seconds"], files=read)
    own = {"chorus_request": answer.question_id or "", "chorus_part": str(part)}
    return messages.answer_props(worker.bot_id, card=card if carded else "", own=own)
