"""`/ai summarize`: what is to be read, and how it is to be told. Where it does not say what, a dialog asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from mmapp import dialogs, languages
from mmapp.buttons import Button
from mmapp.commands import entry, prompts
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import Parsed, take_flags
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, Refused
from mmapp.jobs import queue, waiting
from mmapp.texts import help as help_texts
from mmapp.texts import stop as stop_texts
from mmapp.texts import summarize as texts
from mmapp.texts import trust
from mmapp.wanted import KINDS, LINES, Wanted

FLAGS = {
    "private": False, "public": False, "model": True, "since": True, "until": True, "from": True, "in": True, "kind": True,
    "language": True, "length": True, "prompt": True,
}  # fmt: skip
ONE_OF = {"kind": list(KINDS), "length": list(LINES)}
SCOPES = ("thread", "channel")
LONGEST_WISH = 2000  # characters
USUAL_MESSAGES = 3000  # tokens, until it is known how much there is
LINK = re.compile(r"<?https?://\S+/pl/[a-z0-9]{26}\S*|[a-z0-9]{26}(?![a-z0-9])")
MOST_LINKS = 20
PURPOSE = "summarize"

Seal = Callable[[str], str]


def run(invocation: Invocation) -> Reply:
    wanted, flags = read(invocation.parsed.words)
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap
        wanted = _with_saved(session, invocation, wanted, flags)
        if not _says_what(invocation, wanted):
            return Reply(texts.which(), dialog=_dialog(session, invocation, flags))
        return _summarize(session, invocation, wanted, flags)


def read(words: str) -> tuple[Wanted, dict[str, str]]:
    """What was typed: a scope, links and flags in any order, and behind them a wish in one's own words. Raises Refused."""
    scope, links, flags = "", list[str](), dict[str, str]()
    before = None
    while words != before:
        before = words
        first, _, rest = words.partition(" ") if " " in words else words.partition("\n")
        if not scope and not links and first.casefold() in SCOPES:
            scope, words = first.casefold(), rest.strip()
        elif LINK.fullmatch(first) and len(links) < MOST_LINKS:
            links.append(first)
            words = rest.strip()
        else:
            words, found = take_flags(words, FLAGS)
            flags = {**found, **flags}
    if len(words) > LONGEST_WISH:
        raise Refused(texts.too_long_wish(len(words), LONGEST_WISH))
    return _wanted(scope, tuple(links), flags, words), flags


def _wanted(scope: str, links: tuple[str, ...], flags: dict[str, str], wish: str) -> Wanted:
    _require_consistent(scope, links, flags)
    for flag, known in ONE_OF.items():
        if flag in flags and flags[flag].casefold() not in known:
            raise Refused(texts.no_such_value(flag, flags[flag], known))
    spoken = languages.named(flags["language"]) if "language" in flags else ""
    if "language" in flags and not spoken:
        raise Refused(texts.no_such_language(flags["language"]))
    if {"since", "until", "in"} & flags.keys() and not (scope or links):
        scope = "channel"
    return Wanted(
        scope=scope,
        links=links,
        since=flags.get("since", "").casefold(),
        until=flags.get("until", "").casefold(),
        author=flags.get("from", ""),
        channel=flags.get("in", ""),
        kind=flags.get("kind", "summary").casefold(),
        length=flags.get("length", "medium").casefold(),
        language=spoken,
        wish=wish,
    )


def _require_consistent(scope: str, links: tuple[str, ...], flags: dict[str, str]) -> None:
    if {"private", "public"} <= flags.keys():
        raise Refused(texts.both_ways())
    if "in" in flags and (links or scope == "thread"):
        raise Refused(texts.contradiction(f"--in {flags['in']}", links[0] if links else "thread"))
    if links and scope == "channel":
        raise Refused(texts.contradiction("channel", links[0]))
    if flags.get("since", "").casefold() == "unread" and (links or scope == "thread"):
        raise Refused(texts.contradiction("--since unread", links[0] if links else "thread"))


def _with_saved(session: Session, invocation: Invocation, wanted: Wanted, flags: dict[str, str]) -> Wanted:
    """With the words of the saved prompt, in front of those that were typed."""
    if "prompt" not in flags:
        return wanted
    saved = prompts.find(session, invocation.person_id, invocation.channel_id, flags["prompt"])
    return replace(wanted, wish="\n".join(filter(None, [saved, wanted.wish])))


def _says_what(invocation: Invocation, wanted: Wanted) -> bool:
    """Whether it is known what to read. A post in a channel that says nothing more means the channel's last day."""
    return bool(wanted.scope or wanted.links or invocation.root_id or invocation.post_id)


