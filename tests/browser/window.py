"""A window of somebody's on the stand-in's page, with what people do in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.playground.store import Doc
from tests.playground.world import Playground

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 20_000  # milliseconds until something that must come is missed; nothing is decided by how fast it comes
expect.set_options(timeout=PATIENCE)


@dataclass
class Troubles:
    """What a page's script complained of. A refused request is the server's answer, not the script's fault."""

    said: list[str]

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.said.append(message.text)


class Window:
    """`window.write(…)`, `window.press(…)`: the words of a person's hands. What is seen is asked with `expect`."""

    def __init__(self, page: Page, who: str, *, phone: bool) -> None:
        self.page, self.who, self.phone = page, who, phone
        self.messages = page.get_by_role("log", name="Messages")
        self.thread = page.get_by_role("log", name="Replies")
        self.dialog = page.get_by_role("dialog")
        self.box = page.get_by_label("Message", exact=True)
        self.reply_box = page.get_by_label("Reply", exact=True)
        self.nav = page.get_by_role("navigation")

    # Looking

    def post(self, words: str | re.Pattern[str], pane: Locator | None = None) -> Locator:
        """The message that holds these words, in the channel unless told otherwise."""
        return (pane or self.messages).get_by_role("article").filter(has_text=words)

    def channel(self, name: str) -> Locator:
        """A channel's or person's line in the list, which a phone hides: `opened` shows it."""
        return self.nav.locator("#channels").get_by_role("link", name=re.compile(rf"(^|\s){re.escape(name)}\b"))

    # Going

    def list_channels(self) -> None:
        """On a phone: open the list."""
        button = self.page.get_by_role("button", name="Channels and people")
        if self.phone and button.get_attribute("aria-expanded") == "false":
            button.click()

    def go(self, name: str) -> None:
        """Open a channel, or a direct conversation with somebody."""
        self.list_channels()
        self.channel(name).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def open_thread(self, words: str) -> None:
        """Open the thread of the message that holds these words."""
        post = self.post(words)
        post.hover()
        post.get_by_role("button", name="Reply in thread").click()
        expect(self.thread).to_be_visible()

    def close_thread(self) -> None:
        """Back to the channel alone."""
        self.page.get_by_role("button", name="Back").click()
        expect(self.thread).to_be_hidden()

    # Doing

    def write(self, words: str) -> None:
        """Type into the channel and send; the box is empty again when it has arrived."""
        self.box.fill(words)
        self.box.press("Enter")
        expect(self.box).to_have_value("")

    def reply(self, words: str) -> None:
        """The same in the thread that is open."""
        self.reply_box.fill(words)
        self.reply_box.press("Enter")
        expect(self.reply_box).to_have_value("")

    def press(self, name: str, post: Locator | None = None) -> None:
        """Press the button of this name: in the dialog that is open, or under a message until the app has answered."""
        button = (post or self.dialog).get_by_role("button", name=name, exact=True)
        if post is None:
            button.click()
            return
        with self.page.expect_response("**/page/click"):
            button.click()

    def open_more(self, post: Locator) -> Locator:
        """Press More… under an answer; the dialog that opens."""
        self.press("More…", post)
        expect(self.dialog).to_be_visible()
        return self.dialog

    def choose(self, field: str, option: str) -> None:
        """Pick from a list of the dialog that is open, by all of an option or what stands before its first dot."""
        self.dialog.get_by_role("combobox", name=field).click()
        self.dialog.get_by_role("option", name=re.compile(rf"^{re.escape(option)}( ·|$)")).click()

    def react(self, post: Locator, emoji: str) -> None:
        """Put an emoji on a message by the picker, until the server has it."""
        post.hover()
        post.get_by_role("button", name="Add a reaction").click()
        with self.page.expect_response("**/reactions"):
            self.page.get_by_role("menuitem", name=emoji, exact=True).click()

    def more(self, post: Locator, what: str) -> None:
        """Choose from a message's menu."""
        post.hover()
        post.get_by_role("button", name="More about this message").click()
        self.page.get_by_role("menuitem", name=what).click()


class Windows:
    """Windows of several people, each in a browser of his own; closed, and judged, at the end."""

    def __init__(self, browser: Browser, playground: Playground, size: ViewportSize) -> None:
        self.browser, self.playground, self.size = browser, playground, size
        self.troubles = Troubles([])
        self._contexts: list[BrowserContext] = []

    def open(self, who: Doc, channel: Doc | None = None, size: ViewportSize | None = None) -> Window:
        """The page as somebody sees it, in his first channel unless told otherwise."""
        size = size or self.size
        phone = size == PHONE
        context = self.browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, reduced_motion="reduce")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        self.troubles.watch(page)
        page.goto(f"{self.playground.url}/?user={who['username']}" + (f"&channel={channel['id']}" if channel else ""))
        return Window(page, who["username"], phone=phone)

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()
