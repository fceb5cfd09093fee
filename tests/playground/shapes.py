"""Documents as each age of Mattermost shows them."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.playground.ids import new_id

Doc = dict[str, Any]

_BEFORE = "id create_at update_at edit_at delete_at is_pinned user_id channel_id root_id"
_ALSO = ("file_ids", "has_reactions")  # where there are any; v11 shows an empty `file_ids` as well
_BEHIND = "reply_count last_reply_at participants metadata"
_POST_KEYS = {
    "11": f"{_BEFORE} original_id message type props hashtags file_ids pending_post_id remote_id {_BEHIND}".split(),
    "5.37": f"{_BEFORE} parent_id original_id message type props hashtags pending_post_id {_BEHIND}".split(),
}
_ATTACHMENT: Doc = {
    "id": 0, "fallback": "", "color": "", "pretext": "", "author_name": "", "author_link": "", "author_icon": "", "title": "",
    "title_link": "", "text": "", "fields": None, "image_url": "", "thumb_url": "", "footer": "", "footer_icon": "", "ts": None,
}  # fmt: skip
_ACTION_KEYS = ("id", "type", "name", "tooltip", "disabled", "style", "data_source", "options", "default_option")


def new_post(user_id: str, channel_id: str, message: str, now: int, **more: Any) -> Doc:
    """A post's document, whole: with integrations, which no client sees."""
    post: Doc = {
        "id": new_id(), "create_at": now, "update_at": now, "edit_at": 0, "delete_at": 0, "is_pinned": False,
        "user_id": user_id, "channel_id": channel_id, "root_id": "", "original_id": "", "message": message, "type": "",
        "props": {}, "hashtags": "", "file_ids": [], "pending_post_id": "", "remote_id": "", "reply_count": 0,
        "last_reply_at": 0, "participants": None, "metadata": {},
    }  # fmt: skip
    post |= more
    post["hashtags"] = " ".join(re.findall(r"(?<!\w)#[^\W\d_][\w.-]+", message))
    if attachments(post):
        post["metadata"] = {"embeds": [{"type": "message_attachment"}]}
    return post


def shown(post: Doc, age: str) -> Doc:
    """A post as clients get it: without integrations, with the keys of this age."""
    whole = post | {"parent_id": post["root_id"], "props": without_integrations(post["props"])}
    more = [key for key in _ALSO if whole.get(key)]
    return {key: whole[key] for key in [*_POST_KEYS[age], *more] if key in whole}


def attachments(post: Doc) -> list[Doc]:
    """A post's attachments."""
    found = post["props"].get("attachments") if isinstance(post["props"], dict) else None
    return found if isinstance(found, list) else []


def read_attachments(props: Doc) -> Doc:
    """Props with their attachments as the server reads them: a malformed one vanishes, an action without id gets one."""
    if "attachments" not in props:
        return props
    given = props["attachments"] if isinstance(props["attachments"], list) else []
    found = [_ATTACHMENT | _with_ids(one) for one in given if isinstance(one, dict) and _well_formed(one)]
    return props | {"attachments": found or None}


def _well_formed(attachment: Doc) -> bool:
    texts = (key for key, value in _ATTACHMENT.items() if value == "")
    return all(isinstance(attachment.get(key, ""), str) for key in texts)


def _with_ids(attachment: Doc) -> Doc:
    fields = [field | {"value": str(field.get("value", ""))} for field in attachment.get("fields") or ()]
    found = attachment | ({"fields": fields} if fields else {})
    if attachment.get("actions"):
        found["actions"] = [action | {"id": action.get("id") or new_id()} for action in attachment["actions"]]
    return found


def without_integrations(props: Doc) -> Doc:
    """Props as clients get them: of an action they see neither URL nor context."""
    if not isinstance(props.get("attachments"), list):
        return props
    return props | {"attachments": [_shown_attachment(one) for one in props["attachments"]]}


def _shown_attachment(attachment: Doc) -> Doc:
    if not attachment.get("actions"):
        return attachment
    keys = (*_ACTION_KEYS, "cookie")
    actions = [{key: action[key] for key in keys if action.get(key) or key == "id"} for action in attachment["actions"]]
    return attachment | {"actions": actions}


def find_action(post: Doc, action_id: str) -> Any:
    """The action with its integration; None where it has none (props read back and patched have lost theirs)."""
    for attachment in attachments(post):
        for action in attachment.get("actions") or ():
            if action.get("id") == action_id and (action.get("integration") or {}).get("url"):
                return action
    return None


def props_runes(props: Doc) -> int:
    """How long props are, as their limit counts: as Go writes JSON, where `<`, `>` and `&` take six characters."""
    written = json.dumps(props, ensure_ascii=False, separators=(",", ":"))
    return len(written) + 5 * sum(map(written.count, "<>&"))


def user_shown(user: Doc, *, own: bool = False) -> Doc:
    """An account as others get it."""
    hidden = set() if own else {"notify_props", "last_password_update"}
    return {key: value for key, value in user.items() if key not in hidden}


_TOLD_OF_NOBODY = (
    "username", "auth_data", "auth_service", "email", "nickname", "first_name", "last_name", "position", "roles", "locale",
)  # fmt: skip


def nobody(user_id: str) -> Doc:
    """An account of which nothing but the id is told, as lists of threads hold it unless `extended`."""
    found = {"id": user_id, "delete_at": 0, "timezone": None, "disable_welcome_email": False}
    return found | dict.fromkeys(_TOLD_OF_NOBODY, "")
