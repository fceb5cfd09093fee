"""The REST interface of posts, threads and reactions."""

from __future__ import annotations

from flask import Response, request

from tests.playground import listing, posting, reacting, shapes
from tests.playground.errors import ApiError, bad_body, forbidden, no_page, no_post
from tests.playground.rest import OK, answer, api, body, me, mm, own_id
from tests.playground.store import Doc

__all__ = ["api"]


def shown(post: Doc) -> Doc:
    """A post as this server's clients get it."""
    return shapes.shown(post, mm().age)


def readable_post(post_id: str) -> Doc:
    """A post that is there and may be read."""
    user, post = me(), mm().store.post(post_id)
    if post is None or post["delete_at"]:
        raise no_post(post_id)
    mm().readable(user, post["channel_id"])
    return post


@api.post("/posts")
def create_post() -> Response:
    """201 and the post."""
    return answer(shown(posting.create(mm(), me(), body())), 201)


@api.get("/posts/<post_id>")
def get_post(post_id: str) -> Response:
    """One post."""
    return answer(shown(readable_post(post_id)))


@api.post("/posts/ids")
def get_posts() -> Response:
    """Several posts, newest first; not on 5.37. What may not be read is left out."""
    user, ids = me(), body(list, "post_ids")
    if mm().is_old:
        raise no_page()
    posts = [post for post_id in ids if (post := mm().store.post(str(post_id))) and not post["delete_at"]]
    allowed = [post for post in posts if mm().may_read(user, mm().channel(post["channel_id"]))]
    return answer([shown(post) for post in sorted(allowed, key=lambda post: -post["create_at"])])


@api.put("/posts/<post_id>/patch")
def patch_post(post_id: str) -> Response:
    """A change."""
    return answer(shown(posting.patch(mm(), me(), post_id, body())))


@api.put("/posts/<post_id>")
def put_post(post_id: str) -> Response:
    """A whole post; without props 5.37 drops them."""
    user, sent = me(), body()
    if sent.get("id") != post_id:
        raise bad_body("id")
    sent = sent | ({"props": sent.get("props") or {}} if mm().is_old else {})
    return answer(shown(posting.patch(mm(), user, post_id, sent)))


@api.delete("/posts/<post_id>")
def delete_post(post_id: str) -> Response:
    """Gone, and a root's replies with it."""
    posting.delete(mm(), me(), post_id)
    return answer(OK)


@api.get("/posts/<post_id>/thread")
def get_thread(post_id: str) -> Response:
    """A thread: whole on 5.37, in pages on v11."""
    post = readable_post(post_id)
    return answer(listing.thread(mm(), post, request.args))


@api.get("/users/<user_id>/teams/<team_id>/threads")
def get_threads(user_id: str, team_id: str) -> Response:
    """The threads that somebody follows, the newest first; not on 5.37 as it is set up by default (NOT RECORDED)."""
    user, one = me(), own_id(user_id)
    if one != user["id"] and not mm().is_admin(user):
        raise forbidden(user["id"], "edit_other_users")
    if mm().is_old:
        raise ApiError(501, "api.user.get_user_threads.disabled", "Collapsed threads are switched off.")
    return answer(listing.threads(mm(), one, team_id, request.args))


@api.get("/channels/<channel_id>/posts")
def get_channel_posts(channel_id: str) -> Response:
    """A channel, newest first."""
    mm().readable(me(), channel_id, listing=True)
    return answer(listing.channel(mm(), channel_id, request.args))


@api.post("/posts/ephemeral")
def post_ephemeral() -> Response:
    """For those to whom it was granted."""
    user, sent = me(), body()
    if not mm().has_permission(user, "create_post_ephemeral"):
        raise forbidden(user["id"], "create_post_ephemeral")
    post = sent.get("post") or {}
    channel_id, reader = str(post.get("channel_id") or ""), str(sent.get("user_id") or "")
    more = {"root_id": str(post.get("root_id") or ""), "props": post.get("props") or {}}
    message = str(post.get("message") or "")
    return answer(posting.ephemeral(mm(), user["id"], reader, channel_id, message, **more), 201)


# Reactions


@api.post("/reactions")
def add_reaction() -> Response:
    """One's own, once; again changes nothing."""
    user, sent = me(), body(dict, "reaction")
    name = str(sent.get("emoji_name") or "")
    reacting.check_name(name)
    if sent.get("user_id") != user["id"]:
        what = "You cannot save reaction for the other user."
        raise ApiError(403, "api.reaction.save_reaction.user_id.app_error", what)
    return answer(reacting.add(mm(), user, str(sent.get("post_id") or ""), name))


@api.delete("/users/<user_id>/posts/<post_id>/reactions/<emoji_name>")
def remove_reaction(user_id: str, post_id: str, emoji_name: str) -> Response:
    """One's own."""
    user, post = me(), readable_post(post_id)
    if own_id(user_id) != user["id"]:
        raise forbidden(user["id"], "remove_others_reactions")
    reacting.remove(mm(), user, post["id"], emoji_name)
    return answer(OK)


@api.get("/posts/<post_id>/reactions")
def get_reactions(post_id: str) -> Response:
    """`null` where there are none on v11."""
    post = readable_post(post_id)
    return answer(reacting.found(mm(), post) or ([] if mm().is_old else None))
