"""A local server that speaks OpenAI's chat protocol, well and badly; a test says reply by reply how.

It listens on loopback, keeps every request, and notices when a client goes away. A reply is a function of the exchange;
those that are not scripted come from `otherwise`.
"""

import json
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Exchange:
    """One request while it is answered."""

    body: Json
    headers: Mapping[str, str]
    handler: BaseHTTPRequestHandler
    server: "ChatServer"

    def begin(self, status: int, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Send the status and the headers; what follows ends with the connection."""
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", media_type)
        self.handler.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def send(self, text: str) -> None:
        """Send some text; a client that went away is noticed."""
        try:
            self.handler.wfile.write(text.encode("utf-8", "surrogatepass"))
            self.handler.wfile.flush()
        except OSError:
            self.server.left.set()

    def chunk(self, **choice: Any) -> None:  # noqa: ANN401 - JSON values
        """Send one event of a streamed answer."""
        self.send(f"data: {json.dumps({**_head(self.body, 'chat.completion.chunk'), **choice})}\n\n")

    def wait_for_leaving(self) -> None:
        """Block until the client closes its side, or the server ends."""
        sock = self.handler.connection
        while True:
            readable, _, _ = select.select([sock, self.server.ending], [], [])
            if self.server.ending in readable:
                return
            try:
                gone = not sock.recv(1024)
            except OSError:
                gone = True
            if gone:
                self.server.left.set()
                return


Reply = Callable[[Exchange], None]


class ChatServer:
    """The server; `url` is what VM_LLM_BASE_URL is set to."""

    def __init__(self) -> None:
        self.requests: list[Exchange] = []
        self.replies: list[Reply] = []
        self.otherwise: Reply = says("{}")
        self.asked = threading.Event()
        self.left = threading.Event()
        self.ending, self._end = socket.socketpair()
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.chat = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def will(self, *replies: Reply) -> None:
        """The next requests are answered so, one each."""
        self.replies += replies

    def take(self, exchange: Exchange) -> Reply:
        """The reply to the request, which is kept."""
        with self._lock:
            self.requests.append(exchange)
            self.asked.set()
            return self.replies.pop(0) if self.replies else self.otherwise

    def close(self) -> None:
        """Stop; replies that wait are let go."""
        self._end.close()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self.ending.close()


@contextmanager
def serving() -> Iterator[ChatServer]:
    """A server for as long as the block lasts."""
    server = ChatServer()
    try:
        yield server
    finally:
        server.close()


def says(
    text: str,
    *,
    finish: str | None = "stop",
    tokens: tuple[float, float] | None = (1000, 200),
    cached: int = 0,
    size: int = 40,
) -> Reply:
    """A whole answer, streamed in pieces of that size where the request asks for a stream."""

    def reply(exchange: Exchange) -> None:
        usage: Json | None = None
        if tokens:
            usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
            usage["prompt_tokens_details"] = {"cached_tokens": cached}
        if not exchange.body.get("stream"):
            exchange.begin(200, "application/json")
            message = {"role": "assistant", "content": text}
            choices = [{"index": 0, "message": message, "finish_reason": finish}]
            head = _head(exchange.body, "chat.completion")
            exchange.send(json.dumps({**head, "choices": choices, "usage": usage}))
            return
        exchange.begin(200, "text/event-stream")
        for start in range(0, len(text), size):
            exchange.chunk(choices=[_delta(text[start : start + size])])
        if finish is not None:
            exchange.chunk(choices=[_delta("", finish)])
        if usage is not None:
            exchange.chunk(choices=[], usage=usage)
        exchange.send("data: [DONE]\n\n")

    return reply


def refuses(status: int, *, code: str = "", message: str = "no", headers: Mapping[str, str] | None = None) -> Reply:
    """An error with that status."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(status, "application/json", headers)
        exchange.send(json.dumps({"error": {"message": message, "type": code or None, "code": code or None}}))

    return reply


def thinks(thoughts: str, text: str = "", *, ends: bool = True) -> Reply:
    """Thinks aloud before the text, as models do that reason; breaks off in thought where it does not end."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        exchange.chunk(choices=[{"index": 0, "delta": {"reasoning_content": thoughts}, "finish_reason": None}])
        if not ends:
            return
        exchange.chunk(choices=[_delta(text)])
        exchange.chunk(choices=[_delta("", "stop")])

    return reply


def calls_a_tool() -> Reply:
    """A call of a tool that was never offered, instead of a text."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        call = {"index": 0, "id": "call-1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
        choice = {"index": 0, "delta": {"role": "assistant", "tool_calls": [call]}, "finish_reason": "tool_calls"}
        exchange.chunk(choices=[choice])

    return reply


def counts_along(text: str, *counts: int) -> Reply:
    """The text at once, and with every event how many tokens of it there are by now."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        for at, count in enumerate(counts):
            usage = {"prompt_tokens": 1000, "completion_tokens": count, "total_tokens": 1000 + count}
            exchange.chunk(choices=[_delta("" if at else text)], usage=usage)
        exchange.chunk(choices=[_delta("", "stop")])

    return reply


def breaks_off(text: str) -> Reply:
    """A stream that ends in mid-answer, without a finish reason."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        exchange.chunk(choices=[_delta(text)])

    return reply


def stalls(text: str = "") -> Reply:
    """Says the text and then nothing, until the client goes away."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        if text:
            exchange.chunk(choices=[_delta(text)])
        exchange.wait_for_leaving()

    return reply


def is_silent() -> Reply:
    """Takes the request and says nothing at all."""
    return Exchange.wait_for_leaving


def rambles() -> Reply:
    """Writes without an end, until the client goes away."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        while not exchange.server.left.is_set():
            exchange.chunk(choices=[_delta("word " * 2000)])

    return reply


def babbles(text: str, media_type: str = "text/html") -> Reply:
    """A status of 200 with a body that is no answer."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(200, media_type)
        exchange.send(text)

    return reply


def hangs_up() -> Reply:
    """Closes the connection without a word."""

    def reply(exchange: Exchange) -> None:
        exchange.handler.connection.close()

    return reply


def _delta(text: str, finish: str | None = None) -> Json:
    return {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}


def _head(body: Json, kind: str) -> Json:
    return {"id": "chat-1", "object": kind, "created": 1_700_000_000, "model": body.get("model", "")}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    chat: ChatServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_POST(self) -> None:
        """Take a request to the chat endpoint."""
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        exchange = Exchange(body, {name.lower(): value for name, value in self.headers.items()}, self, self.server.chat)
        self.close_connection = True
        self.server.chat.take(exchange)(exchange)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the standard library's signature
        """Say nothing."""
