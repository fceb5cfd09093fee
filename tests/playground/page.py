"""The page to try Chorus by hand: pick somebody, read, write, give commands, press buttons."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for

from tests.playground import actions, commands, dialogs, markdown, posting, shapes, views
from tests.playground.errors import ApiError
from tests.playground.server import Mattermost
from tests.playground.store import Doc

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(markdown.rendered, "markdown")
pages.add_app_template_filter(dialogs.elements)
EMOJI = {
    "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "hourglass_flowing_sand": "⏳", "hourglass": "⌛", "eyes": "👀",
    "memo": "📝", "wastebasket": "🗑️", "white_check_mark": "✅", "heart": "❤️", "robot": "🤖", "tada": "🎉", "warning": "⚠️",
}  # fmt: skip


@pages.app_template_filter("emoji")
def emoji(name: str) -> str:
    """An emoji by its name, or the name."""
    return EMOJI.get(name, f":{name}:")


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


@pages.get("/")
def show() -> str:
    """The whole page; what is in its panes comes again and again from `state`."""
    user = viewer(request.args.get("user", ""))
    channels = views.channels(server(), user)
    chosen = next(
        (one for one in channels if one["id"] == request.args.get("channel")), channels[0] if channels else None
    )
    root = server().store.post(request.args.get("root", "")) if chosen else None
    root = root if root and chosen and root["channel_id"] == chosen["id"] else None
    people = views.people(server())
    if chosen:
        posting.view(server(), chosen["id"], user["id"])
    panes = _panes(user, chosen, root)
    return render_template(
        "page.html", user=user, people=people, channel=chosen, root=root, age=server().age, panes=panes
    )


@pages.get("/<team>/pl/<post_id>")
def permalink(team: str, post_id: str) -> Response:
    """A message where it stands: in its thread, if it has one."""
    post = server().store.post(post_id)
    if post is None or not server().store.find("team", name=team):
        abort(404)
    root = post["root_id"] or (post_id if post["reply_count"] else "")
    return cast("Response", redirect(url_for("pages.show", channel=post["channel_id"], root=root)))


@pages.get("/page/state")
def state() -> Response:
    """The panes as they are now, and the dialog that was opened for the last press, if one was."""
    user = viewer(request.args.get("user", ""))
    channel = server().channel(request.args.get("channel", ""))
    root = server().store.post(request.args.get("root", ""))
    if channel is None or not server().may_read(user, channel):
        abort(404)
    dialog = dialogs.opened(server(), user, request.args.get("trigger", ""))
    shown = render_template("dialog.html", dialog=dialog) if dialog else ""
    return jsonify(_panes(user, channel, root) | {"dialog": shown})


def _panes(user: Doc, channel: Doc | None, root: Doc | None) -> dict[str, str]:
    """The HTML of channel list, channel and thread, and who is typing."""
    mm = server()
    shown: dict[str, Any] = {"user": user, "channel": channel, "root": root}
    panes = {
        "channels": render_template("channels.html", channels=views.channels(mm, user), **shown),
        "posts": "",
        "thread": "",
    }
    if channel:
        panes["posts"] = render_template(
            "posts.html", posts=views.stream(mm, user, channel, ""), pane="channel", **shown
        )
        panes["typing"] = views.typing(mm, user, channel, "")
    if channel and root:
        panes["thread"] = render_template(
            "posts.html", posts=views.stream(mm, user, channel, root["id"]), pane="thread", **shown
        )
        panes["typing_thread"] = views.typing(mm, user, channel, root["id"])
    return panes


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
    return _done(posting.create, user, body | {"message": text})


@pages.post("/page/click")
def click() -> Response:
    """A press of a button."""
    sent = _sent()
    user, cookie = viewer(sent["user"]), {"cookie": sent.get("cookie")}
    return _done(actions.click, user, sent["post"], sent["action"], cookie)


@pages.post("/page/submit")
def submit() -> Response:
    """A dialog that was filled in, or closed: then without values."""
    sent = _sent()
    user = viewer(sent["user"])
    dialog = dialogs.opened(server(), user, str(sent["trigger"]))
    if dialog is None:
        abort(404)
    try:
        return jsonify(dialogs.submit(server(), user, sent["channel"], dialog, sent.get("values")))
    except ApiError as error:
        return jsonify(error=error.message, errors={})


@pages.post("/page/join")
def join() -> Response:
    """Join a public channel."""
    sent = _sent()
    server().join(sent["channel"], viewer(sent["user"])["id"])
    return jsonify(error="")


def _done(act: Any, *how: Any) -> Response:
    """What went wrong, or the trigger by which the app may open a dialog in this window."""
    try:
        done: Doc = act(server(), *how)
    except ApiError as error:
        return jsonify(error=error.message)
    return jsonify(error="", trigger=done.get("trigger_id", ""))


@pages.app_template_filter("buttons")
def buttons(post: Doc) -> list[Doc]:
    """The buttons below a post."""
    return [action for part in shapes.attachments(post) for action in part.get("actions") or ()]
