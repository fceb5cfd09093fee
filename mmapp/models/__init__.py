"""The tables. Everything that people said or were told is encrypted; ids of Mattermost are as it gives them."""

from mmapp.models.base import MODEL_NAME, Base, new_id
from mmapp.models.digests import Digest, DigestItem, DigestRun
from mmapp.models.said import AnswerPost, Conversation, Message, Rating
from mmapp.models.settings import ChannelSettings, ClosedChannel, ModelSettings, PersonSettings, SavedPrompt
from mmapp.models.work import (
    OPEN,
    Heard,
    Installation,
    Job,
    ModelAway,
    ModelRecord,
    Node,
    NodeSpan,
    Spent,
    WorkerRecord,
)

__all__ = [
    "MODEL_NAME",
    "OPEN",
    "AnswerPost",
    "Base",
    "ChannelSettings",
    "ClosedChannel",
    "Conversation",
    "Digest",
    "DigestItem",
    "DigestRun",
    "Heard",
    "Installation",
    "Job",
    "Message",
    "ModelAway",
    "ModelRecord",
    "ModelSettings",
    "Node",
    "NodeSpan",
    "PersonSettings",
    "Rating",
    "SavedPrompt",
    "Spent",
    "WorkerRecord",
    "new_id",
]
