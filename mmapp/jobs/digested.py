"""A digest as it is kept: the post, the reply below it, and what of it is told again in the next ones until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from mmapp import items
from mmapp.chat import notes as note_lines
from mmapp.chat.notes import Line, Notes
from mmapp.chat.numbered import local
from mmapp.chat.read import Said
from mmapp.chat.summary import Summary
from mmapp.db import clock
from mmapp.jobs import carried, front, minutes, pages
from mmapp.jobs.base import Worker
from mmapp.jobs.carried import Carried
from mmapp.jobs.claim import Claim
from mmapp.jobs.front import Row
from mmapp.jobs.minutes import Links, Read, Shown
from mmapp.jobs.work import Receipt
from mmapp.models import Digest, DigestItem, DigestRun, new_id
from mmapp.texts import digest_post as texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts.plain import label

QUOTED = 160  # characters of a quotation in the post: a link leads to the whole message
A_DAY = (timedelta(hours=20), timedelta(hours=28))  # a period that need not be told
A_MINUTE = timedelta(minutes=1)
_TOLD_AGAIN = ("todo", "open")


@dataclass(frozen=True)
class Digested:
    """One digest on its way into its pages. `notes` are its new lines, and `again` what is told once more; `now` is where its
    reader is."""

    run: DigestRun
    notes: Notes
    kind: str
    posts: dict[str, Said]
    again: Carried
    now: datetime

    @cached_property
    def items(self) -> dict[int, DigestItem]:
        """What is told here first and can be done, by the place of its line. A line that names no message is kept for nobody."""
        found: dict[int, DigestItem] = {}
        own = list(self.again.own)
        for place, line in enumerate(self.notes.lines):
            if line.section in _TOLD_AGAIN and line.support != "unsupported" and not self._is_known(line):
                item = self._item(line, own)
                found |= {place: item} if item else {}
        return found

    @cached_property
    def rows(self) -> list[Row]:
        """All lines: the new ones, and what is told again, the oldest first."""
        new = [
            Row(line, self.items[place].id if place in self.items else "")
            for place, line in enumerate(self.notes.lines)
            if line.section not in _TOLD_AGAIN or not self._is_known(line)
        ]
        return [*new, *map(self._again, self.again.standing)]

    @property
    def plain(self) -> str:
        """What a model meets again of it: also what is told again."""
        return minutes.plain(replace(self.notes, lines=tuple(row.line for row in self.rows)))

    def text(self, title: str, receipt: str, links: Links, foot: str) -> str:
        """Its pages."""
        links.posts = {one.post_id: _message(one) for one in self.again.standing} | links.posts
        shown, below = front.shared_out(self.rows)
        verdict = self._verdict(title, links)  # first, as it is read first: its messages have the first numbers
        post = [f"{verdict}\n{receipt}", *_paragraphs([_shorter(row) for row in shown], links), foot]
        further = [texts.further(len(self.again.more))] if self.again.more else []
        rest = [texts.rest(), *_paragraphs(below, links), *further] if below or further else []
        return pages.BREAK.join("\n\n".join(page) for page in (post, rest) if page)

    def _is_known(self, line: Line) -> bool:
        return carried.is_known(line, self._messages(line), self.again)

    def _messages(self, line: Line) -> list[str]:
        """The ids of its messages, of a piece of a file those that it hangs on."""
        found = [self.posts[post_id].opens or post_id for post_id in line.posts if post_id in self.posts]
        return [post_id for post_id in dict.fromkeys(found) if post_id in self.posts]

    def _item(self, line: Line, own: list[DigestItem]) -> DigestItem | None:
        """The first of its messages says it, as each that is left behind a supported line does; one that this digest has told
        before it was written anew is the same."""
        messages = self._messages(line)
        if not messages:
            return None
        before = next((item for item in own if carried.is_same(item, line.text, messages)), None)
        if before:
            own.remove(before)
        said = self.posts[messages[0]]
        return DigestItem(
            id=before.id if before else new_id(),
            digest_id=self.run.digest_id,
            request_id=self.run.request_id,
            section=line.section,
            words=line.text,
            person_id=said.person_id,
            channel_id=said.channel_id,
            post_id=said.post_id,
            root_id=said.root_id,
            post_at=said.at,
            edited_at=said.edited_at,
        )

    def _again(self, item: DigestItem) -> Row:
        section: note_lines.Section = "todo" if item.section == "todo" else "open"
        age = items.days_since(item.post_at, self.now)
        return Row(Line(item.words, section, (item.post_id,)), item.id, age, old=age > items.OLD)

    def _verdict(self, title: str, links: Links) -> str:
        line = self.notes.verdict
        if line is not None:
            return f"**{title}: {minutes.inert(line.text)}**{minutes.behind(line, links)}"
        if self.notes.quoted and self.notes.lines:
            return f"**{title}: {texts.quotes(len(self.notes.lines))}**"
        if not self.notes.lines:
            return f"**{title}: {summary_texts.nothing_of(self.kind)}**"
        kind = texts.kind(self.kind)
        return f"**{title}{f': {kind}' if kind else ''}**"


def shown(
    worker: Worker, claimed: Claim, summary: Summary, told: Read, read: Receipt, links: Links, foot: Sequence[str]
) -> Shown:
    """The digest of this request; its `foot` is the model and what else is to be known of it. Asks Mattermost for channels and
    for what is told again: no transaction may be open."""
    with worker.database.read() as session:
        run = session.get_one(DigestRun, claimed.request_id)
        digest, at = session.get_one(Digest, run.digest_id), clock(session)
    now = at.astimezone(ZoneInfo(digest.zone))
    again = carried.gathered(worker, claimed.payload, run, summary.brief.kind, now)
    made = Digested(run, summary.root, summary.brief.kind, {post.post_id: post for post in summary.posts}, again, now)
    when = period(run.since, summary.told_until(run.until), min(post.at for post in told.posts), now)
    of = title(worker, claimed, links, run.due_at.astimezone(now.tzinfo))
    parts = [texts.parts(summary.written, summary.parts - summary.written)] if summary.model else []
    model, *notices = foot
    return Shown(
        text=made.text(of, texts.receipt(read.read, read.of, when), links, texts.foot(model, [*parts, *notices])),
        raw=made.plain,
        when=when,
        authors=frozenset(one.person_id for one in again.standing),
        items=() if run.preview else tuple(made.items.values()),
        known={"of_digest": digest.id, "carried": [one.id for one in again.standing]},
    )


def title(worker: Worker, claimed: Claim, links: Links, day: datetime) -> str:
    """What it is a digest of, with links to other channels that every reader has joined, but not into another team: below this
    team's address another channel of that name would open. A call a channel."""
    payload, found = claimed.payload, []
    for channel_id in dict.fromkeys(source.channel_id for source in payload.sources):
        channel = worker.client.channel(channel_id)
        name = texts.channel(label(channel.display_name))
        is_other = channel_id in links.joined and channel_id != payload.to_channel
        url = f"{links.site}/{payload.team_name}/channels/{channel.name}"
        found.append(f"[{name}]({url})" if is_other and channel.team_id == payload.team_id else name)
    return texts.title(found, day)


