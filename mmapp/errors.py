"""The one tree of errors. They are raised anywhere and caught in two places: web/app.py and jobs/lanes.py."""

from __future__ import annotations


class AppError(Exception):
    """Something a person must be told. `sentence` is what they read; it comes from texts/ and holds no secret."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(AppError):
    """The request cannot be done as it was asked; asking it the same way again would end the same.

    `words` are given back for copying: the input box was cleared. Where it is None, those are the person's own.
    """

    def __init__(self, sentence: str, words: str | None = None) -> None:
        super().__init__(sentence)
        self.words = words


class Faults(AppError):
    """Fields of a dialog that cannot be taken as they are: a sentence for each, by its element. It stays open."""

    def __init__(self, **by_element: str) -> None:
        super().__init__(" ".join(by_element.values()))
        self.by_element = by_element


class NotAsked(Refused):
    """Mattermost did not say whether somebody may; nothing was done."""


class Gone(Refused):
    """What was to be read is there no more, or the bot may not look into it any more."""


class Nothing(Refused):
    """What was to be read holds nothing to be told."""


class Silence(Nothing):
    """Nor has anybody written anything that could be told later."""


class TooMuch(Refused):
    """More would have to be read than anybody reads."""


class Unposted(Refused):
    """Mattermost takes no post where it was to go, in no form."""


class NoModel(Refused):
    """No model that may answer can be used."""


class BotGone(Refused):
    """CHORUS_BOT_TOKENS names this bot no more: what it was to do, nobody can do in its name."""


class ConfigError(AppError):
    """The settings cannot be used. `sentence` lists everything that is wrong with them."""


class BotRefused(ConfigError):
    """Mattermost does not accept the bot's token, or knows it by another name: a person must do something."""


class DatabaseDown(ConfigError):
    """The database does not answer, or takes nothing: it may come up later than we do, so waiting may help."""


class WrongKey(AppError):
    """A stored text was encrypted with a key that CHORUS_ENCRYPTION_KEYS does not hold."""


class WrongRevision(AppError):
    """The database is not at this version's migration."""


class LeaseLost(Exception):
    """The job belongs to somebody else by now: stop at once and write nothing."""
