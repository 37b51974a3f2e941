"""Stopping does not wait for a receiver that does not take the connection."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from vm_webapp.webhooks.sending import Answer, Sender


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a listener whose line is full: whoever knocks is not answered."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = int(listener.getsockname()[1])
        for _ in range(64):
            one = opened.enter_context(socket.socket())
            one.settimeout(0.2)
            try:
                one.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        else:
            pytest.skip("this system takes every connection")
        yield port


def test_a_connection_that_is_not_taken_is_cut_off(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing ends the try at once; it counts as unreachable, and nothing is sent any more."""
    knocked = threading.Event()
    connect = socket.socket.connect

    def told(one: socket.socket, place: tuple[str, int]) -> None:
        knocked.set()
        connect(one, place)

    monkeypatch.setattr(socket.socket, "connect", told)
    sender = Sender("loopback", seconds=20)
    answers: list[Answer] = []
    at_work = threading.Thread(
        target=lambda: answers.append(sender.send(f"http://127.0.0.1:{silent}/", b"{}", {})), daemon=True
    )
    at_work.start()
    assert knocked.wait(10)
    sender.close()
    at_work.join(5)
    assert not at_work.is_alive()
    assert [answer.outcome for answer in answers] == ["unreachable"]
    assert sender.send(f"http://127.0.0.1:{silent}/", b"{}", {}).outcome == "unreachable"
