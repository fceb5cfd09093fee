"""Lanes wait for their queues, and one thread looks for all of them."""

from __future__ import annotations

import threading

import pytest

from mmapp.jobs import news
from mmapp.jobs.news import News


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "AT_MOST", 0.05)


def test_a_lane_hears_of_its_own_queues_alone() -> None:
    found = News()
    found.watch(lambda: frozenset({"post"}))
    assert found.wait(["admit", "post"])
    assert not found.wait(["model:tiny"])


def test_what_somebody_else_took_is_waited_for_again() -> None:
    found = News()
    found.watch(lambda: frozenset({"post", "admit"}))
    found.nothing(["post"])
    assert not found.wait(["post"])
    assert found.wait(["admit"])


def test_a_job_that_ended_leaves_nothing_known_and_is_followed_by_a_look_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(news, "LOOK_EVERY", 60.0)
    found = News()
    found.stale()
    looks: list[frozenset[str]] = [frozenset({"post"})]
    watching = threading.Thread(target=lambda: found.watch(looks.pop))
    watching.start()
    watching.join(10)
    assert not looks, "it waited for the minute to end"
    assert found.wait(["post"])
    found.stale()
    assert not found.wait(["post"])


def test_a_waiting_lane_wakes_when_something_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "AT_MOST", 60.0)
    found, heard = News(), threading.Event()

    def lane() -> None:
        if found.wait(["post"]):
            heard.set()

    waiting = threading.Thread(target=lane)
    waiting.start()
    found.watch(lambda: frozenset({"post"}))
    assert heard.wait(10)
    waiting.join(10)
