"""`POST /mattermost/action`: a pressed button. Its context is signed; who pressed it is judged now, not when it was made."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, jsonify, request

from mmapp import buttons
from mmapp.commands import choosing, digest, model_filled, stop
from mmapp.commands import help as help_verb
from mmapp.commands.invocation import Invocation
from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.mattermost.errors import Malformed
from mmapp.mattermost.incoming import ActionClick
from mmapp.texts import help as help_texts
from mmapp.texts import stop as stop_texts
from mmapp.texts import trust
from mmapp.web import dialog, done, more, rights
from mmapp.web.edge import edge

A_DAY = 24 * 3600  # seconds; ephemerals with buttons are gone after a reload
FOR_EVER = float("inf")  # a post keeps its buttons; rights are judged at each click
UNDER_POSTS = ("more", "done")
blueprint = Blueprint("action", __name__)


@blueprint.post(buttons.PATH)
def action() -> Response:
    structlog.contextvars.clear_contextvars()
    click = _click()
    purpose = click.context.get("purpose")
    press = PRESSES.get(purpose) if isinstance(purpose, str) else None
    if press is None:
        raise Refused(trust.stale_button())
    lives = FOR_EVER if purpose in UNDER_POSTS else A_DAY
    signed = edge().signer.read(str(purpose), click.context.get("signed"), lives)
    return jsonify(press(click, str(signed.get("subject", ""))))


def refused(text: str) -> dict[str, object]:
    """Told to whoever pressed, as a click's private answer; where this is no press, to nobody in particular."""
    try:
        return dialog.box(_click(), trust.refused_title(), text)
    except Refused:
        return {"ephemeral_text": text, "skip_slack_parsing": True}


def _click() -> ActionClick:
    try:
        return ActionClick.from_json(request.get_json(silent=True))
    except Malformed:
        raise Refused(trust.unreadable()) from None


def _stop(click: ActionClick, request_id: str) -> dict[str, object]:
    """Answered to who asked by the command's response_url: a dialog would stand in the way of what comes next."""
    with edge().database.read() as session:
        asker, bot, channel_id = stop.whose(session, request_id)
    if click.user_id != asker:
        return _stop_another_s(click, request_id, bot, channel_id)
    with edge().database.write() as session:
        sentence = stop.stop_one(session, request_id, click.user_id, click.channel_id)
        queue.tell(session, request_id, sentence, pressed=True)
    return {}


def _stop_another_s(click: ActionClick, request_id: str, bot: str, channel_id: str) -> dict[str, object]:
    """By an admin of the channel; everybody sees what came of it under the answer."""
    if not (channel_id and rights.may_manage(bot, channel_id, click.user_id)):
        raise Refused(stop_texts.not_yours())
    with edge().database.write() as session:
        queue.stop(session, request_id)
    return {}


def _stop_newest(click: ActionClick, _subject: str) -> dict[str, object]:
    with edge().database.write() as session:
        sentence = stop.stop_newest(session, click.user_id, click.channel_id)
    return dialog.box(click, help_texts.stop_title(), sentence)


def _help(click: ActionClick, subject: str) -> dict[str, object]:
    text = help_texts.full(edge().settings.bot[0], tells_root=subject != help_verb.UNTOLD)
    return dialog.box(click, help_texts.help_title(), text)


def _models(click: ActionClick, subject: str) -> dict[str, object]:
    """As they are where the buttons were asked for."""
    invocation, _ = Invocation.unsealed(edge().settings, edge().database, subject)
    if invocation.person_id != click.user_id:
        raise Refused(trust.stale_button())
    with edge().database.read() as session:
        found = choosing.models(session, invocation)
    return dialog.box(click, help_texts.models_title(), found.list())


def _model_more(click: ActionClick, subject: str) -> dict[str, object]:
    """The second dialog of `/ai model`, for who has had the first."""
    return dialog.answer(click, model_filled.more_opened(edge().settings, edge().database, subject, click.user_id))


def _digest_more(click: ActionClick, subject: str) -> dict[str, object]:
    """The second dialog of `/ai digest`, for who has had the first."""
    return dialog.answer(click, digest.more_opened(edge().settings, edge().database, subject, click.user_id))


def _more(click: ActionClick, request_id: str) -> dict[str, object]:
    return dialog.answer(click, more.dialog(click, request_id))


def _done(click: ActionClick, request_id: str) -> dict[str, object]:
    return dialog.answer(click, done.dialog(click, request_id))


PRESSES: dict[str, Callable[[ActionClick, str], dict[str, object]]] = {
    "stop": _stop,
    "stopnewest": _stop_newest,
    "help": _help,
    "models": _models,
    "modelmore": _model_more,
    "digestmore": _digest_more,
    "more": _more,
    "done": _done,
}
