"""Sends forms to a web process and times each answer, in a process of its own: nothing else runs beside the clock.

    python -m tests.bench.client URL FORMS.json PAUSE        prints the seconds of each request and the last answer, as JSON

Over one connection that is kept open, with a pause between two requests: people do not ask in the same millisecond.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> int:
    """Time them all; connecting is not counted."""
    url, forms, pause = urlsplit(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), float(sys.argv[3])
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
    connection.connect()
    seconds = []
    for form in forms:
        body = urlencode(form)
        time.sleep(pause)
        started = time.perf_counter()
        connection.request("POST", url.path, body, HEADERS)
        answer = connection.getresponse()
        said = answer.read()
        seconds.append(time.perf_counter() - started)
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {said[:500]!r}")
    sys.stdout.write(json.dumps({"seconds": seconds, "last": said.decode()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
