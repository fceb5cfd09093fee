"""Who may ask here, who may have the bot post here: asked of Mattermost freshly, for each request."""

from __future__ import annotations

from mmapp import access
from mmapp.chat import audience
from mmapp.errors import Refused
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.mattermost import channel_names
from mmapp.mattermost.errors import Forbidden, Unauthorized
from mmapp.mattermost.payloads import Member
from mmapp.models import PersonSettings
from mmapp.texts import access as texts
from mmapp.texts import ask as ask_texts

LOOKED = 50  # channels in which a membership is looked for, a call each: there is none for several


def require_asker(worker: Worker, payload: Payload, *, joins: bool = True) -> Member | None:
    """The membership with which this person asks where the question was asked; None in a direct message, and where the
    bot cannot see it, which `joins` a public channel for it. Raises Refused where the person may not ask there."""
    require_on(worker, payload)
    if channel_names.is_direct_with(payload.channel_name, worker.bot_id):
        require_privately(worker, payload.person_id)
        return None
    try:
        member = _membership(worker, payload, joins=joins)
    except Forbidden as error:
        if not error.own:
            raise
        _require_from_outside(worker, payload)
        return None
    if member is None:
        raise Refused(ask_texts.not_a_member())
    if channel_names.is_group(payload.channel_name):
        require_privately(worker, payload.person_id)
    require_no_guest(worker, payload.person_id, member)
    return member


def require_place(worker: Worker, payload: Payload, *, joins: bool = False) -> Member | None:
    """The same when a place was found: meanwhile the right to ask may be lost, and the bot's leave to post there. Who took it
    out of there meanwhile wants it out."""
    member = require_asker(worker, payload, joins=joins)
    if member and payload.to_channel == payload.channel_id and posts_for(worker, payload, member):
        raise Refused(texts.silent_now(worker.bot))
    return member


def _membership(worker: Worker, payload: Payload, *, joins: bool) -> Member | None:
    """Nothing is joined where the answer goes elsewhere, or nobody has just asked."""
    if not joins or _goes_elsewhere(payload) or payload.makes_digest:
        return worker.client.member(payload.channel_id, payload.person_id)
    return audience.membership(worker.client, payload.channel_id, payload.person_id, worker.bot_id)


def _require_from_outside(worker: Worker, payload: Payload) -> None:
    """Private channels can invite the bot; other people's direct messages cannot."""
    if channel_names.is_direct(payload.channel_name) or channel_names.is_group(payload.channel_name):
        require_privately(worker, payload.person_id)
    elif payload.private or _goes_elsewhere(payload):
        require_no_guest(worker, payload.person_id)
    elif payload.makes_digest or not audience.is_reader(worker.client, payload.channel_id, payload.person_id):
        raise Refused(ask_texts.not_in_private(worker.bot))


def _goes_elsewhere(payload: Payload) -> bool:
    """Known once a place was found."""
    return payload.to_channel not in ("", payload.channel_id)


def require_on(worker: Worker, payload: Payload) -> None:
    """Raises Refused where Chorus is off in the channel of the question, or of the thread that it is about."""
    if not channel_names.is_direct(payload.channel_name) and is_off(worker, payload.channel_id, payload.channel_name):
        raise Refused(texts.off_here())
    # A thread of the direct message that the answer goes to, or was asked in, is nobody's channel.
    elsewhere = {source.channel_id for source in payload.sources} - {payload.channel_id, payload.to_channel}
    if any(is_off(worker, channel_id) for channel_id in elsewhere):
        raise Refused(texts.off_there())


def require_no_joining(worker: Worker, channel_id: str, person_id: str) -> None:
    """Raises Refused where looking who may read would make the bot join a channel that is off. Only who may read it, as far
    as that is seen from outside, is told so."""
    if not is_off(worker, channel_id) or audience.is_inside(worker.client, channel_id, worker.bot_id):
        return
    if audience.is_open_to(worker.client, channel_id, person_id):
        raise Refused(texts.off_there())
    raise Refused(ask_texts.no_such_thread())


def require_no_guest(worker: Worker, person_id: str, member: Member | None = None) -> None:
    """Raises Refused for a guest: by the membership of a channel, without one by the account."""
    if worker.settings.guests:
        return
    if member.scheme_guest if member else worker.client.user(person_id).is_guest:
        raise Refused(texts.guest())


def require_privately(worker: Worker, person_id: str) -> None:
    """Raises Refused where nobody lets this person ask in a direct message: a guest, or a member of no channel that is on."""
    require_no_guest(worker, person_id)
    if worker.settings.access == "everyone":
        return
    with worker.database.read() as session:
        known = session.get(PersonSettings, person_id)
        hint = known.member_of if known else ""
        on = access.switched(session, on=True)
    on.sort(key=lambda channel_id: channel_id != hint)
    found = next((channel_id for channel_id in on[:LOOKED] if _is_member(worker, channel_id, person_id)), "")
    if not found:
        raise Refused(texts.member_of_none(worker.bot))
    if found != hint:
        _remember(worker, person_id, found)


def posts_for(worker: Worker, payload: Payload, member: Member) -> str:
    """Why the bot may not post in the channel for this person; empty where it may. A digest it posts for admins alone."""
    with worker.database.read() as session:
        public = access.public_in(session, payload.channel_id)
    if public == access.NOBODY:
        return texts.for_nobody(worker.bot)
    if member.scheme_admin or (public == access.EVERYONE and not payload.makes_digest):
        return ""
    may = audience.may_manage(worker.client, payload.channel_id, payload.person_id)
    return "" if may else texts.for_admins(worker.bot)


def is_off(worker: Worker, channel_id: str, channel_name: str = "") -> bool:
    """Direct and group messages are never off. By its name a channel may pass for a group message, so it is looked at."""
    with worker.database.read() as session:
        if access.is_on(session, worker.settings, channel_id):
            return False
    if channel_name and not channel_names.is_group(channel_name):
        return True
    return audience.is_channel(worker.client, channel_id)


def _is_member(worker: Worker, channel_id: str, person_id: str) -> bool:
    """As far as any of our bots can see it: the one that was asked need not be in the channel."""
    for bot in sorted(worker.bots.accepted(), key=lambda each: each.id != worker.bot_id):
        try:
            return bot.client.member(channel_id, person_id) is not None
        except Forbidden as error:
            if not error.own:
                raise
        except Unauthorized:
            if bot.id == worker.bot_id:
                raise
    return False


def _remember(worker: Worker, person_id: str, channel_id: str) -> None:
    """Where to look first the next time."""
    with worker.database.write() as session:
        settings = PersonSettings.of(session, person_id)
        settings.member_of = channel_id
        session.add(settings)
