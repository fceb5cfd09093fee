"""What can go wrong with Mattermost, judged by status and never by error id: ids were renamed between 5.37 and 11."""

from __future__ import annotations


class MattermostError(Exception):
    """Mattermost did not do what it was asked."""

    def __init__(
        self, what: str, *, status: int | None = None, path: str = "", request_id: str = "", own: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.status = status
        self.path = path
        """The route's template, never the ids in it: a hook's id is as good as a password."""
        self.request_id = request_id
        """Mattermost's own id of the request, to be searched for in its log."""
        self.own = own
        """Whether the words are Mattermost's. Else a proxy may have spoken for it, and its 404 says nothing of a post."""

    def __str__(self) -> str:
        """Everything an administrator needs to find the request, and nothing of what was in it."""
        parts = [self.what, self.path, f"status {self.status}" if self.status else ""]
        parts.append(f"Mattermost's request id {self.request_id}" if self.request_id else "")
        return " · ".join(part for part in parts if part)

    @property
    def passes(self) -> bool:
        """Whether it may go another time: down, busy, our token refused, or something in between answers in its place."""
        return not self.own or isinstance(self, Unreachable | RateLimited | Unauthorized)

    @property
    def is_general(self) -> bool:
        """Whether any other request would end so now: nobody answers, asks for patience, or knows the token."""
        return isinstance(self, Unauthorized | RateLimited) or (isinstance(self, Unreachable) and self.status is None)


class Unreachable(MattermostError):
    """Mattermost could not be reached, did not answer in time, or answered with 5xx."""


class Unauthorized(MattermostError):
    """401: the token is wrong or revoked, or the bot is disabled."""


class Forbidden(MattermostError):
    """403: the bot may not, or the channel or post is unknown to it (Mattermost tells these apart by nothing)."""


class NotFound(MattermostError):
    """404: no such thing."""


class BadRequest(MattermostError):
    """400: Mattermost refuses the request as it stands, an edit after `PostEditTimeLimit` included."""


class TooLarge(MattermostError):
    """413: the body is over the server's `MaximumPayloadSizeBytes`, 300,000 by default."""


class RateLimited(MattermostError):
    """429: too many requests, and the server asks for a longer wait than a caller can spend."""

    def __init__(self, what: str, *, wait: float, path: str = "", request_id: str = "", own: bool = False) -> None:
        super().__init__(what, status=429, path=path, request_id=request_id, own=own)
        self.wait = wait
        """Seconds until the server takes requests again."""


class Garbled(MattermostError):
    """The answer is not what Mattermost sends: HTML, half a body, no JSON, too much of it."""


class Redirected(Garbled):
    """The address answers with a redirect, which is never followed: the token would go along."""


class TooMany(MattermostError):
    """There is more of it than the caller wants to read."""


class Refused(MattermostError):
    """Chorus itself refuses to send this: not an id, not a `response_url` of this Mattermost."""


class Malformed(MattermostError):
    """A request to Chorus that Mattermost would not send."""


_BY_STATUS: dict[int, type[MattermostError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
}


def by_status(status: int) -> type[MattermostError]:
    """The class of error that a status stands for."""
    if status >= 500 and status != 501:  # 501 is a feature that this server does not have: asking again changes nothing
        return Unreachable
    return _BY_STATUS.get(status, MattermostError)
