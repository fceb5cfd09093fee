"""The listener's process: hear every event, catch up after a gap, and remember how far it has come."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from mmapp import logs, services
from mmapp.config import Settings
from mmapp.db import Database, clock, inserting
from mmapp.errors import BotRefused, DatabaseDown
from mmapp.listen import catchup, deletion, membership, mention, reaction
from mmapp.listen.ear import Ear
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import BadRequest, Forbidden, MattermostError, NotFound, Unauthorized
from mmapp.mattermost.event_kinds import Deleted, Edited, Event, Gap, Left, Posted, Reacted, Unreacted
from mmapp.mattermost.events import Events
from mmapp.mattermost.payloads import Post, User
from mmapp.models import Heard

log = structlog.get_logger()

T = TypeVar("T")

RETRY_EVERY = 5.0  # seconds, while the database or Mattermost does not answer
REMEMBERED_POSTS = 10_000
REMEMBER_EVERY = 5.0  # seconds: what was heard since is heard again after a death, and done once


def run(settings: Settings) -> None:
    """Listen until SIGTERM or SIGINT. Raises ConfigError or WrongRevision where it cannot begin."""
    services.warn_of_open_secrets()
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    listening = asyncio.create_task(_listen(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, listening.cancel)
    try:
        await listening
    except asyncio.CancelledError:
        log.info("the listener goes")


async def _listen(settings: Settings) -> None:
    database = await _patiently(lambda: services.ready_database(settings))
    try:
        async with asyncio.TaskGroup() as listening:
            for name in dict(settings.bot_tokens):
                listening.create_task(_hear(settings, database, name))
    finally:
        database.close()


async def _hear(settings: Settings, database: Database, name: str) -> None:
    """One bot's whole day. What befalls it keeps no other from hearing."""
    structlog.contextvars.bind_contextvars(bot=name)
    client = services.open_client(settings, name)
    try:
        while True:
            try:
                bot = await _accepted(client, name)
                await Listener(Ear(settings, database, client, name, bot.id)).listen()
            except Exception as error:
                # What nobody foresaw of one would end the process, and with it the ears of all.
                log.error("a bot's ear failed; it begins anew", exc_info=error)
                await asyncio.sleep(RETRY_EVERY)
    finally:
        client.close()


async def _accepted(client: Client, name: str) -> User:
    """The bot's account, waited for; why it is waited for is said in the log once."""
    told = ""
    while True:
        try:
            return await asyncio.to_thread(services.introduced, client, name)
        except BotRefused as error:
            why = error.sentence
        except MattermostError as error:
            why = str(error)
        if why != told:
            told = why
            log.error("a bot hears nothing until Mattermost accepts it", why=why)
        await asyncio.sleep(RETRY_EVERY)


async def _patiently(act: Callable[[], T]) -> T:
    """Do it in a thread, again and again while somebody else is down: what was heard must not be lost."""
    while True:
        try:
            return await asyncio.to_thread(act)
        except DatabaseDown as error:
            log.error("waiting for the database", why=error.sentence)
        except SQLAlchemyError as error:
            log.error("waiting for the database", exc_info=error)
        except MattermostError as error:
            log.error("waiting for Mattermost", why=str(error))
        await asyncio.sleep(RETRY_EVERY)


