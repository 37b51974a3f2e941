"""A model that writes part of a brief, and the rest when a test lets it go on."""

import threading

from test_llm_runs import answers

from chat_server import Exchange


class HaltingWriter:
    """Writes the first `share` of an answer to the first stage, and the rest once `go_on` is set."""

    def __init__(self, share: float = 0.5) -> None:
        self.go_on = threading.Event()
        self.text = answers()["brief"]
        self._cut = int(len(self.text) * share)

    def __call__(self, exchange: Exchange) -> None:
        """Reply to one request."""
        exchange.begin(200, "text/event-stream")
        exchange.chunk(choices=[_delta(self.text[: self._cut])])
        assert self.go_on.wait(60)
        exchange.chunk(choices=[_delta(self.text[self._cut :])])
        exchange.chunk(choices=[_delta("", "stop")])
        exchange.chunk(choices=[], usage={"prompt_tokens": 900, "completion_tokens": 500, "total_tokens": 1400})
        exchange.send("data: [DONE]\n\n")


def _delta(text: str, finish: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
