"""Whose turn it is, and how many may wait: the queue's rules about people, as functions of what is open and no more."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

PERSON, BACKGROUND, EVALUATION = 0, 1, 2  # classes: what somebody waits for, and what machines ask for
RUNNING = 1  # answers that are being written for one person
WAITING = 5  # questions of one person that wait
WAITING_IN_ALL = 50
SHARE_OF = timedelta(minutes=10)  # model seconds count for so long against the next question
PATIENCE = timedelta(seconds=10)  # what is at hand never passes a question that has waited so much longer


@dataclass(frozen=True)
class Request:
    """An open job, as far as its turn depends on it. `person` is empty for what nobody waits for; `estimate`: seconds of the
    model until it ends, or gives way to people's.
    """

    id: int
    class_: int
    person: str
    model: str
    thread: str
    run_at: datetime
    estimate: float = 0.0
    running: bool = False


@dataclass(frozen=True)
class AtHand:
    """What a worker need not load or read again: its loaded models, and the thread that each has read last."""

    models: frozenset[str] = frozenset()
    threads: frozenset[tuple[str, str]] = frozenset()

    def warmth(self, request: Request) -> int:
        return ((request.model, request.thread) in self.threads) + (request.model in self.models)


NOTHING = AtHand()


@dataclass(frozen=True)
class Standing:
    """What is in front of a request: how many others, and how many seconds of the model they will take."""

    ahead: int
    seconds: float


@dataclass(frozen=True)
class Full:
    """There is no room: `waiting` questions wait, the person's own or everybody's; the next one starts in `seconds`."""

    waiting: int
    seconds: float
    own: bool


def next_of(waiting: Iterable[Request], used: Mapping[str, float], at_hand: AtHand = NOTHING) -> Request:
    """The one whose turn it is. `used`: model seconds of each person in the last ten minutes.

    A person's own requests keep their order: the second is often about the answer to the first. But none waits for
    what a machine does for the same person.
    """
    oldest: dict[object, Request] = {}
    for each in sorted(waiting, key=_rank):
        oldest.setdefault(each.person or each.id, each)

    def share(request: Request) -> tuple[int, float]:
        return request.class_, used.get(request.person, 0.0) if request.person else 0.0

    first = min(oldest.values(), key=lambda each: (share(each), _age(each)))
    tied = [each for each in oldest.values() if share(each) == share(first) and each.run_at <= first.run_at + PATIENCE]
    return min(tied, key=lambda each: (-at_hand.warmth(each), _age(each)))


def standing(mine: Request, others: list[Request], used: Mapping[str, float]) -> Standing:
    """The place of a new request among those of its lane, which answers one at a time: played through, turn by turn."""
    spent = dict(used)
    ahead = [each for each in others if each.running]
    for each in ahead:
        spent[each.person] = spent.get(each.person, 0.0) + each.estimate
    lines: dict[object, list[Request]] = {}  # of each person, the oldest last
    for each in sorted([mine, *(each for each in others if not each.running)], key=_rank, reverse=True):
        lines.setdefault(each.person or each.id, []).append(each)
    turns = [_turn(line, spent) for line in lines.values()]
    heapq.heapify(turns)  # asking `next_of` at each turn took two thirds of a busy acknowledgement's time
    while (following := (line := heapq.heappop(turns)[-1]).pop()) != mine:
        ahead.append(following)
        if following.person:
            spent[following.person] = spent.get(following.person, 0.0) + following.estimate
        if line:
            heapq.heappush(turns, _turn(line, spent))
    return Standing(len(ahead), sum(each.estimate for each in ahead))


def _turn(line: list[Request], spent: Mapping[str, float]) -> tuple[int, float, tuple[datetime, int], list[Request]]:
    """What a person's turn is weighed by, as `next_of` does where nothing is at hand; ids differ, so lines never are."""
    oldest = line[-1]
    return oldest.class_, spent.get(oldest.person, 0.0) if oldest.person else 0.0, _age(oldest), line


def room(person: str, requests: list[Request]) -> Full | None:
    """None where one more of this person may wait. What machines ask for takes no room: it is done when nobody waits."""
    requests = [each for each in requests if each.running or each.class_ == PERSON]
    waiting = [each for each in requests if not each.running]
    own = [each for each in waiting if each.person == person]
    if len(own) >= WAITING:
        return Full(len(own), _until_next(own, requests), own=True)
    if len(waiting) >= WAITING_IN_ALL:
        return Full(len(waiting), _until_next(waiting, requests), own=False)
    return None


def _until_next(waiting: list[Request], requests: list[Request]) -> float:
    """Seconds until one of these has begun; what begins at once leaves room at its end."""
    oldest = min(waiting, key=_age)
    ahead = [each for each in requests if each.running or _age(each) < _age(oldest)]
    return sum(each.estimate for each in ahead) or oldest.estimate


def _age(request: Request) -> tuple[datetime, int]:
    return request.run_at, request.id


def _rank(request: Request) -> tuple[int, datetime, int]:
    """A person's own line: questions, background, evaluation, each by age."""
    return request.class_, *_age(request)
