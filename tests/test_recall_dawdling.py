"""A server of embeddings that dawdles or never ends costs its few seconds and no more, and no memory."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from vm_webapp.memory.embeddings import Embeddings, MeaningUnavailable

SECONDS = 0.5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Behaviour = Callable[[socket.socket, threading.Event], None]


def silent(_connection: socket.socket, ending: threading.Event) -> None:
    """Takes the question and says nothing."""
    ending.wait(30)


def drips_its_head(connection: socket.socket, ending: threading.Event) -> None:
    """A header now and then: every one of them is in time."""
    connection.sendall(HEAD)
    while not ending.wait(0.1):
        connection.sendall(b"X-More: 1\r\n")


def drips_its_body(connection: socket.socket, ending: threading.Event) -> None:
    """A byte now and then: likewise."""
    connection.sendall(HEAD + b"\r\n")
    while not ending.wait(0.1):
        connection.sendall(b" ")


def never_ends(connection: socket.socket, ending: threading.Event) -> None:
    """As much as whoever asked will take."""
    connection.sendall(HEAD + b"\r\n")
    while not ending.is_set():
        connection.sendall(b" " * 1_000_000)


@contextmanager
def answering(behaviour: Behaviour) -> Iterator[tuple[str, threading.Event]]:
    """A server that takes one question and behaves so: its address, and whether whoever asked has hung up."""
    ending, gone = threading.Event(), threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            try:
                behaviour(connection, ending)
            except OSError:
                gone.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", gone
        ending.set()
        thread.join()


@pytest.mark.parametrize("behaviour", [silent, drips_its_head, drips_its_body])
def test_a_server_that_dawdles_is_left_in_time(behaviour: Behaviour) -> None:
    """The time is that of the whole answer, not of each piece of it."""
    with answering(behaviour) as (url, gone):
        begun = time.monotonic()
        with pytest.raises(MeaningUnavailable, match=r"within 0\.5 s"):
            Embeddings(name="compatible:little", base_url=url).embed(["x"], seconds=SECONDS)
        assert time.monotonic() - begun < SECONDS + 20
        assert behaviour is silent or gone.wait(10)  # nothing is read behind its back


def test_an_answer_without_end_is_left_at_the_limit() -> None:
    """It is counted while it comes, and no more is taken than may be."""
    with answering(never_ends) as (url, gone):
        with pytest.raises(MeaningUnavailable, match="larger than 64 MB"):
            Embeddings(name="compatible:little", base_url=url).embed(["x"], seconds=30)
        assert gone.wait(10)


def test_a_name_that_is_looked_up_for_ever_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver has no time of its own that could be set."""
    ending = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: ending.wait(30) or [])
    with pytest.raises(MeaningUnavailable, match=r"within 0\.5 s"):
        Embeddings(name="compatible:little", base_url="http://somewhere.example/v1").embed(["x"], seconds=SECONDS)
    ending.set()
