"""What only Mattermost can tell of a digest that is opened to be changed: who may, and how its channels are called."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import structlog

from mmapp.chat import audience
from mmapp.commands import digest_dialog
from mmapp.commands.digest_dialog import Opened
from mmapp.dialogs import Dialog
from mmapp.errors import Refused
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import MattermostError
from mmapp.models import Digest
from mmapp.texts import digest_faults as texts
from mmapp.web import rights
from mmapp.web.edge import edge

log = structlog.get_logger()


def complete(shown: Dialog, person_id: str) -> Dialog:
    """The dialog with its channels' names. Raises Refused, with the same words as for a digest that there is not, where it
    is somebody else's and not posted in a channel of this person's; and NotAsked."""
    opened = Opened.unsealed(edge().settings, edge().database, shown.subject)
    if opened.shown is None:
        return shown
    with edge().database.read() as session:
        digest = session.get_one(Digest, opened.number)
    to = digest.to_channel
    if opened.owner and not (to and rights.may_manage(digest.bot, to, person_id)):
        raise Refused(texts.none_such(opened.number))
    client = edge().client_of(digest.bot)
    named = {each: _name(client, each, person_id) for each in dict.fromkeys(opened.channels) if each}
    often = Counter(named.values())  # of two teams' channels of one name, an id tells which
    names = {each: name for each, name in named.items() if name and often[name] == 1}
    return digest_dialog.first(replace(opened, names=names))


def _name(client: Client, channel_id: str, person_id: str) -> str:
    """Empty where this person may not know it, and where Mattermost does not tell: an id is as good to go on with."""
    try:
        return client.channel(channel_id).name if audience.is_reader(client, channel_id, person_id) else ""
    except MattermostError as error:
        log.info("a channel's name could not be told", channel=channel_id, why=str(error))
        return ""
