"""The round trip: does Mattermost reach Chorus, and is it this Chorus? And does another one use the same bot?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from mmapp import roundtrip, services
from mmapp.doctor.base import Case, Finding, fault, ok, warning
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import MattermostError
from mmapp.mattermost.internal import internal_addresses
from mmapp.mattermost.payloads import Channel
from mmapp.mattermost.server import Carried
from mmapp.mattermost.wire import NotSent, exchange, new_session
from mmapp.models import Message
from mmapp.signing import Signer
from mmapp.texts import doctor_chat as texts
from mmapp.texts import trust

DIALOG = "/mattermost/dialog"
NEAR = (2.0, 3.0)
CHANNELS = 5
RECENT = timedelta(days=1)


def reaches_us(case: Case) -> Iterator[Finding]:
    """Mattermost carries a submission of the bot's to CHORUS_PUBLIC_URL, and the answer back. Nothing is posted."""
    place = _place(case)
    if place is None:
        yield warning(texts.no_channel(case.me.username))
        return
    url, signer = case.settings.public_url, Signer(case.settings.secret_key.get_secret_value())
    question = roundtrip.ask(signer)
    carried = case.server.carry(f"{url}{DIALOG}", roundtrip.CALLBACK, question.state, *place)
    if carried.status != 200:
        yield _not_carried(case, carried)
        return
    database = roundtrip.database_of(signer, question, carried.error)
    if database is None:
        yield fault(texts.another_key(url) if carried.error == trust.stale_button() else texts.another_program(url))
        return
    same = database == services.installation_id(case.database)
    yield ok(texts.round_trip(url)) if same else fault(texts.another_database(url))


def _place(case: Case) -> tuple[str, str] | None:
    """A team and a channel of the bot's, by their ids: a submission must name both."""
    for team in case.teams:
        for channel in _channels(case, team):
            return team, channel.id
    return None


def _channels(case: Case, team: str) -> list[Channel]:
    """Those where something was said last come first."""
    found = [channel for channel in case.server.channels(team) if not channel.is_archived]
    return sorted(found, key=lambda channel: -channel.last_post_at)


def _not_carried(case: Case, carried: Carried) -> Finding:
    """Mattermost says why it did not reach an app to developers alone, so we look from here as well."""
    url = case.settings.public_url
    host = urlsplit(url).hostname or ""
    if "address forbidden" in carried.detail:
        return fault(texts.forbidden(url, host))
    if carried.status == 500 or "status=" in carried.detail:
        return fault(texts.another_program(url))
    nearby = seen_from_here(url, str(case.settings.ca_file) if case.settings.ca_file else None)
    if nearby == "nothing":
        return fault(texts.not_running(url) if internal_addresses(host) else texts.nobody_listens(url))
    if nearby == "another":
        return fault(texts.another_program(url))
    if nearby == "untrusted":
        return fault(texts.own_certificate(url))
    return fault(texts.probably_forbidden(url, host) if internal_addresses(host) else texts.unreached(url))


def seen_from_here(url: str, ca_file: str | None) -> str:
    """What answers at Chorus' own address, asked from this machine: "nothing", "chorus", "another", "untrusted"."""
    path = "/healthz"
    with new_session(ca_file, None) as session:
        try:
            answer = exchange(session, "GET", f"{url}{path}", timeout=NEAR, within=sum(NEAR), path=path)
            return "chorus" if json.loads(answer.body) == {"status": "ok"} else "another"
        except NotSent as error:
            return "untrusted" if "certificate" in error.what else "nothing"
        except (MattermostError, ValueError):
            return "another"


def alone(case: Case) -> Iterator[Finding]:
    """Nobody else answers in the bot's name: what it posted of late answers requests that this database knows."""
    with closing(services.open_client(case.settings)) as client:
        requests = {request for team in case.teams for request in _answered(case, client, team) if request}
    with case.database.read() as session:
        known = set(session.scalars(select(Message.id).where(Message.id.in_(requests))))
    strange = requests - known
    yield warning(texts.another_installation(case.me.username, len(strange))) if strange else ok(texts.alone())


def _answered(case: Case, client: Client, team: str) -> Iterator[str]:
    """The requests that the bot's posts of the last day answer, in the channels where something was said last."""
    since = datetime.now(UTC) + timedelta(seconds=case.greeting.ahead or 0) - RECENT
    for channel in _channels(case, team)[:CHANNELS]:
        for post in client.channel_posts_before(channel.id):
            if post.user_id == case.me.id and post.create_at > since.timestamp() * 1000:
                yield str(post.props.get("chorus_request") or "")
