"""A lease is long enough for what must be done within it."""

from __future__ import annotations

from annotated_types import Ge

from mmapp.config import Settings
from mmapp.jobs import lease, posts

LATE = 0.5  # seconds that a heartbeat's commit may take on a busy disk


def test_the_shortest_lease_has_time_for_a_post_at_any_moment_between_two_heartbeats() -> None:
    # Where it has not, a job that is not done in one go loses its lease again and again, and ends as dead.
    (least,) = (
        float(str(bound.ge)) for bound in Settings.model_fields["lease_seconds"].metadata if isinstance(bound, Ge)
    )
    lowest = least * (1 - lease.MARGIN) - min(lease.OFTEN, least / 4) - LATE
    assert lowest >= posts.SPARE + 1
