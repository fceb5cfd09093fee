"""`/ai privacy`: whether one's own posts are read, and, for admins, whether a channel's are; from the next request on."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from mmapp import dialogs, items, nodes
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import Database, clock
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults
from mmapp.models import ClosedChannel, PersonSettings
from mmapp.texts import privacy as texts
from mmapp.texts import trust

PURPOSE = "privacy"
DIRECT = (
    "direct"  # the subject of one that was opened in a direct message, of which nobody has anything to say but its two
)


def run(invocation: Invocation) -> Reply:
    with invocation.database.read() as session:
        unread = PersonSettings.of(session, invocation.person_id).unread
        closed = _is_closed(session, invocation.channel_id)
    dialog = _dialog(DIRECT if invocation.in_direct_message else "", unread=unread, closed=closed)
    return Reply(trust.no_dialog("`/ai privacy`"), dialog=dialog)


def submitted(database: Database, filled: Filled, manages: Callable[[], bool]) -> None:
    """Save it. What was noted of messages that are not to be read goes at once. `manages` asks Mattermost whether this
    person is an admin of the channel, where that matters.

    Raises Faults, and Refused where it was sent already.
    """
    _dialog(filled.opened.subject, unread=False, closed=False).check(filled)
    with database.read() as session:
        changes = filled.text("channel") and _closes(filled) != _is_closed(session, filled.opened.channel_id)
    if changes and not manages():
        raise Faults(channel=texts.not_an_admin())
    with database.write() as session:
        filled.spend(session)
        _set_mine(session, filled.opened.person_id, unread=filled.text("me") == "no")
        if changes:
            _set_channel(session, filled)


def _closes(filled: Filled) -> bool:
    return filled.text("channel") == "no"


def _is_closed(session: Session, channel_id: str) -> bool:
    return session.get(ClosedChannel, channel_id) is not None


def _set_mine(session: Session, person_id: str, *, unread: bool) -> None:
    mine = PersonSettings.of(session, person_id)
    if unread and not mine.unread:
        nodes.drop_all(session)
        items.drop_person(session, person_id)
    mine.unread = unread
    session.add(mine)


def _set_channel(session: Session, filled: Filled) -> None:
    channel_id, known = filled.opened.channel_id, session.get(ClosedChannel, filled.opened.channel_id)
    if _closes(filled):
        nodes.drop_channel(session, channel_id)
        items.drop_channel(session, channel_id)
        closed = {"closed_by": filled.opened.person_id, "closed_at": clock(session)}
        session.merge(ClosedChannel(channel_id=channel_id, **closed))
    elif known:
        session.delete(known)


def _dialog(where: str, *, unread: bool, closed: bool) -> Dialog:
    label, options, hint = texts.me()
    elements = [dialogs.select("me", label, options, "no" if unread else "yes", help=hint)]
    if where != DIRECT:
        label, options, hint = texts.channel()
        elements.append(dialogs.select("channel", label, options, "no" if closed else "yes", help=hint))
    return Dialog(PURPOSE, texts.title(), texts.introduction(), tuple(elements), submit=texts.submit(), subject=where)
