"""Dialogs on the page: shown to the window that pressed, and sent back to the app as the web app does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.playground import Playground
from tests.playground.store import Doc
from tests.playground.stub import Reply, Stub

BOX: Doc = {"title": "Models", "introduction_text": "* `one`", "elements": [], "submit_label": "Done", "state": "s1"}


class Window:
    """A window of alice's, and the app behind the one post in her channel."""

    def __init__(self, playground: Playground, app: Stub) -> None:
        self.playground, self.app = playground, app
        self.channel = playground.add_channel(members=["alice", "bob", "ai"])["id"]
        integration = {"url": f"{app.url}/action", "context": {}}
        action = {"id": "models", "name": "Models", "type": "button", "integration": integration}
        self.post = playground.post_as("ai", self.channel, "hi", props={"attachments": [{"actions": [action]}]})["id"]

    def tell(self, where: str, **what: Any) -> Doc:
        body = {"user": "alice", "channel": self.channel} | what
        with requests.Session() as session:
            answer = session.post(
                f"{self.playground.url}/page/{where}", json=body, headers={"X-Playground": "page"}, timeout=5
            )
        return answer.json() if answer.ok else {"status": answer.status_code}

    def press(self) -> str:
        """Press the button; the trigger that this window holds now."""
        return str(self.tell("click", post=self.post, action="models")["trigger"])

    def open(self, **dialog: Any) -> str:
        """Press the button, and let the app open a dialog for it; the window's trigger."""
        mine = self.press()
        trigger = self.app.calls[-1].json["trigger_id"]
        body = {"trigger_id": trigger, "url": f"{self.app.url}/dialog", "dialog": BOX | dialog}
        assert self.playground.call("ai", "POST", "/actions/dialogs/open", body).status == 200
        return mine

    def shown(self, trigger: str = "", user: str = "alice") -> str:
        """The dialog that the page would show."""
        query = {"user": user, "channel": self.channel, "root": "", "trigger": trigger}
        with requests.Session() as session:
            answer = session.get(f"{self.playground.url}/page/state", params=query, timeout=5)
        return str(answer.json()["dialog"])


@pytest.fixture
def age(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "11"))


@pytest.fixture
def window(age: str) -> Iterator[Window]:
    with Playground(age) as playground, Stub(Reply(body={})) as app:
        playground.add_team()
        for name in ("alice", "bob"):
            playground.add_user(name)
        playground.add_bot("ai")
        yield Window(playground, app)


def test_the_box_is_shown_with_its_words_as_markdown(window: Window) -> None:
    page = window.shown(window.open())
    assert '<h2 id="dialog_title">Models</h2>' in page
    assert "<ul><li><code>one</code></li></ul>" in page
    assert ">Done</button>" in page


def test_it_is_shown_to_the_window_and_the_person_that_pressed(window: Window) -> None:
    first = window.open(title="First")
    second = window.press()
    assert "First" in window.shown(first)
    assert window.shown(second) == ""  # nothing was opened for this press
    assert window.shown() == ""  # a page that was only just opened
    assert window.shown(first, user="bob") == ""


def test_a_command_may_open_one_too(window: Window) -> None:
    team = window.playground.store.every("team")[0]
    window.playground.add_command(team, "ai", f"{window.app.url}/slash")
    assert len(window.tell("send", text="/ai hello")["trigger"]) == 26


def test_no_words_of_an_app_become_markup(window: Window) -> None:
    attack = '"><script>alert(1)</script>'
    words = dict.fromkeys(("display_name", "name", "default", "placeholder", "help_text"), attack)
    options = [{"text": attack, "value": attack}]
    elements = [words | {"type": kind, "options": options} for kind in ("text", "textarea", "select", "radio", "bool")]
    page = window.shown(
        window.open(title=attack, introduction_text=attack, submit_label=attack, elements=[*elements, {"type": attack}])
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)") > 20


def test_the_button_submits(window: Window) -> None:
    trigger = window.open(callback_id="box")
    assert window.tell("submit", trigger=trigger, values={}) == {"error": "", "errors": {}}
    call = window.app.calls[-1]
    assert call.path == "/dialog"
    assert call.json | {"user_id": "", "team_id": ""} == {
        "type": "dialog_submission",
        "callback_id": "box",
        "state": "s1",
        "user_id": "",
        "team_id": "",
        "channel_id": window.channel,
        "submission": {},
        "cancelled": False,
    }
    assert call.json["user_id"] == window.playground.user("alice")["id"]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_app_hears_of_a_closed_box_if_it_wants_to(window: Window, wanted: bool) -> None:
    element = {"name": "why", "type": "text", "default": "because"}
    trigger = window.open(notify_on_cancel=wanted, elements=[element])
    before = len(window.app.calls)
    assert window.tell("submit", trigger=trigger) == {"error": "", "errors": {}}
    cancelled = [(call.json["cancelled"], call.json["submission"]) for call in window.app.calls[before:]]
    assert cancelled == ([(True, {})] if wanted else [])


