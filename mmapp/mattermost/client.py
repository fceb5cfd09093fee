"""Mattermost's REST interface as the bot, for servers from 5.37 to 11. A method is one call, unless it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mmapp.mattermost.connection import Connection
from mmapp.mattermost.errors import NotFound, Refused, TooMany
from mmapp.mattermost.ids import batches, checked_id
from mmapp.mattermost.pages import MAX_PAGES, PAGE, in_time, listed
from mmapp.mattermost.payloads import Channel, Member, Post, Reaction, User
from mmapp.mattermost.values import JsonObject, number, text


class Client(Connection):
    """A bot's hands on one Mattermost."""

    # People and channels

    def me(self) -> User:
        """The bot's own account (`GET bots/{own id}` is a 404)."""
        return User.from_json(self._object("GET", "/users/me"))

    def user(self, user_id: str) -> User:
        """One account; its roles are asked for freshly whenever they decide something."""
        return User.from_json(self._object("GET", "/users/{user_id}", user_id=user_id))

    def user_by_name(self, username: str) -> User:
        """One account by its username."""
        return User.from_json(self._object("GET", "/users/username/{username}", username=username))

    def users(self, user_ids: Iterable[str]) -> list[User]:
        """Several accounts; unknown ids are left out."""
        found: list[User] = []
        for batch in batches(user_ids):
            found += map(User.from_json, self._list("POST", "/users/ids", json=batch, repeat=True))
        return found

    def channel(self, channel_id: str) -> Channel:
        """One channel; `Forbidden` also where it does not exist."""
        return Channel.from_json(self._object("GET", "/channels/{channel_id}", channel_id=channel_id))

    def channels(self) -> list[Channel]:
        """Every channel that the bot is a member of, direct ones too; several calls (`users/{id}/channels` came later)."""
        found: dict[str, Channel] = {}
        for team in self._list("GET", "/users/me/teams"):
            path = "/users/me/teams/{team_id}/channels"
            for one in self._list("GET", path, team_id=text(team.get("id"))):
                channel = Channel.from_json(one)
                found[channel.id] = channel
        return list(found.values())

    def member(self, channel_id: str, user_id: str) -> Member | None:
        """Somebody's membership, None where there is none; `Forbidden` where the bot itself is no member."""
        path = "/channels/{channel_id}/members/{user_id}"
        try:
            return Member.from_json(self._object("GET", path, channel_id=channel_id, user_id=user_id))
        except NotFound as error:
            if not error.own:  # a proxy's "no such page" says nothing about a membership
                raise
            return None

    def all_members(self, channel_id: str, *, most: int = MAX_PAGES * PAGE) -> list[Member]:
        """Everybody who is a member of a channel, bots too, or the first of them, `most`; a call a 200 of them."""
        found: list[Member] = []
        path = "/channels/{channel_id}/members"
        for page in range(MAX_PAGES):
            params: dict[str, str | int] = {"page": page, "per_page": PAGE}
            got = self._list("GET", path, params=params, channel_id=channel_id)
            found += map(Member.from_json, got)
            if len(got) < PAGE or len(found) >= most:
                break
        return found[:most]

    def members(self, channel_id: str, user_ids: Iterable[str]) -> list[Member]:
        """The memberships among these people."""
        found: list[Member] = []
        for batch in batches(user_ids):
            path = "/channels/{channel_id}/members/ids"
            found += map(Member.from_json, self._list("POST", path, json=batch, repeat=True, channel_id=channel_id))
        return found

    def join(self, channel_id: str, user_id: str) -> Member:
        """Make the bot, whose id this is, a member of a public channel of its teams."""
        path = "/channels/{channel_id}/members"
        body = {"user_id": user_id}
        return Member.from_json(self._object("POST", path, json=body, repeat=True, channel_id=channel_id))

    def leave(self, channel_id: str, user_id: str) -> None:
        """Take the bot, whose id this is, out of a channel; `BadRequest` where it is one that nobody can leave."""
        path = "/channels/{channel_id}/members/{user_id}"
        self._call("DELETE", path, repeat=True, channel_id=channel_id, user_id=user_id)

    def is_in_team(self, team_id: str, user_id: str) -> bool:
        """Whether somebody is a member of a team of the bot's."""
        path = "/teams/{team_id}/members/{user_id}"
        try:
            return not number(self._object("GET", path, team_id=team_id, user_id=user_id).get("delete_at"))
        except NotFound as error:
            if not error.own:
                raise
            return False

    def is_team_admin(self, team_id: str, user_id: str) -> bool:
        """Whether somebody administers a team of the bot's."""
        path = "/teams/{team_id}/members/{user_id}"
        try:
            return self._object("GET", path, team_id=team_id, user_id=user_id).get("scheme_admin") is True
        except NotFound as error:
            if not error.own:
                raise
            return False

    def direct_channel(self, user_a: str, user_b: str) -> Channel:
        """The direct channel of two people, made where it is missing."""
        body = [checked_id(user_a), checked_id(user_b)]
        return Channel.from_json(self._object("POST", "/channels/direct", json=body, repeat=True))

    # Posts

    def post(self, post_id: str) -> Post:
        """One post; `NotFound` once it is deleted."""
        return Post.from_json(self._object("GET", "/posts/{post_id}", post_id=post_id))

    def posts(self, post_ids: Iterable[str]) -> list[Post]:
        """Several posts (not on 5.37); those that the bot may not read are left out."""
        found: list[Post] = []
        for batch in batches(post_ids):
            found += map(Post.from_json, self._list("POST", "/posts/ids", json=batch, repeat=True))
        return found

    def thread(self, root_id: str) -> list[Post]:
        """A whole thread, its root first, in order of time, without repeated and deleted posts.

        Ask with the root's id: with a reply's, v11 leaves the root out of later pages.
        """
        found: dict[str, Post] = {}
        params: dict[str, str | int] = {"perPage": PAGE, "direction": "down"}
        for _ in range(MAX_PAGES):
            page = self._object("GET", "/posts/{root_id}/thread", params=params, root_id=root_id)
            new = [post for post in listed(page) if post.id not in found]
            found.update((post.id, post) for post in new)
            # 5.37 knows neither these parameters nor `has_next`: it has sent everything at once.
            if not page.get("has_next") or not new:
                break
            last = max((post for post in new if post.root_id), key=in_time, default=new[-1])
            params |= {"fromCreateAt": last.create_at, "fromPost": last.id}
        kept = (post for post in found.values() if not post.delete_at)
        return sorted(kept, key=lambda post: (post.root_id != "", *in_time(post)))

    def channel_posts_before(
        self, channel_id: str, before: str = "", *, page: int = 0, per_page: int = PAGE, within: float | None = None
    ) -> list[Post]:
        """One page of a channel, newest first: the newest of all, or those older than the post `before`.

        With `within` it is one request of at most so many seconds, for a caller who can do without.
        """
        params: dict[str, str | int] = {"page": page, "per_page": per_page}
        if before:
            params["before"] = checked_id(before)
        path = "/channels/{channel_id}/posts"
        bounds: dict[str, Any] = {} if within is None else {"within": within, "once": True}
        found = listed(self._object("GET", path, params=params, channel_id=channel_id, **bounds))
        # A revision's `original_id` names the post that it is an older text of.
        return [post for post in found if not post.delete_at and not post.original_id]

    def channel_posts_between(self, channel_id: str, since: int, until: int, most: int) -> list[Post]:
        """Everything that was posted in a channel from `since` to `until` (ms), oldest first; a call a 200 posts.

        Paged by the posts themselves, so that what is posted or deleted meanwhile moves nothing; `since=` would select by
        the last change, and leave out the newest beyond 1,000. Raises TooMany beyond `most` posts, or pages of newer ones.
        """
        found: dict[str, Post] = {}
        path = "/channels/{channel_id}/posts"
        params: dict[str, str | int] = {"per_page": PAGE, "page": 0}
        for _ in range(MAX_PAGES):
            page = self._object("GET", path, params=params, channel_id=channel_id)
            posts = listed(page)
            kept = [post for post in posts if not post.delete_at and not post.original_id]
            found |= {post.id: post for post in kept if since <= post.create_at <= until}
            if len(found) > most:
                raise TooMany(f"more than {most} posts", path=path)
            if not posts or not page.get("prev_post_id") or posts[-1].create_at < since:
                return sorted(found.values(), key=in_time)
            edge = _edge(posts)
            stuck = edge in ("", params.get("before"))  # a page of one millisecond: within it, pages are counted
            params |= {"page": int(params["page"]) + 1} if stuck else {"before": edge, "page": 0}
        raise TooMany(f"more than {MAX_PAGES * PAGE} posts since", path=path)

    def channel_posts_since(self, channel_id: str, since: int) -> list[Post]:
        """Posts that were made, changed or deleted since (ms), 1,000 at most and then not the newest; no revisions."""
        path = "/channels/{channel_id}/posts"
        found = listed(self._object("GET", path, params={"since": since}, channel_id=channel_id))
        return [post for post in found if not post.original_id]

    def create_post(
        self,
        channel_id: str,
        message: str,
        root_id: str = "",
        props: Mapping[str, Any] | None = None,
        pending_post_id: str = "",
        *,
        repeat: bool = True,
        within: float = 10.0,
    ) -> Post:
        """Post as the bot. Only with a `pending_post_id` is it repeated when the outcome is unknown.

        The id deduplicates for 30 s; a second request during the first one gets a 500 and is repeated as well. But one
        server remembers it, and in memory: after a restart, or on the next one of a cluster, it is unknown.

        With `repeat` False it is one request, for a caller who may post for so long only and then looks whether the
        post is there: an unknown outcome, no connection and a rate limit of any length are raised at once. A request
        is over after `within` seconds, from looking for the server to the end of its answer; after that, nothing of it
        is sent.
        """
        body: JsonObject = {"channel_id": checked_id(channel_id), "message": message, "props": dict(props or {})}
        body |= {"root_id": checked_id(root_id)} if root_id else {}
        body |= {"pending_post_id": pending_post_id} if pending_post_id else {}
        again = repeat and bool(pending_post_id)
        return Post.from_json(self._object("POST", "/posts", json=body, repeat=again, once=not repeat, within=within))

    def patch_post(
        self,
        post_id: str,
        *,
        message: str | None = None,
        props: Mapping[str, Any] | None = None,
        once: bool = False,
        within: float = 10.0,
    ) -> Post:
        """Change a post's words, or all of its props, or both; even a patch without a change leaves a revision.

        With `once` it is one request of at most `within` seconds, for words that the next ones replace anyway.
        """
        body: JsonObject = {}
        body |= {} if message is None else {"message": message}
        body |= {} if props is None else {"props": dict(props)}
        if not body:
            raise Refused("a patch without a change", path="/posts/{post_id}/patch")
        return Post.from_json(
            self._object("PUT", "/posts/{post_id}/patch", json=body, once=once, within=within, post_id=post_id)
        )

    def delete_post(self, post_id: str) -> None:
        """Delete a post of the bot's own."""
        self._call("DELETE", "/posts/{post_id}", post_id=post_id)

    def post_ephemeral(
        self, user_id: str, channel_id: str, message: str, root_id: str = "", props: Mapping[str, Any] | None = None
    ) -> Post:
        """A post that one person alone sees; `Forbidden` unless an administrator has granted it to the bot."""
        post: JsonObject = {"channel_id": checked_id(channel_id), "message": message, "props": dict(props or {})}
        post |= {"root_id": checked_id(root_id)} if root_id else {}
        body: JsonObject = {"user_id": checked_id(user_id), "post": post}
        return Post.from_json(self._object("POST", "/posts/ephemeral", json=body))

    # Signs of life, reactions, dialogs

    def typing(self, user_id: str, channel_id: str, parent_id: str = "") -> None:
        """Show "ai is typing…" for 5 s; with a root's id in that thread's pane alone."""
        body = {"channel_id": checked_id(channel_id), "parent_id": checked_id(parent_id) if parent_id else ""}
        self._call("POST", "/users/{user_id}/typing", json=body, repeat=True, user_id=user_id)

    def reactions(self, post_id: str) -> list[Reaction]:
        """All under a post; the server says null where there are none (fixture v11_e_reactions_list_empty)."""
        found = self._list("GET", "/posts/{post_id}/reactions", post_id=post_id)
        return [Reaction.from_json(one) for one in found]

    def add_reaction(self, user_id: str, post_id: str, emoji_name: str) -> None:
        """React as the bot, whose id this is; doing it again changes nothing."""
        body = {"user_id": checked_id(user_id), "post_id": checked_id(post_id), "emoji_name": emoji_name}
        self._call("POST", "/reactions", json=body, repeat=True)

    def remove_reaction(self, user_id: str, post_id: str, emoji_name: str) -> None:
        """Take the bot's reaction back; one that is gone already is no error."""
        path = "/users/{user_id}/posts/{post_id}/reactions/{emoji_name}"
        try:
            self._call("DELETE", path, repeat=True, user_id=user_id, post_id=post_id, emoji_name=emoji_name)
        except NotFound:
            return

    def open_dialog(self, trigger_id: str, url: str, dialog: Mapping[str, Any]) -> None:
        """Open a dialog for whoever owns the trigger, which lives 3 s on 5.37."""
        body = {"trigger_id": trigger_id, "url": url, "dialog": dict(dialog)}
        self._call("POST", "/actions/dialogs/open", json=body)

    def config(self) -> JsonObject:
        """What the server tells a bot of its settings; every value is a text."""
        return self._object("GET", "/config/client", params={"format": "old"})

    def server_version(self) -> tuple[int, int, int] | None:
        """The server's version as its answers name it; None where something in between strips the header."""
        if self._version is None:
            self.me()
        return self._version


def _edge(posts: list[Post]) -> str:
    """The post that the next page ends before: the last one that is newer than the last millisecond of this page, whose
    other posts may stand on the next. A server compares times alone, and would leave those out. Empty: there is none."""
    return next((post.id for post in reversed(posts) if post.create_at > posts[-1].create_at), "")