def period(since: int, until: int, first: int, now: datetime) -> str:
    """Until when it has read (ms); since when as well, where it is not a day. `first`: its first message."""
    zone = str(now.tzinfo)
    begin, end = local(since if since > 1 else first, zone), local(until, zone)
    if A_DAY[0] <= end - begin <= A_DAY[1] or end - begin < A_MINUTE:
        return texts.until(end, now)
    return texts.period(begin, end, now)


def _paragraphs(rows: Sequence[Row], links: Links) -> list[str]:
    """The sections, of each the new lines first, and behind them the threads."""
    sections = [_line(row, links) for section in minutes.ORDER for row in rows if row.line.section == section]
    threads = [f"* {minutes.words(row.line, links)}" for row in rows if not row.line.section]
    return ["\n".join(lines) for lines in (sections, threads) if lines]


def _line(row: Row, links: Links) -> str:
    mark = pages.mark(row.item) if row.item else ""
    return f"{mark}{texts.section(row.line.section, row.age)} · {minutes.words(row.line, links)}"


def _shorter(row: Row) -> Row:
    if not row.line.author:
        return row
    return replace(row, line=replace(row.line, text=note_lines.shortened(row.line.text, QUOTED)))


def _message(item: DigestItem) -> Said:
    return Said(item.post_id, item.person_id, "", item.words, item.post_at, channel_id=item.channel_id)
