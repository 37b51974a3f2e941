"""Settings: the only reader of the environment."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_HOST: Final = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(lambda given: given.upper() if isinstance(given, str) else given),
]


class Settings(BaseSettings):
    """What can be set from outside; each name in capitals is the environment variable, and an empty one is none."""

    # Keys are among the inputs: no error shows what was given.
    model_config = SettingsConfigDict(extra="ignore", frozen=False, hide_input_in_errors=True, env_ignore_empty=True)

    vm_workspace_root: Path = Field(default=Path("runtime/vm"), description="The folder of runs and own profiles.")
    vm_db_path: Path | None = Field(
        default=None, description="The database file; `workspace.sqlite3` in the workspace where it is not set."
    )
    vm_workers: int = Field(default=4, ge=1, le=64, description="How many runs are executed side by side.")
    vm_wait_seconds: float = Field(
        default=30.0, ge=0, le=300, description="How long the start of a run waits for it to settle, in seconds."
    )
    vm_allowed_hosts: str = Field(
        default="", description="Further host names that the server answers to, separated by commas."
    )
    vm_log_level: Level = Field(default="INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL.")

    vm_log_key: SecretStr | None = Field(
        default=None,
        description="The key that signs the log's checkpoints, as `PRIVATE+KEY+name+id+base64`; one is made in the"
        " workspace's `keys` folder where it is not set.",
    )

    vm_auth: Literal["off", "on"] = Field(
        default="off", description="`on` asks every request for a token; needed to serve other machines."
    )
    vm_token: SecretStr | None = Field(default=None, description="The token that the command line shows to a server.")
    vm_requests_per_second: float = Field(
        default=50.0, gt=0, description="How many requests a second a token may make, or an address without one."
    )
    vm_request_burst: int = Field(default=200, ge=1, description="How many of them may come at once.")
    vm_bad_tokens_per_minute: int = Field(
        default=10, ge=1, le=60, description="How many tokens that are not valid an address may send in a minute."
    )

    vm_webhooks_reach: Literal["public", "loopback", "private"] = Field(
        default="public",
        description="Where webhooks may be sent to: `public` addresses over https, `loopback` also this machine and"
        " over http, `private` also private networks, over https.",
    )

    vm_llm: str = Field(
        default="", description="The language model that writes, as `provider:model`; the offline writer where empty."
    )
    vm_llm_base_url: str = Field(
        default="", description="Where the provider of VM_LLM is served, if not at its usual place."
    )
    vm_llm_api_key: SecretStr | None = Field(
        default=None, description="The key of VM_LLM's provider; wins over the provider's usual variable."
    )
    vm_llm_temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="How freely the model writes; the model's own default where it is not set.",
    )
    vm_llm_max_output_tokens: int = Field(
        default=16_384, ge=256, le=1_000_000, description="The longest answer to one request, in tokens."
    )
    vm_llm_repairs: int = Field(
        default=2, ge=0, le=10, description="How often an answer that does not fit is sent back with what is wrong."
    )
    vm_llm_unpriced: Literal["unknown", "free"] = Field(
        default="unknown",
        description="What a model without a known price costs; `free` for one that you run yourself.",
    )
    vm_llm_cassette: Path | None = Field(
        default=None, description="The file that answers are recorded to and replayed from."
    )
    vm_llm_cassette_mode: Literal["replay", "record", "auto"] = Field(
        default="replay",
        description="`replay` only plays it, `record` asks the model, `auto` asks for what is not there.",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="The key of OpenAI.")
    anthropic_api_key: SecretStr | None = Field(default=None, description="The key of Anthropic.")
    google_api_key: SecretStr | None = Field(default=None, description="The key of Google's Gemini.")
    gemini_api_key: SecretStr | None = Field(
        default=None, description="The same; used where GOOGLE_API_KEY is not set."
    )
    moonshot_api_key: SecretStr | None = Field(default=None, description="The key of Moonshot, who makes Kimi.")
    moonshotai_api_key: SecretStr | None = Field(
        default=None, description="The same; used where MOONSHOT_API_KEY is not set."
    )
    ollama_api_key: SecretStr | None = Field(default=None, description="The key of an Ollama that asks for one.")
    vllm_api_key: SecretStr | None = Field(default=None, description="The key of a vLLM that asks for one.")

    vm_embeddings: str = Field(
        default="", description="The embedding model for search by meaning, as `provider:model`; none where empty."
    )
    vm_embeddings_base_url: str = Field(
        default="", description="Where the provider of VM_EMBEDDINGS is served, if not at its usual place."
    )
    vm_embeddings_api_key: SecretStr | None = Field(
        default=None, description="The key of VM_EMBEDDINGS's provider; wins over the provider's usual variable."
    )

    @field_validator("vm_allowed_hosts")
    @classmethod
    def _check_hosts(cls, given: str) -> str:
        if not all(_HOST.fullmatch(name.strip()) for name in given.split(",") if name.strip()):
            raise ValueError("it takes host names separated by commas, such as vm.example or vm.example:8443")
        return given

    @field_validator("vm_llm_base_url", "vm_embeddings_base_url")
    @classmethod
    def _check_address(cls, given: str) -> str:
        if given and not _is_address(given):
            raise ValueError("it takes http://host:port/v1 or https://host/v1, without user name, query or fragment")
        return given

    @model_validator(mode="after")
    def _place_the_database(self) -> "Settings":
        if self.vm_db_path is None:
            self.vm_db_path = self.vm_workspace_root / "workspace.sqlite3"
        return self

    @property
    def database_path(self) -> Path:
        """Where the database is."""
        return self.vm_db_path or self.vm_workspace_root / "workspace.sqlite3"


def _is_address(text: str) -> bool:
    """Whether the text is where a server is, over http or https, without a user's name, query or fragment."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare and port != 0
