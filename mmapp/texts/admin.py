"""What administrators read: at the start, in the terminal, in the log."""

from mmapp.texts.plain import FLASK


def wrong_key() -> str:
    return (
        "A stored text was encrypted with a key that CHORUS_ENCRYPTION_KEYS does not hold. Put the old key back, "
        "behind the newest one; nothing was lost. If the key is gone for good, those texts are lost: move var/chorus.db away "
        "and start again."
    )


def wrong_revision(found: str | None, wanted: str) -> str:
    return (
        f"The database is at revision {found or 'none'}, and this version of Chorus needs {wanted}. "
        f"Run `{FLASK} release` once, with the new version, then start again."
    )


def not_set_up() -> str:
    return f"Chorus is not set up yet. Run `{FLASK} setup`."


def starting() -> str:
    return "Starting Chorus …"


def running(host: str, port: int) -> str:
    return f"Chorus is running at http://{host}:{port} (Ctrl-C stops it)."


def port_taken(host: str, port: int) -> str:
    return (
        f"Port {port} on {host} is in use. Is Chorus running already? Stop it, or set another CHORUS_PORT (and "
        "CHORUS_PUBLIC_URL)."
    )


def no_port(host: str, port: int, why: str) -> str:
    return f"Chorus cannot listen at port {port} of {host} ({why}). Check CHORUS_HOST and CHORUS_PORT."


def no_database(url: str, why: str) -> str:
    return f"The database at {url} cannot be reached ({why}). Check CHORUS_DATABASE_URL and that the server runs."


def no_database_file(path: str, why: str) -> str:
    return (
        f"The database in the file {path} cannot be used ({why}). Check CHORUS_DATABASE_URL, that Chorus may write into "
        "that folder, and that its disk has room."
    )


def waiting(seconds: float) -> str:
    return f"Trying again every {seconds:.0f} seconds."


def bad_token(name: str) -> str:
    return (
        f"Mattermost does not accept the token of the bot {name}. Check CHORUS_BOT_TOKENS, and in Mattermost, under "
        "Integrations > Bot Accounts, that the bot is enabled. After a change in .env, restart Chorus."
    )


def bot_name_differs(configured: str, found: str) -> str:
    return (
        f"CHORUS_BOT_TOKENS calls the bot {configured}, and Mattermost calls it {found}. Use Mattermost's name, and restart "
        "Chorus."
    )


def bot_waits(name: str) -> str:
    return f"Mattermost has not accepted the bot {name} yet; the reason stands further up in this log."


def larger_models() -> str:
    return (
        f"`{FLASK} models list` shows what can be fetched, and `{FLASK} models add PATH` imports a GGUF file of your own. "
        "Within 20 seconds it can be asked by its name."
    )


def exported(path: object) -> str:
    return f"Written to {path}. It may hold people's words: delete it when you are done."


def no_new_file(path: object, why: str) -> str:
    return f"{path} cannot be written: {why}. Name a file that is not there yet, in a folder that you may write to."


def migrated() -> str:
    return "The database schema is up to date."
