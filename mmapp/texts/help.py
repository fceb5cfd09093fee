"""`/ai`, `/ai help`, and what is said to words that are no command."""

from mmapp.texts.plain import code, names

EXAMPLES = {
    "model": "NAME", "thread": "LINK", "public": "admins", "since": "24h", "until": "2026-11-20", "from": "NAME",
    "in": "CHANNEL", "to": "~CHANNEL", "zone": "Europe/Berlin", "cron": '"30 8 * * 1-5"', "window": "day", "quiet": "0",
    "kind": "actions", "language": "German", "length": "short", "prompt": "NAME",
}  # fmt: skip


def short(questions: list[str], *, tells_root: bool) -> str:
    """The four lines of `/ai` alone, and this person's open questions. `tells_root`: threads are known by themselves."""
    thread = (
        "In a thread, it reads the thread: open it and type the same."
        if tells_root
        else "About a thread: `/ai ask --thread LINK What was decided?` (message menu > Copy Link)."
    )
    lines = [
        "Ask a model that runs on your own machines: `/ai ask What is a watermark in a queue?`",
        f"{thread} Answers are posts; `--private` makes them yours alone.",
        "`/ai stop` ends your newest question here.",
        "`/ai help` has everything.",
    ]
    return "\n".join(f"- {line}" for line in lines) + "\n\n" + _open(questions)


def _open(questions: list[str]) -> str:
    if not questions:
        return "You have no open question here."
    return "Your open questions here:\n" + "\n".join(f"- {question}" for question in questions)


def open_summary(words: str, done: int, of: int) -> str:
    return f"{words}, {done} of {of} parts read"


def full(bot: str, *, tells_root: bool) -> str:
    place = "or in the thread where you type it" if tells_root else "wherever you type it: this server does not tell me"
    again = "Ask again in a thread to go on with it" if tells_root else "Ask again about a thread to go on with it"
    return "\n".join(
        [
            "#### What you can type",
            "",
            f"* `/ai ask QUESTION` – answered by a post in the channel, {place}",
            f"* `@{bot} QUESTION` in a message – the same; in a thread, it reads the thread",
            "* `/ai ask --private QUESTION` – answered in your direct message; `--public` for all to read",
            "* `/ai ask --model NAME QUESTION` – by another model, this once",
            "* `/ai ask --thread LINK QUESTION` – about a thread of this channel, and answered in it (message menu > Copy Link)",
            "* `/ai summarize` – in a thread, all of it is read and summed up for you alone, every line with its message; "
            "`/ai summarize LINK`, `/ai summarize channel --since 24h` (`yesterday`, `monday`, `2026-11-20`, `unread`)",
            "* `/ai summarize --kind actions` – who has to do what; `decisions`, `questions`, `timeline`, `brief`; with "
            "`--length short`, `--language German`, `--from NAME`, `--in CHANNEL`, `--until TIME`, `--public`, "
            "and behind all that a wish in your own words",
            "* `/ai digest` – a summary that comes by itself, to you or in a channel, as often as you like; in one line: "
            "`/ai digest ~ops ~planning weekdays 08:30`; `/ai digest list`, `show`, `edit`, `pause`, `resume`, `run`, `preview` "
            "and `remove` with its number",
            "* `/ai prompts` – save such a wish, and use it with `--prompt NAME`",
            "* `/ai privacy` – have your messages left out, or, as an admin, a whole channel's",
            "* `/ai model` – choose which model answers you, this channel or this conversation, with instructions of your own; "
            "`/ai model NAME`, `/ai model list`, `/ai model info NAME`, `/ai model reset`",
            "* `/ai admin models` – for admins: which models may answer in a channel, a team or everywhere",
            "* `/ai stop` – ends your newest question here",
            "* `/ai delete` – deletes your newest question here and its answer; `/ai delete LINK` another one",
            "* `/ai feedback` – what you think of your newest answer here, and why; `/ai feedback LINK` of another one",
            "* `/ai settings` – where answers go, notes, thumbs",
            "* `/ai on`, `/ai off` – for admins of the channel: whether questions can be asked here; "
            "`/ai on --public everyone`, `admins` or `nobody` – for whom the bot posts in the channel",
            "* `/ai new` – in a direct message with the bot: what was said before no longer counts",
            "* `/ai help` – this list",
            "",
            f"{again}: only what is new is read. Questions, answers and models never leave "
            "your organisation's machines. A model can be wrong: check what matters.",
        ]
    )


def models_title() -> str:
    return "Models"


def help_title() -> str:
    return "How to use Chorus"


def stop_title() -> str:
    return "Stop"


def box_close() -> str:
    return "Close"


def unknown_verb(verb: str, near: list[str]) -> str:
    meant = (
        f" Did you mean {names([f'/ai {word}' for word in near])}?" if near else " To ask a question, type `/ai ask`."
    )
    return f"There is no {code(f'/ai {verb}')}.{meant} `/ai help` lists everything."


def missing_value(flag: str) -> str:
    return f"`--{flag}` needs a value behind it: `--{flag} {EXAMPLES.get(flag, '')}`."


def unknown_flag(typed: str, near: str) -> str:
    return f"There is no flag {code('--' + typed)}. Did you mean `--{near}`? Nothing was asked yet."


def too_many_flags() -> str:
    return "Those are too many flags. `/ai help` lists all there are."


def no_link() -> str:
    return "That is no link to a message. Message menu > Copy Link, and paste it here."


def long_value(flag: str) -> str:
    return f"What stands behind `--{flag}` is too long to be right: `--{flag} {EXAMPLES.get(flag, '')}`."


def buttons() -> tuple[str, str, str]:
    return "Help", "Models", "Stop my newest"


def fresh() -> str:
    return (
        "Done: in your direct message with the bot, the next question starts a new conversation. Threads keep theirs."
    )
