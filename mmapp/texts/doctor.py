"""What `flask --app app doctor` says. Two sentences for what is wrong: what it is, and what to do next."""

from __future__ import annotations

from pathlib import Path

from mmapp.texts.plain import FLASK, START

TwoSentences = tuple[str, str]
MARKS = {"ok": "✓", "warning": "!", "fault": "✗", "skipped": "–"}
NAMES = {
    "engine": "the engine",
    "secrecy": "the settings file's rights",
    "settings": "the settings",
    "disks": "the disks",
    "database": "the database",
    "revision": "the database's revision",
    "keys": "the keys",
    "database clock": "the database's clock",
    "mattermost": "Mattermost",
    "token": "the bot's token",
    "other bots": "the other bots",
    "version": "Mattermost's version",
    "clock": "Mattermost's clock",
    "server settings": "Mattermost's settings",
    "teams": "the bot's teams",
    "commands": "the slash commands",
    "round trip": "the round trip through Mattermost",
    "alone": "another installation with this bot",
    "workers": "the workers",
    "scheduler": "the scheduler",
    "models": "the models",
    "access": "who may ask",
}


UNTIL = {
    "settings": "the settings are right",
    "database": "the database answers",
    "revision": "the database schema is up to date",
    "mattermost": "Mattermost answers",
    "token": "Mattermost accepts the bot",
    "teams": "the bot is in its teams",
}


def line(level: str, what: str, cure: str) -> str:
    """One finding in the terminal."""
    body = what.replace("\n", "\n  ")
    return f"{MARKS[level]} {body}" + (f"\n  → {cure}" if cure else "")


def verdict(faults: int, warnings: int) -> str:
    warned = f"{warnings} {'warning' if warnings == 1 else 'warnings'}"
    if faults:
        found = f"{faults} {'fault' if faults == 1 else 'faults'}"
        return (
            f"{found}{f', {warned}' if warnings else ''}. Fix the first one and run doctor again: it may cure others."
        )
    return f"No faults; {warned}." if warnings else "All is well."


def not_checked(check: str, missing: str) -> str:
    return f"Not checked: {NAMES[check]}. First, what is said above about {NAMES[missing]}."


def not_checked_until(missing: str, checks: list[str]) -> str:
    """One line for all that stands on the same check."""
    names = ", ".join(NAMES[check].removeprefix("the ") for check in checks)
    return f"{MARKS['skipped']} Not checked until {UNTIL[missing]}: {names}."


def said(sentence: str) -> TwoSentences:
    """A sentence of another place, which ends with what to do."""
    what, _, cure = sentence.partition(". ")
    return f"{what}.", cure


def look_failed(kind: str) -> TwoSentences:
    return (
        f"This look itself broke off with an error of Chorus' own ({kind}).",
        "The other lines hold. Please report this one as a bug.",
    )


# This machine


def engine(memory_left: int) -> str:
    return f"Models can run on this machine: its processor and C library fit, {memory_left:,} MB of memory are free."


def no_engine(why: str) -> TwoSentences:
    return (
        f"No model can run on this machine: {why}.",
        "Let the worker run on another one, with the same settings and database; the web process is fine here.",
    )


def python(found: tuple[int, int], supported: tuple[tuple[int, int], tuple[int, int]]) -> TwoSentences:
    oldest, newest = (".".join(map(str, version)) for version in supported)
    return (
        f"This is Python {found[0]}.{found[1]}; Chorus runs on {oldest} to {newest}.",
        f"Install Python {newest}, remove the folder .venv and run `make setup`.",
    )


def no_env() -> str:
    return "There is no .env: the settings come from the environment."


def env_closed(path: Path) -> str:
    return f"{path} is readable by its owner alone."


def env_readable(path: Path, mode: int) -> TwoSentences:
    return (
        f"{path}, which holds every secret, is open to others on this machine (its mode is {mode:o}).",
        f"Run `chmod 600 {path}`. If others have accounts here, make new tokens and a new CHORUS_SECRET_KEY as well.",
    )


def settings_right() -> str:
    return "The settings are complete."


def settings_wrong(list_of_faults: str) -> TwoSentences:
    return list_of_faults, "Change them in .env beside app.py, and run doctor again."


def disk(place: Path, free: int) -> str:
    return f"{place} has room: {_size(free)} are free."


def disk_nearly_full(place: Path, free: int, total: int) -> TwoSentences:
    return (
        f"The disk of {place} is nearly full: {_size(free)} of {_size(total)} are free.",
        "Make room, or move CHORUS_VAR_DIR or CHORUS_MODELS_DIR to a larger disk: a full one takes no more questions.",
    )


