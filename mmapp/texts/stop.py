"""`/ai stop` and the Stop button."""


def stopped(left: int) -> str:
    more = {0: "Nothing else of yours is running here.", 1: "One more of yours is running here."}
    return f"Stopped. {more.get(left, f'{left} more of yours are running here.')}"


def nothing() -> str:
    return "Nothing of yours is running here, so there is nothing to stop."


def too_late() -> str:
    return "That one has ended already; its answer is there, or on its way."


def not_yours() -> str:
    return "Only the person who asked can stop this."


def button() -> str:
    return "Stop"
