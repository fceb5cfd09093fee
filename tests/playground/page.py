"""The page to try Chorus by hand: be somebody, read, write, give commands, press buttons.

What its script does as a person's client (reactions, edits, deletions, files) goes to the REST interface itself.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for

from tests.playground import actions, commands, dialogs, markdown, posting, views
from tests.playground.errors import ApiError
from tests.playground.server import Mattermost
from tests.playground.store import Doc

STATIC = Path(__file__).with_name("static")
pages = Blueprint("pages", __name__)
pages.add_app_template_filter(markdown.rendered, "markdown")
pages.add_app_template_filter(markdown.in_dialog, "dialog_markdown")


def server() -> Mattermost:
    """The server of this page."""
    found: Mattermost = current_app.extensions["mattermost"]
    return found


def viewer(name: str) -> Doc:
    """Who looks at the page: anybody but a bot."""
    people = views.people(server())
    if not people:
        abort(404, "This world has no people yet.")
    return next((user for user in people if user["username"] == name), people[0])


def static(filename: str) -> Response:
    """A file of the page, read at once: one that is streamed stays open where the browser has gone meanwhile."""
    path = STATIC / filename
    if filename not in {each.name for each in STATIC.iterdir()}:
        abort(404)
    return Response(path.read_bytes(), mimetype=mimetypes.guess_type(filename)[0])


@dataclass(frozen=True)
class Place:
    """Who looks at what: a channel, and beside it a thread or what stands behind a post's (i)."""

    user: Doc
    channel: Doc | None
    root: Doc | None
    card: Doc | None

    @classmethod
    def asked(cls, user: Doc) -> Place:
        """The one that the address names; its parts are left out where this person may not read them."""
        mm = server()
        channel = views.shown(mm, user, mm.channel(request.args.get("channel", "")))
        return cls(user, channel, cls._here(channel, "root"), cls._here(channel, "card"))

    @staticmethod
    def _here(channel: Doc | None, name: str) -> Doc | None:
        post = server().store.post(request.args.get(name, ""))
        here = post and channel and post["channel_id"] == channel["id"] and not post["delete_at"]
        return post if here else None

    def panes(self) -> dict[str, str]:
        """The HTML of everything that changes by itself."""
        mm = server()
        seen: dict[str, Any] = {"user": self.user, "channel": self.channel, "root": self.root, "age": mm.age}
        panes = {
            "people": render_template("people.html", people=views.people(mm), **seen),
            "channels": render_template(
                "channels.html",
                channels=views.channels(mm, self.user),
                conversations=views.conversations(mm, self.user),
                **seen,
            ),
            "head": render_template("head.html", **seen),
            "posts": self._stream("", seen),
            "thread": self._stream(self.root["id"], seen) if self.root else "",
            "card": markdown.rendered(str((self.card or {"props": {}})["props"].get("card", ""))),
        }
        return panes | self.typing()

    def _stream(self, root_id: str, seen: dict[str, Any]) -> str:
        posts = views.stream(server(), self.user, self.channel, root_id) if self.channel else []
        return render_template("posts.html", posts=posts, pane="thread" if root_id else "channel", **seen)

    def typing(self) -> dict[str, str]:
        """Who is typing, in the channel and in the thread."""
        if self.channel is None:
            return {"typing": "", "typing_thread": ""}
        here = views.typing(server(), self.user, self.channel, "")
        thread = views.typing(server(), self.user, self.channel, self.root["id"]) if self.root else ""
        return {"typing": here, "typing_thread": thread}

    def version(self) -> str:
        """Something else as soon as anything may look different."""
        return f"{views.changes(server())} {self.typing()}"


@pages.get("/")
def show() -> str:
    """The whole page; what is in its panes comes again and again from `state`."""
    mm, user = server(), viewer(request.args.get("user", ""))
    place = Place.asked(user)
    if place.channel is None:
        mine = [one for one in views.channels(mm, user) if one["joined"]] or views.channels(mm, user)
        place = Place(user, mine[0] if mine else None, None, None)
    if place.channel:
        views.read(mm, user, place.channel, place.root)
    token = mm.store.tokens(user["id"])[0][0]
    more = {"token": token, "age": mm.age, "picker": views.PICKER}
    return render_template("page.html", place=place, user=user, panes=place.panes(), **more)


