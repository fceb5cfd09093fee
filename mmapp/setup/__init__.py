"""`flask --app app setup`: from an administrator's session to a bot, its commands and a complete `.env`.

Every step looks first and makes only what is missing, and what cannot be had twice is written down at once: so it may
be ended anywhere and run again.
"""

from mmapp.setup.run import run
from mmapp.setup.work import Wishes

__all__ = ["Wishes", "run"]
