"""Search by meaning: vectors come from a server, and a server that fails costs the meaning and nothing else."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from vm_webapp.errors import BadSetting
from vm_webapp.host import open_host
from vm_webapp.memory import embeddings_of
from vm_webapp.memory.embeddings import Embeddings, MeaningUnavailable
from vm_webapp.memory.search import fuse
from vm_webapp.memory.vectors import embed_pending
from vm_webapp.settings import Settings

from dictated import Desk, DictatedWriter, add_profiles

TOPICS = (("tea", "matcha", "chá"), ("shoe", "boot", "sapato"), ("car", "wheel"))
Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


def meaning_of(text: str) -> list[float]:
    """A vector with a direction for each topic that the text speaks of."""
    return [float(sum(text.lower().count(word) for word in topic)) for topic in TOPICS] + [0.1]


def well(asked: dict[str, Any]) -> tuple[int, bytes]:
    """The answer of a sound server, in an order of its own."""
    rows = [{"index": at, "embedding": meaning_of(text)} for at, text in enumerate(asked["input"])]
    return 200, json.dumps({"data": rows[::-1]}).encode()


class EmbeddingServer:
    """A server of embeddings on this machine; `answer` says how it behaves, `asked` what it was sent."""

    def __init__(self) -> None:
        self.answer: Answer = well
        self.asked: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(asked)
                outer.keys.add(self.headers["Authorization"])
                status, body = outer.answer(asked)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_values: object) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """A running server."""
    made = EmbeddingServer()
    yield made
    made.close()


@pytest.fixture
def desk(settings: Settings, server: EmbeddingServer) -> Iterator[Desk]:
    """A desk whose searches know meaning."""
    add_profiles(settings)
    settings.vm_embeddings = "compatible:little"
    settings.vm_embeddings_base_url = server.url
    settings.vm_embeddings_api_key = SecretStr("sesame")
    host = open_host(settings, llm=DictatedWriter())
    yield Desk(host)
    host.close()


def embed_all(desk: Desk) -> None:
    """Make the vectors that are missing, here and now."""
    assert desk.host.memory.embeddings
    while embed_pending(desk.host.memory.store, desk.host.memory.embeddings):
        pass


def test_what_means_the_same_is_found(desk: Desk, server: EmbeddingServer) -> None:
    """A word that stands nowhere finds the text that speaks of the thing; the key is shown to the server."""
    desk.publish("Drinks\n\nEverything on tea.")
    desk.publish("Feet\n\nEverything on shoes.")
    embed_all(desk)
    found = desk.search("chá")
    assert (found.meaning, [hit.facts["title"] for hit in found.hits]) == ("used", ["Drinks"])
    assert server.keys == {"Bearer sesame"}
    assert {asked["model"] for asked in server.asked} == {"little"}


def test_proxies_are_those_of_the_environment(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server elsewhere is asked through the proxy of the environment, one on this machine is not."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
    assert Embeddings(name="compatible:m", base_url="http://models.invalid/v1").embed(["tea"])
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert Embeddings(name="compatible:m", base_url=server.url).embed(["tea"])
    assert len(server.asked) == 2


def test_a_proxy_that_cannot_be_spoken_to_is_no_fault_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meaning is then not available, with where to look."""
    monkeypatch.setenv("all_proxy", "gopher://127.0.0.1:70")
    with pytest.raises(MeaningUnavailable, match="prox"):
        Embeddings(name="compatible:m", base_url="https://models.invalid/v1").embed(["tea"])


def test_words_and_meaning_are_joined(desk: Desk) -> None:
    """What both rankings have stands before what one of them has."""
    desk.publish("One\n\nmatcha and boots and shoes and boots")
    desk.publish("Two\n\nmatcha tea")
    desk.publish("Three\n\ntea")
    embed_all(desk)
    assert desk.search("matcha").hits[0].facts["title"] == "Two"
    assert desk.titles("matcha") == ["One", "Three", "Two"]


def test_rankings_are_fused_by_rank() -> None:
    """Reciprocal ranks are added; a single ranking keeps its scores."""
    assert [one for one, _ in fuse([[(1, 9.0), (2, 8.0)], [(2, 0.9), (3, 0.8)]])] == [2, 1, 3]
    assert fuse([[(1, 9.0)]]) == [(1, 9.0)]


