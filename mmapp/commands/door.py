"""The door: who may not ask here, or has asked enough for a day, is told so at once. From the database alone.

The worker asks Mattermost what only Mattermost knows (jobs/allowed.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mmapp import access
from mmapp.config import Settings
from mmapp.errors import Refused
from mmapp.texts import access as texts


@dataclass(frozen=True)
class Visit:
    """Somebody who wants something of a model, and where; `direct` and `group` messages are nobody's to switch off."""

    settings: Settings
    bot: str
    person_id: str
    channel_id: str
    direct: bool = False
    group: bool = False


def require_on(session: Session, visit: Visit) -> None:
    """Raises Refused where Chorus is off; of what asks no model, anybody may want as much as they like."""
    if not (visit.direct or visit.group or access.is_on(session, visit.settings, visit.channel_id)):
        raise Refused(texts.off_here())


def require_open(session: Session, visit: Visit, now: datetime) -> None:
    """Raises Refused where Chorus is off, or where the person or the channel has no room until a time that is named."""
    settings = visit.settings
    today = access.today(session, visit.person_id, visit.channel_id, now)
    if not (visit.direct or visit.group or access.allows(settings, today)):
        raise Refused(texts.off_here())
    if 0 < (limit := settings.requests_per_person) <= today.own:
        again = access.room_at(session, limit, person_id=visit.person_id)
        raise Refused(texts.spent_own(limit, (again - now).total_seconds()))
    # Who asks in a direct message takes no room from anybody else.
    if 0 < (limit := settings.requests_per_channel) <= today.here and not visit.direct:
        again = access.room_at(session, limit, channel_id=visit.channel_id)
        raise Refused(texts.spent_here(limit, (again - now).total_seconds(), visit.bot))
