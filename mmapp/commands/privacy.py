"""`/ai privacy`: whether one's own posts are read, and, for admins, whether a channel's are; from the next request on."""

from __future__ import annotations

from mmapp import dialogs, nodes
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import Database, clock
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults
from mmapp.models import ChannelSettings, PersonSettings
from mmapp.texts import privacy as texts
from mmapp.texts import trust

PURPOSE = "privacy"


def run(invocation: Invocation) -> Reply:
    with invocation.database.read() as session:
        mine = PersonSettings.of(session, invocation.person_id)
        channel = session.get(ChannelSettings, invocation.channel_id)
    dialog = _dialog(mine, channel, nobody_s=invocation.in_direct_message)
    return Reply(trust.no_dialog("`/ai privacy`"), dialog=dialog)


def submitted(database: Database, filled: Filled, *, manages: bool) -> None:
    """Save it. What was kept of posts that are not to be read goes at once. Raises Faults, and Refused where it was sent
    already."""
    opened = filled.opened
    with database.write() as session:
        mine = PersonSettings.of(session, opened.person_id)
        channel = session.get(ChannelSettings, opened.channel_id)
        _dialog(mine, channel, nobody_s=False).check(filled)
        closed = filled.text("channel") == "no"
        if filled.text("channel") and closed != bool(channel and channel.unread) and not manages:
            raise Faults(channel=texts.not_an_admin())
        filled.spend(session)
        unread = filled.text("me") == "no"
        if unread and not mine.unread:
            nodes.drop_all(session)
        mine.unread = unread
        session.add(mine)
        if filled.text("channel") and closed != bool(channel and channel.unread):
            now = clock(session)
            channel = channel or ChannelSettings(channel_id=opened.channel_id, set_by=opened.person_id, set_at=now)
            channel.unread = closed
            session.add(channel)
            if closed:
                nodes.drop_channel(session, opened.channel_id)


def _dialog(mine: PersonSettings, channel: ChannelSettings | None, *, nobody_s: bool) -> Dialog:
    """`nobody_s`: it was opened in a direct message, which nobody has anything to say about but its two."""
    label, options, hint = texts.me()
    elements = [dialogs.select("me", label, options, "no" if mine.unread else "yes", help=hint)]
    if not nobody_s:
        label, options, hint = texts.channel()
        now = "no" if channel and channel.unread else "yes"
        elements.append(dialogs.select("channel", label, options, now, help=hint))
    return Dialog(PURPOSE, texts.title(), texts.introduction(), tuple(elements), submit=texts.submit())
