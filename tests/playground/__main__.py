"""`python -m tests.playground --age 11 --port 8065 --db file --world file.json`: the playground as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.playground.world import Playground


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = argparse.ArgumentParser(prog="python -m tests.playground", description=__doc__)
    options.add_argument("--age", choices=("11", "5.37"), default="11", help="which Mattermost is played")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8065)
    options.add_argument("--db", default=":memory:", help="an SQLite file; what is in it is served again")
    options.add_argument(
        "--world", type=Path, help="teams, people, channels and posts as JSON, built where the file is empty"
    )
    chosen = options.parse_args()
    playground = Playground(chosen.age, db=chosen.db, port=chosen.port)
    if chosen.world:
        build(playground, json.loads(chosen.world.read_text(encoding="utf-8")))
    playground.bind(chosen.host)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=playground.shut).start())
    sys.stdout.write(f"The playground (not Mattermost) plays {chosen.age} at {playground.url}\n")
    sys.stdout.flush()
    playground.serve()
    playground.stop()


def build(playground: Playground, world: dict[str, Any]) -> None:
    """Make what a world's file describes, unless the database holds a world already.

    `{"teams": [{"name", "commands": [{"trigger", "url", "token"}]}], "users": [{"username", "token", …}], "bots": […],
    "channels": [{"name", "type", "members"}], "posts": [{"user", "channel", "text", "as", "root"}]}`
    """
    if playground.store.every("team"):
        return
    with playground.store.transaction():
        for team in world.get("teams", ()):
            made = playground.add_team(team["name"])
            for command in team.get("commands", ()):
                playground.add_command(made, **command)
        for user in world.get("users", ()):
            playground.add_user(**user)
        for bot in world.get("bots", ()):
            playground.add_bot(**bot)
        channels = {
            one["name"]: playground.add_channel(one.pop("type", "O"), **one) for one in world.get("channels", ())
        }
        _post(playground, channels, world.get("posts", ()))


def _post(playground: Playground, channels: dict[str, Any], posts: Any) -> None:
    """Posts one minute apart, ending now; `as` names a root for later posts' `root`."""
    named: dict[str, Any] = {}
    playground.advance(-60 * len(posts))
    for post in posts:
        made = playground.post_as(
            post["user"], channels[post["channel"]], post["text"], named.get(post.get("root", ""), "")
        )
        named[post.get("as", made["id"])] = made
        playground.advance(60)


if __name__ == "__main__":
    main()
