"""The buttons of Chorus: where a press goes and what it carries, signed, since anyone can post a button that points here."""

from __future__ import annotations

from dataclasses import dataclass

from mmapp.config import Settings
from mmapp.mattermost import messages
from mmapp.mattermost.values import JsonObject
from mmapp.signing import Signer

PATH = "/mattermost/action"


@dataclass(frozen=True)
class Button:
    """`purpose` is what a press does; `subject` is what it does it to."""

    label: str
    purpose: str
    subject: str = ""
    style: str = "default"


def row(settings: Settings, signer: Signer, *buttons: Button, text: str = "") -> JsonObject:
    """The attachment that holds these buttons; `text` above them is for a state that passes, and found by no search."""
    url = f"{settings.public_url}{PATH}"
    built = []
    for one in buttons:
        context = {"purpose": one.purpose, "signed": signer.sign(one.purpose, {"subject": one.subject})}
        built.append(messages.button(one.purpose, one.label, url, context, style=one.style))
    return messages.attachment(built, text=text)
