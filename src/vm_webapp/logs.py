"""Structured logs on standard error: one JSON object a line, with run_id, stage and correlation id if any."""

import contextlib
import logging
import sys
import threading
import warnings

import structlog

_TURN = threading.Lock()


class _Lines:
    """Writes lines to standard error; that nobody reads them any more must not stop the work."""

    def __init__(self, *_names: object) -> None:
        """Structlog hands over the names that a logger was asked for by."""

    def msg(self, message: str) -> None:
        """Write one line, if it can be written: whole, whoever else has something to say."""
        with _TURN, contextlib.suppress(OSError, ValueError, AttributeError):  # None where there is no such stream
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    log = debug = info = warning = warn = error = exception = critical = fatal = failure = msg


def configure(level: str = "INFO") -> None:
    """Send structured logs to standard error; traces leave out the values of variables, which may be secret.

    What libraries warn of is logged, too, instead of written between what the program says.
    """
    warnings.showwarning = _log_warning
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_Lines,
        cache_logger_on_first_use=False,
    )


def _log_warning(message: Warning | str, category: type[Warning], *_place: object, **_named: object) -> None:
    structlog.get_logger(__name__).info("library.warned", category=category.__name__, message=str(message))