def test_elements_are_shown_and_sent_as_the_web_app_sends_them(window: Window) -> None:
    options = [{"text": "Red", "value": "red"}, {"text": "Blue", "value": "blue"}]
    trigger = window.open(
        elements=[
            {"name": "line", "type": "text", "display_name": "Line", "default": "x", "max_length": 9},
            {"name": "many", "type": "text", "subtype": "number", "optional": True},
            {"name": "area", "type": "textarea", "default": "two\nlines", "min_length": 3},
            {"name": "pick", "type": "select", "options": options, "default": "blue"},
            {"name": "radio", "type": "radio", "options": options, "default": "blue"},
            {"name": "yes", "type": "bool", "placeholder": "Indeed", "default": "true"},
            {"name": "no", "type": "bool"},
            {"name": "found", "type": "select", "data_source": "dynamic"},
        ]
    )
    page = window.shown(trigger)
    for part in (
        'type="text" value="x" placeholder="" minlength="0" maxlength="9" required autofocus',
        'type="number"',
        "two\nlines</textarea>",
        '<option value="blue" selected>Blue</option>',
        '<input type="radio" name="radio" value="red"',
        'type="checkbox" name="yes" value="true" checked',
        "This page cannot show an element of type select.",
    ):
        assert part in page
    assert page.count("checked") == 1  # a radio's default is not shown as chosen
    window.tell("submit", trigger=trigger, values={"line": "7", "many": "-7", "area": "", "pick": "red", "yes": "true"})
    sent = {"line": "7", "many": "-7", "pick": "red", "yes": True, "no": False}
    assert window.app.calls[-1].json["submission"] == sent


@pytest.mark.parametrize(
    ("age", "found"), [("5.37", ["Other", "Seen"]), ("11", ["Mine", "Other", "Seen"])], indirect=["age"]
)
def test_people_are_offered_their_own_channels_as_each_age_finds_them(window: Window, found: list[str]) -> None:
    world = window.playground
    for kind, name, members in (("P", "mine", "ab"), ("P", "hidden", "b"), ("O", "other", "b"), ("O", "seen", "a")):
        world.add_channel(kind, name, members=[who for who in ("alice", "bob") if who[0] in members])
    world.archive(world.add_channel("O", "archived", members=["alice"]))
    world.direct("alice", "bob")
    page = window.shown(window.open(elements=[{"name": "where", "type": "select", "data_source": "channels"}]))
    offered = re.findall(r'<option value="\w{26}">([^<]+)</option>', page)
    assert [name for name in offered if not name.startswith("Channel")] == found


def test_people_are_offered_everybody_who_is_there(window: Window) -> None:
    window.playground.change_user(window.playground.add_user("carol"), delete_at=1)
    page = window.shown(window.open(elements=[{"name": "who", "type": "select", "data_source": "users"}]))
    there = [(window.playground.user(name)["id"], name) for name in ("ai", "alice", "bob")]
    assert re.findall(r'<option value="(\w{26})">([^<]+)</option>', page) == there


@pytest.mark.parametrize("age", ["5.37"], indirect=True)
def test_old_servers_send_numbers_and_nothing_as_their_web_app_does(window: Window) -> None:
    trigger = window.open(
        elements=[{"name": name, "type": "text", "subtype": kind} for name, kind in (("t", ""), ("num", "number"))]
    )
    window.tell("submit", trigger=trigger, values={"t": "", "num": "42"})
    assert window.app.calls[-1].json["submission"] == {"t": None, "num": 42}  # as recorded: web_dialog_submit


def test_the_next_step_takes_the_place_of_the_first(window: Window) -> None:
    trigger = window.open(callback_id="first")
    form = BOX | {"title": "Step two", "callback_id": "second", "state": "s2"}
    window.app.replies = [Reply(body={"type": "form", "form": form}), Reply(body={})]
    answer = window.tell("submit", trigger=trigger, values={})
    assert "Step two" in answer["next"]
    assert window.tell("submit", user="bob", trigger=answer["step"], values={}) == {"status": 404}
    assert window.tell("submit", trigger=answer["step"], values={}) == {"error": "", "errors": {}}
    sent = window.app.calls[-1].json
    assert (sent["callback_id"], sent["state"]) == ("first", "s2")  # as measured on 11.6


@pytest.mark.parametrize("age", ["5.37"], indirect=True)
def test_old_servers_close_where_a_next_step_is_answered(window: Window) -> None:
    trigger = window.open()
    window.app.replies = [Reply(body={"type": "form", "form": BOX})]
    assert window.tell("submit", trigger=trigger, values={}) == {"error": "", "errors": {}}


def test_what_the_app_finds_wrong_is_said_in_the_box(window: Window) -> None:
    trigger = window.open(elements=[{"name": "line", "type": "text"}])
    window.app.replies = [Reply(body={"error": "no", "errors": {"line": "too short", "other": "unseen"}})]
    assert window.tell("submit", trigger=trigger, values={}) == {"error": "no", "errors": {"line": "too short"}}
    window.app.replies = [Reply(500)]
    assert window.tell("submit", trigger=trigger, values={}) == {"error": "Action integration error.", "errors": {}}


def test_nobody_submits_a_dialog_of_somebody_else(window: Window) -> None:
    trigger = window.open()
    before = len(window.app.calls)
    assert window.tell("submit", user="bob", trigger=trigger, values={}) == {"status": 404}
    assert len(window.app.calls) == before
