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
from mmapp.chat.none import says_none
from mmapp.chat.notes import Line, Notes
from mmapp.chat.numbered import local
from mmapp.chat.read import Said

_ASSIGNED = re.compile(r"([^:]{1,40}):\s")  # who has to do it
MOST_CITED = 4  # posts behind one line
QUOTED = 2  # at most half of the messages: more of them is the talk itself


def checked(found: Notes, posts: Sequence[Said], brief: Brief) -> Notes:
    """These notes with what the posts say to each line, or quotations in their place."""
    notes_held = compared(found, posts, brief)
    lines = notes_held.all_lines
    if brief.kind in ONLY and lines and all(says_none(line.text) for line in lines):
        return Notes(None, removed=found.removed)  # nobody was given a task: no model has to invent one
    judged = [line for line in lines if _is_judged(line, brief)]
    nothing = not judged and all(line.support != "unchecked" for line in lines)
    holding = sum(line.support == "supported" for line in judged)
    if nothing or 2 * holding < len(judged):
        return quotes(posts, brief, found.removed)
    return notes_held if notes_held.lines or not _wants_more(posts, brief) else _filled(notes_held, posts, brief)


def _is_judged(line: Line, brief: Brief) -> bool:
    """Whether it counts for the floor. Tasks are told in few words, and so are refusals: where every line is one of them, all
    count, but for those that could not be looked up and name their message."""
    if brief.kind in ONLY:
        return line.support != "unchecked" or not line.posts
    return line.support != "unchecked" and counts(line.text)


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

    def compare(line: Line) -> tuple[Line, int, int]:
        cited = [place for post_id in line.posts for place in places.get(post_id, ())]
        result = sources.check(line.text, cited)
        best = [result.place] if result.place is not None else []
        kept = cited if result.verdict == "unchecked" else result.holding or best
        post_ids = tuple(dict.fromkeys(posts[place].post_id for place in kept))
        task = _ASSIGNED.match(line.text) if line.section == "todo" else None
        wrong = task is not None and kept and not sources.knows(task[1], kept)
        support = "unsupported" if wrong else result.verdict
        held = len(post_ids) if result.holding and support == "supported" else 0
        mended = bool(cited and best) and not result.holding and support == "supported"
        return replace(line, support=support, posts=post_ids[:MOST_CITED]), held, int(mended)

    looked_at = [compare(line) for line in found.all_lines]
    lines = [line for line, _, _ in looked_at]
    verdict = lines.pop(0) if found.verdict else None
    cited = sum(len(line.posts) for line in found.all_lines)
    held, mended = sum(each[1] for each in looked_at), sum(each[2] for each in looked_at)
    return replace(found, verdict=verdict, lines=tuple(lines), cited=cited, held=held, mended=mended)


def quotes(posts: Sequence[Said], brief: Brief, removed: int = 0) -> Notes:
    """The posts that say most of it, or that fit the wish best, each as a line."""
    texts = [post.text for post in posts]
    most = min(brief.lines, math.ceil(len(posts) / QUOTED))
    places = (_fitting(texts, brief.wish, most) if brief.wish else []) or central(texts, most)
    places = places or list(range(len(posts)))[-most:]
    lines = [
        Line(notes.shortened(" ".join(posts[place].text.split())), "", (posts[place].post_id,), posts[place].author)
        for place in places
    ]
    return Notes(None, tuple(lines), quoted=True, removed=removed)


def _sources(found: Notes, posts: Sequence[Said], brief: Brief) -> Sources:
    texts = [f"{post.author}: {post.text}" for post in posts]
    times = [local(post.at, brief.zone) for post in posts]
    written = [line.text for line in found.all_lines]
    same = not language.differs(written, [post.text for post in posts], brief.language)
    return Sources(texts, times, same_language=same, nouns_capital=brief.language == "German")


def _fitting(texts: Sequence[str], wish: str, most: int) -> list[int]:
    scores = relevance(texts, wish)
    ranked = sorted((place for place in range(len(texts)) if scores[place]), key=lambda place: (-scores[place], place))
    return sorted(ranked[:most])
