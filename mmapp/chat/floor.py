"""The floor: a summary is never worse than quoting. Lines are held against the messages, and where fewer than half of them
hold, the messages that say most of it stand in their place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from llm.lexrank import central
from llm.relevance import relevance
from mmapp.chat import language, notes
from mmapp.chat.brief import Brief
from mmapp.chat.citations import Sources, counts
from mmapp.chat.notes import Line, Notes, Section
from mmapp.chat.numbered import day_name
from mmapp.chat.read import Said

ONLY: dict[str, Section] = {"actions": "todo", "decisions": "decided", "questions": "open"}
MOST_CITED = 4  # posts behind one line
QUOTED = 2  # at most half of the messages: more of them is the talk itself


def held(found: Notes, posts: Sequence[Said], brief: Brief, *, said: bool) -> Notes:
    """The lines with what supports each, or quotations. `said`: the model had something to say at all."""
    checker = _Checker(posts, brief)
    verdict = checker.check(found.verdict) if found.verdict else None
    checked = replace(found, verdict=verdict, lines=tuple(map(checker.check, found.lines)))
    judged = [line for line in checked.all_lines if line.support != "unchecked" and counts(line.text)]
    holds = sum(line.support == "supported" for line in judged)
    nothing = not judged and all(line.support != "unchecked" for line in checked.all_lines)
    if nothing and said and brief.kind in ONLY:
        return Notes(None, removed=found.removed)  # nobody was given a task: no model has to invent one
    if nothing or 2 * holds < len(judged):
        return replace(quotes(posts, brief), removed=found.removed)
    return checked


class _Checker:
    """The posts that a node is about, to hold its lines against."""

    def __init__(self, posts: Sequence[Said], brief: Brief) -> None:
        texts = [f"{post.author}: {post.text} ({day_name(post, brief.zone)})" for post in posts]
        theirs = language.guess(post.text for post in posts)
        same = theirs in ("", brief.language) or not brief.language
        self._sources = Sources(texts, same_language=same, nouns_capital=brief.language == "German")
        self._ids = [post.post_id for post in posts]
        self._places = {post_id: place for place, post_id in reversed(list(enumerate(self._ids)))}

    def check(self, line: Line) -> Line:
        """With its support, and the posts that hold it: those that it cites, else the one that fits it best."""
        cited = [self._places[post] for post in line.posts if post in self._places]
        found = self._sources.check(line.text, cited)
        holding = [place for place in cited if not self._sources.same_language or self._sources.holds(place, line.text)]
        aligned = [found.place] if found.place is not None else []
        places = (holding or aligned)[:MOST_CITED]
        return replace(line, support=found.verdict, posts=tuple(self._ids[place] for place in places))


def quotes(posts: Sequence[Said], brief: Brief) -> Notes:
    """The posts that say most of it, or that fit the wish best, each as a line."""
    texts = [post.text for post in posts]
    most = min(brief.lines, math.ceil(len(posts) / QUOTED))
    places = (_fitting(texts, brief.wish, most) if brief.wish else []) or central(texts, most)
    places = places or list(range(len(posts)))[-most:]
    lines = [Line(_quotation(posts[place].text), "", (posts[place].post_id,), posts[place].author) for place in places]
    return Notes(None, tuple(lines), quoted=True)


def _fitting(texts: Sequence[str], wish: str, most: int) -> list[int]:
    scores = relevance(texts, wish)
    ranked = sorted((place for place in range(len(texts)) if scores[place]), key=lambda place: (-scores[place], place))
    return sorted(ranked[:most])


def _quotation(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= notes.LONGEST else said[: notes.LONGEST - 1].rstrip() + "…"
