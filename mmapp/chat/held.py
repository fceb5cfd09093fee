"""Whether notes hold: each line is held against the posts, and quotations stand where fewer than half of them do: the floor."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from llm.lexrank import central
from llm.relevance import relevance
from mmapp.chat import language, notes
from mmapp.chat.brief import ONLY, Brief
from mmapp.chat.citations import Sources, counts
from mmapp.chat.notes import Line, Notes
from mmapp.chat.numbered import day_name, local
from mmapp.chat.read import Said

_ASSIGNED = re.compile(r"([^:]{1,40}):\s")  # who has to do it
MOST_CITED = 4  # posts behind one line
QUOTED = 2  # at most half of the messages: more of them is the talk itself


def checked(found: Notes, posts: Sequence[Said], brief: Brief, *, said: bool) -> Notes:
    """These notes with what the posts say to each line, or quotations in their place. `said`: whether the model wrote at all."""
    notes_held = compared(found, posts, brief)
    lines = notes_held.all_lines
    judged = [line for line in lines if line.support != "unchecked" and counts(line.text)]
    nothing = not judged and all(line.support != "unchecked" for line in lines)
    if nothing and said and brief.kind in ONLY:
        return Notes(None, removed=found.removed)  # nobody was given a task: no model has to invent one
    holding = sum(line.support == "supported" for line in judged)
    if nothing or 2 * holding < len(judged):
        return quotes(posts, brief, found.removed)
    return notes_held if notes_held.lines or not _wants_more(posts, brief) else _filled(notes_held, posts, brief)


def _wants_more(posts: Sequence[Said], brief: Brief) -> bool:
    """Whether one sentence is too little: of 161 turns, SmolLM2 wrote "The user is deciding on a new type of remote control"."""
    return brief.kind in ("summary", "timeline") and not brief.wish and len(posts) > brief.lines


def _filled(found: Notes, posts: Sequence[Said], brief: Brief) -> Notes:
    return replace(found, lines=quotes(posts, brief).lines)


def compared(found: Notes, posts: Sequence[Said], brief: Brief) -> Notes:
    """Each line with whether the posts support it, and with those of its citations that do; with the one that fits it best
    where none does."""
    sources = _sources(found, posts, brief)
    places: dict[str, list[int]] = {}
    for place, post in enumerate(posts):  # of a long post, each of its pieces
        places.setdefault(post.post_id, []).append(place)

    def compare(line: Line) -> Line:
        cited = [place for post_id in line.posts for place in places.get(post_id, ())]
        result = sources.check(line.text, cited)
        holding = [place for place in cited if not sources.same_language or sources.holds(place, line.text)]
        kept = holding or ([result.place] if result.place is not None else [])
        post_ids = dict.fromkeys(posts[place].post_id for place in kept)
        task = _ASSIGNED.match(line.text) if line.section == "todo" else None
        wrong = task is not None and kept and not sources.knows(task[1], kept)
        return replace(line, support="unsupported" if wrong else result.verdict, posts=tuple(post_ids)[:MOST_CITED])

    verdict = compare(found.verdict) if found.verdict else None
    lines = tuple(map(compare, found.lines))
    pairs = zip(found.all_lines, [*([verdict] if verdict else []), *lines], strict=True)
    held = sum(len({*line.posts} & {*now.posts}) for line, now in pairs if now.support != "unsupported")
    cited = sum(len(line.posts) for line in found.all_lines)
    return replace(found, verdict=verdict, lines=lines, cited=cited, held=held)


def quotes(posts: Sequence[Said], brief: Brief, removed: int = 0) -> Notes:
    """The posts that say most of it, or that fit the wish best, each as a line."""
    texts = [post.text for post in posts]
    most = min(brief.lines, math.ceil(len(posts) / QUOTED))
    places = (_fitting(texts, brief.wish, most) if brief.wish else []) or central(texts, most)
    places = places or list(range(len(posts)))[-most:]
    lines = [Line(_quotation(posts[place].text), "", (posts[place].post_id,), posts[place].author) for place in places]
    return Notes(None, tuple(lines), quoted=True, removed=removed)


def _sources(found: Notes, posts: Sequence[Said], brief: Brief) -> Sources:
    days = [day_name(post, brief.zone) for post in posts]
    texts = [f"{post.author}: {post.text} ({day})" for post, day in zip(posts, days, strict=True)]
    times = [f"{local(post.at, brief.zone):%H:%M %Y-%m-%d} {day}" for post, day in zip(posts, days, strict=True)]
    same = not language.differs([line.text for line in found.all_lines], [post.text for post in posts])
    return Sources(texts, times, same_language=same, nouns_capital=brief.language == "German")


def _fitting(texts: Sequence[str], wish: str, most: int) -> list[int]:
    scores = relevance(texts, wish)
    ranked = sorted((place for place in range(len(texts)) if scores[place]), key=lambda place: (-scores[place], place))
    return sorted(ranked[:most])


def _quotation(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= notes.LONGEST else said[: notes.LONGEST - 1].rstrip() + "…"
