"""`/ai stop` and the Stop button."""


def stopped(left: int) -> str:
    more = {0: "no more open questions", 1: "one more open question"}.get(left, f"{left} more open questions")
    return f"Stopped. You have {more} here."


def nothing() -> str:
    return "You have no open question here, so there is nothing to stop."


def too_late() -> str:
    return "That one has ended already; its answer is there, or on its way."


def not_yours() -> str:
    return "Only who asked, or an admin of the channel, can stop this."


def button() -> str:
    return "Stop"
