"""Posts that were deleted in Mattermost: what Chorus keeps of them goes as well."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mmapp.commands import delete
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import OPEN
from mmapp.listen.ear import Ear
from mmapp.mattermost.payloads import Post
from mmapp.models import AnswerPost, Conversation, Job, Message


def deleted(ear: Ear, post: Post) -> None:
    """A whole thread, an answer, or a question that is still being answered."""
    with ear.database.write() as session:
        for request_id in _gone_with(session, ear, post):
            delete.enqueue(session, request_id, Payload(channel_id=post.channel_id))


def _gone_with(session: Session, ear: Ear, post: Post) -> list[str]:
    """Mattermost deletes a thread with its root and tells of the root alone. An answer outlives its question, once whole."""
    here = (Message.role == "question", ~Message.deleted)
    thread = (Conversation.bot == ear.bot, Conversation.channel_id == post.channel_id, Conversation.root_id == post.id)
    in_thread = select(Message.id).join(Conversation, Conversation.id == Message.conversation_id).where(*here, *thread)
    answer = select(Message.id).join(AnswerPost, AnswerPost.request_id == Message.id)
    busy = exists().where(Job.request_id == Message.id, Job.state.in_(OPEN))
    underway = select(Message.id).where(*here, Message.post_id == post.id, busy)
    found = [in_thread, answer.where(*here, AnswerPost.post_id == post.id), underway]
    return list(dict.fromkeys(each for query in found for each in session.scalars(query)))