def test_meaning_keeps_to_the_brand(desk: Desk) -> None:
    """Another brand's text is not found by its meaning either."""
    desk.publish("Theirs\n\ntea", brand_id="b-2")
    embed_all(desk)
    assert desk.titles("matcha", brand_id="b-1") == []
    assert desk.titles("matcha", brand_id="b-2") == ["Theirs"]


def _status(code: int) -> Answer:
    return lambda _asked: (code, b'{"error": "sesame is wrong"}')


def _body(body: bytes) -> Answer:
    return lambda _asked: (200, body)


def _row(value: object, index: object = 0) -> Answer:
    return _body(json.dumps({"data": [{"index": index, "embedding": value}]}).encode())


BAD: dict[str, Answer] = {
    "busy": _status(429),
    "broken": _status(500),
    "refused": _status(401),
    "no JSON": _body(b"<html>"),
    "no data": _body(b"{}"),
    "a list": _body(b"[1]"),
    "deep": _body(b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "too few": _body(b'{"data": []}'),
    "another's": _row([1.0], index=3),
    "texts": _row(["1"]),
    "nothing": _row([]),
    "zeros": _row([0.0, 0.0]),
    "no numbers": _body(b'{"data": [{"index": 0, "embedding": [NaN]}]}'),
    "endless": _body(b'{"data": [{"index": 0, "embedding": [1e999]}]}'),
    "too many": _row([1.0] * 9_000),
}


@pytest.mark.parametrize("name", BAD)
def test_a_server_that_fails_costs_the_meaning_alone(desk: Desk, server: EmbeddingServer, name: str) -> None:
    """Words are searched as ever, and it is said that meaning was not there; no key is in the log."""
    desk.publish("Drinks\n\ntea")
    server.answer = BAD[name]
    found = desk.search("tea")
    assert (found.meaning, [hit.facts["title"] for hit in found.hits]) == ("unavailable", ["Drinks"])


def test_no_server_at_all_costs_the_meaning_alone(desk: Desk, server: EmbeddingServer) -> None:
    """A connection that is refused is said as one; the sentence names no key."""
    desk.publish("Drinks\n\ntea")
    server.close()
    with pytest.raises(MeaningUnavailable, match="ConnectError") as caught:
        Embeddings(name="compatible:little", base_url=server.url, api_key="sesame").embed(["x"])
    assert "sesame" not in str(caught.value)
    assert desk.search("tea").meaning == "unavailable"


def test_vectors_of_another_model_are_not_compared(desk: Desk, server: EmbeddingServer) -> None:
    """A model with other dimensions gives no nonsense, only nothing."""
    desk.publish("Drinks\n\ntea")
    embed_all(desk)
    server.answer = _row([1.0, 0.0])
    assert desk.titles("matcha") == []


def test_a_text_that_the_server_refuses_keeps_no_other_back(desk: Desk, server: EmbeddingServer) -> None:
    """It has no meaning, the others have."""
    server.answer = lambda asked: (400, b"") if "giant" in str(asked) else well(asked)
    desk.publish("Giant\n\na giant tea")
    desk.publish("Drinks\n\ntea")
    embed_all(desk)
    assert desk.titles("matcha") == ["Drinks"]


def test_pages_of_a_search_by_meaning_go_on(desk: Desk, server: EmbeddingServer) -> None:
    """The second page needs no model, and says what the first one said."""
    for number in range(3):
        desk.publish(f"Drink {number}\n\ntea {number}")
    embed_all(desk)
    first = desk.host.memory.search("tea", limit=2)
    server.answer = _status(500)
    second = desk.host.memory.search("tea", limit=2, after=first.next)
    assert (second.meaning, len(second.hits), second.next) == ("used", 1, None)


@pytest.mark.parametrize(
    ("name", "url", "variable"),
    [
        ("little", "", "VM_EMBEDDINGS"),
        ("nobody:little", "", "VM_EMBEDDINGS"),
        ("openai:", "", "VM_EMBEDDINGS"),
        ("compatible:little", "", "VM_EMBEDDINGS_BASE_URL"),
        ("compatible:little", "ftp://x", "VM_EMBEDDINGS_BASE_URL"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings: Settings, name: str, url: str, variable: str) -> None:
    """The refusal names the variable and how to write it."""
    settings.vm_embeddings, settings.vm_embeddings_base_url = name, url
    with pytest.raises(BadSetting) as caught:
        embeddings_of(settings)
    assert str(caught.value).startswith(variable)


def test_no_model_is_the_default(settings: Settings) -> None:
    """Without the setting there is no model."""
    assert embeddings_of(settings) is None
