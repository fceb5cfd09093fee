"""The prompts: Jinja files, versioned, so that an answer's provenance can name what it was asked with."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

VERSION = "ask-3"
SUMMARY_VERSION = "summary-1"
_ENVIRONMENT = Environment(  # noqa: S701 - plain text for a model, no markup
    loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined
)


def instructions(bot: str, *, messages: bool) -> str:
    """The system text of a question; `messages`: whether posts of a thread come with it."""
    return _ENVIRONMENT.get_template("ask.jinja").render(bot=bot, messages=messages).strip()


def manner(instructions: str, length: str, language: str) -> str:
    """How a question is to be answered, on one line; empty where nothing is said of it."""
    if not (instructions or language or length in ("short", "long")):
        return ""
    template = _ENVIRONMENT.get_template("manner.jinja")
    return " ".join(template.render(instructions=instructions, length=length, language=language).split())


def shorter() -> str:
    """What a model is asked for a shorter answer than its last one."""
    return _ENVIRONMENT.get_template("shorter.jinja").render().strip()


def note_taking(kind: str, lines: int, language: str, *, notes: bool) -> str:
    """The system text of a summary's node; `notes`: whether it is given notes on parts, and not posts."""
    template = _ENVIRONMENT.get_template("summary.jinja")
    return " ".join(template.render(kind=kind, lines=lines, language=language, notes=notes).split())


def notes_wanted(kind: str, wish: str) -> str:
    """What stands behind the posts: the question, and last what its person cares about."""
    question = _ENVIRONMENT.get_template("summary_wanted.jinja").render(kind=kind).strip()
    return question + (f" Above all: {wish}" if wish else "")
