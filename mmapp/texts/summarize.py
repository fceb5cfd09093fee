"""`/ai summarize`: what stands in a summary besides a model's lines, and why there is none."""

from datetime import datetime

from mmapp.texts.plain import about, code, names

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LABELS = {"decided": "**Decided**", "todo": "**To do**", "open": "**Open**"}
NOTHING = {
    "actions": "No message says who has to do what.",
    "decisions": "No message says that something was decided.",
    "questions": "No message leaves a question open.",
}
KINDS = (
    ("summary", "Summary"),
    ("brief", "In brief: three lines"),
    ("actions", "Who has to do what"),
    ("decisions", "What was decided"),
    ("questions", "Open questions"),
    ("timeline", "Timeline"),
)
UNSUPPORTED = "⚠ *no message supports this line*"


# What stands in it


def headline(messages: int, when: str) -> str:
    """What the post is made with: it may ring somebody's telephone, so nobody's words and names are in it."""
    return f"**Summary** of {count(messages)} · {when}"


def quotes() -> str:
    return "The messages that say most of it"


def nothing_of(kind: str) -> str:
    return NOTHING.get(kind, "Nothing of note.")


def count(messages: int) -> str:
    return f"{messages:,} message{'s' * (messages != 1)}"


def receipt(read: int, of: int, when: str, people: int) -> str:
    who = f"{people} {'people' if people != 1 else 'person'}"
    return f"*{read:,} of {of:,} message{'s' * (of != 1)} read · {when} · {who}*"


def when(first: datetime, last: datetime, now: datetime) -> str:
    """`Mon 09:12–Tue 17:40`, with dates where a weekday would not be clear. All in the reader's zone."""
    near = (now - first).days < 6
    begin, end = _moment(first, now, near=near), _moment(last, now, near=near)
    if begin == end:
        return begin
    return f"{begin}–{last:%H:%M}" if first.date() == last.date() else f"{begin}–{end}"


def moment(at: datetime, now: datetime) -> str:
    """`Mon 09:12`, or the date where a weekday would not be clear."""
    return _moment(at, now, near=(now - at).days < 6)


def _moment(at: datetime, now: datetime, *, near: bool) -> str:
    day = WEEKDAYS[at.weekday()] if near else f"{at.day} {MONTHS[at.month - 1]}{f' {at.year}' * (at.year != now.year)}"
    return f"{day} {at:%H:%M}"


def in_channel(channel: str) -> str:
    """Behind a number that is no link: who follows it would join that channel, for all to see."""
    return f"in ~{channel}"


def foot(model: str, seconds: float, parts: list[str]) -> str:
    return f"*{' · '.join([model, f'{max(seconds, 0.1):.1f} s', *parts])}*"


def checked(holding: int, of: int, mended: int) -> str:
    """How many of its citations are of messages that support their lines; `mended`: others now stand for such."""
    which = (
        f"{holding} of its {of} citations hold"
        if of != 1
        else f"its citation {'holds' if holding else 'does not hold'}"
    )
    return which + (f", {mended} put right" if mended else "")


def found_afterwards(messages: int) -> str:
    return f"{messages} citation{'s' * (messages != 1)} found afterwards: the model named none"


def unchecked(lines: int) -> str:
    return f"{lines} line{'s' * (lines != 1)} not checked: the messages are in another language"


def floor(model: str) -> str:
    return f"these are quotations, since {model} wrote nothing that the messages support"


def withheld(messages: int | None) -> str:
    """`messages` None: with so few people, a number would tell whose they are."""
    if messages is None:
        return "messages of people who do not want to be read are left out"
    return f"left out: {count(messages)} of people who do not want to be read"


def unsteady(messages: int) -> str:
    return f"left out: {count(messages)} that {'was' if messages == 1 else 'were'} edited again and again meanwhile"


def changed(messages: int) -> str:
    """Of such that were edited once, when too much else had been before."""
    return f"left out: {count(messages)} that changed while it was read"


def left_off(at: str) -> str:
    """The moment of the last message that is read, where others went on changing and more came."""
    return f"what came after {at} is left out, as messages changed while it was read"


def in_part(messages: int) -> str:
    """Behind a receipt that counts those that were read whole."""
    return f"{count(messages)} read in part"


def stopped() -> str:
    return "stopped: this is what was read until then"


def nothing_left() -> str:
    return (
        "It was stopped, and nothing of what was read is left: meanwhile what was noted had to go, as it does when messages or "
        "a summary of them are deleted, or somebody wants to be read no more. Ask again for a new one."
    )


def broken_off(why: str) -> str:
    return f"cut off: {why}; this is what was read until then"


def how_far(*, cut: bool) -> str:
    """For the card: which messages it has read. What else is not in it stands on its foot."""
    return "as far as it was read" if cut else ""


def card_lines(written: int, quoted: int, removed: int) -> list[str]:
    """For the card: how many parts it was read in, and what became of citations."""
    parts = f"{written} part{'s' * (written != 1)}"
    lines = [f"* **Read in** {parts}" + (f", {quoted} of them quoted and not written" if quoted else "")]
    if removed:
        lines.append(f"* **Removed** {removed} citation{'s' * (removed != 1)} of messages that were not read")
    return lines


# While it is made


def progress(done: int, of: int, seconds: float | None) -> str:
    left = f", {about(seconds)} left" if seconds is not None else ""
    return f"Your summary: {done} of {of} parts{left}. Stop keeps what is there."


def begun(*, public: bool) -> str:
    """How it comes, in the message that tells its person's place."""
    return f"I am reading all of it; the summary comes {'here' if public else 'in your direct message'}."


# Why there is none


