"""A short thread to try things on: a morning in a container terminal, made up for this."""

from __future__ import annotations

THREAD = (
    ("ann", "The booking page for trucks has been down since 7:40. Drivers are queueing at gate 2."),
    ("bob", "Looking. The web server is fine, but every query to the bookings database waits."),
    ("carol", "Last night we moved the nightly report to 7:30, so that the shift leaders have it at eight."),
    ("bob", "That is it. The report locks the bookings table while it runs, and it has been running for 20 minutes."),
    ("ann", "Can you stop it? We have 31 trucks outside."),
    ("bob", "Stopped at 8:02. The page works again, the queue at gate 2 is moving."),
    ("dave", "Then the report goes back to 3:00 in the night. I will change the schedule today."),
    ("carol", "Agreed. And let us read from the replica, so that this cannot happen again. I will do that by Friday."),
    ("ann", "Thank you all. I will tell the drivers' office."),
)
"""Who said what, in order."""
