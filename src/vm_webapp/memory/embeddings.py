"""The meaning of texts as vectors, asked of a server with OpenAI's protocol (POST <base>/embeddings).

Its answer is data: bounded in time and size while it comes, checked for form before it is used. Keys go into the
request's header and nowhere else.
"""

import json
import math
import time
from array import array
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import httpx2

from vm_webapp.deadlines import begin
from vm_webapp.errors import BadSetting, VmError
from vm_webapp.settings import Settings
from vm_webapp.writers.llm.addresses import is_on_this_machine
from vm_webapp.writers.llm.configuration import PROVIDERS

QUERY_SECONDS: Final = 3.0
"""How long a search waits for the meaning of its words."""

_MOST_BYTES: Final = 64_000_000
_MOST_DIMENSIONS: Final = 8_192
_REFUSALS: Final = (400, 413, 422)


Vector: TypeAlias = "array[float]"  # subscripted in quotes: arrays cannot be before Python 3.12


class MeaningUnavailable(VmError):
    """The embedding model did not answer: {problem}."""

    code = "meaning_unavailable"

    @property
    def refused(self) -> bool:
        """Whether the server was asked for what it cannot do, such as too long a text: asking again is of no use."""
        return self.facts.get("status") in _REFUSALS


class Embeddings:
    """An embedding model; `name` is its `provider:model`."""

    def __init__(self, *, name: str, base_url: str, api_key: str = "") -> None:
        self.name = name
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._headers = {"Accept-Encoding": "identity"}  # what is counted is what it comes to
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def embed(self, texts: Sequence[str], *, seconds: float = 30.0) -> list[Vector]:
        """A vector of length 1 for each text; MeaningUnavailable where no answer that can be used comes in time."""
        asked = {"model": self.name.partition(":")[2], "input": list(texts), "encoding_format": "float"}
        until = time.monotonic() + seconds
        try:
            with self._client(seconds) as client:
                answer = begin(lambda: _read(client, self._url, asked, until)).result(seconds)
            return _vectors(json.loads(answer), len(texts))
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise MeaningUnavailable(problem=f"no answer within {seconds:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise MeaningUnavailable(problem=type(error).__name__) from error
        except (ValueError, LookupError, TypeError, RecursionError, OverflowError) as error:
            raise MeaningUnavailable(problem="its answer has not the form it should have") from error

    def _client(self, seconds: float) -> httpx2.Client:
        """A client that uses the proxy and the certificates of the environment, but no proxy to this machine."""
        surroundings = not is_on_this_machine(self._url)
        try:
            return httpx2.Client(timeout=seconds, headers=self._headers, trust_env=surroundings)
        except (OSError, ImportError, ValueError) as error:
            raise MeaningUnavailable(problem="the environment names a proxy or certificates of no use") from error


def embeddings_of(settings: Settings) -> Embeddings | None:
    """The embedding model of the settings, None where none is set; BadSetting names variable and remedy."""
    if not settings.vm_embeddings:
        return None
    provider, _, model = settings.vm_embeddings.partition(":")
    known = [name for name, facts in PROVIDERS.items() if facts.package == "openai"]
    if provider not in known or not model.strip():
        raise BadSetting(
            variable="VM_EMBEDDINGS",
            problem="does not read provider:model with a provider that makes embeddings",
            advice=f"Write it as ollama:nomic-embed-text, say. Known providers: {', '.join(known)}.",
        )
    base_url = settings.vm_embeddings_base_url or PROVIDERS[provider].base_url
    if not base_url.startswith(("http://", "https://")):
        raise BadSetting(
            variable="VM_EMBEDDINGS_BASE_URL",
            problem="is no address of a server",
            advice="Set it to the server's OpenAI-compatible address, such as http://localhost:1234/v1.",
        )
    keys = [settings.vm_embeddings_api_key, *(getattr(settings, name) for name in PROVIDERS[provider].keys)]
    key = next((one.get_secret_value() for one in keys if one is not None), "")
    return Embeddings(name=settings.vm_embeddings, base_url=base_url, api_key=key)


def _read(client: httpx2.Client, url: str, asked: dict[str, Any], until: float) -> bytes:
    """The answer's body, piece by piece, as long as there is time and room for it."""
    body = bytearray()
    with client.stream("POST", url, json=asked) as response:
        if response.status_code != 200:  # noqa: PLR2004 - OK
            raise MeaningUnavailable(problem=f"status {response.status_code}", status=response.status_code)
        for piece in response.iter_raw():
            body += piece
            if len(body) > _MOST_BYTES:
                raise MeaningUnavailable(problem=f"its answer is larger than {_MOST_BYTES // 1_000_000} MB")
            if time.monotonic() > until:
                raise TimeoutError
    return bytes(body)


def _vectors(answer: Any, count: int) -> list[Vector]:  # noqa: ANN401 - JSON
    rows = sorted(answer["data"], key=lambda row: int(row["index"]))
    if [row["index"] for row in rows] != list(range(count)):
        raise ValueError
    return [_unit(row["embedding"]) for row in rows]


def _unit(values: Sequence[float]) -> Vector:
    length = math.sqrt(sum(value * value for value in values))
    if not 0 < len(values) <= _MOST_DIMENSIONS or not length or not math.isfinite(length):
        raise ValueError
    return array("f", (value / length for value in values))
