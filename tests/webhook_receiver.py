"""A receiver of webhooks on this machine: it verifies what it gets as the specification says, and answers as told.

Its check of signatures is written from the specification, not with the code under test.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Got:
    """A request that came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        """The id by which a receiver knows what it has had."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:  # noqa: ANN401 - JSON
        """The body."""
        return json.loads(self.body)

    def verify(self, secret: str) -> bool:
        """Whether the secret's owner sent this, now."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        at = self.headers["webhook-timestamp"]
        signed = f"{self.message_id}.{at}.".encode() + self.body
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(at)) < TOLERANCE_SECONDS
        given = [one.removeprefix("v1,") for one in self.headers["webhook-signature"].split(" ")]
        return fresh and any(hmac.compare_digest(wanted, one) for one in given)


Reply = Callable[[Got], tuple[int, Mapping[str, str], bytes]]


def ok(_got: Got) -> tuple[int, Mapping[str, str], bytes]:
    """Thank you."""
    return 204, {}, b""


def status(code: int, body: bytes = b"no", **headers: str) -> Reply:
    """Answer always with this status."""
    return lambda _got: (code, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@dataclass(slots=True)
class Receiver:
    """What came, and how to answer; `wait` returns when so many requests came."""

    url: str = ""
    reply: Reply = ok
    got: list[Got] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, timeout: float = 20) -> list[Got]:
        """The first `count` requests."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, timeout), f"{len(self.got)} of {count} came"
            return self.got[:count]

    def note(self, got: Got) -> None:
        """Keep what came."""
        with self.arrived:
            self.got.append(got)
            self.arrived.notify_all()


@contextmanager
def receiving(
    receiver: Receiver | None = None, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver that listens on loopback, with TLS where it is given."""
    made = receiver or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got({name.lower(): value for name, value in self.headers.items()}, body)
            made.note(got)
            code, headers, said = made.reply(got)
            try:
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                return  # the sender has gone

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002 - the port's
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
