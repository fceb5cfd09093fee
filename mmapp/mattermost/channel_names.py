"""What a channel's name tells, as commands, clicks and events carry it. A channel may be named like a group message."""

from __future__ import annotations

import re

_DIRECT = re.compile(r"[a-z0-9]{26}__[a-z0-9]{26}")
_GROUP = re.compile(r"[0-9a-f]{40}")


def is_direct(channel_name: str) -> bool:
    """Whether it is a direct message's: two ids."""
    return _DIRECT.fullmatch(channel_name) is not None


def is_direct_with(channel_name: str, bot_id: str) -> bool:
    """Whether it is the bot's own direct message with a person."""
    return is_direct(channel_name) and bot_id in channel_name.split("__")


def is_group(channel_name: str) -> bool:
    """Whether it is a group message's: 40 hexadecimal digits. Nobody can invite a bot there."""
    return _GROUP.fullmatch(channel_name) is not None
