"""Errors as Mattermost answers them."""

from __future__ import annotations

from typing import Any

from tests.playground.ids import new_id


class ApiError(Exception):
    """One error's status, id and message."""

    def __init__(self, status: int, error_id: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status, self.error_id, self.message, self.detail = status, error_id, message, detail

    def body(self, *, developer: bool) -> dict[str, Any]:
        """The JSON; `detailed_error` is filled only where `EnableDeveloper` is on."""
        return {
            "id": self.error_id,
            "message": self.message,
            "detailed_error": self.detail if developer else "",
            "request_id": new_id(),
            "status_code": self.status,
        }


def forbidden(user_id: str, permission: str) -> ApiError:
    """403."""
    detail = f"userId={user_id}, permission={permission},"
    return ApiError(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.", detail)


def unauthorized() -> ApiError:
    """401."""
    return ApiError(401, "api.context.session_expired.app_error", "Invalid or expired session, please login again.")


def no_post(post_id: str) -> ApiError:
    """404 of a post."""
    return ApiError(404, "app.post.get.app_error", "Unable to get the post.", f"resource: Post id: {post_id}")


def bad_body(name: str) -> ApiError:
    """400 of a body or a part of it."""
    return ApiError(400, "api.context.invalid_body_param.app_error", f"Invalid or missing {name} in request body.")


def too_large() -> ApiError:
    """413."""
    what = "Unable to process request. Request body too large."
    return ApiError(413, "api.context.request_body_too_large.app_error", what)


def no_page() -> ApiError:
    """404 of a route."""
    return ApiError(404, "api.context.404.app_error", "Sorry, we could not find the page.")
