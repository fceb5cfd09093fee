"""Which teams get the bot and its command."""

from __future__ import annotations

import difflib

from mmapp.errors import ConfigError
from mmapp.mattermost.admin import Team
from mmapp.setup.work import Work
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

LISTED = 30


def choose(work: Work) -> list[Team]:
    """At least one team. Without a word from anybody: those that have a command already, else the only one there is."""
    known = {team.name: team for team in work.admin.teams()}
    if not known:
        raise ConfigError(trouble.no_team())

    def parse(answer: str) -> list[Team]:
        names = [name for name in answer.replace(",", " ").split() if name]
        return [_found(known, name) for name in dict.fromkeys(names)] or [_found(known, "")]

    if work.wishes.teams:
        return parse(" ".join(work.wishes.teams))
    served = {team_id for team_id, _ in work.pairs("COMMAND_TOKENS")}
    usual = [name for name, team in known.items() if team.id in served] or (list(known) if len(known) == 1 else [])
    names = sorted(known)
    work.person.tell(texts.teams(names[:LISTED], max(0, len(names) - LISTED)))
    return work.person.ask(texts.which_teams(), parse, " ".join(usual) or None, "--team")


def _found(known: dict[str, Team], name: str) -> Team:
    if name not in known:
        raise ConfigError(
            trouble.unknown_team(name, difflib.get_close_matches(name, known, 3) or sorted(known)[:LISTED])
        )
    return known[name]
