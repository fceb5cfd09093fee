"""The door: who may not ask here, or has asked enough for a day, is told so at once. From the database alone.

The worker asks Mattermost what only Mattermost knows (jobs/allowed.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from mmapp import access
from mmapp.commands.invocation import Invocation
from mmapp.errors import Refused
from mmapp.texts import access as texts


def require_open(session: Session, invocation: Invocation, now: datetime) -> None:
    """Raises Refused where Chorus is off, or where the person or the channel has no room until a time that is named."""
    settings, person_id, channel_id = invocation.settings, invocation.person_id, invocation.channel_id
    today = access.today(session, person_id, channel_id, now)
    if not (invocation.in_direct_message or invocation.in_group_message or access.allows(settings, today)):
        raise Refused(texts.off_here())
    if 0 < (limit := settings.requests_per_person) <= today.own:
        again = access.room_at(session, limit, person_id=person_id)
        raise Refused(texts.spent_own(limit, (again - now).total_seconds()))
    # Who asks in a direct message takes no room from anybody else.
    if 0 < (limit := settings.requests_per_channel) <= today.here and not invocation.in_direct_message:
        again = access.room_at(session, limit, channel_id=channel_id)
        raise Refused(texts.spent_here(limit, (again - now).total_seconds(), settings.bot[0]))
