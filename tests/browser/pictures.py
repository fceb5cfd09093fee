"""`python -m tests.browser.pictures [name …]` plays a morning on the stand-in's page and shoots docs/pictures/*.png.

The models' words are scripted: what is shown is the look. Emoji need a font: sudo apt-get install fonts-noto-color-emoji
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import update

from llm.scripted import ScriptedModel, Step
from mmapp import migrate
from mmapp.db import Database, clock
from mmapp.jobs import marks
from mmapp.models import ModelRecord, PersonSettings, SavedPrompt
from tests.browser import chrome
from tests.browser.window import PHONE, WIDE, Window, Windows
from tests.conftest import KEY
from tests.line import Line
from tests.playground.sample import THREAD
from tests.playground.store import Doc
from tests.scenarios.digesting import digest, due
from tests.scenarios.ordering import tick
from tests.scenarios.telling import aged
from tests.scenarios.test_times import lives_in

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MODELS = ("llama-3.2-1b", "qwen2.5-3b")
QUESTION = "@ai Why was the booking page down?"
ANSWER = (
    "The nightly report **locked the bookings table**: it had been moved to 7:30, when the drivers book.\n\n"
    "- bob stopped it at 8:02, and the queue at gate 2 moved again\n"
    "- It goes back to 3:00 in the night\n"
    "- carol lets it read from the replica by Friday"
)


SUMMARY = (
    "The booking page was down: the nightly report locked the bookings table. [4]\n"
    "- Drivers were queueing at gate 2, with 31 trucks outside [1] [5]\n"
    "- bob stopped the report at 8:02, and the page works again [6]\n"
    "- Decided: The report goes back to 3:00 in the night [7]\n"
    "- To do: dave: change the schedule today [7]\n"
    "- To do: carol: read from the replica, by Friday [8]\n"
)


NEWS = (
    ("bob", "One scanner at gate 2 stopped working at 7:10."),
    ("dave", "I have put the spare scanner at gate 2, trucks pass again."),
    ("ann", "Decided: we order two new scanners today."),
    ("dave", "I order them before noon."),
    ("carol", "Who tells the drivers about the new opening hours?"),
    ("bob", "Release 4.2 is out on two of five sites."),
    ("carol", "The new dashboard is liked, its colours are not."),
)
DIGEST = (
    "One scanner stopped, and the spare scanner is at gate 2. [1] [2]\n"
    "- Decided: order two new scanners today [3]\n"
    "- To do: dave: order them before noon [4]\n"
    "- Open: Who tells the drivers about the new opening hours? [5]\n"
    "- Release 4.2 is out on two of five sites [6]\n"
    "- The new dashboard is liked, its colours are not [7]\n"
)


def slowly(answer: str) -> Step:
    """A model that takes its time, or the foot would say that it needs none."""
    return Step(answer, delay_ms=1400)


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

    def ann(self, *, phone: bool = False) -> Window:
        """Her window."""
        return self.windows.open(self.line.ann, self.operations, PHONE if phone else WIDE)

    def settled(self) -> Morning:
        """A morning in which something has been asked already."""
        line, meaning = self.line, slowly("What a line charges for a container that stays too long.")
        line.mention(line.ann, QUESTION, self.operations, self.root, answer=slowly(ANSWER))
        line.ask(line.carol, "What does demurrage mean?", self.operations, answer=meaning)
        marks.take_away(line.worker)
        answer = line.posts(self.operations)[0]
        for who, emoji in ((self.line.bob, "+1"), (self.dave, "+1")):
            body = {"user_id": who["id"], "post_id": answer["id"], "emoji_name": emoji}
            self.line.playground.call(who, "POST", "/reactions", body)
        return self


def in_the_thread(morning: Morning, *, phone: bool = False) -> tuple[Window, Locator]:
    """Ann's window on an answer in the thread it was asked about, and the answer."""
    ann = morning.settled().ann(phone=phone)
    ann.open_thread("The booking page for trucks")
    answer = ann.post("carol lets it read", ann.thread)
    expect(answer).to_be_in_viewport()
    return ann, answer


def aside(window: Window) -> Window:
    """With the mouse out of the way."""
    window.page.mouse.move(2, 2)
    return window


def thread(morning: Morning, *, phone: bool = False) -> Window:
    """An answer in the thread it was asked about."""
    return aside(in_the_thread(morning, phone=phone)[0])


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
    return aside(ann)


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
    return aside(ann)


def more(morning: Morning, *, phone: bool = False) -> Window:
    """What stands behind the button under an answer, for who asked."""
    ann, answer = in_the_thread(morning, phone=phone)
    ann.open_more(answer)
    ann.dialog.get_by_label("Answer with the model below").check()
    ann.choose("Model", MODELS[1])
    return aside(ann)


def more_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return more(morning, phone=True)


