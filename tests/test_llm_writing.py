import json
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from vm_webapp.profiles.outputs import OUTPUT_TYPES
from vm_webapp.writers.llm import LlmConfig, LlmWriter

from chat_server import ChatServer, says, serving
from llm_works import brief, works
from recorded_attempt import RecordedAttempt


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A chat server on loopback."""
    with serving() as started:
        yield started


def config_of(server: ChatServer, **changes: object) -> LlmConfig:
    facts: dict[str, object] = {
        "provider": "openai",
        "model": "gpt-5.2",
        "base_url": server.url,
        "api_key": SecretStr("sk-secret"),
    }
    return LlmConfig(**{**facts, **changes})  # type: ignore[arg-type] # a test's changes


@pytest.mark.parametrize("kind", sorted(OUTPUT_TYPES))
def test_every_kind_is_written_by_a_model(kind: str, server: ChatServer) -> None:
    """A fitting answer becomes the stage's output and the files that people read, whatever the kind."""
    work, answer = works()[kind]
    server.will(says(answer))
    attempt = RecordedAttempt()
    draft = LlmWriter(config_of(server)).write(work, attempt)
    assert draft.output["written_by"] == "openai:gpt-5.2"
    assert draft.files[0].name == f"{work.stage.key}.md"
