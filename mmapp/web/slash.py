"""`POST /mattermost/slash`: one command, from the form that Mattermost sends to the ephemeral that it shows."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, g, jsonify, request

from mmapp import buttons, logs
from mmapp.chat.privacy import Privacy
from mmapp.commands import digest_dialog, summarize_dialog
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import parse
from mmapp.commands.verbs import dispatch
from mmapp.dialogs import Dialog
from mmapp.errors import Refused
from mmapp.mattermost import messages, render
from mmapp.mattermost.errors import Malformed
from mmapp.mattermost.incoming import SlashCommand
from mmapp.texts import trust
from mmapp.texts.plain import begun_by
from mmapp.web import dialog, digests, threads
from mmapp.web.edge import edge
from mmapp.web.verify import verify

log = structlog.get_logger()

blueprint = Blueprint("slash", __name__)
GIVEN_BACK = 8_000  # characters of a refused command: an ephemeral holds 16,383, and the box was cleared


@blueprint.post("/mattermost/slash")
def slash() -> Response:
    structlog.contextvars.clear_contextvars()
    command = _command()
    verify(edge().settings, command)
    g.typed = f"{command.command} {command.text}"
    reply = dispatch(_invocation(command))
    log.info("command", verb=parse(command.text).verb[:20], team=command.team_id, channel=command.channel_id)
    if reply.dialog and dialog.show(
        _complete(reply.dialog, command), command.trigger_id, command.user_id, command.channel_id
    ):
        return jsonify({})
    return jsonify(_shown(reply))


def _complete(shown: Dialog, command: SlashCommand) -> Dialog:
    """With what only Mattermost can tell: how a digest's channels are called, and the threads that can be picked for a
    summary. Raises Refused where somebody's digest is not this person's to change."""
    if shown.purpose == digest_dialog.PURPOSE:
        return digests.complete(shown, command.user_id)
    if shown.purpose != summarize_dialog.PURPOSE:
        return shown
    with edge().database.read() as session:
        privacy = Privacy.of(session)
    found = threads.recent(edge().client, command.channel_id, command.user_id, privacy)
    return summarize_dialog.with_threads(shown, found)


def bot() -> str:
    return edge().settings.bot[0]


def with_words(sentence: str, words: str | None = None) -> str:
    """A sentence, and below it the person's words to copy: a command that was answered is gone from the box."""
    typed = g.get("typed", "") if words is None else words
    if not typed.strip():
        return sentence
    short = typed if len(typed) <= GIVEN_BACK else typed[:GIVEN_BACK] + "…"
    return f"{sentence}\n{render.code_block(short)}"


def _command() -> SlashCommand:
    try:
        return SlashCommand.from_form(request.form.to_dict(flat=False))
    except Malformed:
        log.warning("a command without its fields was refused", request=logs.new_error_id())
        raise Refused(trust.unreadable(), words="") from None


def _invocation(command: SlashCommand) -> Invocation:
    return Invocation(
        settings=edge().settings,
        database=edge().database,
        bot=bot(),
        parsed=parse(command.text),
        person_id=command.user_id,
        person_name=command.user_name,
        team_id=command.team_id,
        team_name=command.team_domain,
        channel_id=command.channel_id,
        channel_name=command.channel_name,
        root_id=command.root_id,
        tells_root=command.tells_root,
        response_url=command.response_url,
    )


def _shown(reply: Reply) -> dict[str, object]:
    """Under the asker's own name (5.37, and 11 unless granted more), so it begins with the bot's."""
    if not reply.text:
        return {}
    attachments = [buttons.row(edge().settings, edge().signer, *reply.buttons)] if reply.buttons else []
    return messages.ephemeral(begun_by(bot(), reply.text), attachments=attachments)
