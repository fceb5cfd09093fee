"""The first thing that happens to a slash command: is it Mattermost that asks, and for a team of ours?"""

from __future__ import annotations

import hmac

import structlog

from mmapp.config import Settings
from mmapp.errors import Refused
from mmapp.mattermost.incoming import SlashCommand
from mmapp.texts import trust

log = structlog.get_logger()


def verify(settings: Settings, command: SlashCommand) -> None:
    """Compare the command's token with those of its own team, in constant time. Raises Refused."""
    accepted = False
    for team_id, token in settings.command_tokens:
        # Every pair is compared, so that the time taken tells nothing about which of them came close.
        same_team = hmac.compare_digest(team_id.encode(), command.team_id.encode())
        same_token = hmac.compare_digest(token.get_secret_value().encode(), command.token.encode())
        accepted |= same_team and same_token
    if not accepted:
        log.warning("a command with an unknown token was refused", team=command.team_id)
        raise Refused(trust.unknown_token(), words="")
