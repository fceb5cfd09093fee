"""What Chorus sends: answers, buttons and props, within the rules that v11 warns of (fixture v11_d_props_rules)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mmapp.mattermost.errors import Refused
from mmapp.mattermost.values import JsonObject

MAX_RUNES = 16_383
"""Characters of a post (fixtures e_max_len_error, v11_e_max_len_error: 16,384 are refused)."""
MAX_BYTES = 65_535
"""Bytes of a post in the server's database; 16,383 characters of four bytes stay just below."""
MAX_BODY = 300_000
"""Bytes of a whole JSON request on v11 (fixture v11_e_body_too_large_413)."""
MAX_PROPS_RUNES = 8_000
"""Characters of props on 5.37 (fixture e_props_too_long); 100,000 pass on v11."""
SPARE_RUNES = 1_000
"""Characters of props that are left to the server: it adds a bot's mark and an attachment's empty fields."""
STYLES = frozenset({"default", "primary", "success", "good", "warning", "danger"})

_ACTION_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_COLOUR = re.compile(r"good|warning|danger|#[0-9A-Fa-f]{6}")


def ephemeral(
    text: str, *, attachments: Sequence[JsonObject] = (), username: str = "", icon_url: str = ""
) -> JsonObject:
    """The answer to a slash command, or the body for a `response_url`, that the asker alone sees.

    `skip_slack_parsing`, or the server rewrites `<…>`. Name and icon show where `EnablePostUsernameOverride` is on.
    """
    answer: JsonObject = {"response_type": "ephemeral", "text": text, "skip_slack_parsing": True}
    answer |= {"attachments": list(attachments)} if attachments else {}
    answer |= {"username": username} if username else {}
    answer |= {"icon_url": icon_url} if icon_url else {}
    return answer


def button(action_id: str, name: str, url: str, context: Mapping[str, Any], *, style: str = "default") -> JsonObject:
    """A button; `context` never reaches clients, the URL reaches logs."""
    if not _ACTION_ID.fullmatch(action_id):
        raise Refused("an action's id holds letters and digits only: others are a 404 when clicked")
    if not name or style not in STYLES or not is_absolute(url):
        raise Refused("a button needs a name, a style that Mattermost knows and an absolute URL")
    integration = {"url": url, "context": dict(context)}
    return {"id": action_id, "type": "button", "name": name, "style": style, "integration": integration}


def stop_button(url: str, context: Mapping[str, Any], *, name: str = "Stop") -> JsonObject:
    """The button that ends an answer."""
    return button("stop", name, url, context, style="danger")


def attachment(actions: Sequence[JsonObject], *, text: str = "", fallback: str = "", color: str = "") -> JsonObject:
    """A row of buttons below a message. What it says belongs in the message: attachments are not found by search."""
    if color and not _COLOUR.fullmatch(color):
        raise Refused("a colour is good, warning, danger or #rrggbb")
    found: JsonObject = {"actions": list(actions)}
    found |= {key: value for key, value in (("text", text), ("fallback", fallback), ("color", color)) if value}
    return found


def answer_props(
    bot_id: str, *, card: str = "", attachments: Sequence[JsonObject] = (), own: Mapping[str, str] | None = None
) -> JsonObject:
    """The props of a text by a model: the sparkle (v11), the card behind the (i), buttons, and Chorus' own keys.

    A card that does not fit into the props of 5.37 is cut. Build them anew for every patch: props read back through the
    API have lost their integrations.
    """
    props: JsonObject = dict(own or {})
    props["ai_generated_by"] = bot_id
    props |= {"attachments": list(attachments)} if attachments else {}
    card = _cut(card, MAX_PROPS_RUNES - SPARE_RUNES - _runes(props))
    return props | ({"card": card} if card else {})


def _cut(text: str, room: int) -> str:
    while text and _runes(text) > room:
        text = text[: max(0, len(text) * room // _runes(text))]
    return text


def _runes(value: Any) -> int:
    """How long a value is in props: as Go writes JSON, where `<`, `>` and `&` take six characters."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(written) + 5 * sum(map(written.count, "<>&"))


def is_absolute(url: str) -> bool:
    """Whether this is an http or https URL with a host."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
