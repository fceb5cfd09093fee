"""A worker, as every kind of job is given it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from llm.base import ModelInfo
from llm.registry import Registry
from mmapp.chat.people import People
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.mattermost.client import Client
from mmapp.texts.plain import label


@dataclass
class Worker:
    """One worker and what it works with. `stopping` is set once, when the worker is told to go; `models`
    are those that it has listed last; `news` wakes the other lanes when a job may have led to the next."""

    settings: Settings
    database: Database
    client: Client
    people: People
    registry: Registry
    bot_id: str
    models: dict[str, ModelInfo] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def bot(self) -> str:
        """The bot's username."""
        return self.settings.bot[0]

    def title(self, model: str) -> str:
        """How people know a model."""
        info = self.models.get(model)
        return label(info.title or info.name if info else model)
