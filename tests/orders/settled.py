"""Once all is done: everything that was asked has come to one end that is to be seen, and nothing is left half done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mmapp.db import EncryptedText
from mmapp.jobs import compose
from mmapp.jobs.payload import Payload
from mmapp.models import AnswerPost, Job, Message
from mmapp.models.base import Base
from mmapp.texts import ask as texts
from mmapp.texts import summarize as summary_texts
from tests.orders.echo import Echo
from tests.orders.held import Broken
from tests.orders.world import QUESTION, TAKE, World
from tests.playground import shapes
from tests.playground.store import Doc

BESIDES = (texts.elsewhere("ai"), summary_texts.too_wide())  # what is said beside an answer


@dataclass(frozen=True)
class Ended:
    """One request and all that came of it."""

    question: Message
    answer: Message | None
    jobs: list[Job]
    rows: list[AnswerPost]

    def named(self, asked: str) -> str:
        jobs, posts = [(job.kind, job.state) for job in self.jobs], [(row.part, row.state) for row in self.rows]
        return f"{asked} of {self.question.person_name}, {jobs}, {posts}"

    @property
    def was_deleted(self) -> bool:
        """By somebody, and not for want of a place."""
        return any(job.kind == "delete" and job.state == "done" for job in self.jobs)

    @property
    def was_stopped(self) -> bool:
        return any(job.stop or job.state == "cancelled" for job in self.jobs)

    @property
    def told_of(self) -> list[str]:
        """What its person was told of it alone, or could not be told."""
        tries = [job for job in self.jobs if job.kind == "notify" and job.state in ("done", "failed")]
        told = [Payload.of(job).sentence for job in tries]
        return [sentence for sentence in told if sentence not in BESIDES]

    @property
    def was_asked_once(self) -> bool:
        """And neither written anew, nor shared, nor deleted by anybody in vain."""
        return not {job.kind for job in self.jobs[1:]} & {"admit", "share", "delete"}


def require(world: World, model: Echo, asked: dict[str, str]) -> None:
    """`asked`: the words of each request, by its id, as they were. Raises Broken."""
    for one in _ended(world):
        name = one.named(asked.get(one.question.id, "?"))
        _require_no_jobs(one, name)
        if one.was_deleted:
            _require_nothing(world, one, name)
        elif one.answer is not None and not one.question.deleted:
            _require_once(world, one, name)
        else:
            _require_told(world, one, name)
    _require_erased(world, model, asked)


def _ended(world: World) -> list[Ended]:
    with world.line.worker.database.read() as session:
        found = []
        for question in session.scalars(select(Message).where(Message.role == "question")):
            mine = Job.request_id == question.id
            jobs = list(session.scalars(select(Job).where(mine).order_by(Job.id)))
            if not {job.kind for job in jobs} & {"admit", "post"}:
                continue  # a command that asks no model
            answer = session.scalar(select(Message).where(Message.question_id == question.id))
            rows = list(session.scalars(select(AnswerPost).where(AnswerPost.request_id == question.id)))
            found.append(Ended(question, answer, jobs, rows))
        return found


def _require_no_jobs(one: Ended, name: str) -> None:
    left = [(job.kind, job.state) for job in one.jobs if job.state in ("queued", "running")]
    if left:
        raise Broken("a job is never done", f"{left} of {name}")


def _require_nothing(world: World, one: Ended, name: str) -> None:
    left = [post["message"] for post in _posts(world, one) if _bot_is_there(world, post)]
    if left and not one.told_of:
        raise Broken("posts of what was deleted stay", f"{left} of {name}")


def _require_told(world: World, one: Ended, name: str) -> None:
    left = [post["message"] for post in _posts(world, one) if _bot_is_there(world, post)]
    if left:
        raise Broken("posts of no answer stay", f"{left} of {name}")
    given_back = [sentence for sentence in one.told_of if "```" in sentence]
    if len(given_back) > 1 and one.was_asked_once:
        raise Broken("its person is told twice why not", f"{given_back} of {name}")
    if not (one.told_of or one.was_stopped or _taken_away(world, one)):
        raise Broken("nobody is told what came of it", name)


def _require_once(world: World, one: Ended, name: str) -> None:
    assert one.answer is not None
    carrying = {row.post_id: row.part for row in one.rows if row.state == ""}
    posts = {post["id"]: post for post in _posts(world, one)}
    alone = _alone(world, one)
    if one.answer.rewriting:
        raise Broken("it is written anew for ever", name)
    if _taken_away(world, one):
        return
    if not any(post_id in carrying for post_id in posts):
        _require_alone(one, name, alone, posts)
        return
    if alone:
        raise Broken(
            "it is answered twice", f"{[post['message'] for post in posts.values()]} and alone {alone}: {name}"
        )
    wanted = compose.pieces(world.line.worker, one.answer)
    if sorted(carrying.values()) != list(range(len(wanted))):
        raise Broken("its parts are not as they should be", f"{sorted(carrying.values())} of {len(wanted)}: {name}")
    for post_id, post in posts.items():
        _require_whole(world, one, name, post, wanted, carrying.get(post_id))


def _require_alone(one: Ended, name: str, alone: list[str], posts: dict[str, Doc]) -> None:
    if posts:
        raise Broken(
            "posts of what was answered alone stay", f"{[post['message'] for post in posts.values()]} of {name}"
        )
    if len(alone) != 1:
        raise Broken("an answer was not told once", f"{len(alone)} times, {alone}: {name}")


def _require_whole(world: World, one: Ended, name: str, post: Doc, wanted: list[str], part: int | None) -> None:
    if not _bot_is_there(world, post):
        return
    buttons = [button["name"] for row in shapes.attachments(post) for button in row.get("actions") or ()]
    if part is None:
        raise Broken("there is a post besides its answer", f"{post['message']!r} of {name}")
    if post["message"].rstrip() != wanted[part].rstrip():
        raise Broken("it does not read as it is kept", f"{post['message']!r} instead of {wanted[part]!r}: {name}")
    if buttons != (["More…"] if part == len(wanted) - 1 else []):
        raise Broken("it has other buttons", f"{buttons} under {post['message']!r} of {name}")


def _posts(world: World, one: Ended) -> list[Doc]:
    """Those of it that stand there, but for what was taken back, and replies that were given up."""
    stays = {
        row.post_id for row in one.rows if row.state == "stays" or (row.state == "goes" and _has_replies(world, row))
    }
    every = world.line.playground.store.posts("delete_at = 0 and original_id = ''")
    mine = [post for post in every if _request(post) == one.question.id]
    return [post for post in mine if post["id"] not in stays and post["message"] != texts.taken_back()]


def _has_replies(world: World, row: AnswerPost) -> bool:
    return len(world.line.playground.thread(row.post_id)) > 1


def _alone(world: World, one: Ended) -> list[str]:
    """What its asker was told of it alone, by the model's own words in the answer."""
    assert one.answer is not None
    takes = set(TAKE.findall(one.answer.raw))
    person = world.line.playground.user(one.question.person_id)
    direct = [post for post in world.line.posts(world.line.direct(person)) if not _request(post)]
    told = [*world.line.told(person), *(post["message"] for post in direct)]
    return [text for text in told if takes & set(TAKE.findall(text))]


