"""Who may read what, asked freshly at each use: a right that was lost a minute ago is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.ids import batches
from mmapp.mattermost.payloads import Member


def may_read(client: Client, channel_id: str, person_id: str, bot_id: str) -> bool:
    """Whether the person is a member of the channel, or it is public and the person is in its team, and no guest. The bot
    joins a public one that it is not in.

    Raises Forbidden where the bot may not look: a private channel, or people's direct messages, without it.
    """
    return membership(client, channel_id, person_id, bot_id) is not None or is_open_to(client, channel_id, person_id)


def is_reader(client: Client, channel_id: str, person_id: str) -> bool:
    """The same as far as it can be seen without joining anything."""
    return reads(client, channel_id, person_id) is True


def reads(client: Client, channel_id: str, person_id: str) -> bool | None:
    """The same, and None where the bot cannot see it: from outside of a channel nobody is seen not to read it."""
    seen = True
    try:
        member = client.member(channel_id, person_id)
    except Forbidden as error:
        if not error.own:
            raise
        member, seen = None, False
    try:
        return member is not None or is_open_to(client, channel_id, person_id) or (False if seen else None)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return None


def is_open_to(client: Client, channel_id: str, person_id: str) -> bool:
    """Whether the person may read the channel without being a member. Raises Forbidden where the bot may not look."""
    channel = client.channel(channel_id)
    return channel.is_public and client.is_in_team(channel.team_id, person_id) and not client.user(person_id).is_guest


def membership(client: Client, channel_id: str, person_id: str, bot_id: str) -> Member | None:
    """The person's membership of the channel, None where there is none; joins and raises as `may_read` does."""
    try:
        return client.member(channel_id, person_id)
    except Forbidden as error:
        if not error.own:
            raise
        # Public channels of the bot's team can be seen and joined; everything else answers 403 here again.
        if not client.channel(channel_id).is_public:
            raise
        client.join(channel_id, bot_id)
        return client.member(channel_id, person_id)


def is_inside(client: Client, channel_id: str, account_id: str) -> bool:
    """Whether an account, the bot's own too, is a member of the channel, as far as the bot can see it from where it is."""
    try:
        return client.member(channel_id, account_id) is not None
    except Forbidden as error:
        if not error.own:
            raise
        return False


def all_may_read(client: Client, channel_id: str, sources: Collection[str], bot_ids: Collection[str]) -> bool:
    """The audience guard: whether everybody in a channel is a member of each source as well.

    Who joins later is outside of the promise (docs/SECURITY.md). Raises Forbidden where the bot may not look.
    """
    return next(_shut_out(client, channel_id, sources, bot_ids), None) is None


def shut_out(
    client: Client, channel_id: str, sources: Collection[str], bot_ids: Collection[str]
) -> tuple[str, list[str]] | None:
    """The first of these sources of which not everybody in a channel is a member, and the ids of who is not. Raises as above."""
    found = list(_shut_out(client, channel_id, sources, bot_ids))
    return (found[0][0], [who for source, who in found if source == found[0][0]]) if found else None


def _shut_out(
    client: Client, channel_id: str, sources: Collection[str], bot_ids: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Each source with each account that may not read it, looked up as far as they are wanted.

    Our bots tell nobody what they read. Of others somebody holds the token, so they are readers, and so is an account that
    Mattermost says nothing of; who was deactivated reads nothing.
    """
    others = [source for source in sources if source != channel_id]
    readers = {one.user_id for one in client.all_members(channel_id)}.difference(bot_ids) if others else set()
    for source in others:
        missing = readers - {one.user_id for one in client.members(source, readers)}
        for some in batches(sorted(missing)):
            gone = {one.id for one in client.users(some) if one.delete_at}
            yield from ((source, each) for each in some if each not in gone)


def is_channel(client: Client, channel_id: str) -> bool:
    """Whether it is a channel, and not people's direct or group messages, as far as the bot can see it."""
    try:
        return client.channel(channel_id).type in ("O", "P")
    except Forbidden as error:
        if not error.own:
            raise
        return False


def may_manage(client: Client, channel_id: str, person_id: str) -> bool:
    """Whether the person is an admin of the channel, of its team, or of the whole server, as far as the bot can see it."""
    return manages(client, channel_id, person_id) is True


def manages(client: Client, channel_id: str, person_id: str, team_id: str = "") -> bool | None:
    """Whether the person is an admin of the channel, of its team, or of the whole server; asked freshly. Who is gone is none.

    None where the bot may not look into the channel. Where it is known to be of this team, that team's admins are known.
    """
    try:
        return client.user(person_id).is_system_admin or _is_admin(client, channel_id, person_id, team_id)
    except NotFound as error:
        if not error.own:
            raise
        return False
    except Forbidden as error:
        if not error.own:
            raise
        return None


def _is_admin(client: Client, channel_id: str, person_id: str, team_id: str) -> bool | None:
    try:
        member = client.member(channel_id, person_id)
    except Forbidden as error:
        if not error.own:
            raise
        return True if team_id and client.is_team_admin(team_id, person_id) else None
    if member is not None and member.scheme_admin:
        return True
    team_id = client.channel(channel_id).team_id
    return bool(team_id) and client.is_team_admin(team_id, person_id)


def takes_part(client: Client, channel_id: str, person_id: str, *, guests: bool) -> bool | None:
    """Whether the person is a member of the channel, and no guest unless `guests` may. None where the bot is not in it: of a
    public one it could see who may read it, but would not hear when a thread there is deleted."""
    try:
        member = client.member(channel_id, person_id)
    except Forbidden as error:
        if not error.own:
            raise
        return None
    return member is not None and (guests or not member.scheme_guest)


def may_rule(client: Client, team_id: str, person_id: str) -> bool:
    """Whether the person is an admin of the team, or of the whole server; of that alone where no team is named."""
    try:
        if client.user(person_id).is_system_admin:
            return True
        return bool(team_id) and client.is_team_admin(team_id, person_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False
