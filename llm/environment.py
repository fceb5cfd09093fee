"""What processes of ours are told of the environment: where things are, and no secret of anybody's.

A model's process takes apart what strangers have made, in C++: it must not hold the keys of the database, of Mattermost and of
endpoints. So must not pip, which is told how it reaches its index besides.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

PLACES = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LD_LIBRARY_PATH", "LANG", "LANGUAGE", "LC_*", "TZ")
PIPS_OWN = (
    "PIP_*",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NETRC",
    "XDG_*",
    "VIRTUAL_ENV",
)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def of_a_model() -> dict[str, str]:
    """For the process of a model."""
    return _those(PLACES)


def of_pip() -> dict[str, str]:
    """For pip: with its own settings, the way out, and whom to trust on it."""
    return _those((*PLACES, *PIPS_OWN, *PROXIES, *map(str.upper, PROXIES)))


def _those(patterns: Iterable[str]) -> dict[str, str]:
    wanted = tuple(patterns)
    return {name: value for name, value in os.environ.items() if any(fnmatchcase(name, each) for each in wanted)}
