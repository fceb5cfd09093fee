"""`/ai summarize`: what is to be read, and how it is to be told. Where it does not say what, a dialog asks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from mmapp import languages
from mmapp.buttons import Button
from mmapp.commands import entry, prompts, summarize_dialog
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import Parsed, take_flags
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Filled
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.texts import stop as stop_texts
from mmapp.texts import summarize as texts
from mmapp.wanted import KINDS, LINES, Wanted

FLAGS = {
    "private": False, "public": False, "model": True, "since": True, "until": True, "from": True, "in": True, "kind": True,
    "language": True, "length": True, "prompt": True,
}  # fmt: skip
ONE_OF = {"kind": list(KINDS), "length": list(LINES)}
LONGEST_WISH = 2000  # characters
USUAL_MESSAGES = 3000  # tokens, until it is known how much there is
SCOPE = re.compile(r"(?:(?:this|the)\s+)?(thread|channel)(?!\S)\s*", re.IGNORECASE)
LINK = re.compile(r"(<?https?://\S+/pl/[a-z0-9]{26}\S*|[a-z0-9]{26},?)(?!\S)\s*")
AND = re.compile(rf"(?:and|und|et|y|&|\+|,)\s+(?={LINK.pattern})", re.IGNORECASE)  # between two links
WITHIN = re.compile(r"https?://\S+/pl/[a-z0-9]{26}")
MOST_LINKS = 20


@dataclass
class Typed:
    """What was typed, taken apart: the scopes and links in front, flags by name, and a wish in one's own words."""

    scopes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    wish: str = ""

    @classmethod
    def of(cls, words: str) -> Typed:
        """Flags may stand anywhere around scopes and links. Raises Refused."""
        found = cls()
        before = None
        while words != before:
            before = words
            words = found._without_first(words)
            words, flags = take_flags(words, FLAGS)
            found.flags = {**flags, **found.flags}
        return replace(found, wish=words)

    def _without_first(self, words: str) -> str:
        scope, link = SCOPE.match(words), LINK.match(words)
        # Behind a scope or a link, "thread" begins a wish where more follows: "LINK thread safety in the cache".
        if scope and (not (self.scopes or self.links) or scope.end() == len(words)):
            self.scopes.append(scope[1].casefold())
            return words[scope.end() :]
        if link:
            self.links.append(link[1])
            rest = words[link.end() :]
            joined = AND.match(rest)
            return rest[joined.end() :] if joined else rest
        return words


def run(invocation: Invocation) -> Reply:
    typed = Typed.of(invocation.parsed.words)
    wanted = _understood(typed)
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap
        wanted = _with_saved(session, invocation, wanted, typed.flags)
        if not _says_what(invocation, wanted):
            entry.require_open(session, invocation)  # a channel that is off has no threads to pick from
            names = prompts.names(session, invocation.person_id, invocation.channel_id)
            return Reply(texts.which(), dialog=summarize_dialog.dialog(invocation, typed.flags, typed.wish, names))
        return _summarize(session, invocation, wanted, typed.flags)


def _understood(typed: Typed) -> Wanted:
    """The wish, as far as it can be known without looking anywhere. Raises Refused."""
    flags = typed.flags
    _require_consistent(typed)
    for flag, known in ONE_OF.items():
        if flag in flags and flags[flag].casefold() not in known:
            raise Refused(texts.no_such_value(flag, flags[flag], known))
    spoken = languages.named(flags["language"]) if "language" in flags else ""
    if "language" in flags and not spoken:
        raise Refused(texts.no_such_language(flags["language"]))
    if len(typed.wish) > LONGEST_WISH:
        raise Refused(texts.too_long_wish(len(typed.wish), LONGEST_WISH))
    scope = typed.scopes[0] if typed.scopes else ""
    if {"since", "until", "in"} & flags.keys() and not (scope or typed.links):
        scope = "channel"
    return Wanted(
        scope=scope,
        links=tuple(typed.links),
        since=flags.get("since", "").casefold(),
        until=flags.get("until", "").casefold(),
        author=flags.get("from", ""),
        channel=flags.get("in", ""),
        kind=flags.get("kind", "summary").casefold(),
        length=flags.get("length", "medium").casefold(),
        language=spoken,
        wish=typed.wish,
    )


