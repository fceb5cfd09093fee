"""Logs as JSON lines: request and job ids, never what people wrote, never a secret."""

from __future__ import annotations

import logging
import sys
import threading
import uuid

import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str = "INFO") -> None:
    """Send every logger, the libraries' too, through one JSON formatter to standard error."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _traceback_without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # At DEBUG urllib3 would log paths, and a response_url is a secret.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells each step
    _log_what_nobody_caught()


def _log_what_nobody_caught() -> None:
    """Python would print it with its message, which may hold a person's words or a secret."""
    log = structlog.get_logger("mmapp.logs")

    def take(kind: type[BaseException], error: BaseException | None, where: str) -> None:
        # Being told to end is no error.
        if not issubclass(kind, SystemExit | KeyboardInterrupt):
            log.critical("an error that nobody caught", where=where, exc_info=error)

    sys.excepthook = lambda kind, error, _trace: take(kind, error, "main thread")
    threading.excepthook = lambda args: take(
        args.exc_type, args.exc_value, args.thread.name if args.thread else "a thread"
    )
    sys.unraisablehook = lambda args: take(args.exc_type, args.exc_value, "a finalizer")


def new_error_id() -> str:
    """What stands in a person's sentence and in the log line, so that an administrator finds one by the other."""
    return uuid.uuid4().hex[:8]


def _traceback_without_values(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Where an error arose and of which kind it is. Its message may hold a statement's parameters: a person's words."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info if isinstance(info, BaseException) else info and info[1]
    if error is None:
        return event
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    event["error"] = type(error).__name__
    event["trace"] = " > ".join(frames[-12:])
    if error.__cause__ is not None:
        event["cause"] = type(error.__cause__).__name__
    return event
