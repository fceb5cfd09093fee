"""The order of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from mmapp import config, written
from mmapp.errors import AppError, ConfigError
from mmapp.mattermost.admin import Admin
from mmapp.mattermost.errors import Forbidden, Garbled, MattermostError, RateLimited, Refused, Unauthorized, Unreachable
from mmapp.mattermost.internal import internal_addresses
from mmapp.setup import bot, checks, command, keys, teams
from mmapp.setup.greeting import greet
from mmapp.setup.session import signed_in
from mmapp.setup.work import Person, Wishes, Work, is_loopback, joined
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

PORT = 8066
WRITTEN = {"CHORUS_MATTERMOST_URL", "CHORUS_PUBLIC_URL", "CHORUS_BOT_TOKENS", "CHORUS_COMMAND_TOKENS"}


def run(wishes: Wishes) -> None:
    """Set Chorus up on one Mattermost, or tell how it is done by hand. Raises AppError with a sentence for whoever runs it."""
    config.forget_what_flask_read()
    clashing = sorted(WRITTEN & config.in_environment())
    if clashing:
        raise ConfigError(trouble.in_environment(clashing))
    keys.require_none_lost()
    person, known = Person(silent=wishes.yes), config.given()
    person.tell(texts.welcome())
    default = known.get("CHORUS_MATTERMOST_URL")
    url, version = person.ask(
        texts.which_mattermost(), _unasked if wishes.by_hand else _greeted, default, "--url", wishes.url
    )
    public_url = _public_url(person, wishes, known)
    with told():
        ca_file, proxy = known.get("CHORUS_CA_FILE"), known.get("CHORUS_PROXY")
        with closing(Admin(url, "", ca_file=ca_file, proxy=proxy, timeout=(3.05, 20.0))) as admin:
            _with(Work(admin, person, wishes, url, public_url), version)


def _address(value: str) -> str:
    try:
        return written.web_address(value)
    except ValueError as error:
        raise ConfigError(trouble.no_address(str(error))) from None


def _unasked(value: str) -> tuple[str, str]:
    return _address(value), ""


def _greeted(value: str) -> tuple[str, str]:
    """Address and version of a Mattermost. Raises AppError where there is none: a slip shows before a password is typed."""
    url = _address(value)
    return url, greet(url)


def _public_url(person: Person, wishes: Wishes, known: dict[str, str]) -> str:
    if not wishes.public_url and not person.silent:
        person.tell(texts.about_public_url())
    default = known.get("CHORUS_PUBLIC_URL", f"http://127.0.0.1:{known.get('CHORUS_PORT', PORT)}")
    return person.ask(texts.which_public_url(), _address, default, "--public-url", wishes.public_url)


def _with(work: Work, version: str) -> None:
    if work.wishes.by_hand:
        _by_hand(work)
        return
    with signed_in(work) as is_administrator:
        if is_administrator:
            _all(work, checks.version(version, work.admin.server_version()))
    if not is_administrator:
        _by_hand(work)


def _all(work: Work, version: tuple[int, int, int]) -> None:
    settings = checks.settings(work)
    chosen = teams.choose(work)
    ours = bot.find_or_make(work)
    bot.give_picture(work, ours)
    # At once: addresses without their token, or a token with another server's address, would be of no use to Chorus.
    work.save(**_addresses_and_keys(work), bot_tokens=bot.tokens(work, ours))
    for team in chosen:
        bot.join(work, ours, team)
    for team in chosen:
        command.find_or_make(work, ours, team)
    if not bot.offer_ephemerals(work, ours, version):
        checks.tell_of_names(work, settings)
    work.person.tell(texts.done(work.changes))


def _by_hand(work: Work) -> None:
    """What needs no server is done; the rest is told step by step."""
    bot.tell_of_another_server(work)
    work.save(
        **_addresses_and_keys(work), bot_tokens=joined(work.bot_tokens()), command_tokens=work.known("COMMAND_TOKENS")
    )
    host = urlsplit(work.public_url).hostname or ""
    internal = host if internal_addresses(host) else ""
    name, slash_url = work.wishes.bot or bot.NAME, work.public_url + command.PATH
    work.person.tell(texts.by_hand(work.url, slash_url, internal, name, config.env_path()))


def _addresses_and_keys(work: Work) -> dict[str, str]:
    return {"mattermost_url": work.url, "public_url": work.public_url} | _port(work) | _access(work) | keys.missing()


def _access(work: Work) -> dict[str, str]:
    """Written down where nobody has chosen yet, so that an administrator meets it in `.env`."""
    return {} if work.known("ACCESS") else {"access": "listed"}


def _port(work: Work) -> dict[str, str]:
    """The port to listen on, where Mattermost calls this machine itself; elsewhere a proxy may stand between."""
    parts = urlsplit(work.public_url)
    if not is_loopback(parts.hostname or ""):
        work.person.tell(texts.not_on_this_machine(work.known("HOST") or "127.0.0.1", work.known("PORT") or str(PORT)))
        return {}
    wanted = str(parts.port or PORT)
    return {} if parts.scheme != "http" or wanted == (work.known("PORT") or str(PORT)) else {"port": wanted}


@contextmanager
def told() -> Iterator[None]:
    """What Mattermost refuses meanwhile becomes a sentence."""
    try:
        yield
    except MattermostError as error:
        raise AppError(_sentence(error)) from None


def _sentence(error: MattermostError) -> str:
    match error:
        case RateLimited() | Unreachable() | Garbled():
            return trouble.broken_off(str(error))
        case Refused():
            return trouble.own_refusal(error.what)
        case Unauthorized():
            return trouble.session_gone()
        case Forbidden():
            return trouble.forbidden(str(error))
    return trouble.refused(str(error))
