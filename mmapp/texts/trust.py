"""What is said to requests that cannot be trusted."""


def unknown_token() -> str:
    return (
        "This slash command's token is not known to Chorus, so nothing was done. An administrator can copy it from "
        "Integrations > Slash Commands into CHORUS_COMMAND_TOKENS and restart Chorus."
    )


def refused_title() -> str:
    return "That did not work"


def not_asked(error_id: str) -> str:
    return (
        "Mattermost did not say whether you may do that, so nothing was done. Please press again; an administrator finds "
        f"the reason in the log under {error_id}."
    )


def not_seen(bot: str) -> str:
    return (
        f"{bot} is not in this channel, so it cannot see whether you may do that, and nothing was changed. Type "
        f"`/invite @{bot}` in it, then open this again."
    )


def stale_button() -> str:
    return "This button no longer works. Type `/ai` for new ones."


def stale_dialog() -> str:
    return "This dialog was done already, or is older than 15 minutes, so nothing was changed. Please open it anew."


def no_dialog(command: str) -> str:
    return f"This needs a dialog, and none could be opened; nothing was changed. Please type {command}."


def not_offered() -> str:
    return "Please pick one of those that are offered."


def too_large() -> str:
    return "That is more text than can be taken at once. Please shorten it and try again."


def unreadable() -> str:
    return "That request could not be read, so nothing was done. Type `/ai help` to see what works."


def database_down(error_id: str) -> str:
    return (
        "The database did not answer, so your words may be lost. If nothing comes of them within a few minutes, please try "
        f"again; an administrator finds the reason in the log under {error_id}."
    )
