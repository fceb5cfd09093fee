"""`python -m tests.browser.pictures [name …]` plays a morning on the stand-in's page and shoots docs/pictures/*.png.

The models' words are scripted: what is shown is the look. Emoji need a font: sudo apt-get install fonts-noto-color-emoji
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from mmapp import migrate
from mmapp.db import Database
from tests.browser import chrome
from tests.browser.window import PHONE, WIDE, Window, Windows
from tests.conftest import KEY
from tests.line import Line
from tests.playground.sample import THREAD
from tests.playground.store import Doc

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
QUESTION = "Why was the booking page down?"
ANSWER = (
    "The nightly report **locked the bookings table**: it had been moved to 7:30, when the drivers book.\n\n"
    "- bob stopped it at 8:02, and the queue at gate 2 moved again\n"
    "- It goes back to 3:00 in the night\n"
    "- carol lets it read from the replica by Friday"
)


class Morning:
    """A container terminal's morning: a thread about an outage, and people who ask about it."""

    def __init__(self, line: Line, windows: Windows) -> None:
        self.line, self.windows = line, windows
        world = line.playground
        self.dave = world.add_user("dave")
        self.people = {"ann": line.ann, "bob": line.bob, "carol": line.carol, "dave": self.dave}
        members = (*self.people.values(), line.bot)
        self.operations = world.add_channel("O", "operations", members=members)
        for name in ("town", "secret"):
            channel = world.store.find("channel", name=name) or {}
            world.store.put(
                "channel", channel["id"], channel | {"display_name": {"town": "Town Square"}.get(name, "Shift Leaders")}
            )
        self.root: Doc = {}
        for who, text in THREAD:
            posted = world.post_as(self.people[who], self.operations, text, self.root or "")
            self.root = self.root or posted

    def ask(self, who: Doc, words: str, answer: str, root: Doc | None = None) -> None:
        """A question and its answer."""
        self.line.ask(who, words, self.operations, root, answer=answer)

    def ann(self, *, phone: bool = False) -> Window:
        """Her window."""
        return self.windows.open(self.line.ann, self.operations, PHONE if phone else WIDE)

    def settled(self) -> Morning:
        """A morning in which something has been asked already."""
        self.ask(self.line.ann, QUESTION, ANSWER, self.root)
        self.ask(
            self.line.carol, "What does demurrage mean?", "What a line charges for a container that stays too long."
        )
        answer = self.line.posts(self.operations)[0]
        for who, emoji in ((self.line.bob, "+1"), (self.dave, "+1")):
            body = {"user_id": who["id"], "post_id": answer["id"], "emoji_name": emoji}
            self.line.playground.call(who, "POST", "/reactions", body)
        return self


def thread(morning: Morning, *, phone: bool = False) -> Window:
    """An answer in the thread it was asked about."""
    ann = morning.settled().ann(phone=phone)
    ann.open_thread("The booking page for trucks")
    expect(ann.post("replica by Friday", ann.thread)).to_be_in_viewport()
    ann.page.mouse.move(2, 2)
    return ann


def thread_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return thread(morning, phone=True)


def channel_on_a_phone(morning: Morning) -> Window:
    """The channel on a phone."""
    ann = morning.settled().ann(phone=True)
    expect(ann.post("demurrage")).to_be_in_viewport()
    return ann


def channels_on_a_phone(morning: Morning) -> Window:
    """The list of channels and people on a phone."""
    ann = channel_on_a_phone(morning)
    morning.line.playground.post_as(morning.line.bob, morning.line.secret, "@ann, can you come?")
    ann.list_channels()
    expect(ann.channel("Shift Leaders")).to_contain_text("1")
    return ann


def waiting(morning: Morning) -> Window:
    """What the asker alone sees until the answer comes."""
    ann = morning.settled().ann()
    ann.write("/ai ask What must be done before Friday?")
    expect(ann.post("The answer comes as a post.")).to_be_in_viewport()
    ann.page.mouse.move(2, 2)
    return ann


def menu(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai` alone, and the box behind one of its buttons."""
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai")
    ann.press("Models", ann.post("Ask a model that runs"))
    expect(ann.dialog).to_be_visible()
    return ann


def menu_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return menu(morning, phone=True)


def where_it_comes_from(morning: Morning) -> Window:
    """What stands behind the (i) of an answer."""
    ann = morning.settled().ann()
    ann.post("demurrage").get_by_role("button", name="Where this comes from").click()
    expect(ann.page.get_by_role("heading", name="Details")).to_be_visible()
    ann.page.mouse.move(2, 2)
    return ann


PICTURES: dict[str, Callable[[Morning], Window]] = {
    "thread": thread,
    "thread-phone": thread_on_a_phone,
    "channel-phone": channel_on_a_phone,
    "channels-phone": channels_on_a_phone,
    "waiting": waiting,
    "menu": menu,
    "menu-phone": menu_on_a_phone,
    "where-it-comes-from": where_it_comes_from,
}


def shoot(browser: Browser, name: str, folder: Path) -> None:
    """Play a morning of its own for one picture."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/chorus.db"
        database = Database(url, (KEY,))
        migrate.upgrade(database)
        database.close()
        with Line(url, Path(place) / "models") as line:
            windows = Windows(browser, line.playground, WIDE)
            window = PICTURES[name](Morning(line, windows))
            window.page.screenshot(path=folder / f"{name}.png")
            windows.close()


def main() -> None:
    """All pictures, or those that are named."""
    wanted = sys.argv[1:] or list(PICTURES)
    unknown = sorted(set(wanted) - set(PICTURES))
    if unknown:
        raise SystemExit(f"There is no picture {', '.join(unknown)}. There are: {', '.join(PICTURES)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chrome.browser() as browser:
        for name in wanted:
            shoot(browser, name, FOLDER)
            sys.stdout.write(f"{FOLDER / name}.png\n")


if __name__ == "__main__":
    main()
