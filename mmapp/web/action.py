"""`POST /mattermost/action`: a pressed button. Its context is signed; who pressed it is judged now, not when it was made."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, jsonify, request

from mmapp import buttons, logs
from mmapp.chat import audience
from mmapp.commands import help as help_verb
from mmapp.commands import stop
from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.mattermost.errors import Malformed, MattermostError
from mmapp.mattermost.payloads import ActionClick
from mmapp.texts import help as help_texts
from mmapp.texts import stop as stop_texts
from mmapp.texts import trust
from mmapp.web import dialog
from mmapp.web.edge import edge

log = structlog.get_logger()

LIVES = 24 * 3600  # seconds; ephemerals with buttons are gone after a reload
blueprint = Blueprint("action", __name__)


@blueprint.post(buttons.PATH)
def action() -> Response:
    structlog.contextvars.clear_contextvars()
    click = _click()
    purpose = click.context.get("purpose")
    press = PRESSES.get(purpose) if isinstance(purpose, str) else None
    if press is None:
        raise Refused(trust.stale_button())
    signed = edge().signer.read(str(purpose), click.context.get("signed"), LIVES)
    return jsonify(press(click, str(signed.get("subject", ""))))


def trigger() -> str:
    """What opens a dialog for whoever pressed; empty where this is no press."""
    try:
        return _click().trigger_id
    except Refused:
        return ""


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
    try:
        may = bool(channel_id) and audience.may_manage(edge().client_of(bot), channel_id, click.user_id)
    except MattermostError as error:
        error_id = logs.new_error_id()
        log.warning("a right could not be asked for", error_id=error_id, why=str(error))
        raise Refused(trust.not_asked(error_id)) from None
    if not may:
        raise Refused(stop_texts.not_yours())
    with edge().database.write() as session:
        queue.stop(session, request_id)
    return {}


def _stop_newest(click: ActionClick, _subject: str) -> dict[str, object]:
    with edge().database.write() as session:
        sentence = stop.stop_newest(session, click.user_id, click.channel_id)
    return dialog.box(click.trigger_id, help_texts.stop_title(), sentence)


def _help(click: ActionClick, subject: str) -> dict[str, object]:
    text = help_texts.full(tells_root=subject != help_verb.UNTOLD)
    return dialog.box(click.trigger_id, help_texts.help_title(), text)


def _models(click: ActionClick, _subject: str) -> dict[str, object]:
    with edge().database.read() as session:
        listed = help_verb.models(session)
    return dialog.box(click.trigger_id, help_texts.models_title(), listed)


PRESSES: dict[str, Callable[[ActionClick, str], dict[str, object]]] = {
    "stop": _stop,
    "stopnewest": _stop_newest,
    "help": _help,
    "models": _models,
}