def _summarize(session: Session, invocation: Invocation, wanted: Wanted, flags: dict[str, str]) -> Reply:
    alone = not wanted.scope and not wanted.links and invocation.post_id in ("", invocation.root_id)
    if invocation.post_id and alone:
        wanted = replace(wanted, scope="channel")
    public = "private" not in flags if invocation.post_id else "public" in flags
    entered = entry.enter(
        session,
        invocation,
        f"summarize {invocation.parsed.words}".strip(),
        model=flags.get("model", ""),
        unread=USUAL_MESSAGES,
        private=not public and not invocation.in_direct_message,
        verb="summarize",
        wanted=wanted.to_json(),
    )
    if invocation.post_id:  # an hourglass under it says the rest
        return Reply()
    told = entered.told_of_summary(texts.begun(public=public or invocation.in_direct_message))
    return Reply(told, (Button(stop_texts.button(), "stop", entered.request_id),))


# The dialog


def _dialog(session: Session, invocation: Invocation, flags: dict[str, str]) -> Dialog:
    """What to read, and what of it. Recent threads are put in by whoever opens it: they are Mattermost's to tell."""
    link, link_hint = texts.link()
    what, what_hint = texts.what()
    kind, kind_hint = texts.kind()
    wish, example = texts.wish()
    saved, saved_hint = texts.saved()
    names = prompts.names(session, invocation.person_id, invocation.channel_id)
    elements = [
        dialogs.line("link", link, help=link_hint),
        dialogs.select("what", what, texts.ranges(), help=what_hint),
        dialogs.select("kind", kind, texts.KINDS, flags.get("kind", "summary").casefold(), help=kind_hint),
        dialogs.textarea("wish", wish, placeholder=example),
        *([dialogs.select("prompt", saved, [(name, name) for name in names], help=saved_hint)] if names else []),
    ]
    subject = json.dumps(
        {name: getattr(invocation, name) for name in CARRIED}
        | {"flags": {key: flags[key] for key in flags if key in KEPT}}
    )
    return Dialog(
        PURPOSE,
        texts.title(),
        texts.introduction(threads=False),
        tuple(elements),
        submit=texts.submit(),
        subject=invocation.database.seal(subject),
    )


CARRIED = (
    "bot", "person_id", "person_name", "team_id", "team_name", "channel_id", "channel_name", "tells_root", "response_url",
)  # fmt: skip
KEPT = ("model", "language", "length", "public")


def with_threads(dialog: Dialog, threads: Sequence[tuple[str, str]]) -> Dialog:
    """The dialog with threads to pick: pairs of a root's id and how its person knows it."""
    if not threads:
        return dialog
    elements = [
        replace(one, options=(*threads, *one.options)) if one.name == "what" else one for one in dialog.elements
    ]
    return replace(dialog, introduction=texts.introduction(threads=True), elements=tuple(elements))


def submitted(settings: Any, database: Any, filled: Filled) -> None:
    """Do what was filled in. Raises Faults, which keep it open, and Refused where it was sent already."""
    carried = json.loads(database.unseal(filled.opened.subject))
    flags: dict[str, str] = carried.pop("flags")
    words = _typed(filled, flags)
    invocation = Invocation(settings=settings, database=database, parsed=Parsed("summarize", words), **carried)
    try:
        wanted, given = read(words)
        with database.write() as session:
            wanted = _with_saved(session, invocation, wanted, given)
            filled.spend(session)
            reply = _summarize(session, invocation, wanted, given)
            if invocation.response_url and reply.text:
                queue.tell(session, reply.buttons[0].subject, reply.text, pressed=True)
    except Refused as error:
        if error.sentence == trust.stale_dialog():
            raise
        raise Faults(link=error.sentence) from None


def _typed(filled: Filled, flags: dict[str, str]) -> str:
    """The command that says the same. Raises Faults."""
    link, what, kind = filled.text("link"), filled.text("what"), filled.text("kind")
    if link and not LINK.fullmatch(link):
        raise Faults(link=help_texts.no_link())
    if not (link or what):
        raise Faults(link=texts.pick_something())
    since = what.removeprefix("since ") if what.startswith("since ") else ""
    if not link and what and not since and not LINK.fullmatch(what):
        raise Faults(what=trust.not_offered())
    if since and f"since {since}" not in dict(texts.ranges()):
        raise Faults(what=trust.not_offered())
    scope = link or (f"channel --since {since}" if since else what)
    options = [f"--kind {kind}"] if kind else []
    options += [f'--prompt "{filled.text("prompt")}"'] if filled.text("prompt") else []
    options += [f"--{name}" if not FLAGS[name] else f'--{name} "{value}"' for name, value in flags.items()]
    return " ".join(filter(None, [scope, *options, filled.text("wish")]))
