"""Markdown as roughly as a page for trying needs it. Everything is escaped first, so no text becomes markup of its own."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_SPAN = re.compile(r"(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)|\\(?P<escaped>[!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((https?://[^\s()&]+)\)")
_FENCE = re.compile(r" *(`{3,}|~{3,})")


def rendered(text: str) -> Markup:
    """The text as HTML."""
    out: list[str] = []
    lines = text.split("\n")
    while lines:
        fence = _FENCE.match(lines[0])
        if fence:
            code, lines = _code(lines[1:], fence[1])
            out.append(f"<pre><code>{escape(code)}</code></pre>")
        elif lines[0].lstrip().startswith(">"):
            size = _while(lines, lambda line: line.lstrip().startswith(">"))
            inner = "\n".join(re.sub(r"^ *> ?", "", line) for line in lines[:size])
            out.append(f"<blockquote>{rendered(inner)}</blockquote>")
            lines = lines[size:]
        elif re.match(r" *[-*+] ", lines[0]):
            size = _while(lines, lambda line: re.match(r" *[-*+] ", line) is not None)
            out.append("<ul>" + "".join(f"<li>{inline(line.lstrip()[2:])}</li>" for line in lines[:size]) + "</ul>")
            lines = lines[size:]
        else:
            out.append(_line(lines[0]))
            lines = lines[1:]
    return Markup("\n".join(out))  # noqa: S704 - every part above is escaped


def _while(lines: list[str], holds: object) -> int:
    assert callable(holds)
    return next((number for number, line in enumerate(lines) if not holds(line)), len(lines))


def _code(lines: list[str], marks: str) -> tuple[str, list[str]]:
    end = next((number for number, line in enumerate(lines) if line.strip().startswith(marks)), len(lines))
    return "\n".join(lines[:end]), lines[end + 1 :]


def _line(line: str) -> str:
    heading = re.match(r"(#{1,6}) +(.*)", line)
    if heading:
        return f"<h4>{inline(heading[2])}</h4>"
    return f"<p>{inline(line)}</p>" if line.strip() else ""


def inline(text: str) -> Markup:
    """One line: code, links, bold, italics, mentions."""
    out, position = [], 0
    for found in _SPAN.finditer(text):
        out.append(_marked(text[position : found.start()]))
        out.append(
            str(escape(found["escaped"])) if found["escaped"] else f"<code>{escape(found['code'].strip())}</code>"
        )
        position = found.end()
    return Markup("".join([*out, _marked(text[position:])]))  # noqa: S704 - every part is escaped


def _marked(text: str) -> str:
    found = str(escape(text))
    found = _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', found)
    found = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", found)
    found = re.sub(r"(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])", r"<em>\1</em>", found)
    return re.sub(r"(?<![\w.@])@([a-z0-9][\w.-]*)", r'<span class="mention">@\1</span>', found)