@pages.get("/page/state")
def state() -> Response:
    """The panes as they are now, and the dialog of the last press; 204 where nothing is new since `seen`."""
    user = viewer(request.args.get("user", ""))
    place, mm = Place.asked(user), server()
    if place.channel is None:
        abort(404)
    if not request.args.get("hidden"):
        views.read(mm, user, place.channel, place.root)
    version, dialog = place.version(), dialogs.opened(mm, user, request.args.get("trigger", ""))
    if version == request.args.get("seen") and not dialog:
        return Response(status=204)
    shown = _dialog(user, dialog) if dialog else ""
    waiting = next(one["notifications"] for one in views.people(mm) if one["id"] == user["id"])
    more = {"dialog": shown, "version": version, "label": place.channel["label"], "waiting": waiting}
    beside = {"root": place.root["id"] if place.root else "", "card": place.card["id"] if place.card else ""}
    return jsonify(place.panes() | more | {"beside": beside})


@pages.get("/<team>/pl/<post_id>")
def permalink(team: str, post_id: str) -> Response:
    """A message where it stands: in its thread, if it has one. Who follows a link stays who he is."""
    post = server().store.post(post_id)
    if post is None or not server().store.find("team", name=team):
        abort(404)
    before = parse_qs(urlsplit(request.referrer or "").query).get("user", [""])[0]
    user = request.args.get("user") or before or None
    return cast("Response", redirect(url_for("pages.show", user=user, **_whereabouts(post))))


@pages.get("/page/find")
def find() -> Response:
    """Where a linked message stands, for somebody who may read it; a public channel is joined by that."""
    user, post = viewer(request.args.get("user", "")), server().store.post(request.args.get("post", ""))
    if post is None or post["delete_at"] or not server().may_read(user, server().channel(post["channel_id"])):
        return jsonify(error="Message not found")
    server().join(post["channel_id"], user["id"])
    return jsonify(_whereabouts(post) | {"error": ""})


def _whereabouts(post: Doc) -> dict[str, str]:
    root = post["root_id"] or (post["id"] if post["reply_count"] else "")
    return {"channel": post["channel_id"], "root": root}


def _sent() -> Doc:
    """What the page's script sends; a form on somebody else's page cannot set the header."""
    if request.headers.get("X-Playground") != "page":
        abort(403)
    found: Doc = request.get_json()
    return found


@pages.post("/page/send")
def send() -> Response:
    """A post or a slash command."""
    sent = _sent()
    user, text = viewer(sent["user"]), str(sent["text"])
    body = {"channel_id": sent["channel"], "root_id": sent.get("root") or ""}
    if text.startswith("/"):
        team_id = server().store.every("team")[0]["id"]
        return _done(commands.execute, user, body | {"command": text, "team_id": team_id})
    files = {"file_ids": sent["files"]} if sent.get("files") else {}
    return _done(posting.create, user, body | {"message": text} | files)


@pages.post("/page/click")
def click() -> Response:
    """A press of a button, or a choice in a menu."""
    sent = _sent()
    how = {"cookie": sent.get("cookie"), "selected_option": sent.get("option") or ""}
    return _done(actions.click, viewer(sent["user"]), sent["post"], sent["action"], how)


@pages.post("/page/submit")
def submit() -> Response:
    """A dialog that was filled in, or closed: then without values."""
    sent = _sent()
    user = viewer(sent["user"])
    dialog = dialogs.opened(server(), user, str(sent["trigger"]))
    if dialog is None:
        abort(404)
    try:
        answer = dialogs.submit(server(), user, sent["channel"], dialog, sent.get("values"))
    except ApiError as error:
        return jsonify(error=error.message, errors={})
    step = answer.pop("step", None)
    more = {"next": _dialog(user, step), "step": step["trigger_id"]} if step else {}
    return jsonify(answer | more)


def _dialog(user: Doc, dialog: Doc) -> str:
    elements = dialogs.elements(server(), user, dialog["dialog"])
    return render_template("dialog.html", dialog=dialog, elements=elements, age=server().age)


@pages.post("/page/join")
def join() -> Response:
    """Join a public channel."""
    sent = _sent()
    server().join(sent["channel"], viewer(sent["user"])["id"])
    return jsonify(error="")


@pages.post("/page/direct")
def direct() -> Response:
    """The direct channel with somebody, made where it is missing."""
    sent = _sent()
    other = server().store.get("user", str(sent["with"]))
    if other is None:
        abort(404)
    return jsonify(error="", channel=server().direct_channel(viewer(sent["user"])["id"], other["id"])["id"])


def _done(act: Any, *how: Any) -> Response:
    """What went wrong, or the trigger by which the app may open a dialog in this window."""
    try:
        done: Doc = act(server(), *how)
    except ApiError as error:
        return jsonify(error=error.message)
    return jsonify(error="", trigger=done.get("trigger_id", ""))
