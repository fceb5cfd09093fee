"""Reactions: thumbs under the bot's answers say how good one was, and what an administrator has set up besides, under those and
under people's messages."""

from __future__ import annotations

import structlog

from mmapp import access, items
from mmapp.commands import delete, done, feedback, notice, request, summarize
from mmapp.commands.invocation import Invocation
from mmapp.commands.parse import Parsed
from mmapp.errors import Refused
from mmapp.jobs import waiting
from mmapp.jobs.payload import Payload
from mmapp.listen.ear import Ear
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.event_kinds import Reacted, Unreacted
from mmapp.mattermost.payloads import Channel, Post

log = structlog.get_logger()

# Clients offer +1 and take thumbsup as well (fixture e_reactions_list); a tone of skin is written behind the name.
THUMBS = {"+1": feedback.GOOD, "thumbsup": feedback.GOOD, "-1": feedback.BAD, "thumbsdown": feedback.BAD}


def added(ear: Ear, event: Reacted) -> None:
    """Raises a MattermostError: then it is to be taken again."""
    if event.user_id == ear.bot_id:
        return
    if ear.settings.does("delete", event.emoji_name):
        _delete(ear, event)
    elif ear.settings.does("summarize", event.emoji_name):
        _summarize(ear, event)
    elif ear.settings.does("done", event.emoji_name):
        _done(ear, event)
    elif thumb(event.emoji_name):
        _rated(ear, event)


def removed(ear: Ear, event: Unreacted) -> None:
    """A thumb that is taken back counts no more, nor a tick."""
    if ear.settings.does("done", event.emoji_name):
        _undone(ear, event)
    value = thumb(event.emoji_name)
    if not value or event.user_id == ear.bot_id:
        return
    with ear.database.write() as session:
        if found := request.answered_in(session, event.post_id):
            feedback.unrate(session, found.id, event.user_id, value)


def missed(ear: Ear, post: Post, since: int) -> None:
    """What stands under a post after a gap. Of thumbs under an answer of the bot's, those that are newer than what their
    people are known to think; who took one back meanwhile is not known. Of wishes for a summary, those since then (ms). Ticks:
    what they stand under is done."""
    if post.delete_at:
        return
    for one in sorted(post.reactions, key=lambda each: each.create_at):
        event = Reacted(post.id, one.user_id, one.emoji_name, post.channel_id)
        if ear.settings.does("summarize", one.emoji_name):
            if one.create_at >= since:
                added(ear, event)
        elif ear.settings.does("done", one.emoji_name):
            added(ear, event)
        elif post.user_id == ear.bot_id and thumb(one.emoji_name):
            _rated(ear, event, at=one.create_at)
        elif post.user_id == ear.bot_id:
            added(ear, event)


def thumb(emoji_name: str) -> int:
    """1 or -1, and 0 for any other reaction."""
    return THUMBS.get(emoji_name.partition("_")[0], 0)


def _delete(ear: Ear, event: Reacted) -> None:
    """By who asked."""
    with ear.database.write() as session:
        for found in request.at(session, event.post_id):
            if found.person_id == event.user_id:
                wish = Payload(person_id=event.user_id, channel_id=event.channel_id)
                delete.enqueue(session, found, wish, heard=True)


def _done(ear: Ear, event: Reacted) -> None:
    """What this message says, and digests tell again, is done."""
    with ear.database.read() as session:
        if not items.open_in(session, event.post_id):
            return
    if not _counts(ear, event.channel_id, event.user_id):
        return
    with ear.database.write() as session:
        ids = items.open_in(session, event.post_id)
        done.close(session, ids, event.user_id, emoji=event.emoji_name)


def _undone(ear: Ear, event: Unreacted) -> None:
    """It is open again, where this tick has closed it and no other stands there."""
    with ear.database.read() as session:
        if not items.closed_with(session, event.post_id, event.user_id, event.emoji_name):
            return
    left = [one for one in ear.client.reactions(event.post_id) if ear.settings.does("done", one.emoji_name)]
    other = next((one for one in left if _counts(ear, event.channel_id, one.user_id)), None)
    with ear.database.write() as session:
        ids = items.closed_with(session, event.post_id, event.user_id, event.emoji_name)
        if other:
            items.hand_over(session, ids, other.user_id, other.emoji_name)
        else:
            done.reopen(session, ids, event.user_id)


def _summarize(ear: Ear, event: Reacted) -> None:
    """The post's thread, for who reacted alone; once for ever. By the main bot, where several hear of it.

    Where Chorus is off it is an emoji like any other: nobody is told why nothing comes of it.
    """
    channel = ear.channel(event.channel_id)
    if ear.bot != ear.settings.bot[0] or ear.is_bot(event.user_id) or _is_off(ear, channel):
        return
    invocation = _wish(ear, event, channel)
    refused = f"refused:{invocation.heard}"
    with ear.database.read() as session:
        if waiting.is_known(session, refused):
            return
    try:
        summarize.run(invocation)
    except Refused as error:
        with ear.database.write() as session:
            notice.tell(session, invocation, error.sentence, refused)


def _is_off(ear: Ear, channel: Channel) -> bool:
    with ear.database.read() as session:
        return channel.type in ("O", "P") and not access.is_on(session, ear.settings, channel.id)


def _wish(ear: Ear, event: Reacted, channel: Channel) -> Invocation:
    return Invocation(
        settings=ear.settings,
        database=ear.database,
        bot=ear.bot,
        parsed=Parsed("summarize", f"--private {event.post_id}"),
        person_id=event.user_id,
        person_name=ear.user(event.user_id).username,
        team_id=channel.team_id,
        team_name="",
        channel_id=event.channel_id,
        channel_name=channel.name,
        heard=f"heard:{ear.bot}:{event.post_id}:{event.user_id}:{event.emoji_name}",
    )


def _rated(ear: Ear, event: Reacted, *, at: int | None = None) -> None:
    """`at`: when it was given (ms), where it was not heard as it happened."""
    if not (_is_answer(ear, event.post_id) and _counts(ear, event.channel_id, event.user_id)):
        return
    with ear.database.write() as session:
        if found := request.answered_in(session, event.post_id):
            feedback.rate(session, found.id, event.user_id, thumb(event.emoji_name), at=at)


def _is_answer(ear: Ear, post_id: str) -> bool:
    with ear.database.read() as session:
        return request.answered_in(session, post_id) is not None


def _counts(ear: Ear, channel_id: str, person_id: str) -> bool:
    """On v11 whoever may read a public channel may react there; only a member's opinion counts, and no bot's."""
    try:
        return not ear.is_bot(person_id) and ear.client.member(channel_id, person_id) is not None
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.info("a reaction was passed over: its channel cannot be asked", channel=channel_id)
        return False
