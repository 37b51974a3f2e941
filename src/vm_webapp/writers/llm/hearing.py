"""What a server answers, as bytes, before a library reads it: whether a model can have said it, and not without end.

Every provider's client hands its answers through `hearing`. An answer is a stream of events. One that comes as a whole,
from a server that does not stream, is made a stream of one event; events without data, which the libraries stumble
over, are left out. Nothing is unpacked: a few compressed bytes can be a gigabyte.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Final, cast

import httpx2

_MOST_PER_TOKEN: Final = 2_048
_MOST_BESIDES: Final = 2_000_000
_MOST_OF_AN_ERROR: Final = 1_000_000
_WITH_AN_ANSWER: Final = frozenset({200, 201, 202, 203, 206})
_SPACE: Final = b"\xef\xbb\xbf \t\r\n"
_FIELDS: Final = (b"data", b"event", b"id:", b"retry", b":")
_LONGEST_FIELD: Final = 5
_NOISE: Final = (b"id", b"retry", b"")
# By which the answers of the three protocols are known, and an error that comes with a status of 200.
_SAID_BY_A_MODEL: Final = frozenset({"choices", "candidates", "content", "error"})


class NoAnswerError(Exception):
    """The server answered with what is no answer; `by_model` says whether a model may have been at work for it."""

    def __init__(self, what: str, *, by_model: bool = False) -> None:
        super().__init__(what)
        self.by_model = by_model


def hearing(max_output_tokens: int) -> Callable[[httpx2.Response], Awaitable[None]]:
    """The hook of a client by which its answers are heard, for answers of so many tokens at the most."""
    most = _MOST_BESIDES + _MOST_PER_TOKEN * max_output_tokens

    async def hear(response: httpx2.Response) -> None:
        source = cast("httpx2.AsyncByteStream", response.stream)
        packed = response.headers.pop("content-encoding", "identity").lower() != "identity"
        if response.is_error:  # the libraries know what it means
            response.stream = _Body(_nothing() if packed else _start_of(source), source)
            return
        if response.status_code not in _WITH_AN_ANSWER:
            what = "a redirect" if response.has_redirect_location else "nothing"
            raise NoAnswerError(f"{what} (status {response.status_code})")
        if packed:
            raise NoAnswerError("something compressed, which was not asked for", by_model=True)
        response.stream = _Body(_answer(_bounded(source, most)), source)

    return hear


def no_answer_in(error: BaseException) -> NoAnswerError | None:
    """What was heard instead of an answer, where the error goes back to that."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, NoAnswerError):
        cause = cause.__cause__ or cause.__context__
    return cause


class _Body(httpx2.AsyncByteStream):
    """A body made of another one, which is closed with it."""

    def __init__(self, pieces: AsyncIterator[bytes], source: httpx2.AsyncByteStream) -> None:
        self._pieces = pieces
        self._source = source

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def aclose(self) -> None:
        await self._source.aclose()


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _start_of(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """As much of a body as an error has to say."""
    length = 0
    async for piece in source:
        yield piece[: _MOST_OF_AN_ERROR - length]
        length += len(piece)
        if length >= _MOST_OF_AN_ERROR:
            return


async def _bounded(source: AsyncIterable[bytes], most: int) -> AsyncIterator[bytes]:
    length = 0
    async for piece in source:
        length += len(piece)
        if length > most:
            raise NoAnswerError(f"more than the longest answer has ({most // 1_000_000} MB)", by_model=True)
        yield piece


async def _answer(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body as a stream of events with data; NoAnswerError where it is neither that nor a whole answer."""
    start = b""
    async for piece in pieces:
        start = (start + piece).lstrip(_SPACE)
        if len(start) >= _LONGEST_FIELD:
            break
    if start.startswith(b"{"):
        yield _as_event(b"".join([start, *[piece async for piece in pieces]]))
        return
    if start.startswith(b"<"):
        raise NoAnswerError("a web page")
    if start and not start.startswith(_FIELDS):
        raise NoAnswerError("a text of another kind")
    async for event in _events(_after(start, pieces)):
        yield event


def _as_event(body: bytes) -> bytes:
    """A whole answer as the one event of a stream; nothing where it broke off."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return b""
    if _SAID_BY_A_MODEL.isdisjoint(found):
        raise NoAnswerError("data of another kind")
    choices = found.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and "message" in choice:
            choice["delta"] = choice.pop("message")
    return b"data: " + json.dumps(found).encode() + b"\n\n"


async def _after(start: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield start
    async for piece in pieces:
        yield piece


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events that have data, each as soon as it is whole; at the end what is left."""
    event: list[bytes] = []
    unended = bytearray()
    async for piece in pieces:
        unended += piece
        if b"\n" not in piece:
            continue
        *lines, unended = unended.split(b"\n")
        for line in (bytes(line).rstrip(b"\r") for line in lines):
            if line:
                event += [] if _field(line) in _NOISE else [line]
                continue
            if any(_field(kept) != b"event" for kept in event):
                yield b"\n".join(event) + b"\n\n"
            event = []
    yield b"\n".join([*event, bytes(unended)])


def _field(line: bytes) -> bytes:
    return line.partition(b":")[0]
