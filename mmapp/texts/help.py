"""`/ai`, `/ai help`, and what is said to words that are no command."""

from mmapp.texts.plain import code, names

EXAMPLES = {"model": "NAME", "thread": "LINK"}


def short(running: list[str]) -> str:
    """The four lines of `/ai` alone, and what is running for this person."""
    lines = [
        "Ask a model that runs on your own machines: `/ai ask What is a watermark in a queue?`",
        "In a thread, it reads the thread: open it and type the same. Answers are posts; `--private` makes them yours alone.",
        "`/ai stop` ends your newest question here.",
        "`/ai help` has everything.",
    ]
    return "\n".join(f"- {line}" for line in lines) + "\n\n" + _running(running)


def _running(questions: list[str]) -> str:
    if not questions:
        return "Nothing of yours is running here."
    return "Running for you here:\n" + "\n".join(f"- {question}" for question in questions)


def full() -> str:
    return "\n".join(
        [
            "#### What you can type",
            "",
            "* `/ai ask QUESTION` – answered by a post below your question, or in the thread where you type it",
            "* `/ai ask --private QUESTION` – answered in your direct message",
            "* `/ai ask --model NAME QUESTION` – by another model, this once",
            "* `/ai ask --thread LINK QUESTION` – with a thread of this channel as context (message menu > Copy Link)",
            "* `/ai stop` – ends your newest question here",
            "* `/ai new` – in a direct message with the bot: what was said before no longer counts",
            "* `/ai help` – this list",
            "",
            "Ask again in a thread to go on with it: only what is new is read. Questions, answers and models never leave "
            "your organisation's machines. A model can be wrong: check what matters.",
        ]
    )


def models(lines: list[str]) -> str:
    if not lines:
        return "No worker has listed its models yet. An administrator can start one: `flask --app app worker`."
    listed = "\n".join(f"* {line}" for line in lines)
    return f"{listed}\n\nUse one for a question: `/ai ask --model NAME QUESTION`"


def model_line(name: str, title: str, window: int, decode: float, *, default: bool, fault: str) -> str:
    speed = f", {decode:.0f} tokens/s here" if decode else ""
    reads = f", reads {window:,} tokens" if window else ""
    state = f" – cannot be used: {code(fault)}" if fault else ""
    return f"`{name}`{' (default)' if default else ''}: {title}{reads}{speed}{state}"


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
    return "Those are too many flags. `--private`, `--model NAME` and `--thread LINK` are all there are."


def long_value(flag: str) -> str:
    return f"What stands behind `--{flag}` is too long to be right: `--{flag} {EXAMPLES.get(flag, '')}`."


def buttons() -> tuple[str, str, str]:
    return "Help", "Models", "Stop my newest"


def unknown_model(wanted: str, near: list[str]) -> str:
    meant = f" Did you mean {names(near)}?" if near else ""
    return f"There is no model {code(wanted)} here.{meant} `/ai` has a button that lists them."


def unusable_model(name: str, fault: str) -> str:
    return (
        f"The model `{name}` cannot be used: {fault.rstrip('.')}. Ask another one; `/ai` has a button that lists them."
    )


def fresh() -> str:
    return (
        "Done: in your direct message with the bot, the next question starts a new conversation. Threads keep theirs."
    )
