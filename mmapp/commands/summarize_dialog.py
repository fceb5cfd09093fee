"""The dialog of `/ai summarize`: it asks what is to be read, where the command does not say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmapp import dialogs
from mmapp.chat.permalink import POST_ID, post_id_of
from mmapp.commands.invocation import Invocation
from mmapp.dialogs import Dialog, Element, Filled
from mmapp.errors import Faults, Refused
from mmapp.texts import summarize_dialog as texts
from mmapp.texts import trust
from mmapp.texts.summarize import KINDS as KIND_NAMES
from mmapp.wanted import KINDS

PURPOSE = "summarize"
SINCE = "since "
KEPT = ("model", "language", "length", "from", "public")  # flags that have no field in it


def dialog(invocation: Invocation, flags: dict[str, str], wish: str, saved: Sequence[str]) -> Dialog:
    """What to read, and what of it, with what was typed filled in; `saved` are the prompts that its person can use.

    Recent threads are put in by whoever opens it: they are Mattermost's to tell.
    """
    kept = {name: flags[name] for name in KEPT if name in flags}
    return Dialog(
        PURPOSE,
        texts.title(),
        texts.introduction(public="public" in kept),
        tuple(_elements(flags, wish, saved)),
        submit=texts.submit(),
        subject=invocation.sealed(flags=kept),
    )


def _elements(flags: dict[str, str], wish: str, saved: Sequence[str]) -> list[Element]:
    link, link_hint = texts.link()
    what, what_hint = texts.what()
    kind, kind_hint = texts.kind()
    words, example = texts.wish()
    prompt, prompt_hint = texts.saved()
    found = [
        dialogs.line("link", link, help=link_hint),
        dialogs.select("what", what, texts.ranges(), help=what_hint),
        dialogs.select("kind", kind, KIND_NAMES, flags.get("kind", "summary").casefold(), help=kind_hint),
        dialogs.textarea("wish", words, wish, placeholder=example),
    ]
    if saved:
        names = dialogs.select("prompt", prompt, [(name, name) for name in saved], help=prompt_hint)
        found.append(replace(names, default=" ".join(flags.get("prompt", "").casefold().split())))
    return found


def with_threads(shown: Dialog, threads: Sequence[tuple[str, str]]) -> Dialog:
    """The dialog with threads to pick: pairs of a root's id and how its person knows it."""
    elements = [replace(one, options=(*threads, *one.options)) if one.name == "what" else one for one in shown.elements]
    return replace(shown, elements=tuple(elements))


def picked(filled: Filled, site_url: str) -> tuple[str, dict[str, str]]:
    """The link that was pasted, or the id of the thread that was picked, empty for the channel; and flags. Raises Faults."""
    link, what, kind = filled.text("link"), filled.text("what"), filled.text("kind") or KINDS[0]
    ranges = dict(texts.ranges())
    if what and what not in ranges and not POST_ID.fullmatch(what):
        raise Faults(what=trust.not_offered())
    if kind not in KINDS:
        raise Faults(kind=trust.not_offered())
    if not (link or what):
        raise Faults(link=texts.pick_something())
    if link:
        _require_ours(link, site_url)
    flags = {"kind": kind} | ({"prompt": filled.text("prompt")} if filled.text("prompt") else {})
    if link or what not in ranges:
        return link or what, flags
    return "", flags | {"since": what.removeprefix(SINCE)}


def _require_ours(link: str, site_url: str) -> None:
    try:
        post_id_of(link, site_url)
    except Refused as error:
        raise Faults(link=error.sentence) from None
