"""The server: its address, its start, its end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from vm_webapp.api.server import AddressTaken, listen, url_of
from vm_webapp.errors import NotReadable

PROGRAM = """
import sys
from pathlib import Path
from vm_webapp.api.server import serve
from vm_webapp.app import create_app
from vm_webapp.settings import Settings
app = create_app(Settings(vm_workspace_root=Path(sys.argv[1])))
serve(app, host="127.0.0.1", port=0, log_level="INFO", on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server in a process of its own, and its URL."""
    environment = {**os.environ, "PYTHONPATH": "src"}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "vm")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_with_open_streams(
    server: tuple["subprocess.Popen[str]", str], number: signal.Signals
) -> None:
    """Soon (a second on a quiet machine), with clients listening: exit status 0, no trace, the workspace free again."""
    process, url = server
    with httpx2.stream("GET", f"{url}/api/v2/events", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        began = time.monotonic()
        process.send_signal(number)
        assert [line for line in lines if line] == []
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 25
    assert (process.returncode, out) == (0, "ended\n")
    assert "Traceback" not in err


def test_other_processes_are_told_where_it_serves(server: tuple["subprocess.Popen[str]", str], tmp_path: Path) -> None:
    """The workspace names its owner's URL, with the real port."""
    _, url = server
    assert httpx2.get(f"{url}/api/v1/health").json()["ok"] is True
    assert url in (tmp_path / "vm" / "owner.json").read_text()


def test_a_port_in_use_is_said_plainly() -> None:
    """AddressTaken, with a remedy."""
    with closing(listen("127.0.0.1", 0)) as taken:
        with pytest.raises(AddressTaken, match="another program listens there") as caught:
            listen("127.0.0.1", taken.getsockname()[1])
        assert "choose another port" in caught.value.hint


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 99_999), ("192.0.2.1", 0)])
def test_an_address_that_is_none_is_said_plainly(host: str, port: int) -> None:
    """NotReadable, whatever the system calls it."""
    with pytest.raises(NotReadable):
        listen(host, port)


def test_the_url_is_one_that_a_browser_can_open() -> None:
    """The real port; a wildcard becomes loopback, IPv6 gets its brackets."""
    with closing(listen("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert url_of("127.0.0.1", listener) == f"http://127.0.0.1:{port}"
        assert url_of("0.0.0.0", listener) == f"http://127.0.0.1:{port}"  # noqa: S104 - a name, nothing is bound
        assert url_of("::", listener) == f"http://[::1]:{port}"
        assert isinstance(listener, socket.socket)
