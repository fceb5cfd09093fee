"""What the asker reads when a model could not answer: what happened, what is kept, who can do what. How an administrator does
it stands in the log and in the doctor's findings: nobody else has a shell there."""

from mmapp.texts.plain import code


def missing(model: str) -> str:
    return f"The model {code(model)} is no longer there. `/ai model list` shows which are."


def broken(model: str, error_id: str) -> str:
    return (
        f"The model {code(model)} cannot be loaded: its file is damaged or does not suit this engine. Ask again with another "
        f"(`--model NAME`; `/ai` lists them). An administrator finds the reason in the log under {error_id}."
    )


def unsupported(model: str, error_id: str) -> str:
    return (
        f"The model {code(model)} cannot be run as it is. Ask again with another (`--model NAME`; `/ai` lists them). "
        f"An administrator finds the reason in the log under {error_id}."
    )


def not_approved(model: str) -> str:
    return (
        f"The model {code(model)} cannot be used: it is not on this installation's approved list. `/ai model list` has the "
        "others. An administrator can approve it."
    )


def no_engine(error_id: str) -> str:
    return (
        "The engine of this model is not installed on this machine, or its processor cannot run it. Ask again with "
        f"`--model quotes`, which quotes from the thread without it. An administrator finds what is missing in the log under "
        f"{error_id}."
    )


def memory(model: str) -> str:
    return f"The model {code(model)} does not fit into this machine's memory. Ask again with a smaller one; `/ai` lists them."


def hung(model: str, error_id: str) -> str:
    return (
        f"The model {code(model)} gave no sign of life and was stopped. It starts afresh with the next question: "
        "please ask again. "
        f"If it happens again, an administrator finds it in the log under {error_id}."
    )


def died(model: str, error_id: str) -> str:
    return (
        f"The model {code(model)} stopped working twice over this question, so it was given up. Other questions go on. "
        "Ask it in other "
        f"words, or another model with `--model NAME`. An administrator finds it in the log under {error_id}."
    )


def endpoint_down(model: str, error_id: str) -> str:
    return (
        f"The server of the model {code(model)} cannot be reached, or has no time, so your question was not answered. Ask again "
        "in a few minutes, or another model with `--model NAME`; `/ai` lists them. An administrator finds the reason in the log "
        f"under {error_id}."
    )


def key_refused(model: str, error_id: str) -> str:
    return (
        f"The server of the model {code(model)} does not accept Chorus' key, so your question was not answered. Ask another "
        "model with `--model NAME`; `/ai` lists them. An administrator puts the right key where models.toml says, restarts "
        f"Chorus, and finds more in the log under {error_id}."
    )


def empty(model: str) -> str:
    return (
        f"The model {code(model)} had nothing to say to that. Ask in other words, or another model with `--model NAME`."
    )


def fault(model: str, error_id: str) -> str:
    return (
        f"The model {code(model)} reported an error while it worked. Please ask again; if it happens again, an "
        "administrator finds "
        f"it in the log under {error_id}."
    )


def resting(model: str, minutes: int) -> str:
    return (
        f"The model {code(model)} failed twice in a row and is tried again in {minutes} minutes. Until then ask another one with "
        "`--model NAME`; `/ai` lists them."
    )


def gave_up(error_id: str) -> str:
    return (
        "Your question could not be answered: it was tried several times, and something went wrong each time. Please ask "
        "it again; "
        f"an administrator finds the reason in the log under {error_id}."
    )


def not_done(error_id: str) -> str:
    return (
        "Something went wrong on our side, and what you wanted was not done. Please try again; an administrator finds the "
        f"reason in the log under {error_id}."
    )


def unexpected(error_id: str) -> str:
    return (
        "Something went wrong on our side, and your question was not answered. Please try again; an administrator finds the "
        f"reason in the log under {error_id}."
    )


def reasons() -> dict[str, str]:
    """Why an answer breaks off, by the kind of fault."""
    return {
        "ModelHung": "the model gave no sign of life",
        "ModelDied": "the model stopped working",
        "EngineFault": "the engine reported an error",
        "EndpointDown": "the model's server cannot be reached",
    }