def anew(morning: Morning, *, phone: bool = False) -> Window:
    """An answer that is being written anew."""
    ann, answer = in_the_thread(morning, phone=phone)
    ann.open_more(answer)
    ann.dialog.get_by_label("Make it shorter").check()
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()
    morning.line.look()
    expect(answer.get_by_role("button", name="Stop")).to_be_in_viewport()
    return aside(ann)


def anew_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return anew(morning, phone=True)


def share(morning: Morning, *, phone: bool = False) -> Window:
    """The same dialog under an answer that one person alone was given."""
    line, world = morning.line, morning.line.playground
    private = f"--private --thread {world.link(morning.root)} Who lets it read from the replica?"
    line.ask(line.ann, private, line.direct(line.ann), answer=slowly("carol, by Friday."))
    ann = morning.windows.open(line.ann, line.direct(line.ann), PHONE if phone else WIDE)
    ann.open_more(ann.post("carol, by Friday."))
    ann.dialog.get_by_label("Share it with others").check()
    ann.dialog.get_by_role("combobox", name="Share in").click()
    return aside(ann)


def share_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return share(morning, phone=True)


def settings(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai settings`."""
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai settings")
    expect(ann.dialog).to_be_visible()
    return ann


def settings_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return settings(morning, phone=True)


def feedback(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai feedback`."""
    answer = morning.settled().line.posts(morning.operations)[0]
    ann = morning.ann(phone=phone)
    ann.write(f"/ai feedback {morning.line.playground.link(answer)}")
    expect(ann.dialog).to_be_visible()
    return ann


def feedback_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return feedback(morning, phone=True)


def summary(morning: Morning, *, phone: bool = False) -> Window:
    """A summary, and beside it the message that one of its numbers leads to."""
    line = morning.line
    line.model.enqueue(slowly(SUMMARY))
    line.mention(line.ann, "@ai summarize", morning.operations, morning.root)
    marks.take_away(line.worker)
    ann = morning.ann(phone=phone)
    ann.open_thread("The booking page for trucks")
    expect(ann.post("read from the replica, by Friday [", ann.thread)).to_be_in_viewport()
    return aside(ann)


def summary_on_a_phone(morning: Morning) -> Window:
    """The same on a phone, where who asked reads it alone."""
    line = morning.line
    line.model.enqueue(slowly(SUMMARY))
    line.say(line.ann, f"summarize {line.playground.link(morning.root)}", morning.operations, morning.root)
    line.settle()
    ann = morning.windows.open(line.ann, line.direct(line.ann), PHONE)
    expect(ann.post("The booking page was down:")).to_be_in_viewport()
    return ann


def what_to_summarise(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai summarize` where nobody said what."""
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai summarize")
    expect(ann.dialog).to_be_visible()
    ann.dialog.get_by_role("combobox", name="Or this").click()
    return aside(ann)


def what_to_summarise_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return what_to_summarise(morning, phone=True)


def digest_of(morning: Morning, *, phone: bool = False) -> Window:
    """A digest, with what an earlier one has left open."""
    line, say = morning.line, morning.line.playground.post_as
    number = digest(line, line.ann, [morning.operations], line.town)
    say(line.carol, morning.operations, "Who renews the certificate of the scanners?")
    line.model.enqueue(f"{SUMMARY}- Open: Who renews the certificate of the scanners? [10]\n")
    due(line, number, "2026-11-23T09:00")
    aged(line, 3)
    for who, text in NEWS:
        say(morning.people[who], morning.operations, text)
    line.model.enqueue(DIGEST)
    due(line, number)
    ann = morning.windows.open(line.ann, line.town, PHONE if phone else WIDE)
    expect(ann.post("the spare scanner is at gate 2")).to_be_in_viewport()
    return aside(ann)


def digest_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return digest_of(morning, phone=True)


def done(morning: Morning, *, phone: bool = False) -> Window:
    """Behind Done… under it."""
    ann = digest_of(morning, phone=phone)
    ann.press("Done…", ann.post("the spare scanner is at gate 2"))
    ann.dialog.get_by_label("carol: read from the replica").check()
    return aside(ann)


def done_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return done(morning, phone=True)


def prompts(morning: Morning) -> Window:
    """`/ai prompts`."""
    with morning.line.worker.database.write() as session:
        saved = {"saved_by": morning.line.ann["id"], "saved_at": clock(session)}
        mine, ours = morning.line.ann["id"], morning.operations["id"]
        session.add(SavedPrompt(owner_id=mine, name="gate", text="What holds trucks up, and since when?", **saved))
        session.add(SavedPrompt(owner_id=ours, name="handover", text="What must the next shift know?", **saved))
    ann = morning.settled().ann()
    ann.write("/ai prompts")
    expect(ann.dialog).to_be_visible()
    return ann


def privacy(morning: Morning) -> Window:
    """`/ai privacy`."""
    ann = morning.settled().ann()
    ann.write("/ai privacy")
    expect(ann.dialog).to_be_visible()
    return ann


def model(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai model`."""
    with morning.line.worker.database.write() as session:
        for name, decode in zip(MODELS, (26.0, 9.0), strict=True):
            session.get_one(ModelRecord, name).decode = decode
    morning.line.beat()
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai model")
    expect(ann.dialog).to_be_visible()
    ann.dialog.get_by_role("combobox", name="Model").click()
    return aside(ann)


def model_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return model(morning, phone=True)


def models(morning: Morning) -> Window:
    """`/ai model list`."""
    line = morning.line
    facts = {
        MODELS[0]: {"size": 773_025_920, "quantisation": "Q4_0", "decode": 26.0, "licence": "Llama 3.2 Community"},
        MODELS[1]: {
            "size": 1_997_879_072,
            "quantisation": "Q4_0",
            "decode": 9.0,
            "licence": "Apache-2.0",
            "n_ctx": 8192,
        },
    }
    with line.worker.database.write() as session:
        for name, values in facts.items():
            session.execute(update(ModelRecord).where(ModelRecord.name == name).values(values))
    ann = morning.settled().ann()
    ann.write("/ai model list")
    expect(ann.post("answers here")).to_be_in_viewport()
    return aside(ann)


def more_options(morning: Morning) -> Window:
    """What stands behind More options."""
    ann = morning.settled().ann()
    ann.write("/ai model more")
    expect(ann.dialog).to_be_visible()
    return ann


def rules(morning: Morning) -> Window:
    """`/ai admin models`."""
    ann = morning.settled().ann()
    ann.write("/ai admin models")
    expect(ann.dialog).to_be_visible()
    return ann


def digest_dialog(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai digest`."""
    with morning.line.worker.database.write() as session:
        settings = PersonSettings.of(session, morning.line.ann["id"])
        settings.zone = "Europe/Berlin"
        session.add(settings)
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai digest")
    expect(ann.dialog).to_be_visible()
    return aside(ann)


def digest_dialog_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return digest_dialog(morning, phone=True)


def digest_further(morning: Morning, *, phone: bool = False) -> Window:
    """What it asks next."""
    ann = digest_dialog(morning, phone=phone)
    ann.choose("Where", "in another channel")
    ann.press("Start it")
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text("More options")
    return aside(ann)


def digest_further_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return digest_further(morning, phone=True)


def digests(morning: Morning, *, phone: bool = False) -> Window:
    """`/ai digest list`."""
    line, here = morning.line, morning.operations
    for who in (line.ann, line.bob):
        line.playground.make_channel_admin(who, here)
        lives_in(line, who, "Europe/Berlin")
    tick(line)
    line.say(line.bob, "digest every friday 16:00 --to here", here)
    line.settle()
    ann = morning.settled().ann(phone=phone)
    ann.write("/ai digest weekdays 08:30")
    line.settle()
    expect(ann.post("is set up")).to_be_visible()
    ann.write("/ai digest list")
    line.settle()
    expect(ann.post("Your digests")).to_be_in_viewport()
    return aside(ann)


def digests_on_a_phone(morning: Morning) -> Window:
    """The same on a phone."""
    return digests(morning, phone=True)


PICTURES: dict[str, Callable[[Morning], Window]] = {
    "thread": thread,
    "thread-phone": thread_on_a_phone,
    "channel-phone": channel_on_a_phone,
    "channels-phone": channels_on_a_phone,
    "waiting": waiting,
    "menu": menu,
    "menu-phone": menu_on_a_phone,
    "where-it-comes-from": where_it_comes_from,
    "more": more,
    "more-phone": more_on_a_phone,
    "anew": anew,
    "anew-phone": anew_on_a_phone,
    "share": share,
    "share-phone": share_on_a_phone,
    "settings": settings,
    "settings-phone": settings_on_a_phone,
    "feedback": feedback,
    "feedback-phone": feedback_on_a_phone,
    "summary": summary,
    "summary-phone": summary_on_a_phone,
    "what-to-summarise": what_to_summarise,
    "what-to-summarise-phone": what_to_summarise_on_a_phone,
    "digest": digest_of,
    "digest-phone": digest_on_a_phone,
    "done": done,
    "done-phone": done_on_a_phone,
    "prompts": prompts,
    "privacy": privacy,
    "model": model,
    "model-phone": model_on_a_phone,
    "models": models,
    "more-options": more_options,
    "rules": rules,
    "digest-dialog": digest_dialog,
    "digest-dialog-phone": digest_dialog_on_a_phone,
    "digest-further": digest_further,
    "digest-further-phone": digest_further_on_a_phone,
    "digests": digests,
    "digests-phone": digests_on_a_phone,
}


def shoot(browser: Browser, name: str, folder: Path) -> None:
    """Play a morning of its own for one picture."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{place}/chorus.db"
        database = Database(url, (KEY,))
        migrate.upgrade(database)
        database.close()
        models = [ScriptedModel(name=one) for one in MODELS]
        with Line(url, Path(place) / "models", *models) as line:
            line.model = models[0]
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
