"""`POST /mattermost/dialog`, and the boxes that answer a click privately: a dialog without fields is a Markdown box."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify, request

from mmapp import roundtrip, services
from mmapp.errors import Refused
from mmapp.mattermost.errors import Malformed, MattermostError
from mmapp.mattermost.payloads import DialogSubmission
from mmapp.texts import help as texts
from mmapp.texts import trust
from mmapp.web.edge import edge

log = structlog.get_logger()

PATH = "/mattermost/dialog"
LIVES = 15 * 60  # seconds
MAX_TITLE = 24  # characters, enforced by the clients
blueprint = Blueprint("dialog", __name__)


@blueprint.post(PATH)
def dialog() -> Response:
    """A closed box. Anyone can send this, so even nothing is done only for a state that we signed."""
    structlog.contextvars.clear_contextvars()
    try:
        submission = DialogSubmission.from_json(request.get_json(silent=True))
    except Malformed:
        raise Refused(trust.unreadable()) from None
    if submission.callback_id == roundtrip.CALLBACK:
        return _round_trip(submission.state)
    edge().signer.read("box", submission.state, LIVES)
    return jsonify({})


def _round_trip(state: str) -> Response:
    """`flask doctor` asks whether it is us that Mattermost reaches. Only an `error` comes back to who submits."""
    return jsonify({"error": roundtrip.answer(edge().signer, state, services.installation_id(edge().database))})


def box(trigger_id: str, title: str, text: str) -> dict[str, object]:
    """Show this to the person who clicked. The answer to the click; where no dialog opens, the text itself.

    That is the worse way: after a click on a root post it appears in the post's thread, and nobody sees it.
    """
    if not trigger_id:
        return {"ephemeral_text": text, "skip_slack_parsing": True}
    shown = {
        "callback_id": "box",
        "title": title[:MAX_TITLE],
        "introduction_text": text,
        "elements": [],
        "submit_label": texts.box_close(),
        "state": edge().signer.sign("box", {}),
    }
    try:
        edge().client.open_dialog(trigger_id, f"{edge().settings.public_url}{PATH}", shown)
    except MattermostError as error:
        log.warning("a dialog could not be opened", why=str(error))
        return {"ephemeral_text": text, "skip_slack_parsing": True}
    return {}
