"""Addresses of internal networks: Mattermost calls them only where AllowedUntrustedInternalConnections names them."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def internal_addresses(host: str) -> list[Address]:
    """Those of a host that are not public; none where its name is unknown on this machine."""
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):  # the second, where it is no name at all
        return []
    return [address for address in map(ipaddress.ip_address, found) if not address.is_global]
