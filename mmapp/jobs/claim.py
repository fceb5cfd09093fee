"""A job as whoever has claimed it holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mmapp.jobs.payload import GARBLED, Payload
from mmapp.jobs.waiting import WRITING
from mmapp.models import Job


@dataclass(frozen=True)
class Claim:
    """A job that is ours until `lease_until`, as long as we keep it up."""

    id: int
    kind: str
    queue: str
    request_id: str
    payload: Payload
    token: str
    thread: str
    lease_until: datetime
    started_at: datetime
    quiet_until: datetime | None = None  # until then whoever had the job before may still be writing to Mattermost
    model_seconds: float = 0.0
    class_: int = 0
    attempts: int = 1
    max_attempts: int = 1
    deaths: int = 0
    words: str = ""
    stop: bool = False
    parts_done: int = 0
    readable: bool = True  # False: payload and words are under a key that this process does not hold

    @property
    def last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts

    @property
    def keeps_parts(self) -> bool:
        """Whether a Stop leaves something: parts of a summary that was there in no other form before."""
        return self.parts_done > 0 and not self.payload.rewrite

    def spent(self, now: datetime) -> float:
        """Seconds of a model that it has taken, in all its attempts."""
        this_time = (now - self.started_at).total_seconds() if self.kind in WRITING else 0.0
        return self.model_seconds + max(0.0, this_time)


def claim_of(job: Job) -> Claim:
    try:
        payload, words, readable = Payload.from_json(job.payload), job.words or "", True
    except GARBLED:
        payload, words, readable = Payload.of(job), "", False
    return Claim(
        id=job.id,
        kind=job.kind,
        queue=job.queue,
        request_id=job.request_id,
        payload=payload,
        token=job.lease_token or "",
        thread=job.thread,
        lease_until=job.lease_until or job.run_at,
        started_at=job.started_at or job.run_at,
        model_seconds=job.model_seconds,
        class_=job.class_,
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        deaths=job.deaths,
        words=words,
        stop=job.stop,
        parts_done=job.parts_done,
        readable=readable,
    )