class Listener:
    """One bot's ear, in order of what it hears. `heard_until` is in ms of Mattermost's clock, 0 before the first start."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self.heard_until = 0
        self._taken: dict[str, int] = {}  # the last posts, and when each was edited: correctness is the database's
        self._remembered_at = 0.0  # time.monotonic()

    async def listen(self) -> None:
        """Take in everything, without end."""
        settings = self._ear.settings
        events = Events(
            settings.mattermost_url,
            dict(settings.bot_tokens)[self._ear.bot].get_secret_value(),
            ca_file=str(settings.ca_file) if settings.ca_file else None,
            proxy=settings.proxy,
        )
        await _patiently(self._so_far)  # before the socket opens: from then on people count on being heard
        while True:
            try:
                async with aclosing(events.stream()) as stream:
                    async for event in stream:
                        await _patiently(partial(self.take, event))
            except Unauthorized as error:
                log.error("Mattermost does not accept the bot's token", why=str(error))
                await asyncio.sleep(RETRY_EVERY)
                await _accepted(self._ear.client, self._ear.bot)

    def take(self, event: Event) -> None:
        """Do what one event asks for. Raises a MattermostError or SQLAlchemyError: then it is to be taken again."""
        if isinstance(event, Gap):
            self._catch_up()
        else:
            _passing_over(partial(self._take, event))
        if time.monotonic() - self._remembered_at > REMEMBER_EVERY:
            self._remember()

    def _take(self, event: Event) -> None:
        if isinstance(event, Posted):
            self._hear(event.post, mention.posted)
            self.heard_until = max(self.heard_until, event.post.create_at)
        elif isinstance(event, Edited):
            deletion.changed(self._ear, event.post)
            self._hear(event.post, mention.edited)
        elif isinstance(event, Deleted):
            deletion.deleted(self._ear, event.post)
        elif isinstance(event, Reacted):
            reaction.added(self._ear, event)
        elif isinstance(event, Unreacted):
            reaction.removed(self._ear, event)
        elif isinstance(event, Left):
            membership.left(self._ear, event)

    def _hear(self, post: Post, hear: Callable[[Ear, Post], bool]) -> None:
        if self._taken.get(post.id) == post.edit_at:
            return  # a gap reads a minute that was heard before
        _passing_over(partial(hear, self._ear, post), post.id)
        self._taken[post.id] = post.edit_at
        if len(self._taken) > REMEMBERED_POSTS:
            del self._taken[next(iter(self._taken))]

    def _catch_up(self) -> None:
        """What was said while nobody listened, but nothing from before the very first start."""
        heard = self._so_far()
        membership.missed(self._ear)
        since = heard.until - catchup.OVERLAP
        until = max([heard.until, *(channel.last_post_at for channel in self._ear.client.channels())])
        for post in catchup.missed(self._ear, heard.until):
            _passing_over(partial(deletion.missed, self._ear, post), post.id)
            _passing_over(partial(reaction.missed, self._ear, post, max(since, heard.began)), post.id)
            if max(post.create_at, post.edit_at) > heard.behind:
                self._hear(post, mention.posted if post.create_at >= since else mention.edited)
            until = max(until, post.create_at)
        self.heard_until = max(self.heard_until, until)
        self._remember()

    def _remember(self) -> None:
        further = (Heard.bot == self._ear.bot, Heard.until < self.heard_until)
        with self._ear.database.write() as session:
            session.execute(update(Heard).where(*further).values(until=self.heard_until))
        self._remembered_at = time.monotonic()

    def _so_far(self) -> Heard:
        """How far this bot has been heard; at its very first start, as far as anything was said: it was not meant for us."""
        with self._ear.database.read() as session:
            heard = session.get(Heard, self._ear.bot)
        if heard:
            return heard
        newest = max([1, *(channel.last_post_at for channel in self._ear.client.channels())])
        with self._ear.database.write() as session:
            values = {
                "bot": self._ear.bot,
                "until": newest,
                "began": round(clock(session).timestamp() * 1000),
                "behind": newest,
            }
            session.execute(inserting(session, Heard).values(values).on_conflict_do_nothing())
        return self._so_far()


def _passing_over(act: Callable[[], object], post_id: str = "") -> None:
    """Do it, or pass over what cannot be done: heard again after every restart, it would keep the ear from all others.

    Raises a MattermostError or SQLAlchemyError where somebody else is down: then it is to be taken again.
    """
    try:
        act()
    except (Forbidden, NotFound, BadRequest) as error:
        if not error.own:
            raise
        log.info("passed over: its channel or author is gone", why=str(error))
    except (MattermostError, SQLAlchemyError):
        raise
    except Exception as error:
        log.error("passed over", error_id=logs.new_error_id(), post=post_id, exc_info=error)
