"""A worker, as every kind of job is given it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Self

from llm.base import ModelInfo
from llm.registry import Registry
from mmapp.chat.people import People
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.jobs import queue
from mmapp.jobs.bots import Bot, Bots
from mmapp.jobs.edits import Edits
from mmapp.jobs.fairness import AtHand
from mmapp.jobs.making import Making
from mmapp.jobs.news import News
from mmapp.mattermost.client import Client
from mmapp.texts.plain import label


@dataclass
class Worker:
    """One worker and what it works with, acting as one of its `bots`: the main one, until it is asked to be another.

    `stopping` is set once, when the worker is told to go; `models` are those that it has listed last, and `just_read` the
    thread that each has in mind; `told`: when the people of summaries were told last how far they are, by request, in seconds
    since they asked; `aside`: the summary that has given way last, by its job, to be gone on with; `news` tells lanes what
    is due.
    """

    settings: Settings
    database: Database
    bots: Bots
    me: Bot
    registry: Registry
    models: dict[str, ModelInfo] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    aside: dict[int, Making] = field(default_factory=dict)
    just_read: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    news: News = field(default_factory=News)

    @property
    def bot(self) -> str:
        """The bot's username."""
        return self.me.name

    @property
    def bot_id(self) -> str:
        return self.me.id

    @property
    def client(self) -> Client:
        return self.me.client

    @property
    def people(self) -> People:
        return self.me.people

    @property
    def edits(self) -> Edits:
        return self.me.edits

    def as_bot(self, name: str) -> Self:
        """This worker in the name of one bot, the main one where none is named. Raises BotGone or BotRefused."""
        return replace(self, me=self.bots.named(name))

    def at_hand(self) -> AtHand:
        """What it need not load or read again."""
        loaded = frozenset(name for name in list(self.models) if self.registry.is_warm(name))
        return AtHand(loaded, frozenset((name, thread) for name, thread in self.just_read.items() if name in loaded))

    def lane(self, *, heavy: bool) -> list[str]:
        """The queues of the models that need the processor, one at a time, or of the built-in one, which does not."""
        infos = [info for info in list(self.models.values()) if info.engine != "openai"]
        return [queue.model_queue(info.name) for info in infos if (info.engine != "extractive") == heavy]

    def lane_of(self, model: str) -> list[str]:
        """The queues that this model's lane serves: an endpoint's its own alone."""
        lanes = self.lane(heavy=True), self.lane(heavy=False)
        mine = queue.model_queue(model)
        return next((lane for lane in lanes if mine in lane), [mine])

    def at_a_time(self, model: str) -> int:
        """How many answers an endpoint writes at a time; 0 where this is none, or none any more."""
        info = self.models.get(model)
        return info.concurrency if info and info.engine == "openai" else 0

    def title(self, model: str) -> str:
        """How people know a model."""
        info = self.models.get(model)
        return label(info.title or info.name if info else model)
