"""The models of this worker, as the database and people know them: listed, measured, rested when they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session

from llm import base
from llm.base import Chunk, EngineFault, Finish, Model, ModelError, ModelInfo, Options, Prompt, Size, Speed
from llm.checksum import Identity
from mmapp import choice
from mmapp.db import Database, clock
from mmapp.errors import AppError, NoModel
from mmapp.jobs import measured, queue
from mmapp.jobs.base import Worker
from mmapp.models import ModelAway, ModelRecord
from mmapp.texts import ask as ask_texts
from mmapp.texts import engine as texts
from mmapp.texts.plain import label

log = structlog.get_logger()

LOADING = (base.ModelBroken, base.OutOfMemory)
REST = timedelta(minutes=10)
UNSEEN = timedelta(seconds=60)  # another worker may have models that this one has not; each lists its own every 20 s
LEAF_SECONDS, LEAST_LEAF = 20.0, 1500  # of reading, and tokens: what a part of a summary reads
# What is said of each fault: with the model alone, or with the id under which the log has more.
PLAIN: dict[type[ModelError], Callable[[str], str]] = {
    base.ModelMissing: texts.missing,
    base.OutOfMemory: texts.memory,
    base.NotApproved: texts.not_approved,
    base.EmptyAnswer: texts.empty,
}
LOGGED: dict[type[ModelError], Callable[[str, str], str]] = {
    base.ModelBroken: texts.broken,
    base.ModelUnsupported: texts.unsupported,
    base.ModelHung: texts.hung,
    base.ModelDied: texts.died,
    base.EndpointDown: texts.endpoint_down,
    base.KeyRefused: texts.key_refused,
}
Watched = Callable[[Iterator[Chunk | Speed]], Iterator[Chunk | Speed]]


def list_models(worker: Worker) -> None:
    """Tell the database which models this worker has, so that web and people know them. What is gone, goes."""
    worker.registry.close_removed()
    before = worker.models
    infos = worker.models = {info.name: info for info in worker.registry.infos()}
    default = worker.registry.default_name()
    wanted = worker.settings.default_model
    if wanted and wanted.casefold() != default.casefold():
        log.warning("CHORUS_DEFAULT_MODEL names no model of this worker", wanted=wanted, used=default)
    checksums = worker.registry.checksums()
    with worker.database.write() as session:
        now = clock(session)
        known = {record.name: record for record in session.scalars(select(ModelRecord))}
        for info in infos.values():
            replaced = info.name in before and before[info.name].version != info.version
            with _by_itself(session, info.name):
                record = known.get(info.name) or measured.taken_up(session, info.name)
                if replaced:
                    _rested(record)  # the faults were another file's
                _describe(record, info)
                if identity := checksums.get(Path(info.path).name):
                    record.checksum = {"file": Path(info.path).name, **identity.fields()}
                measured.recall(record, info.version, now)
                record.is_default, record.seen_at = info.name == default, now
                session.add(record)
        gone = [record for name, record in known.items() if name not in infos and record.seen_at < now - UNSEEN]
        for record in gone:
            measured.put_away(session, record, now)
        measured.forget_away(session, now)
        queue.adopt(session, sorted((known.keys() | infos.keys()) - {record.name for record in gone}))


@contextmanager
def _by_itself(session: Session, name: str) -> Iterator[None]:
    """What the database does not take of one model must not keep the others from being listed."""
    try:
        with session.begin_nested():
            yield
    except (DataError, OverflowError) as error:  # the second is SQLite's driver's, for a number that is too large
        log.error("a model could not be listed", model=name, exc_info=error)


def remembered(database: Database) -> dict[str, Identity]:
    """Checksums of model files from earlier times, by file name: taking one costs a second a gigabyte."""
    with database.read() as session:
        away = [each.kept.get("checksum") for each in session.scalars(select(ModelAway))]
        known = [*away, *(record.checksum for record in session.scalars(select(ModelRecord)))]
    return {fields["file"]: identity for fields in known if fields and (identity := Identity.known(fields))}


def resolve(worker: Worker, name: str) -> Model:
    """The model to answer with. Raises NoModel where it is gone, approved no more, or rests after failing twice."""
    with worker.database.read() as session:
        if why := resting(session, name):
            raise NoModel(why)
    try:
        return worker.registry.resolve(name)
    except (base.ModelMissing, base.NotApproved) as error:
        log.warning("a model cannot be asked", model=name, fault=type(error).__name__, detail=str(error))
        raise NoModel(PLAIN[type(error)](name)) from None


def resting(session: Session, name: str) -> str:
    """Why a model is not tried just now, and when it will be; empty where it may be."""
    record = session.get(ModelRecord, name)
    minutes = choice.minutes_of_rest(record, clock(session)) if record else 0
    return texts.resting(name, minutes) if minutes else ""


def worked(session: Session, name: str, finish: Finish | None) -> None:
    """Learn from an answer how fast this model is and how long its answers are."""
    record = session.get(ModelRecord, name)
    if record is None or finish is None:
        return
    _rested(record)
    record.answer_tokens = measured.learnt(record.answer_tokens, finish.written)
    _learn_speed(record, finish)


def learnt(session: Session, name: str, finish: Finish | None) -> None:
    """Learn from a part of a summary how fast this model is."""
    record = session.get(ModelRecord, name)
    if record is not None and finish is not None:
        _learn_speed(record, finish)


def _learn_speed(record: ModelRecord, finish: Finish) -> None:
    reads = finish.read >= 32 and finish.prefill_seconds > 0
    writes = finish.written >= 8 and finish.decode_seconds > 0
    measured.learn(
        record,
        prefill=finish.read / finish.prefill_seconds if reads else 0.0,
        decode=finish.written / finish.decode_seconds if writes else 0.0,
    )


def note_failure(worker: Worker, name: str, error: ModelError) -> bool:
    """Count a failed load; after the second one the model rests for 10 minutes. True: it rests."""
    if not isinstance(error, LOADING):
        return False
    with worker.database.write() as session:
        record = session.get(ModelRecord, name)
        if record is None:
            return False
        record.failures += 1
        if record.failures < 2:
            return False
        record.fault, record.retry_at = short(error), clock(session) + REST
        return True


def probe(worker: Worker, name: str) -> None:
    """Load a model, and measure it where this machine never did; the figures are kept. Failing is noted, not raised: a worker
    that ended over it would only be started again, and end again. Raises what the database raises."""
    try:
        for step in _loading(worker, name):
            if worker.stopping.is_set():
                return
            if isinstance(step, Speed):
                _keep(worker, name, step)
            elif isinstance(step, Size):
                _works(worker, name)
    except ModelError as error:
        note_failure(worker, name, error)
        log.warning("a model failed its probe", model=name, fault=type(error).__name__, detail=error.detail)
    except (SQLAlchemyError, AppError):
        raise
    except Exception as error:
        log.error("a model's probe failed as nobody expected", model=name, exc_info=error)


def _loading(worker: Worker, name: str) -> Iterator[Chunk | Speed | Size]:
    model = worker.registry.resolve(name)
    with worker.database.read() as session:
        record = session.get(ModelRecord, name)
        known = measured.of(record, version(worker, name)) if record else None
    return model.size(Prompt("", (), "?"), Options(max_tokens=1)) if known else model.probe()


def _works(worker: Worker, name: str) -> None:
    with worker.database.write() as session:
        record = session.get(ModelRecord, name)
        if record is not None:
            _rested(record)


def version(worker: Worker, name: str) -> str:
    """Which content of its file a model has, as it was listed last."""
    return worker.models[name].version if name in worker.models else ""


def prefill(worker: Worker, model: Model, watched: Watched) -> float:
    """Tokens a second that a model reads here; measured now where it never was, under the eyes of `watched`."""
    with worker.database.read() as session:
        record = session.get(ModelRecord, model.name)
        known = measured.prefill(record, version(worker, model.name)) if record else 0.0
    return known or _measured(worker, model, watched).prefill


def leaf_tokens(worker: Worker, model: Model, watched: Watched) -> int:
    """What a part of a summary reads: fixed when the model is measured first, now where it never was, since parts are found
    again by it."""
    with worker.database.read() as session:
        record = session.get(ModelRecord, model.name)
        known = record.leaf_tokens if record else 0
    return known or _leaf(_measured(worker, model, watched))


def _measured(worker: Worker, model: Model, watched: Watched) -> Speed:
    *_, speed = watched(model.probe())
    if not isinstance(speed, Speed):
        raise EngineFault("its probe ended without a measure")
    _keep(worker, model.name, speed)
    return speed


def sentence(model: str, error: ModelError, error_id: str) -> str:
    """What the asker is told: what happened, what is kept, who can do what."""
    if isinstance(error, base.PromptTooLong):
        return ask_texts.prompt_too_long(error.tokens, error.window, model)
    if isinstance(error, base.EngineMissing):
        return texts.no_engine(error_id)
    if plainly := PLAIN.get(type(error)):
        return plainly(model)
    return LOGGED.get(type(error), texts.fault)(model, error_id)


def reason(error: ModelError) -> str:
    """Why an answer breaks off, in a few words for the end of what there is of it."""
    return texts.reasons().get(type(error).__name__, texts.reasons()["EngineFault"])


def short(error: ModelError) -> str:
    """For the list of models: the kind of fault, in a sentence without names."""
    return (type(error).__doc__ or type(error).__name__).strip()[:500]


def _describe(record: ModelRecord, info: ModelInfo) -> None:
    record.title, record.engine, record.n_ctx = label(info.title or info.name), info.engine, info.n_ctx
    record.size, record.memory, record.concurrency = info.size, info.memory, info.concurrency
    record.architecture = label(info.architecture)[:32] if info.architecture else ""  # the file's own word
    record.quantisation, record.licence, record.good_for = (
        info.quantisation[:32],
        info.licence[:100],
        info.good_for[:200],
    )
    if record.retry_at is None:
        record.fault = info.fault[:500]


def _rested(record: ModelRecord) -> None:
    record.failures, record.retry_at, record.fault = 0, None, ""


def _keep(worker: Worker, name: str, speed: Speed) -> None:
    with worker.database.write() as session:
        record = session.get(ModelRecord, name)
        if record is not None:
            measured.take(record, version(worker, name), speed)
            record.leaf_tokens = record.leaf_tokens or _leaf(speed)
            _rested(record)


def _leaf(speed: Speed) -> int:
    """So much that a question waits for one part some 20 seconds, and that the window holds twice as much."""
    return min(speed.n_ctx // 2, max(LEAST_LEAF, int(LEAF_SECONDS * speed.prefill)))
