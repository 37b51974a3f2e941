"""What was said to a model and by it, as plain roles and texts: for input.json, for cassettes, for estimates."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

Turn = dict[str, str]
_SHORTEST_SECRET = 8
"""What is shorter, such as the `x` or `none` of a server that asks for no key, may stand in any text."""


@dataclass(slots=True)
class Talk:
    """One attempt's talk with a model: all turns that were sent, and the last answer as it came.

    `asides` is what came with the answer and is no part of its text: what the model thought aloud. `secret` is the key,
    which is said to nobody, should a server repeat it in its answer.
    """

    secret: str = ""

    turns: list[Turn] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    requests: int = 0
    replayed: int = 0

    @property
    def raw(self) -> str | None:
        """The last answer as far as it was heard; None where nothing was."""
        return self.discreet("".join(self.pieces)) if self.pieces else None

    def discreet(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self.secret, "[key]") if len(self.secret) >= _SHORTEST_SECRET else text

    @property
    def heard(self) -> str:
        """All that was heard of the last answer, for what it has cost."""
        return "".join((*self.pieces, *self.asides))


def turns_of(messages: Sequence[ModelMessage]) -> list[Turn]:
    """The messages as `{"role": system | user | assistant, "text": ...}`; the system's text stands once, first."""
    found: list[Turn] = []
    for message in messages:
        found += _request(message) if isinstance(message, ModelRequest) else _response(message)
    return [turn for place, turn in enumerate(found) if turn["role"] != "system" or turn not in found[:place]]


def whole_text(turns: Iterable[Turn]) -> str:
    """All that was sent, as one text."""
    return "\n".join(turn["text"] for turn in turns)


def answer_of(response: ModelResponse) -> str:
    """The text of an answer, without what the model thought aloud."""
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _request(message: ModelRequest) -> Iterator[Turn]:
    if message.instructions:
        yield {"role": "system", "text": message.instructions}
    for part in message.parts:
        role = "system" if isinstance(part, SystemPromptPart) else "user"
        yield {"role": role, "text": _text(part)}


def _response(message: ModelResponse) -> Iterator[Turn]:
    if text := answer_of(message):
        yield {"role": "assistant", "text": text}


def _text(part: Any) -> str:  # noqa: ANN401 - any part of a request
    """A part's text: a prompt's own, or what the library makes of an error that is sent back."""
    if isinstance(part, SystemPromptPart | UserPromptPart):
        return part.content if isinstance(part.content, str) else "".join(str(item) for item in part.content)
    said = getattr(part, "model_response", None)
    return str(said() if said is not None else part.content)
