"""`python -m tests.acceptance.hurried_listener`: the real listener, which comes back sooner after its socket was cut."""

from __future__ import annotations

from functools import partial

from mmapp import config, logs
from mmapp.listen import listener
from mmapp.mattermost import events

if __name__ == "__main__":
    events.Pace = partial(events.Pace, wait_least=0.02, wait_most=0.2)  # type: ignore[assignment,misc]
    listener.REMEMBER_EVERY = 0.2
    settings = config.load()
    logs.configure(settings.log_level)
    listener.run(settings)
