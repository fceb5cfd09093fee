"""The post that carries an answer: the question on top, the answer made harmless, what it is on the foot."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from llm.base import Finish
from mmapp import buttons, items
from mmapp.buttons import Button
from mmapp.chat import provenance as where
from mmapp.chat.prompts import VERSION
from mmapp.chat.source import Origin
from mmapp.jobs import pages
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.jobs.work import Receipt, Work
from mmapp.mattermost import messages, render
from mmapp.models import Message
from mmapp.signing import Signer
from mmapp.texts import digest_post as digest_texts
from mmapp.texts import more as more_texts
from mmapp.texts import stop as stop_texts
from mmapp.texts import summarize as summary_texts


def provenance(worker: Worker, payload: Payload, model: str, work: Work, heard: Origin) -> dict[str, Any]:
    """Where an answer comes from; `heard`: what was made of that which was answered before it."""
    origin = Origin.joined([read_from(payload, work.authors), heard])
    return {
        **known_of(worker, model, VERSION, work.receipt, work.people, origin),
        **stood_in(worker, payload),
        **({"manner": payload.manner["origins"]} if payload.manner.get("origins") else {}),
        **({"chosen": work.chosen.to_json()} if work.chosen else {}),
        **_counted(work.finish),
        "seconds": round(time.monotonic() - work.started, 2),
    }


def stood_in(worker: Worker, payload: Payload) -> dict[str, str]:
    """The model in whose place another has answered."""
    return {"instead_of": worker.title(payload.instead_of)} if payload.instead_of else {}


def known_of(
    worker: Worker, model: str, prompt: str, receipt: Receipt, people: Collection[str], origin: Origin
) -> dict[str, Any]:
    """What is kept with an answer or a summary, shown on its foot and behind the (i). Tokens, seconds, posts.

    `sources` are the channels whose posts were read: who may read these may read the answer; `authors` the people whose
    posts they were. `people` are the names in it. `chosen` is for the next prompt: what this one held where not everything
    fitted (history.Chosen).
    """
    return {
        "model": model,
        "title": worker.title(model),
        "sha256": worker.registry.sha256(model),
        "prompt": prompt,
        "posts": receipt.read,
        "of": receipt.of,
        "cut": receipt.cut,
        "forgotten": receipt.forgotten,
        "first": receipt.first,
        "newest": receipt.newest,
        "people": list(people),
        **origin.to_json(),
        **({"files": [list(one) for one in receipt.files]} if receipt.files else {}),
        **({"left_out": list(receipt.left_out)} if receipt.left_out else {}),
    }


def read_from(payload: Payload, authors: frozenset[str] | None) -> Origin:
    """Without the asker's own direct message with the bot: what is said there is the asker's to tell."""
    channels = {source.channel_id for source in payload.sources}
    told = frozenset(channels - {payload.to_channel} if payload.direct else channels)
    return Origin(told, authors if told else frozenset())


def _counted(finish: Finish | None) -> dict[str, int]:
    """Tokens, as the engine counted them at the end. An answer that was stopped or broke off has no such count."""
    return {"read": finish.read, "reused": finish.reused, "written": finish.written} if finish else {}


def text(worker: Worker, question: Message, raw: str, provenance: dict[str, Any], below: str) -> str:
    """The whole text, before it is split into posts. A command was seen by nobody but the asker: it stands on top."""
    parts = [
        "" if question.post_id else render.quote_question(question.person_name, question.text),
        render.neutralise(raw.strip(), links=_links(worker)),
        below,
        where.foot(provenance),
    ]
    return "\n\n".join(filter(None, parts))


def so_far(worker: Worker, payload: Payload, question: str, raw: str, people: Collection[str]) -> str:
    """The first post of an answer that is still being written."""
    quoted = "" if payload.post_id else render.quote_question(payload.person_name, question)
    parts = [quoted, render.neutralise(raw.strip(), links=_links(worker))]
    return render.answer_posts("\n\n".join(filter(None, parts)), links=_links(worker), names=people)[0]


def props_so_far(worker: Worker, request_id: str) -> dict[str, Any]:
    """What goes with that post: whose it is, and Stop."""
    stop = Button(stop_texts.button(), "stop", request_id, style="danger")
    row = buttons.row(worker.settings, _signer(worker), stop)
    return messages.answer_props(worker.bot_id, attachments=[row], own=_own(request_id, 0))


def pieces(worker: Worker, answer: Message) -> list[str]:
    """The posts, as few as fit, each harmless by itself: a cut can open what was closed. What is done of a digest is ticked.

    These texts create posts, so the names of the people in them must not notify either.
    """
    told = pages.items(answer.text)
    with worker.database.read() as session:
        done = items.done_among(session, told)
    names = answer.provenance["people"]
    found = (render.answer_posts(page, links=_links(worker), names=names) for page in pages.split(answer.text, done))
    return [post for posts in found for post in posts]


def is_digest(answer: Message) -> bool:
    """Whether its first post is all of it that needs to be read: what else there is hangs below that."""
    return "of_digest" in answer.provenance


def main_part(answer: Message, last: int) -> int:
    """Which of its posts has the buttons: the last one, of a digest the first."""
    return 0 if is_digest(answer) else last


def headline(answer: Message, part: int) -> str:
    """What this post of a summary is made with; empty for an answer, whose first sentence says more."""
    found, messages = answer.provenance.get("summary"), answer.provenance["posts"]
    if found is None or (part and not is_digest(answer)):
        return ""
    if part:
        return digest_texts.rest()
    when = str(found["when"])
    return digest_texts.headline(messages, when) if is_digest(answer) else summary_texts.headline(messages, when)


def _links(worker: Worker) -> frozenset[str]:
    """What an answer may link to: this Mattermost."""
    return frozenset({worker.settings.mattermost_url})


def props(worker: Worker, answer: Message, asker: str, part: int, *, main: bool, carded: bool = True) -> dict[str, Any]:
    """What goes with a post: whose question it answers (it is found again by that after a crash), the card, and where it is
    the `main` one the button to all that can be done with the answer."""
    request_id = answer.question_id or ""
    card = where.card(answer.provenance, asker) if carded else ""
    row = [buttons.row(worker.settings, _signer(worker), *_buttons(worker, answer))] if main else []
    return messages.answer_props(worker.bot_id, card=card, attachments=row, own=_own(request_id, part))


def _buttons(worker: Worker, answer: Message) -> list[Button]:
    """Done… where something of a digest is open, and More…"""
    request_id = answer.question_id or ""
    more = Button(more_texts.button(), "more", request_id)
    if not is_digest(answer):
        return [more]
    with worker.database.read() as session:
        is_open = items.any_open(session, request_id)
    return [Button(digest_texts.button(), "done", request_id), more] if is_open else [more]


def props_bare(worker: Worker, request_id: str, part: int) -> dict[str, Any]:
    """What goes with a post in which no answer stands: whose it is."""
    return messages.answer_props(worker.bot_id, own=_own(request_id, part))


def props_rewriting(worker: Worker, answer: Message, asker: str, part: int) -> dict[str, Any]:
    """What goes with an answer's last post while it is written anew: its words stay, and Stop is at hand."""
    request_id = answer.question_id or ""
    stop = Button(stop_texts.button(), "stop", request_id, style="danger")
    row = buttons.row(worker.settings, _signer(worker), stop, text=more_texts.rewriting())
    card = where.card(answer.provenance, asker)
    return messages.answer_props(worker.bot_id, card=card, attachments=[row], own=_own(request_id, part))


def _own(request_id: str, part: int) -> dict[str, str]:
    return {"chorus_request": request_id, "chorus_part": str(part)}


def _signer(worker: Worker) -> Signer:
    return Signer(worker.settings.secret_key.get_secret_value())
