"""One request to a receiver: bounded in time and in what is read, without redirects, proxies or cookies.

By hand over a socket rather than with a client library: the connection has to go to the very address that was checked,
and to end at a fixed time however slowly somebody answers.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Final

from vm_webapp.deadlines import begin
from vm_webapp.webhooks.targets import Forbidden, Reach, Target, find_targets

SECONDS: Final = 20.0
EXCERPT: Final = 1_000
_LONGEST_PAUSE: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a try; `status` is None where no answer came, `detail` then says why, else what was answered."""

    status: int | None
    detail: str
    duration_ms: int
    retry_after: float | None = None

    @property
    def outcome(self) -> str:
        """What the log calls it."""
        if self.status is None:
            return "unreachable"
        return "delivered" if self.accepted else "refused"

    @property
    def accepted(self) -> bool:
        """Whether the receiver has it: 200 to 299."""
        return self.status is not None and 200 <= self.status <= 299  # noqa: PLR2004 - the specification's


class Sender:
    """Sends, and can be made to stop at once."""

    def __init__(self, reach: Reach, *, seconds: float = SECONDS, context: ssl.SSLContext | None = None) -> None:
        self._reach = reach
        self._seconds = seconds
        self._given = context
        self._open: set[socket.socket] = set()
        self._looking: set[Future[list[Target]]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST the body; every failure is an answer without a status."""
        begun = time.monotonic()
        try:
            targets = self._find(url, seconds=self._seconds)
            status, said, pause = self._post(targets, body, headers, until=begun + self._seconds)
        except Forbidden as error:
            return _no_answer(f"Not sent: {error}.", begun)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _no_answer(self._explained(error, begun), begun)
        return Answer(status=status, detail=said, duration_ms=_since(begun), retry_after=pause)

    def close(self) -> None:
        """Cut off what is being sent; it counts as not tried."""
        with self._lock:
            self._closed = True
            waiting, looking = list(self._open), list(self._looking)
        for one in waiting:
            _cut(one)
        for name in looking:
            with contextlib.suppress(InvalidStateError):  # it was found at this very moment
                name.set_exception(ConnectionAbortedError())

    @property
    def closed(self) -> bool:
        """Whether it was made to stop."""
        return self._closed

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made with the first message that needs it: reading the system's certificates takes longer than a start."""
        return self._given or ssl.create_default_context()

    def _find(self, url: str, *, seconds: float) -> list[Target]:
        """Where the message goes; nothing stops a system that looks a name up, so it is left when the time is over."""
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError
            looking = begin(lambda: find_targets(url, self._reach))
            self._looking.add(looking)
        try:
            return looking.result(seconds)
        finally:
            with self._lock:
                self._looking.discard(looking)

    def _post(
        self, targets: list[Target], body: bytes, headers: Mapping[str, str], *, until: float
    ) -> tuple[int, str, float | None]:
        target, connected = self._connect(targets, until)
        with self._held(connected, until) as held:
            stream = self._wrapped(held, target)
            with self._held(stream, until):
                if isinstance(stream, ssl.SSLSocket):
                    stream.do_handshake()
                connection = http.client.HTTPConnection(target.host)
                connection.sock = stream
                connection.request("POST", target.path, body, {**headers, "Host": target.header, "Connection": "close"})
                response = connection.getresponse()
                return response.status, _excerpt(response), _pause(response.getheader("Retry-After"))

    def _connect(self, targets: list[Target], until: float) -> tuple[Target, socket.socket]:
        """The first address that takes a connection; waiting for one is cut off when everything stops."""
        problem = OSError("it has no address")
        for target in targets:
            made = socket.socket(target.family, socket.SOCK_STREAM)
            made.settimeout(max(0.001, until - time.monotonic()))
            with self._lock:
                if self._closed:
                    made.close()
                    raise ConnectionAbortedError
                self._open.add(made)
            try:
                made.connect(target.place)
            except OSError as error:
                made.close()
                problem = error
                continue
            finally:
                with self._lock:
                    self._open.discard(made)
            return target, made
        raise problem

    def _wrapped(self, plain: socket.socket, target: Target) -> socket.socket:
        if not target.secure:
            return plain
        return self._context.wrap_socket(plain, server_hostname=target.host.rstrip("."), do_handshake_on_connect=False)

    @contextlib.contextmanager
    def _held(self, one: socket.socket, until: float) -> Iterator[socket.socket]:
        """The socket, cut off when the time is over or when everything stops."""
        timer = threading.Timer(max(0.0, until - time.monotonic()), _cut, [one])
        timer.daemon = True
        with self._lock:
            if self._closed:
                one.close()
                raise ConnectionAbortedError
            self._open.add(one)
        timer.start()
        try:
            yield one
        finally:
            timer.cancel()
            with self._lock:
                self._open.discard(one)
            one.close()

    def _explained(self, error: Exception, begun: float) -> str:
        if time.monotonic() - begun >= self._seconds:
            return f"No answer within {self._seconds:g} s."
        if isinstance(error, socket.gaierror):
            return "The name of the receiver is not known."
        if isinstance(error, ssl.SSLError):
            return f"No secure connection: {_fault_of(error)}."[:EXCERPT]
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return f"No answer: {said}."[:EXCERPT]


def _fault_of(error: ssl.SSLError) -> str:
    """What is wrong with the receiver's TLS; what the library calls it, where that is all there is to say."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the receiver's certificate is not accepted ({error.verify_message.rstrip('.')})"
    if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        return "the receiver does not speak TLS at this port"
    return error.reason or str(error)


def _excerpt(response: http.client.HTTPResponse) -> str:
    """The beginning of what was answered; the status counts however the rest of it comes."""
    try:
        return response.read(EXCERPT).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""


def _cut(one: socket.socket) -> None:
    """End a connection under whoever reads from it."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(one, socket.SHUT_RDWR)


def _pause(header: str | None) -> float | None:
    """The seconds that Retry-After asks for (RFC 9110, 10.2.3), a day at the most; None where it asks for nothing."""
    if header is None:
        return None
    try:
        seconds: float = int(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return float(min(max(0.0, seconds), _LONGEST_PAUSE))


def _no_answer(detail: str, begun: float) -> Answer:
    return Answer(status=None, detail=detail, duration_ms=_since(begun))


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
