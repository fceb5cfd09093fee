"""`/ai admin models`: which models may answer, and which one does by default."""

from mmapp.texts.plain import code, names

WHOSE = {"channel": "in this channel", "team": "in this team", "everywhere": "in every team"}
ADMINS = {
    "channel": "an admin of this channel, of its team or of the whole Mattermost",
    "team": "an admin of this team or of the whole Mattermost",
    "everywhere": "an admin of the whole Mattermost",
}


def how() -> str:
    return (
        "`/ai admin models` sets which models may answer in this channel; `/ai admin models team` in this team; "
        "`/ai admin models everywhere` in all of them."
    )


def no_channel() -> str:
    return (
        "There is no channel here. For the whole team: `/ai admin models team`; for all: `/ai admin models everywhere`."
    )


def no_team() -> str:
    return "Nobody told me which team this is. Please type it in a channel of that team."


def title() -> str:
    return "Models"


def introduction(whose: str, known: list[str], more: int, away: list[str]) -> str:
    """`known` are models, and so many `more` there are; `away`: those with a rule that are not there now."""
    there = f"There are {_some(known, more)}." if known else "No worker has listed a model yet."
    gone = f" Not here now, but named below: {names(away)}." if away else ""
    return (
        f"Which models may answer {WHOSE[whose]}. What a team forbids, none of its channels can allow.\n\n{there}{gone}"
    )


def _some(shown: list[str], more: int) -> str:
    return f"{', '.join(map(code, shown))} and {more} more (`/ai model list` has them)" if more > 0 else names(shown)


def saved(whose: str, left: list[str], more: int, title: str) -> str:
    """What may answer by now and can, and what answers whoever has chosen nothing."""
    return f"Saved. {_some(left, more)} may answer {WHOSE[whose]}; whoever has chosen none is answered by **{title}**."


def none_left(whose: str) -> str:
    return (
        f"Saved, but by these rules, and those that hold besides, no model that can be used is left {WHOSE[whose]}. Open "
        "`/ai admin models` again and allow another."
    )


def fields() -> dict[str, tuple[str, str]]:
    return {
        "allowed": ("Allowed", "Names, one a line. Empty: all that are not blocked."),
        "blocked": ("Blocked", "Names, one a line. Empty: none."),
        "default": ("Default", "Answers where nobody has chosen another."),
    }


def no_default() -> str:
    return "none of its own"


def submit() -> str:
    return "Save"


def too_many(most: int) -> str:
    return f"At most {most} names fit. Allow the few that may answer, instead of blocking the others."


def both(name: str) -> str:
    return f"`{name}` is allowed and blocked. Please take it out of one of them."


def default_not_allowed() -> str:
    return "The default may not answer by these rules. Please allow it, or choose another."


def default_not_allowed_further_up(name: str) -> str:
    return f"`{name}` may not answer here: the rules of the team, or of the whole Mattermost, forbid it. Please choose another."


def not_an_admin(whose: str) -> str:
    return f"Only {ADMINS[whose]} can set that. Nothing was changed."
