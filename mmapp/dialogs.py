"""The dialogs of Chorus: what they ask, and the signed state by which a submission is told from one that was made up.

Limits and oddities are those measured with the web apps of 5.37 and 11.6: longer names are refused or cut by clients, a
radio's default is not shown as chosen, a required tick must be ticked on 5.37, and Esc loses what was typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mmapp.buttons import Button
from mmapp.db import clock
from mmapp.errors import Faults, Refused
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.incoming import DialogSubmission
from mmapp.mattermost.values import JsonObject
from mmapp.models import Spent
from mmapp.signing import Signer
from mmapp.texts import trust

PATH = "/mattermost/dialog"
LIVES = 15 * 60  # seconds from opening to submitting
KEPT = timedelta(hours=1)  # longer than a state lives, and than two machines' clocks differ
NOTHING = "[object Object]"
CALLBACK = "chorus"  # steps keep the first one (v11), so a submission is told by its state
MAX_TITLE = 24
MAX_LABEL = 24
MAX_HELP = 150
MAX_OPTION = 100
MAX_TEXT = 3000


@dataclass(frozen=True)
class Element:
    """One field. `options` are pairs of value and label; `source` has clients offer their own channels instead."""

    kind: str
    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()
    default: str = ""
    help: str = ""
    placeholder: str = ""
    required: bool = False
    source: str = ""

    def accepts(self, value: str) -> bool:
        """Whether a submitted value is one that was offered, or an id of those that clients offer: the server compares
        it with nothing."""
        if self.source and not is_id(value):
            return not value
        return not self.options or value in dict(self.options) or (not value and not self.required)

    def to_json(self) -> JsonObject:
        """As Mattermost takes it; a default is a text, whatever it stands for."""
        found: JsonObject = {
            "type": self.kind,
            "name": self.name,
            "display_name": self.label[:MAX_LABEL],
            "default": self.default,
            "help_text": self.help[:MAX_HELP],
            "placeholder": self.placeholder[:MAX_HELP],
            "optional": not self.required,
        }
        if self.options:
            found["options"] = [{"text": label[:MAX_OPTION], "value": value} for value, label in self.options]
        if self.source:
            found["data_source"] = self.source
        if self.kind == "textarea":
            found["max_length"] = MAX_TEXT
        return found


def radio(name: str, label: str, options: Sequence[tuple[str, str]]) -> Element:
    """One of these, which must be picked."""
    return Element("radio", name, label, tuple(options), required=True)


def select(name: str, label: str, options: Sequence[tuple[str, str]], default: str = "", *, help: str = "") -> Element:  # noqa: A002
    """One of these or none; required where there is a default."""
    return Element("select", name, label, tuple(options), default=default, help=help, required=bool(default))


def channels(name: str, label: str, *, help: str = "") -> Element:  # noqa: A002 - Mattermost's word for it
    """One of the channels that the person's own client offers; what comes back is checked."""
    return Element("select", name, label, help=help, source="channels")


def tick(name: str, label: str, words: str, *, on: bool) -> Element:
    """A box to tick; `words` stand beside it."""
    return Element("bool", name, label, default=str(on).lower(), placeholder=words)


def line(name: str, label: str, default: str = "", *, help: str = "", required: bool = False) -> Element:  # noqa: A002
    """One line of a person's own words."""
    return Element("text", name, label, default=default, help=help, required=required)


def textarea(
    name: str,
    label: str,
    default: str = "",
    *,
    placeholder: str = "",
    help: str = "",  # noqa: A002 - Mattermost's word for it
    required: bool = False,
) -> Element:
    """Several lines of a person's own words, or none unless `required`."""
    return Element("textarea", name, label, default=default, help=help, placeholder=placeholder, required=required)


@dataclass(frozen=True)
class Dialog:
    """`purpose` is what its submission does, `subject` to what; without elements it is a box to read."""

    purpose: str
    title: str
    introduction: str
    elements: tuple[Element, ...] = ()
    submit: str = ""
    subject: str = ""

    def check(self, filled: Filled) -> None:
        """Values are the client's choice. Raises Faults where one was not offered."""
        wrong = [element.name for element in self.elements if not element.accepts(filled.text(element.name))]
        if wrong:
            raise Faults(**dict.fromkeys(wrong, trust.not_offered()))

    def to_json(self, signer: Signer, person_id: str, channel_id: str) -> JsonObject:
        """As Mattermost takes it, signed for this person and the channel that it is opened in."""
        state = {
            "person": person_id,
            "channel": channel_id,
            "subject": self.subject,
            "nonce": secrets.token_urlsafe(12),
        }
        return {
            "callback_id": CALLBACK,
            "title": self.title[:MAX_TITLE],
            "introduction_text": self.introduction,
            "elements": [element.to_json() for element in self.elements],
            "submit_label": self.submit,
            "state": f"{self.purpose} {signer.sign(_salt(self.purpose), state)}",
        }


@dataclass(frozen=True)
class Further:
    """A dialog that a submitted one asks for. Where it cannot be the next step, the `button` opens it, `told` by this
    response_url. Where that cannot be told either, the submitted one stays open and says why (`not_offered`), unless what was
    filled in is done all the same."""

    dialog: Dialog
    button: Button
    told: str
    response_url: str = field(repr=False)
    not_offered: str = ""


@dataclass(frozen=True)
class Told:
    """What is told alone, by this response_url, when a submitted dialog closes."""

    sentence: str
    response_url: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """A dialog that we opened for somebody, by the state that came back; `channel_id` is where it was opened."""

    purpose: str
    person_id: str
    channel_id: str
    subject: str
    nonce: str = field(repr=False)

    @classmethod
    def read(cls, signer: Signer, state: str, person_id: str) -> Opened:
        """Raises Refused where it is forged, older than 15 minutes or another person's."""
        purpose, _, signed = state.partition(" ")
        found = signer.read(_salt(purpose), signed, LIVES, stale=trust.stale_dialog())
        if found.get("person") != person_id:
            raise Refused(trust.stale_dialog())
        return cls(purpose, person_id, str(found["channel"]), str(found["subject"]), str(found["nonce"]))


@dataclass(frozen=True)
class Filled:
    """A dialog as its person has filled it in; `opened` is signed, the values are anybody's."""

    opened: Opened
    submission: DialogSubmission

    def text(self, name: str) -> str:
        """A field's text, empty where it was left alone; "[object Object]" is what 11.6 sends for a radio left alone."""
        found = self.submission.text(name).strip()
        return "" if found == NOTHING else found

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.submission.flag(name)

    def ticked(self) -> list[str]:
        """The names of all boxes that were ticked, whether they were offered or not."""
        return [name for name in self.submission.values if self.flag(name)]

    def spend(self, session: Session) -> None:
        """In the effect's transaction: it is done once. Raises Refused where it was done already."""
        now = clock(session)
        session.execute(delete(Spent).where(Spent.spent_at < now - KEPT))
        if session.get(Spent, self.opened.nonce) is not None:
            raise Refused(trust.stale_dialog())
        session.add(Spent(nonce=self.opened.nonce, spent_at=now))


def _salt(purpose: str) -> str:
    return f"dialog.{purpose}"
