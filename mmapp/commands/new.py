"""`/ai new`: the direct conversation with the bot starts afresh."""

from __future__ import annotations

from mmapp import choice
from mmapp.choice import Spot
from mmapp.commands import notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import clock
from mmapp.jobs import waiting
from mmapp.models import PersonSettings
from mmapp.texts import help as texts


def run(invocation: Invocation) -> Reply:
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        settings = PersonSettings.of(session, invocation.person_id)
        settings.fresh_at = clock(session)
        session.add(settings)
        afresh = Spot(invocation.person_id, invocation.channel_id, bot=invocation.bot)
        choice.forget(session, afresh, choice.CONVERSATION)
        return notice.done(session, invocation, texts.fresh())