def _require_consistent(typed: Typed) -> None:
    flags, one_thread = typed.flags, [*typed.links, *(["thread"] if "thread" in typed.scopes else [])]
    if {"private", "public"} <= flags.keys():
        raise Refused(texts.both_ways())
    if WITHIN.search(typed.wish):
        raise Refused(texts.link_within())
    if len(typed.links) > MOST_LINKS:
        raise Refused(texts.too_many_links(MOST_LINKS))
    if "in" in flags and one_thread:
        raise Refused(texts.contradiction(f"--in {flags['in']}", one_thread[0]))
    if "channel" in typed.scopes and one_thread:
        in_order = typed.scopes if len(set(typed.scopes)) > 1 else ["channel", one_thread[0]]
        raise Refused(texts.contradiction(*in_order[:2]))
    if flags.get("kind", "").casefold() == "brief" and flags.get("length", "short").casefold() != "short":
        raise Refused(texts.contradiction("--kind brief", f"--length {flags['length']}"))
    if flags.get("since", "").casefold() == "unread" and one_thread:
        raise Refused(texts.contradiction("--since unread", one_thread[0]))


def _with_saved(session: Session, invocation: Invocation, wanted: Wanted, flags: dict[str, str]) -> Wanted:
    """With the words of the saved prompt, in front of those that were typed."""
    if "prompt" not in flags:
        return wanted
    saved = prompts.find(session, invocation.person_id, invocation.channel_id, flags["prompt"])
    return replace(wanted, wish="\n".join(filter(None, [saved, wanted.wish])))


def _says_what(invocation: Invocation, wanted: Wanted) -> bool:
    """Whether it is known what to read. A post in a channel that says nothing more means the channel's last day."""
    in_channel = invocation.post_id and not invocation.in_direct_message
    return bool(wanted.scope or wanted.links or invocation.root_id or in_channel)


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
        is_quotable=lambda: True,
        linked=_belongs_to(invocation, wanted, public=public),
        private=not public and not invocation.in_direct_message,
        verb="summarize",
        wanted=wanted.to_json(),
    )
    if invocation.post_id:  # an hourglass under it says the rest
        return Reply()
    here = public and not invocation.in_direct_message
    told = entered.told_of_summary(texts.begun(public=here))
    return Reply(told, (Button(stop_texts.button(), "stop", entered.request_id),))


def _belongs_to(invocation: Invocation, wanted: Wanted, *, public: bool) -> str:
    """The link of the thread whose model writes it (jobs/standin.py); empty where it is that of where it was typed."""
    stays = invocation.in_direct_message or (public and invocation.root_id and len(wanted.links) > 1)
    return "" if stays else next(iter(wanted.links), "")


def submitted(settings: Settings, database: Database, filled: Filled) -> None:
    """Do what was filled in, as the command would. Raises Faults and Refused, which keep it open."""
    invocation, carried = Invocation.unsealed(settings, database, filled.opened.subject)
    link, flags = summarize_dialog.picked(filled, settings.mattermost_url)
    scopes, links = ([], [link]) if link else (["channel"], [])
    typed = Typed(scopes, links, {**carried["flags"], **flags}, filled.text("wish"))
    invocation = replace(invocation, parsed=Parsed("summarize", _command(typed)))
    wanted = _understood(typed)
    with database.write() as session:
        filled.spend(session)
        wanted = _with_saved(session, invocation, wanted, typed.flags)
        reply = _summarize(session, invocation, wanted, typed.flags)
        queue.tell(session, reply.buttons[0].subject, reply.text, pressed=True)


def _command(typed: Typed) -> str:
    """What says the same on one line."""
    options = [f'--{name} "{value}"' if FLAGS[name] else f"--{name}" for name, value in typed.flags.items()]
    return " ".join(filter(None, [*typed.scopes, *typed.links, *options, typed.wish]))
