"""Where an answer comes from, as `Message.provenance` keeps it: on the answer's foot, on its card, and in its dialog."""

from __future__ import annotations

from typing import Any

from mmapp.texts import ask as texts
from mmapp.texts import files as file_texts
from mmapp.texts import model as model_texts
from mmapp.texts import privacy as privacy_texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts.plain import label


def foot(found: dict[str, Any]) -> str:
    """The line under the answer. In italics, which nothing in a file's name may end."""
    beside = [file_texts.foot(_files(found), label), *map(privacy_texts.left_out, found.get("left_out", ()))]
    beside += [model_texts.stands_in(found["instead_of"])] if "instead_of" in found else []
    whose = found.get("manner", {}).get("instructions")
    beside += [model_texts.own_instructions(whose)] if whose else []
    return texts.foot(found["title"], found["seconds"], _told(found), " · ".join(filter(None, beside)))


def card(found: dict[str, Any], asker: str, *, titled: bool = True) -> str:
    """All of it, as Markdown; `asker` is how people know who asked."""
    tokens = (found["read"], found["reused"], found["written"]) if "read" in found else None
    files = [*file_texts.card(_files(found), label), *_made(found.get("summary"))]
    return texts.card(found["title"], asker, _told(found), tokens, found["seconds"], files=files, titled=titled)


def _made(summary: dict[str, Any] | None) -> list[str]:
    """Of a summary: in how many parts it was read, and what became of citations."""
    return summary_texts.card_lines(summary["parts"], summary["quoted"], summary["removed"]) if summary else []


def _told(found: dict[str, Any]) -> texts.Told:
    which = summary_texts.how_far(cut=found["summary"]["cut"]) if "summary" in found else None
    told = texts.Told(*(found[name] for name in ("posts", "of", "cut", "forgotten", "first", "newest")))
    return told._replace(which=which)


def _files(found: dict[str, Any]) -> list[file_texts.Told]:
    return [file_texts.Told(*one) for one in found.get("files", ())]