def which() -> str:
    return (
        "What shall I summarise? `/ai summarize thread` in a thread, `/ai summarize LINK` (message menu > Copy Link), or "
        "`/ai summarize channel --since 24h`."
    )


def no_thread(*, tells_root: bool) -> str:
    where = "You are not in a thread. Open one and type it there, or add"
    if not tells_root:
        where = "This Mattermost does not tell me which thread you are in. Add"
    return f"{where} its link: `/ai summarize LINK` (message menu > Copy Link)."


def both_ways() -> str:
    return "`--private` and `--public` contradict each other. Please leave one of them out."


def contradiction(one: str, other: str) -> str:
    return f"{code(one)} and {code(other)} contradict each other. Please leave one of them out."


def too_many_links(most: int) -> str:
    return f"That is too much at once: at most {most} links can stand behind `/ai summarize`."


def link_within() -> str:
    return (
        "A link within a wish is not read. Put all links in front, and the wish behind them: `/ai summarize LINK LINK what was "
        "decided?`"
    )


def no_such_value(flag: str, typed: str, known: list[str]) -> str:
    return f"{code(f'--{flag} {typed}')} is not known. It can be {names(known)}."


def no_such_language(typed: str) -> str:
    return f"I do not know the language {code(typed)}. Name it in English or by its code: `--language German`, `--language de`."


def no_time(flag: str, typed: str) -> str:
    return (
        f"{code(typed)} is no time that I understand. Behind `--{flag}` can stand `24h`, `3d`, `yesterday`, `monday`, "
        "`14:30`, `2026-11-20`, `2026-11-20 14:30`" + (" or `unread`." if flag == "since" else ".")
    )


def no_such_date(typed: str) -> str:
    return f"There is no {code(typed)}. Please check the date: year-month-day, for example `2026-11-20`."


def no_such_clock(typed: str) -> str:
    return f"There is no {code(typed)}. Please check the time of day: `00:00` to `23:59`."


def backwards() -> str:
    return "That time ends before it begins. Please check `--since` and `--until`."


def no_such_person(typed: str) -> str:
    return f"There is nobody called {code(typed)} here. `--from` takes a username, as it stands behind the @."


def no_such_channel(bot: str, typed: str) -> str:
    # The same words whether it does not exist or may not be read: otherwise they would tell which channels exist.
    return (
        f"There is no channel {code(typed)} that you and {bot} can both read. Any member can invite it there: "
        f"`/invite @{bot}`."
    )


def not_inside(bot: str) -> str:
    return f"{bot} is not in this channel, so it cannot read it. Any member can invite it: type `/invite @{bot}`, then try again."


def no_part(bot: str) -> str:
    """In direct and group messages, to which nobody can invite a bot."""
    return (
        f"{bot} is no part of this conversation and cannot be invited to it, so it cannot read it. A thread or channel that "
        "it is in can be summarised from here: `/ai summarize LINK`."
    )


def nothing_there(*, chosen: bool) -> str:
    """`chosen`: its person has named a time; else it is the last day."""
    what = "another one, or another channel: `--in CHANNEL`" if chosen else "a longer one: `--since 7d`"
    return f"There is no message in that time, so there is nothing to summarise. Try {what}."


def nothing_by_them(name: str) -> str:
    return f"There is no message by {code(name)} in that time, so there is nothing to summarise."


def nothing_in_thread() -> str:
    return "Nobody but me has written in that thread, so there is nothing to summarise."


def nothing_steady() -> str:
    return "What stands there is edited again and again, so there is no summary of it yet. Ask again once it is left as it is."


def nothing_unread(bot: str) -> str:
    return (
        f"Nothing there is unread. Who opens a channel, or posts in it, has read it; in your direct message with {bot} you can "
        "ask for it before: `/ai summarize --since unread --in CHANNEL`. To read it again: `--since 24h`."
    )


def never_looked() -> str:
    return "You are not in that channel, so nothing of it is unread for you. Say since when instead: `--since 24h`."


def only_one() -> str:
    return "There is only one message to read, so there is nothing to summarise: it is shorter than any summary."


def closed() -> str:
    return "An admin of that channel does not want its messages read, so there is no summary of it."


def closed_too(sources: int) -> str:
    """Among several sources."""
    return f"left out: {'a channel' if sources == 1 else f'{sources} channels'} whose admins do not want it read"


def nobody_wants() -> str:
    return "Nobody whose messages stand there wants to be read, so there is no summary of it."


def too_many(most: int) -> str:
    return (
        f"More than {most:,} messages would have to be looked through for that. Choose a shorter time up to now, a day or "
        "an hour: `--since 24h`, `--since 1h`. Of times long ago, what was posted since counts too."
    )


def too_wide() -> str:
    return (
        "Not everyone who would read the summary there may read what it is made from, so it comes to you alone, in your "
        "direct message."
    )


def too_wide_now(*, by_post: bool) -> str:
    """A command is for its person alone, unless it says otherwise; a post is for all."""
    alone = "with `--private`" if by_post else "without `--public`"
    return (
        "Somebody has come into that channel who may not read what the summary is made from, so it was not posted there. "
        f"Ask again {alone}: then it comes to you alone."
    )


def not_told(why: str) -> str:
    """Of one that was made already."""
    return f"Your summary was ready, but by now it may not be told, so nothing of it is shown. {why}"


def too_long_wish(characters: int, most: int) -> str:
    return f"That wish has {characters:,} characters; at most {most:,} can stand behind `/ai summarize`."


def no_such_prompt(typed: str, known: list[str]) -> str:
    have = f" There is {names(known)}." if known else " None is saved yet."
    return f"There is no saved prompt {code(typed)} for you here.{have} `/ai prompts` saves one."
