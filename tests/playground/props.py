"""Props that v11 takes and calls invalid in its log: "In a future version this will result in an error". Build none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.playground.shapes import Doc

_STYLES = {"", "default", "primary", "success", "good", "warning", "danger"}
_COLOURS = {"", "good", "warning", "danger"}
_SOURCES = {"", "users", "channels"}
_TYPES: dict[str, type] = {"from_webhook": str, "unsafe_links": str, "disable_group_highlight": bool}


def invalid(props: Doc) -> list[str]:
    """What v11 would log of these props, in its own words."""
    return list(_invalid(props))


def _invalid(props: Doc) -> Iterator[str]:
    for name, kind in _TYPES.items():
        if name in props and not isinstance(props[name], kind):
            yield f"{name} prop must be a {'string' if kind is str else 'boolean'}"
    if props.get("override_icon_url") and not _is_url(props["override_icon_url"]):
        yield "override_icon_url prop must be a valid URL"
    for attachment in props.get("attachments") or ():
        yield from _of_attachment(attachment)


def _of_attachment(attachment: Doc) -> Iterator[str]:
    if attachment.get("title_link") and not attachment.get("title"):
        yield "title link cannot be set without title"
    if attachment.get("author_link") and not attachment.get("author_name"):
        yield "author link cannot be set without author name"
    if attachment.get("image_url") and not _is_url(attachment["image_url"]):
        yield "invalid image URL"
    colour = attachment.get("color") or ""
    if colour not in _COLOURS and not _is_hex(colour):
        yield f"invalid style '{colour}' - must be one of [good, warning, danger] or a hex color"
    for field in attachment.get("fields") or ():
        value = field.get("value", "")
        if isinstance(value, bool) or not isinstance(value, str | int):
            yield "value must be either a string or int"
    for action in attachment.get("actions") or ():
        yield from _of_action(action)


def _of_action(action: Doc) -> Iterator[str]:
    style, kind, source = (action.get(key) or "" for key in ("style", "type", "data_source"))
    if not action.get("name"):
        yield "action must have a name"
    if style not in _STYLES and not _is_hex(style):
        yield f"invalid style '{style}' - must be one of [default, primary, success, good, warning, danger] or a hex color"
    if kind == "button" and action.get("options"):
        yield "button action must not have options"
    elif kind == "select":
        yield from _of_select(action.get("options"), source)
    elif kind != "button":
        yield "invalid action type: must be 'button' or 'select'"
    if not action.get("integration"):
        yield "action must have integration settings"
    elif not _is_url(action["integration"].get("url")):
        yield "action must have an valid integration URL"


def _of_select(options: Any, source: str) -> Iterator[str]:
    if not options and not source:
        yield "select action must have either DataSource or Options set"
    if source not in _SOURCES:
        yield f"invalid data_source '{source}' for select action"
    for option in options or ():
        if not option.get("value"):
            yield "value is required"


def _is_hex(colour: str) -> bool:
    return re.fullmatch(r"#[0-9A-Fa-f]{6}", colour) is not None


def _is_url(value: object) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.netloc)
