"""The page to try Chorus by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.playground import Playground
from tests.playground.markdown import in_dialog, rendered
from tests.playground.stub import Reply, Stub


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground() as made:
        made.add_team()
        for name in ("alice", "bob"):
            made.add_user(name)
        made.add_bot("ai")
        yield made


def get(playground: Playground, query: str = "") -> requests.Response:
    with requests.Session() as session:
        return session.get(f"{playground.url}/{query}", timeout=5)


def send(playground: Playground, where: str, **what: str) -> requests.Response:
    with requests.Session() as session:
        return session.post(f"{playground.url}/page/{where}", json=what, headers={"X-Playground": "page"}, timeout=5)


def test_it_says_on_its_face_what_it_is(playground: Playground) -> None:
    playground.add_channel(members=["alice"])
    assert "This is a playground for trying and testing Chorus, not Mattermost" in get(playground).text


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_a_threads_box_says_how_one_asks_about_it_on_every_server(age: str) -> None:
    with Playground(age) as playground:
        playground.add_team()
        channel = playground.add_channel(members=[playground.add_user("alice")])
        root = playground.post_as("alice", channel, "Is it down?")
        assert "ask about this thread: @ai …" in get(playground, f"?channel={channel['id']}&root={root['id']}").text


def test_a_world_without_channels_or_people_is_said_so() -> None:
    with Playground() as empty:
        assert get(empty).status_code == 404
        empty.add_team()
        empty.add_user("alice")
        assert "Nothing here yet" in get(empty).text


def test_no_words_of_a_person_become_markup(playground: Playground) -> None:
    playground.change_user("bob", username="bob")
    channel = playground.add_channel(members=["alice", "bob"], name="x", display_name="<i>x</i>")
    attack = "<script>alert(1)</script> [x](javascript:alert(1)) ![x](http://x/i.png) `<b>` **<u>**\n```\n</pre><b>\n```\n> <s>"
    playground.post_as("bob", channel, attack)
    page = get(playground, "?user=alice").text
    for tag in ("<script>alert", "<b>", "<u>", "<s>", "<i>", "<img", "javascript:alert(1)&#34;", 'href="javascript'):
        assert tag not in page


def test_a_post_and_a_reply_are_sent(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice"])
    assert send(playground, "send", user="alice", channel=channel["id"], text="hello").json()["error"] == ""
    (root,) = playground.posts(channel)
    send(playground, "send", user="alice", channel=channel["id"], root=root["id"], text="and more")
    assert [post["message"] for post in playground.thread(root)] == ["hello", "and more"]
    page = get(playground, f"?user=alice&channel={channel['id']}&root={root['id']}").text
    assert "1 reply" in page
    assert "and more" in page


def test_a_message_can_be_named_by_its_link(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice"])
    root = playground.post_as("alice", channel, "Is it down?")
    reply = playground.post_as("alice", channel, "It is.", root)
    path = playground.link(root).removeprefix(playground.url)
    assert f'data-link="{path}"' in get(playground).text
    for post in (root, reply):
        assert "It is." in get(playground, playground.link(post).removeprefix(f"{playground.url}/")).text
    assert get(playground, f"eng/pl/{'a' * 26}").status_code == 404


def test_whoever_follows_a_link_stays_who_he_is_and_reads_only_what_he_may(playground: Playground) -> None:
    open_channel = playground.add_channel(members=["alice"])
    said = playground.post_as("alice", open_channel, "hi")
    hidden = playground.post_as("alice", playground.add_channel("P", members=["alice"]), "psst")
    with requests.Session() as session:
        link = playground.link(said)
        followed = session.get(
            link, headers={"Referer": f"{playground.url}/?user=bob"}, timeout=5, allow_redirects=False
        )
        assert followed.headers["Location"] == f"/?user=bob&channel={open_channel['id']}&root="
    found = get(playground, f"page/find?user=bob&post={said['id']}").json()
    assert found == {"channel": open_channel["id"], "root": "", "error": ""}
    assert playground.server.member(open_channel["id"], playground.user("bob")["id"])
    assert get(playground, f"page/find?user=bob&post={hidden['id']}").json() == {"error": "Message not found"}


def test_a_command_shows_an_ephemeral_whose_button_works(playground: Playground) -> None:
    with Stub() as app:
        action = {
            "id": "stop",
            "name": "Stop",
            "type": "button",
            "integration": {"url": f"{app.url}/action", "context": {}},
        }
        app.replies = [
            Reply(body={"text": "second in the queue", "attachments": [{"actions": [action]}]}),
            Reply(body={}),
        ]
        channel = playground.add_channel(members=["alice", "bob"])
        playground.add_command(playground.store.every("team")[0], "ai", f"{app.url}/slash")
        assert send(playground, "send", user="alice", channel=channel["id"], text="/ai hello").json()["error"] == ""
        (shown,) = playground.ephemerals("alice")
        assert "second in the queue" in get(playground, f"?user=alice&channel={channel['id']}").text
        assert "second in the queue" not in get(playground, f"?user=bob&channel={channel['id']}").text
        cookie = shown["props"]["attachments"][0]["actions"][0]["cookie"]
        clicked = send(
            playground, "click", user="alice", channel=channel["id"], post=shown["id"], action="stop", cookie=cookie
        )
        assert clicked.json()["error"] == ""
        assert app.calls[-1].json["user_name"] == "alice"


def test_a_failed_command_says_so(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice"])
    answer = send(playground, "send", user="alice", channel=channel["id"], text="/nothing")
    assert answer.json()["error"] == "Command with a trigger of 'nothing' not found."


def test_typing_is_seen_for_five_seconds(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice", "ai"])
    body = {"channel_id": channel["id"], "parent_id": ""}
    playground.call("ai", "POST", f"/users/{playground.user('ai')['id']}/typing", body)
    query = f"page/state?user=alice&channel={channel['id']}&root="
    assert get(playground, query).json()["typing"] == "ai is typing…"
    playground.advance(5.1)
    assert get(playground, query).json()["typing"] == ""


def state(playground: Playground, user: str, channel: str, **more: str) -> requests.Response:
    with requests.Session() as session:
        query = {"user": user, "channel": channel} | more
        return session.get(f"{playground.url}/page/state", params=query, timeout=5)


def test_what_nobody_has_read_is_counted_until_it_is_looked_at(playground: Playground) -> None:
    here, there = (playground.add_channel(name=name, members=["alice", "bob"])["id"] for name in ("here", "there"))
    get(playground, f"?user=alice&channel={there}")
    playground.post_as("bob", there, "@alice and all")
    seen = state(playground, "alice", here).json()
    assert "1 mentions" in seen["channels"]
    assert seen["waiting"] == 1
    assert 'title="For alice: 1 unread, ' in state(playground, "bob", here).json()["people"]
    assert state(playground, "alice", there, hidden="1").json()["waiting"] == 1  # nobody looks at a hidden window
    assert state(playground, "alice", there).json()["waiting"] == 0
    assert "unread" not in state(playground, "alice", here).json()["channels"]


def test_unread_replies_are_counted_at_their_thread_until_it_is_opened(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice", "bob"])
    root = playground.post_as("alice", channel, "Is it down?")
    playground.post_as("bob", channel, "It is.", root)
    assert "1 new" in state(playground, "alice", channel["id"]).json()["posts"]
    state(playground, "alice", channel["id"], root=root["id"])
    assert playground.followers(root)["alice"] == 0
    assert "1 new" not in state(playground, "alice", channel["id"]).json()["posts"]


def test_where_nothing_is_new_nothing_is_sent(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice", "bob"])
    seen = state(playground, "alice", channel["id"]).json()["version"]
    assert state(playground, "alice", channel["id"], seen=seen).status_code == 204
    playground.post_as("bob", channel, "news")
    assert "news" in state(playground, "alice", channel["id"], seen=seen).json()["posts"]


def test_a_direct_conversation_is_begun_by_a_press(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice"])
    bot = playground.user("ai")["id"]
    assert f'data-direct="{bot}"' in state(playground, "alice", channel["id"]).json()["channels"]
    begun = send(playground, "direct", **{"user": "alice", "with": bot}).json()["channel"]
    assert begun == playground.direct("alice", "ai")["id"]
    assert f'data-channel="{begun}"' in state(playground, "alice", channel["id"]).json()["channels"]


def test_who_reacted_is_named(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice", "bob"])
    post = playground.post_as("alice", channel, "Tea?")
    for who in ("bob", "alice"):
        body = {"user_id": playground.user(who)["id"], "post_id": post["id"], "emoji_name": "+1"}
        assert playground.call(who, "POST", "/reactions", body).status < 300
    shown = state(playground, "alice", channel["id"]).json()["posts"]
    assert 'aria-pressed="true" title="bob, alice"' in shown


def test_old_servers_show_replies_in_the_channel_too() -> None:
    for age, times in (("11", 0), ("5.37", 1)):
        with Playground(age) as playground:
            playground.add_team()
            channel = playground.add_channel(members=[playground.add_user("alice")])
            root = playground.post_as("alice", channel, "Is it down?")
            playground.post_as("alice", channel, "It is.", root)
            shown = state(playground, "alice", channel["id"]).json()["posts"]
            assert shown.count("<p>It is.</p>") == times
            assert shown.count("Commented on alice") == times


def test_a_private_channel_is_shown_to_its_members_alone(playground: Playground) -> None:
    channel = playground.add_channel("P", "secret", members=["alice"])
    playground.post_as("alice", channel, "psst")
    assert "psst" in get(playground, f"?user=alice&channel={channel['id']}").text
    assert "psst" not in get(playground, f"?user=bob&channel={channel['id']}").text
    assert get(playground, f"page/state?user=bob&channel={channel['id']}&root=").status_code == 404


def test_a_public_channel_is_joined_by_a_press(playground: Playground) -> None:
    channel = playground.add_channel()
    send(playground, "join", user="alice", channel=channel["id"])
    assert playground.server.member(channel["id"], playground.user("alice")["id"])


def test_a_form_of_another_page_can_send_nothing(playground: Playground) -> None:
    channel = playground.add_channel(members=["alice"])
    with requests.Session() as session:
        body = {"user": "alice", "channel": channel["id"], "text": "forged"}
        assert session.post(f"{playground.url}/page/send", json=body, timeout=5).status_code == 403
    assert playground.posts(channel) == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* `c`", "<p><strong>b</strong> <em>i</em> <code>c</code></p>"),
        ("a\\*b\\*c", "<p>a*b*c</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("```py\n<x>\n```", "<pre><code>&lt;x&gt;</code></pre>"),
        ("[[1]](https://x/pl/y)", '<p><a href="https://x/pl/y" rel="noopener noreferrer">[1]</a></p>'),
        ("a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        (
            "| a | b |\n|---|:-:|\n| 1 | `2` |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>",
        ),
        ("[_x_](https://x/_y_/@bob)", '<p><a href="https://x/_y_/@bob" rel="noopener noreferrer"><em>x</em></a></p>'),
        ("hi @bob", '<p>hi <span class="mention">@bob</span></p>'),
    ],
)
def test_markdown_is_shown_roughly(text: str, html: str) -> None:
    assert rendered(text) == html


def test_ones_own_mention_stands_out() -> None:
    assert '<span class="mention me">@bob</span>' in rendered("@bob and @ann", "bob")
    assert '<span class="mention">@ann</span>' in rendered("@bob and @ann", "bob")


def test_a_dialog_loses_single_line_breaks_as_in_mattermost() -> None:
    assert in_dialog("a\nb\n\nc") == "<p>a b</p>\n<p>c</p>"
