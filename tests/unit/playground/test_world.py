"""Worlds: built by tests, or by a file for a process; what is acknowledged survives kill -9."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.playground import Playground
from tests.playground.errors import ApiError
from tests.playground.stub import Reply, Stub

WORLD = {
    "teams": [
        {"name": "eng", "commands": [{"trigger": "ai", "url": "http://127.0.0.1:9/slash", "token": "command-token"}]}
    ],
    "users": [{"username": "alice", "token": "alice-token"}],
    "bots": [{"username": "ai", "token": "bot-token"}],
    "channels": [{"name": "ops", "type": "O", "members": ["alice", "ai"]}],
    "posts": [
        {"user": "alice", "channel": "ops", "text": "It is down.", "as": "down"},
        {"user": "alice", "channel": "ops", "text": "Since 9:10.", "root": "down"},
    ],
}


class Process:
    """`python -m tests.playground`, killed at the end in any case."""

    def __init__(self, db: Path, world: Path) -> None:
        command = [sys.executable, "-m", "tests.playground", "--port", "0", "--db", str(db), "--world", str(world)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1]

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        with requests.Session() as session:
            headers = {"Authorization": "Bearer bot-token"}
            return session.request(method, f"{self.url}/api/v4{path}", json=body, headers=headers, timeout=10)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()
        return code


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    db, world = tmp_path / "world.db", tmp_path / "world.json"
    world.write_text(json.dumps(WORLD))
    first = Process(db, world)
    teams = first.call("GET", f"/users/{first.call('GET', '/users/me').json()['id']}/channels").json()
    (channel,) = [one["id"] for one in teams]
    made = [first.call("POST", "/posts", {"channel_id": channel, "message": str(n)}).json()["id"] for n in range(5)]
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Process(db, world)
    order = second.call("GET", f"/channels/{channel}/posts").json()["order"]
    assert set(made) <= set(order)
    assert len(order) == 7
    assert second.end(signal.SIGTERM) == 0


def test_people_are_told_apart_by_what_they_may_read() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        playground.add_user("gus", roles="system_guest")
        playground.add_user("root", roles="system_user system_admin")
        public, private = playground.add_channel("O"), playground.add_channel("P")
        statuses = {
            name: [playground.call(name, "GET", f"/channels/{one['id']}/posts").status for one in (public, private)]
            for name in ("alice", "gus", "root")
        }
        assert statuses == {"alice": [200, 403], "gus": [403, 403], "root": [200, 200]}
        assert playground.join("gus", private)["scheme_guest"]


def test_somebody_of_another_team_reads_no_public_channel() -> None:
    with Playground() as playground:
        playground.add_team("eng")
        other = playground.add_team("ops")
        playground.add_user("olga", team=other)
        channel = playground.add_channel("O", team=playground.store.find("team", name="eng"))
        assert playground.call("olga", "GET", f"/channels/{channel['id']}/posts").status == 403


def test_a_member_who_was_removed_can_post_no_more() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        channel = playground.add_channel(members=["alice"])
        playground.remove_member("alice", channel)
        with pytest.raises(ApiError):
            playground.post_as("alice", channel, "x")


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_who_leaves_by_himself_is_told_so_and_the_others_read_it(age: str) -> None:
    with Playground(age) as playground:
        playground.add_team()
        playground.add_user("alice")
        bot = playground.add_bot("ai")
        channel = playground.add_channel(members=["alice", "ai"])
        assert playground.call("ai", "DELETE", f"/channels/{channel['id']}/members/{bot['id']}").status == 200
        (told,) = playground.events("ai", "user_removed")
        assert (told["data"]["channel_id"], told["data"]["remover_id"]) == (channel["id"], "")
        assert playground.posts(channel)[-1]["message"] == "ai left the channel."
        assert playground.call("ai", "DELETE", f"/channels/{channel['id']}/members/{bot['id']}").status == 403


def test_an_archived_channel_takes_no_posts() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        channel = playground.add_channel(members=["alice"])
        playground.archive(channel)
        with pytest.raises(ApiError, match="deleted channel"):
            playground.post_as("alice", channel, "x")


def test_a_command_belongs_to_its_team() -> None:
    with Stub(Reply(body={})) as app, Playground() as playground:
        first, second = playground.add_team("eng"), playground.add_team("ops")
        playground.add_user("alice", team=first)
        playground.add_user("olga", team=second)
        playground.add_command(first, "ai", f"{app.url}/slash")
        own = playground.add_channel(team=first, members=["alice"])
        other = playground.add_channel(team=second, members=["olga"])
        assert playground.slash("alice", own, "/ai x").status == 200
        assert playground.slash("olga", other, "/ai x").status == 404


def test_root_id_reaches_the_app_on_v11_alone_and_the_answer_the_thread_on_both() -> None:
    for age in ("5.37", "11"):
        with Stub(Reply(body={"text": "seen"})) as app, Playground(age) as playground:
            team = playground.add_team()
            playground.add_user("alice")
            playground.add_command(team, "ai", f"{app.url}/slash")
            channel = playground.add_channel(members=["alice"])
            root = playground.post_as("alice", channel, "root")
            playground.slash("alice", channel, "/ai x", root["id"])
            assert (f"root_id={root['id']}".encode() in app.calls[0].body) is (age == "11")
            assert playground.ephemerals("alice")[0]["root_id"] == root["id"]


def test_the_bot_is_invited_by_a_command_of_mattermosts_own() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        playground.add_bot("ai")
        channel = playground.add_channel("P", members=["alice"])
        assert playground.slash("alice", channel, "/invite @ai").text.startswith("ai added to")
        assert playground.server.member(channel["id"], playground.user("ai")["id"])


def test_deleting_a_root_deletes_its_replies() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        channel = playground.add_channel(members=["alice"])
        root = playground.post_as("alice", channel, "root")
        playground.post_as("alice", channel, "reply", root)
        playground.delete("alice", root)
        assert playground.posts(channel) == []
        assert playground.thread(root) == []


def test_posts_of_people_keep_their_order() -> None:
    with Playground() as playground:
        playground.add_team()
        playground.add_user("alice")
        channel = playground.add_channel(members=["alice"])
        written = [playground.post_as("alice", channel, str(number))["id"] for number in range(50)]
        assert [post["id"] for post in playground.posts(channel)] == written
