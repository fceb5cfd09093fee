"""`POST /mattermost/dialog`: a dialog as somebody filled it in; and how one is opened.

Anyone can send anything here: what was opened, for whom and where stands in the signed state, and every value is
compared with what was offered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from flask import Blueprint, Response, jsonify, request

from mmapp import buttons, dialogs, roundtrip, services
from mmapp.commands import admin, digest, feedback, model_filled, privacy, prompts, settings, summarize
from mmapp.commands.choosing import Whom
from mmapp.dialogs import Dialog, Filled, Further, Opened, Told
from mmapp.errors import Refused
from mmapp.mattermost import messages
from mmapp.mattermost.errors import Malformed, MattermostError
from mmapp.mattermost.incoming import ActionClick, DialogSubmission
from mmapp.texts import help as texts
from mmapp.texts import trust
from mmapp.texts.plain import begun_by
from mmapp.web import done, more, rights
from mmapp.web.edge import edge

log = structlog.get_logger()

SUBMITTED = "dialog_submission"
STEPS_SINCE = (11, 0, 0)
blueprint = Blueprint("dialog", __name__)


@blueprint.post(dialogs.PATH)
def dialog() -> Response:
    structlog.contextvars.clear_contextvars()
    try:
        submission = DialogSubmission.from_json(request.get_json(silent=True))
    except Malformed:
        raise Refused(trust.unreadable()) from None
    if submission.callback_id == roundtrip.CALLBACK:
        return _round_trip(submission.state)
    opened = Opened.read(edge().signer, submission.state, submission.user_id)
    submit = SUBMITS.get(opened.purpose)
    if submit is None:
        raise Refused(trust.stale_dialog())
    if submission.type != SUBMITTED or submission.cancelled:  # v11 asks for refreshes and look-ups as well
        return jsonify({})
    follows = submit(Filled(opened, submission))
    log.info("dialog", purpose=opened.purpose, channel=opened.channel_id)
    if isinstance(follows, Told):
        _tell(follows.response_url, messages.ephemeral(begun_by(edge().settings.bot[0], follows.sentence)))
    return jsonify(_further(follows, opened) if isinstance(follows, Further) else {})


def _further(further: Further, opened: Opened) -> dict[str, object]:
    """A second dialog: the next step where the server knows steps, since 11; else behind a button, as a submission carries
    nothing that opens one."""
    if (edge().client.server_version() or (0,)) >= STEPS_SINCE:
        shown = further.dialog.to_json(edge().signer, opened.person_id, opened.channel_id)
        return {"type": "form", "form": shown}
    row = buttons.row(edge().settings, edge().signer, further.button)
    told = messages.ephemeral(begun_by(edge().settings.bot[0], further.told), attachments=[row])
    if _tell(further.response_url, told) or not further.not_offered:
        return {}
    return {"error": further.not_offered}


def _tell(response_url: str, told: dict[str, object]) -> bool:
    """Whether it could be told."""
    try:
        edge().client.respond(response_url, told)
    except MattermostError as error:
        log.info("a dialog's answer could not be told", why=str(error))
        return False
    return True


def _round_trip(state: str) -> Response:
    """`flask doctor` asks whether it is us that Mattermost reaches. Only an `error` comes back to who submits."""
    return jsonify({"error": roundtrip.answer(edge().signer, state, services.installation_id(edge().database))})


def show(shown: Dialog, trigger_id: str, person_id: str, channel_id: str) -> bool:
    """Open it for whoever has just typed or clicked. False where none opens: a trigger lives 3 s on 5.37."""
    if not trigger_id:
        return False
    url = f"{edge().settings.public_url}{dialogs.PATH}"
    try:
        edge().client.open_dialog(trigger_id, url, shown.to_json(edge().signer, person_id, channel_id))
    except MattermostError as error:
        log.warning("a dialog could not be opened", why=str(error))
        return False
    return True


def answer(click: ActionClick, shown: Dialog) -> dict[str, object]:
    """The answer to a click: this dialog; where none opens, its text.

    That is the worse way: after a click on a root post it appears in the post's thread, and nobody sees it.
    """
    if show(shown, click.trigger_id, click.user_id, click.channel_id):
        return {}
    return {"ephemeral_text": shown.introduction, "skip_slack_parsing": True}


def box(click: ActionClick, title: str, text: str) -> dict[str, object]:
    """The answer to a click: a text to read, which is a dialog without elements."""
    return answer(click, Dialog("box", title, text, submit=texts.box_close()))


def _manages(filled: Filled) -> bool:
    """Whether its person is an admin of the channel that it was opened in. Raises NotAsked."""
    return rights.may_manage(edge().settings.bot[0], filled.opened.channel_id, filled.opened.person_id)


def _chooses(filled: Filled, whom: Whom) -> bool:
    """Whether its person chooses a model for the channel, or for a thread in it. Raises NotAsked, and Refused where there is
    no such thread: it was named by the client, and may be gone by now."""
    bot, channel_id, person_id = edge().settings.bot[0], filled.opened.channel_id, filled.opened.person_id
    if whom.scope == "channel":
        return rights.may_manage(bot, channel_id, person_id, whom.invocation.team_id)
    takes_part = rights.takes_part(bot, channel_id, person_id)
    if takes_part:
        rights.require_root(bot, channel_id, whom.invocation.root_id)
    return takes_part


def _rules(filled: Filled, whose: str, team_id: str) -> bool:
    """Whether its person sets the rules of the channel, the team or everyone. Raises NotAsked."""
    return rights.may_rule(edge().settings.bot[0], whose, filled.opened.channel_id, team_id, filled.opened.person_id)


SUBMITS: dict[str, Callable[[Filled], Further | Told | None]] = {
    "box": lambda _filled: None,
    "done": done.submitted,
    "digest": lambda filled: digest.submitted(edge().settings, edge().database, filled),
    "digestmore": lambda filled: digest.more_submitted(edge().settings, edge().database, filled),
    "feedback": lambda filled: feedback.submitted(edge().database, filled),
    "more": more.submitted,
    "model": lambda filled: model_filled.submitted(edge().settings, edge().database, filled, partial(_chooses, filled)),
    "modelmore": lambda filled: model_filled.more_submitted(
        edge().settings, edge().database, filled, partial(_chooses, filled)
    ),
    "modelrules": lambda filled: admin.submitted(edge().settings, edge().database, filled, partial(_rules, filled)),
    "privacy": lambda filled: privacy.submitted(edge().database, filled, partial(_manages, filled)),
    "prompts": lambda filled: prompts.submitted(edge().database, filled, partial(_manages, filled)),
    "settings": lambda filled: settings.submitted(edge().database, filled),
    "summarize": lambda filled: summarize.submitted(edge().settings, edge().database, filled),
}
"""What a dialog does, by its purpose, and what it asks further or tells. Raises Faults, which keep it open."""
