"""Signing in as an administrator, for one run: what is typed is neither shown, kept nor logged, and the session is ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from mmapp import config
from mmapp.errors import AppError, ConfigError
from mmapp.mattermost.admin import Admin
from mmapp.mattermost.errors import BadRequest, MattermostError, Unauthorized
from mmapp.mattermost.ids import is_id
from mmapp.setup.work import Person, Work, is_loopback
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

TRIES = 3
"""Passwords that are asked for: servers lock an account after ten wrong ones."""


@contextmanager
def signed_in(work: Work) -> Iterator[bool]:
    """An administrator meanwhile; False where nobody signs in. Raises AppError where somebody cannot."""
    token, user = config.setup_secret("TOKEN"), work.wishes.user
    if work.url.startswith("http://") and not is_loopback(urlsplit(work.url).hostname or ""):
        work.person.tell(trouble.unencrypted(work.url))
    if work.person.silent and not token and not (user and config.setup_secret("PASSWORD")):
        raise ConfigError(trouble.secret_needed())
    if not token and not user:
        work.person.tell(texts.how_to_sign_in())
        user = work.person.ask(texts.which_administrator(), str, "", "--user")
        token = "" if user else work.person.secret(texts.which_token()).strip()
    if user:
        _by_password(work.admin, work.person, user)
    elif token:
        if not is_id(token):  # half of one, or something else that was pasted
            raise AppError(trouble.token_refused())
        work.admin.use(token)
    else:
        yield False
        return
    try:
        _require_administrator(work.admin)
        yield True
    finally:
        if user:
            _sign_out(work)


def _by_password(admin: Admin, person: Person, user: str) -> None:
    given = config.setup_secret("PASSWORD")
    for _ in range(1 if given or person.silent else TRIES):
        password = given or person.secret(texts.password(user))
        if password and _accepted(admin, user, password):
            return
        # Which of the three is wrong, a server tells by the names of its errors alone, and those change.
        code = person.secret(texts.code()) if password else ""
        if code and _accepted(admin, user, password, code):
            return
    raise AppError(trouble.not_signed_in(user))


def _accepted(admin: Admin, user: str, password: str, code: str = "") -> bool:
    try:
        admin.sign_in(user, password, code)
    except (Unauthorized, BadRequest) as error:
        if not error.own:
            raise
        return False
    return True


def _require_administrator(admin: Admin) -> None:
    try:
        me = admin.me()
    except Unauthorized:
        raise AppError(trouble.token_refused()) from None
    if not me.is_system_admin:
        raise AppError(trouble.no_administrator(me.username))


def _sign_out(work: Work) -> None:
    try:
        work.admin.sign_out()
    except MattermostError:
        work.person.tell(trouble.session_left())
