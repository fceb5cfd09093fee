"""A post that addresses the bot becomes a request: the same verbs as behind `/ai`, and any other words are a question."""

from __future__ import annotations

import re

import structlog

from mmapp.commands import notice
from mmapp.commands.digest_words import is_meant
from mmapp.commands.invocation import Invocation
from mmapp.commands.models import is_like_one
from mmapp.commands.parse import DASHES, Parsed, clean, parse
from mmapp.commands.summarize import LINK, SCOPE
from mmapp.commands.verbs import VERBS, dispatch
from mmapp.errors import Refused
from mmapp.jobs import waiting
from mmapp.listen import membership
from mmapp.listen.ear import Ear
from mmapp.mattermost.errors import MattermostError
from mmapp.mattermost.mentions import addressed, leading_quotes
from mmapp.mattermost.payloads import Channel, Post

log = structlog.get_logger()

FLAG = re.compile(rf"{DASHES}[A-Za-z]")
FOR = rf"{DASHES}for\s+\S+"
# "@ai model large" is a choice, "@ai model the flow in hall 7" a question.
NAMED = {
    "model": re.compile(
        rf"((list|info)\s+\S+|reset\s+all|(?!{DASHES})\S+)(\s+{FOR})?|{FOR}",
        re.IGNORECASE,
    ),
    "admin": re.compile(r"models(\s+\w+)?", re.IGNORECASE),
}
BARE = ("list", "info", "more", "reset")  # words behind "model" that are no model's name
LONGEST_WISH = 300  # characters; longer ones hold what is to be summarised
ADDED_LATER = 600_000  # ms after a post in which an edit may still address the bot


def posted(ear: Ear, post: Post) -> bool:
    """Take in a new post. Whether it was meant for the bot; heard twice, it is done once. Raises a MattermostError."""
    if membership.is_invitation(ear, post):
        membership.invited(ear, post)
        return True
    if not _is_a_person_s(ear, post):
        return False
    channel = ear.channel(post.channel_id)
    words = _words(ear, post, channel)
    if words is None or ear.is_bot(post.user_id):
        return False
    structlog.contextvars.bind_contextvars(post=post.id)
    try:
        _do(ear, _invocation(ear, post, channel, words), post.edit_at)
    finally:
        structlog.contextvars.clear_contextvars()
    return True


def edited(ear: Ear, post: Post) -> bool:
    """A mention that an edit adds counts for ten minutes; what was asked before stays what it was."""
    if not 0 < post.edit_at - post.create_at <= ADDED_LATER:
        return False  # pinned, answered or reacted to: its words are as old as itself
    return posted(ear, post)


def _is_a_person_s(ear: Ear, post: Post) -> bool:
    """Not the bot's own, not the system's, not a webhook's, and not deleted meanwhile."""
    webhook = post.props.get("from_webhook") == "true"
    return not (post.user_id == ear.bot_id or post.type or webhook or post.delete_at or post.original_id)


def _words(ear: Ear, post: Post, channel: Channel) -> str | None:
    text = clean(post.message)
    words = addressed(text, ear.bot, ear.others)
    if words and (quoted := leading_quotes(text).strip()):
        return f"{words}\n\n{quoted}"  # it is asked about
    if words is None and channel.is_direct and ear.bot_id in channel.name.split("__"):
        return text.strip()  # everything that is said there is said to the bot
    return words


def _invocation(ear: Ear, post: Post, channel: Channel, words: str) -> Invocation:
    return Invocation(
        settings=ear.settings,
        database=ear.database,
        bot=ear.bot,
        parsed=_parsed(ear, words, in_thread=bool(post.root_id)),
        person_id=post.user_id,
        person_name=ear.user(post.user_id).username,
        team_id=channel.team_id,
        team_name="",
        channel_id=post.channel_id,
        channel_name=channel.name,
        root_id=post.root_id or ("" if channel.is_direct else post.id),
        post_id=post.id,
    )


def _parsed(ear: Ear, words: str, *, in_thread: bool) -> Parsed:
    """A verb that takes words, or stands alone, or with flags or a link; "@ai help me with the pump" is a question."""
    parsed = parse(words)
    if parsed.verb == "digest" and parsed.words:
        return parsed if is_meant(parsed.words) else Parsed("ask", words, typed="ask")
    if parsed.verb == "summarize":
        return parsed if _is_summary(parsed.words, in_thread=in_thread) else Parsed("ask", words, typed="ask")
    flags = parsed.verb == "on" and FLAG.match(parsed.words)
    named = parsed.verb in NAMED and NAMED[parsed.verb].fullmatch(parsed.words)
    alone = not parsed.words or flags or named or LINK.fullmatch(parsed.words)
    if parsed.verb in VERBS and (parsed.verb == "ask" or (alone and not _is_no_model(ear, parsed))):
        return parsed
    return Parsed("ask", words, typed="ask")


def _is_no_model(ear: Ear, parsed: Parsed) -> bool:
    """Whether one word stands behind "model" that is like no model's name: "@ai model training" is a question."""
    word = parsed.words.casefold()
    if parsed.verb != "model" or word in ("", *BARE) or len(word.split()) > 1:
        return False
    with ear.database.read() as session:
        return not is_like_one(session, word)


def _is_summary(words: str, *, in_thread: bool) -> bool:
    """ "@ai summarize" with a scope, a flag or a link, and in a thread with a wish; "@ai summarize this: …" is a question."""
    named = SCOPE.match(words) or FLAG.match(words) or LINK.match(words)
    return not words or bool(named) or (in_thread and len(words) <= LONGEST_WISH)


def _do(ear: Ear, invocation: Invocation, edit_at: int) -> None:
    """What has an effect looks itself, in its own transaction, whether it was done; this saves work."""
    key = invocation.heard_key or ""
    refused = f"refused:{key}:{edit_at}"  # a post that is put right may be done
    with ear.database.read() as session:
        if waiting.is_known(session, key) or waiting.is_known(session, refused):
            return
    try:
        sentence = dispatch(invocation).text
    except Refused as error:
        sentence, key = error.sentence, refused
    log.info("addressed", verb=invocation.parsed.verb, channel=invocation.channel_id)
    if sentence and invocation.parsed.verb == "ask" and key != refused:
        _say_now(ear, invocation, sentence)
    elif sentence:
        with ear.database.write() as session:
            notice.tell(session, invocation, sentence, key)


def _say_now(ear: Ear, invocation: Invocation, sentence: str) -> None:
    """That no worker runs cannot be told by one. A notice that is lost is no loss: the question is kept."""
    try:
        channel = ear.client.direct_channel(ear.bot_id, invocation.person_id)
        ear.client.create_post(channel.id, sentence, pending_post_id=f"{ear.bot_id}:{invocation.post_id}:waits")
    except MattermostError as error:
        log.info("who asked could not be told that nobody works", why=str(error))
