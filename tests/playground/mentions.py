"""Who is notified by a text, by the rules that the 66 recorded texts show (fixture v11_e_mention_matrix)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

EVERYBODY = {"channel", "all", "here"}
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_WORD = re.compile(r"[^\s,;!?()\[\]{}<>\"'*~|`$/\\#=+&%^\u200b\u2060]+")


def words(markdown: str) -> Iterable[str]:
    """The words that may notify: without code, link targets, and addresses."""
    text = _without_spans(_without_blocks(markdown))
    text = re.sub(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)", "] ", text)
    text = re.sub(r"(?:https?|ftp)://\S+|www\.\S+", " ", text)
    return _WORD.findall(text)


def _without_blocks(markdown: str) -> str:
    kept: list[str] = []
    fence = ""
    blank = True
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            closes = mark and mark[1].startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closes else fence
        elif mark and not ("`" in mark[1] and "`" in line[mark.end() :]):
            fence = mark[1]
            kept.append("")
        elif not (blank and line.startswith("    ")):
            kept.append(line)
        blank = not line.strip() or (blank and line.startswith("    "))
    return "\n".join(kept)


def _without_spans(text: str) -> str:
    """Code spans run to the next equally long run of backticks of the paragraph; an escaped backtick opens none."""
    out: list[str] = []
    position = 0
    while True:
        found = re.compile(r"\\[\\`]|`+").search(text, position)
        if not found:
            return "".join([*out, text[position:]])
        out.append(text[position : found.start()])
        position = found.end()
        if found[0][0] == "\\":
            continue
        end = re.compile(rf"(?<!`){found[0]}(?!`)").search(text, position)
        if end and "\n\n" not in text[position : end.start()]:
            out.append(" ")
            position = end.end()


def _texts(post: dict[str, Any]) -> Iterable[str]:
    """The parts of a post that are looked through: not titles, footers, authors, fallbacks and names of buttons."""
    yield post.get("message") or ""
    for attachment in (post.get("props") or {}).get("attachments") or ():
        yield attachment.get("pretext") or ""
        yield attachment.get("text") or ""
        for field in attachment.get("fields") or ():
            yield str(field.get("value") or "")


def mentioned(post: dict[str, Any], user: dict[str, Any], *, here: bool = True) -> bool:
    """Whether this post notifies this member, by name, by @channel, by his first name or a keyword; `here`: and is online."""
    notify = user.get("notify_props") or {}
    keys = {key.strip().lower() for key in notify.get("mention_keys", "").split(",") if key.strip()}
    first = user.get("first_name", "") if notify.get("first_name") == "true" else ""
    for word in (word for text in _texts(post) for word in words(text)):
        bare = word.strip(".:-_")
        if (first and bare == first) or bare.lower() in keys:
            return True
        if _named(word.lstrip(".:-_").lower(), (EVERYBODY if here else EVERYBODY - {"here"}) | {user["username"]}):
            return True
    return False


def _named(word: str, names: set[str]) -> bool:
    if not word.startswith("@"):
        return False
    name = word[1:]
    while name:
        if name in names:
            return True
        if name[-1] not in ".:-_":
            return False
        name = name[:-1]
    return False
