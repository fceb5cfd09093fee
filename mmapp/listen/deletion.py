"""Posts that were deleted in Mattermost: what Chorus keeps of them goes as well."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased, defer, load_only

from mmapp import choice, items, nodes
from mmapp.commands import delete
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING, WRITING
from mmapp.listen.ear import Ear
from mmapp.mattermost.payloads import Post
from mmapp.models import OPEN, AnswerPost, Conversation, Job, Message

NO_ANSWER = ("begun", "goes")  # the states of posts that the bot takes away itself (jobs/posts.py)
_answer = aliased(Message)
_NO_WORDS = load_only(Message.bot, Message.person_id)  # what cannot be decrypted any more can be deleted all the same


def deleted(ear: Ear, post: Post) -> None:
    """A whole thread, an answer, or a question without one; whichever bot hears of it."""
    ours = ear.is_ours(post.user_id)
    with ear.database.write() as session:
        items.drop_post(session, post.id)
        _drop_noted(session, ear, post, ours=ours)
        if not post.root_id:
            choice.drop_thread(session, post.channel_id, post.id)
        for request in _gone_with(session, post):
            delete.enqueue(session, request, Payload(channel_id=post.channel_id), heard=True)


def _drop_noted(session: Session, ear: Ear, post: Post, *, ours: bool) -> None:
    """With a root go its replies, and Mattermost does not say which: so does all that was noted since. A bot's own posts are
    noted nowhere by it; and what one of ours takes away itself has no replies, and holds nobody's words."""
    taken_away = ours and not _has_answered(session, post.id)
    if taken_away or (post.user_id == ear.bot_id and post.root_id):
        return
    (nodes.drop_around if post.root_id else nodes.drop_since)(session, post.channel_id, post.create_at)


def _has_answered(session: Session, post_id: str) -> bool:
    row = session.get(AnswerPost, post_id)
    return row is not None and row.state not in NO_ANSWER


def changed(ear: Ear, post: Post) -> None:
    """What was noted of its old words goes, and what digests tell again of them."""
    if not post.edit_at or post.user_id == ear.bot_id:
        return
    with ear.database.read() as session:
        noted = nodes.is_noted(session, post.channel_id, post.create_at)
        if not (noted or items.said_by(session, post.id)):
            return
    with ear.database.write() as session:
        items.drop_edited(session, post.id, post.edit_at)
        nodes.drop_around(session, post.channel_id, post.create_at)


def missed(ear: Ear, post: Post) -> None:
    """What became of a post while nobody listened."""
    (deleted if post.delete_at else changed)(ear, post)


def _gone_with(session: Session, post: Post) -> list[Message]:
    """Mattermost deletes a thread with its root and tells of the root alone. An answer outlives its question, once whole,
    also while it is written anew; a question that is still being answered, or never was, does not outlive its post."""
    here = (Message.role == "question", ~Message.deleted)
    thread = (Conversation.channel_id == post.channel_id, Conversation.root_id == post.id)
    in_thread = select(Message).join(Conversation, Conversation.id == Message.conversation_id).where(*here, *thread)
    answer = select(Message).join(AnswerPost, AnswerPost.request_id == Message.id)
    asked = exists().where(
        Job.request_id == Message.id, Job.kind == "admit"
    )  # and no other verb, whose words are not kept
    answered = exists().where(_answer.question_id == Message.id)
    alone = select(Message).where(*here, Message.post_id == post.id, asked, ~answered)
    found = [in_thread, answer.where(*here, AnswerPost.post_id == post.id, _carries()), alone]
    seen = (each for query in found for each in session.scalars(query.options(_NO_WORDS)))
    return list(dict.fromkeys([*seen, *_below_answer(session, post)]))


def _carries() -> ColumnElement[bool]:
    """Else the bot has deleted it itself: another has taken its place, or nothing came of what was begun in it."""
    underway = exists().where(Job.request_id == Message.id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    return AnswerPost.state.not_in(NO_ANSWER) | ((AnswerPost.state == "begun") & underway)


def _below_answer(session: Session, post: Post) -> list[Message]:
    """What was asked below an answer in somebody's direct message belongs to a conversation that is not of that thread, or not of
    that alone."""
    goes_on = (
        select(Message.conversation_id)
        .join(AnswerPost, AnswerPost.request_id == Message.id)
        .where(AnswerPost.post_id == post.id, _carries())
    )
    jobs = select(Job).join(Message, Message.id == Job.request_id).options(defer(Job.payload), defer(Job.words))
    asked = jobs.where(Message.conversation_id.in_(goes_on), ~Message.deleted, Job.kind.in_(WRITING))
    below = [job.request_id for job in session.scalars(asked) if Payload.of(job).to_root == post.id]
    return list(session.scalars(select(Message).where(Message.id.in_(below)).options(_NO_WORDS)))