def _request(post: Doc) -> str:
    return str((post["props"] or {}).get("chorus_request", ""))


def _bot_is_there(world: World, post: Doc) -> bool:
    """Else nothing can be done about it."""
    return world.inside(world.place_of(post["channel_id"]))


def _taken_away(world: World, one: Ended) -> bool:
    """Whether somebody has deleted a post of it in Mattermost, perhaps with its thread, perhaps while the bot was not there."""
    posts = [world.line.playground.post(row.post_id) for row in one.rows]
    return any(post.get("delete_at") and post.get("deleted_by") != world.line.bot["id"] for post in posts)


def _require_erased(world: World, model: Echo, asked: dict[str, str]) -> None:
    """Of what somebody had deleted no word is kept, nor to be seen."""
    ended = _ended(world)
    gone = {asked.get(one.question.id, "") for one in ended if one.was_deleted}
    stands = {asked.get(one.question.id, "") for one in ended if not one.was_deleted}
    kept = _kept(world)
    for question in gone - stands - {""}:
        words = [*({question} - world.posted), *(take.word for take in model.takes if take.question == question)]
        left = [word for word in words if word in kept]
        if left:
            raise Broken("words of what was deleted are kept", f"{left} of {question} in {kept[left[0]]}")


def _kept(world: World) -> dict[str, str]:
    """Every word that the database holds, and where."""
    found: dict[str, str] = {}
    with world.line.worker.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, EncryptedText):
                    continue
                for value in connection.scalars(select(column).where(column.is_not(None))):
                    for word in [*QUESTION.findall(value), *TAKE.findall(value)]:
                        found.setdefault(word, f"{table.name}.{column.name}: {value[:300]}")
    return found
