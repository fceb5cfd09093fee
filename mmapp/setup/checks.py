"""What must be right on the server before anything is made: looked at, told, and changed by nobody but its administrator."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mmapp.errors import ConfigError
from mmapp.mattermost.internal import Address, internal_addresses
from mmapp.mattermost.server import OLDEST
from mmapp.mattermost.values import JsonObject, text
from mmapp.setup.work import Work
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble


def version(said: str, header: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """The server's version, from its settings or its answers' header. Raises ConfigError where it is too old."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", said)
    known = (int(found[1]), int(found[2]), int(found[3])) if found else header
    if known is None:
        raise ConfigError(trouble.version_unknown())
    if known < OLDEST:
        raise ConfigError(trouble.too_old(".".join(map(str, known))))
    return known


def settings(work: Work) -> JsonObject:
    """The settings, once nothing is wrong; until then that is told. Raises ConfigError where nobody looks again."""
    while faults := list(wrong(found := work.admin.service_settings(), work.url, work.public_url)):
        for fault in faults:
            work.person.tell(texts.fault(fault))
        if work.person.silent or not work.person.agrees(texts.look_again(len(faults)), default=True):
            raise ConfigError(trouble.settings_first())
    work.kept(texts.settings_right())
    return found


def tell_of_names(work: Work, settings: JsonObject) -> None:
    """Whose name notices bear, where the bot has no right to its own: advice, and no fault."""
    if settings.get("EnablePostUsernameOverride") is False:
        work.person.tell(trouble.override_off())


def wrong(settings: JsonObject, url: str, public_url: str) -> Iterator[str]:
    """What keeps Chorus from working on this server, each with the place where it is changed."""
    site_url = text(settings.get("SiteURL")).rstrip("/")
    if site_url != url:
        yield trouble.site_url(site_url, url)
    if settings.get("EnableBotAccountCreation") is False:
        yield trouble.bots_off()
    if settings.get("EnableCommands") is False:
        yield trouble.commands_off()
    allowed = re.split(r"[\s,]+", text(settings.get("AllowedUntrustedInternalConnections")))
    host = urlsplit(public_url).hostname or ""
    if host not in allowed and any(not _allowed(each, allowed) for each in internal_addresses(host)):
        yield trouble.connections(host)


def _allowed(address: Address, allowed: list[str]) -> bool:
    """Whether one of the ranges holds it. A single address counts only as it stands in the URL."""
    ranges = [each for each in allowed if "/" in each]
    try:
        return any(address in ipaddress.ip_network(each, strict=False) for each in ranges)
    except ValueError:  # a range with a typing error: what Mattermost makes of it, its log tells
        return False
