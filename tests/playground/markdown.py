"""Markdown as roughly as a page for trying needs it. Everything is escaped first, so no text becomes markup of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

_SPAN = re.compile(r"(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)|\\(?P<escaped>[!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((https?://[^\s()&]+)\)")
_FENCE = re.compile(r" *(`{3,}|~{3,})")
_ITEM = re.compile(r"( *)([-*+]|\d{1,3}[.)]) +(.*)")
_HEADING = re.compile(r"(#{1,6}) +(.*)")
_RULED = re.compile(r" *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$")


@dataclass(frozen=True)
class _Style:
    me: str = ""
    breaks: str = "<br>"


def rendered(text: str, me: str = "") -> Markup:
    """A post's text as HTML; `me` is whose mentions stand out."""
    return _blocks(text.split("\n"), _Style(me))


def in_dialog(text: str) -> Markup:
    """The same for dialogs, where a single line break is lost (measured on 5.37 and 11.6)."""
    return _blocks(text.split("\n"), _Style(breaks=" "))


def _blocks(lines: list[str], style: _Style) -> Markup:
    out: list[str] = []
    while lines:
        if not lines[0].strip():
            lines = lines[1:]
            continue
        html, lines = _kind(lines)(lines, style)
        out.append(html)
    return Markup("\n".join(out))  # noqa: S704 - every part is escaped


_Block = Callable[[list[str], _Style], tuple[str, list[str]]]


def _kind(lines: list[str]) -> _Block:
    if _FENCE.match(lines[0]):
        return _code
    if lines[0].lstrip().startswith(">"):
        return _quote
    if _ITEM.match(lines[0]):
        return _list
    if _is_table(lines):
        return _table
    return _heading if _HEADING.match(lines[0]) else _paragraph


def _is_table(lines: list[str]) -> bool:
    return len(lines) > 1 and "|" in lines[0] and "|" in lines[1] and _RULED.match(lines[1]) is not None


def _while(lines: list[str], holds: Callable[[str], object]) -> int:
    return next((number for number, line in enumerate(lines) if not holds(line)), len(lines))


def _code(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    marks, inside = (_FENCE.match(lines[0]) or ["", ""])[1], lines[1:]
    end = next((number for number, line in enumerate(inside) if line.strip().startswith(marks)), len(inside))
    return f"<pre><code>{escape(chr(10).join(inside[:end]))}</code></pre>", inside[end + 1 :]


def _quote(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    size = _while(lines, lambda line: line.lstrip().startswith(">"))
    inner = [re.sub(r"^ *> ?", "", line) for line in lines[:size]]
    return f"<blockquote>{_blocks(inner, style)}</blockquote>", lines[size:]


def _list(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    """Items of one depth, each with what stands indented below it."""
    first = _ITEM.match(lines[0])
    assert first
    depth, tag = len(first[1]), "ol" if first[2][0].isdigit() else "ul"
    items: list[str] = []
    while lines and (found := _ITEM.match(lines[0])) and len(found[1]) == depth:
        size = 1 + _while(lines[1:], lambda line: line.strip() and len(line) - len(line.lstrip()) > depth)
        below = _blocks([line.strip() if not _ITEM.match(line) else line for line in lines[1:size]], style)
        items.append(f"<li>{inline(found[3], style.me)}{below}</li>")
        lines = lines[size:]
    return f"<{tag}>{''.join(items)}</{tag}>", lines


def _table(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    size = _while(lines, lambda line: "|" in line)
    head, *rows = [lines[0], *lines[2:size]]
    body = "".join(_row(row, "td", style) for row in rows)
    return f"<table><thead>{_row(head, 'th', style)}</thead><tbody>{body}</tbody></table>", lines[size:]


def _row(line: str, tag: str, style: _Style) -> str:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return f"<tr>{''.join(f'<{tag}>{inline(cell.strip(), style.me)}</{tag}>' for cell in cells)}</tr>"


def _heading(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    found = _HEADING.match(lines[0])
    return f"<h4>{inline(found[2] if found else '', style.me)}</h4>", lines[1:]


def _paragraph(lines: list[str], style: _Style) -> tuple[str, list[str]]:
    size = 1
    while size < len(lines) and lines[size].strip() and _kind(lines[size:]) is _paragraph:
        size += 1
    return f"<p>{style.breaks.join(inline(line, style.me) for line in lines[:size])}</p>", lines[size:]


def inline(text: str, me: str = "") -> Markup:
    """One line: code, links, bold, italics, mentions."""
    out, position = [], 0
    for found in _SPAN.finditer(text):
        out.append(_marked(text[position : found.start()], me))
        out.append(
            str(escape(found["escaped"])) if found["escaped"] else f"<code>{escape(found['code'].strip())}</code>"
        )
        position = found.end()
    return Markup("".join([*out, _marked(text[position:], me)]))  # noqa: S704 - every part is escaped


def _marked(text: str, me: str) -> str:
    targets: list[str] = []  # out of the way, so that nothing in them is taken for emphasis or a mention

    def link(part: re.Match[str]) -> str:
        targets.append(part[2])
        return f'<a href="\0{len(targets) - 1}\0" rel="noopener noreferrer">{part[1]}</a>'

    found = _LINK.sub(link, str(escape(text.replace("\0", ""))))
    found = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", found)
    found = re.sub(r"~~(?=\S)(.+?)(?<=\S)~~", r"<del>\1</del>", found)
    found = re.sub(r"(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])", r"<em>\1</em>", found)

    def mention(name: re.Match[str]) -> str:
        mine = " me" if me and name[1].rstrip(".-").lower() in (me, "all", "channel", "here") else ""
        return f'<span class="mention{mine}">@{name[1]}</span>'

    found = re.sub(r"(?<![\w.@])@([a-z0-9][\w.-]*)", mention, found)
    return re.sub(r"\0(\d+)\0", lambda part: targets[int(part[1])], found)
