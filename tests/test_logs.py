"""Logs: each line is one JSON object, however many threads have something to say at once."""

import io
import json
import sys
import threading
import warnings

import pytest
import structlog

from vm_webapp import logs

THREADS = 4
LINES = 1_500


class Torn(io.StringIO):
    """A stream that lets another thread go on between any two writes, as a busy machine does."""

    def write(self, text: str) -> int:
        """Write, then stand back for a moment."""
        written = super().write(text)
        threading.Event().wait(0)
        return written


def test_lines_of_several_threads_are_neither_torn_nor_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line parses, and none is missing."""
    stream = Torn()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("INFO")
    log = structlog.get_logger("test")

    def say(who: int) -> None:
        for number in range(LINES):
            log.info("said", who=who, number=number)

    threads = [threading.Thread(target=say, args=(who,)) for who in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert sorted((one["who"], one["number"]) for one in said) == [
        (who, number) for who in range(THREADS) for number in range(LINES)
    ]


def test_a_stream_that_is_closed_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is lost, and the next line is written again."""
    logs.configure("INFO")
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    structlog.get_logger("test").info("lost")
    monkeypatch.setattr(sys, "stderr", None)
    structlog.get_logger("test").info("lost as well")
    there = io.StringIO()
    monkeypatch.setattr(sys, "stderr", there)
    structlog.get_logger("test").info("kept")
    assert json.loads(there.getvalue())["event"] == "kept"


def test_what_libraries_warn_of_is_a_line_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning does not stand between what the program says, and names no place on this machine."""
    logs.configure("INFO")
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("a count that cannot be", UserWarning, stacklevel=1)
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["category"], said["message"]) == (
        *("library.warned", "UserWarning", "a count that cannot be"),
    )
    assert __file__ not in line