def disk_full(place: Path, free: int) -> TwoSentences:
    return (
        f"The disk of {place} is full: {_size(free)} are free.",
        "Make room now; questions can only be taken again when there is some. Models that nobody uses are the largest files.",
    )


# The database


def database(url: str) -> str:
    return f"The database answers: {url}"


def no_database_yet(path: str) -> TwoSentences:
    return f"There is no database yet at {path}.", f"Run `{FLASK} release`, or `{START}`, which makes it."


def database_down(sentence: str) -> TwoSentences:
    return said(sentence)


def database_broke_off(kind: str) -> TwoSentences:
    return (
        f"The database answered with an error ({kind}).",
        "Look into its own log, and check that CHORUS_DATABASE_URL names a database that this user may read and write.",
    )


def sqlite_on_network(path: str, kind: str) -> TwoSentences:
    return (
        f"{path} is an SQLite file on a network file system ({kind}), whose locks do not hold.",
        "Move it to a local disk with CHORUS_VAR_DIR, or use PostgreSQL with CHORUS_DATABASE_URL.",
    )


def revision() -> str:
    return "The database schema is up to date."


def keys() -> str:
    return "What was written can be read with CHORUS_ENCRYPTION_KEYS."


def nothing_written() -> str:
    return "Nothing is stored yet, so the keys have nothing to decrypt."


def database_clock_right() -> str:
    return "The database's clock and this machine's agree."


def database_clock(ahead: float) -> TwoSentences:
    return f"The database's clock is {apart(ahead)} this machine's.", set_clocks()


# Workers and models


def workers(hosts: list[str]) -> str:
    shown = "One worker runs" if len(hosts) == 1 else f"{len(hosts)} workers run"
    return f"{shown}, on {', '.join(sorted(set(hosts)))}."


def no_worker() -> TwoSentences:
    return (
        "Chorus is not running: there is no worker, so questions are kept and answered by nobody.",
        f"Start it: `{START}` (where the web side runs by itself: `{FLASK} worker`).",
    )


def digests(number: int) -> str:
    """`number` of them are made again and again."""
    return (
        f"The scheduler plans {_digests(number)}."
        if number
        else "Nobody has a digest yet, so nothing has to be planned."
    )


def no_scheduler(number: int) -> TwoSentences:
    return (
        f"No scheduler has looked for a minute what is due, so {_digests(number)} will be late.",
        f"Start it: `{START}` (where the web side runs by itself: `{FLASK} scheduler`). What was missed is made up for.",
    )


def _digests(number: int) -> str:
    return "one digest" if number == 1 else f"{number:,} digests"


def default_model(name: str, number: int) -> str:
    more = f"; there are {number - 1} more" if number > 1 else ""
    return f"{name} answers where nobody names a model{more}."


def model_fault(name: str, why: str) -> TwoSentences:
    return (
        f"The model {name} cannot be used: {why}.",
        f"Replace its file, or ask `{FLASK} models probe {name}`.",
    )


def not_approved(name: str, why: str) -> TwoSentences:
    return f"The model {name} cannot be used: {why}.", f"`{FLASK} models lock --add {name}` approves it."


def default_missing(name: str) -> TwoSentences:
    return (
        f"CHORUS_DEFAULT_MODEL is {name}, and there is no such model; another one answers.",
        f"Choose one of `{FLASK} models list`, and restart Chorus.",
    )


def only_quotes() -> TwoSentences:
    return (
        "No model that writes is there: answers quote the messages that fit, and no more.",
        f"Run `{FLASK} models pull smollm2-135m`, or put a GGUF file into CHORUS_MODELS_DIR.",
    )


# Who may ask


def everyone_may_ask(off: int) -> str:
    but = f", but for {_channels(off)} that an admin of it has switched off" if off else ""
    return f"Everybody may ask in every channel{but} (CHORUS_ACCESS is everyone)."


def channels_on(number: int) -> str:
    return f"Chorus is on in {_channels(number)} (CHORUS_ACCESS is listed)."


def no_channel_on() -> TwoSentences:
    return (
        "Nobody can ask yet: Chorus is on in no channel (CHORUS_ACCESS is listed).",
        "Let an admin of a channel type `/ai on` there.",
    )


def _channels(number: int) -> str:
    return "one channel" if number == 1 else f"{number:,} channels"


def _size(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def apart(ahead: float) -> str:
    return f"{abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'}"


def set_clocks() -> str:
    return (
        "Let both set their clocks by the network (`timedatectl set-ntp true`). Answers come all the same; times in prompts "
        "and logs are off, and certificates may seem not to be valid yet."
    )
