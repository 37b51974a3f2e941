"""Which language model, and how it is asked: the settings checked, before any run.

VM_LLM_BASE_URL and VM_LLM_API_KEY belong to the provider of VM_LLM alone: a request that names another provider never
carries one provider's key to another's server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import SecretStr

from vm_webapp.errors import BadSetting
from vm_webapp.settings import Settings

CassetteMode = Literal["replay", "record", "auto"]
_LONGEST_MODEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of a provider of models.

    `base_url` is its usual place, empty where it has none; `keys` are the settings that may hold its key. `needs_key`
    is False for servers that people run themselves. `package` must be importable, `extra` installs it. `prices` is its
    id in the price table, empty where it has no prices there. `schema_is_shown` says that the model itself does not see
    the schema it must keep to, so that the prompt has to show it.
    """

    base_url: str = ""
    keys: tuple[str, ...] = ()
    needs_key: bool = True
    package: str = "openai"
    extra: str = ""
    prices: str = ""
    schema_is_shown: bool = False


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "openai": Provider(base_url="https://api.openai.com/v1", keys=("openai_api_key",), prices="openai"),
        "anthropic": Provider(
            base_url="https://api.anthropic.com",
            keys=("anthropic_api_key",),
            package="anthropic",
            extra="anthropic",
            prices="anthropic",
        ),
        "google": Provider(
            keys=("google_api_key", "gemini_api_key"), package="google.genai", extra="google", prices="google"
        ),
        "moonshot": Provider(
            base_url="https://api.moonshot.ai/v1",
            keys=("moonshot_api_key", "moonshotai_api_key"),
            prices="moonshotai",
            schema_is_shown=True,
        ),
        "ollama": Provider(
            base_url="http://localhost:11434/v1", keys=("ollama_api_key",), needs_key=False, schema_is_shown=True
        ),
        "vllm": Provider(
            base_url="http://localhost:8000/v1", keys=("vllm_api_key",), needs_key=False, schema_is_shown=True
        ),
        "compatible": Provider(needs_key=False, schema_is_shown=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmConfig:
    """One model with all that is needed to ask it."""

    provider: str
    model: str
    base_url: str = ""
    api_key: SecretStr | None = None
    temperature: float | None = None
    max_output_tokens: int = 16_384
    repairs: int = 2
    unpriced_is_free: bool = False
    cassette: Path | None = None
    cassette_mode: CassetteMode = "replay"

    @property
    def name(self) -> str:
        """`provider:model`."""
        return f"{self.provider}:{self.model}"

    @property
    def facts(self) -> Provider:
        """What is known of its provider."""
        return PROVIDERS[self.provider]

    @property
    def parameters(self) -> dict[str, float | int]:
        """What the model is told besides the prompt."""
        found: dict[str, float | int] = {"max_output_tokens": self.max_output_tokens}
        return found if self.temperature is None else {**found, "temperature": self.temperature}


def configure(settings: Settings, name: str = "") -> LlmConfig:
    """The settings for the model of that name, VM_LLM where it is empty; BadSetting names variable and remedy."""
    provider, model = _named(name or settings.vm_llm)
    own = provider == settings.vm_llm.partition(":")[0]
    facts = PROVIDERS[provider]
    replays = settings.vm_llm_cassette is not None and settings.vm_llm_cassette_mode == "replay"
    _check_package(provider)
    base_url = _base_url(provider, settings.vm_llm_base_url if own else "")
    api_key = _api_key(settings, facts, own=own)
    if api_key is None and facts.needs_key and not replays:
        variable = facts.keys[0].upper()
        raise BadSetting(
            variable=variable,
            problem=f"is not set, and {provider} answers nobody without a key",
            advice=f"Set {variable} (or VM_LLM_API_KEY) to the key that {provider} gave you.",
        )
    return LlmConfig(
        provider=provider,
        model=model,
        base_url=base_url,
        api_key=api_key,
        temperature=settings.vm_llm_temperature,
        max_output_tokens=settings.vm_llm_max_output_tokens,
        repairs=settings.vm_llm_repairs,
        unpriced_is_free=settings.vm_llm_unpriced == "free",
        cassette=settings.vm_llm_cassette,
        cassette_mode=settings.vm_llm_cassette_mode,
    )


def usable_providers(settings: Settings) -> list[str]:
    """The providers that a request may name: their package is installed, and they have a key where they need one."""
    found = []
    for provider in PROVIDERS:
        try:
            configure(settings, f"{provider}:any")
        except BadSetting:
            continue
        found.append(provider)
    return found


def _named(name: str) -> tuple[str, str]:
    provider, colon, model = name.partition(":")
    if not colon or provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise BadSetting(
            variable="VM_LLM",
            problem="names no provider that is known" if colon else "does not read provider:model",
            advice=f"Write provider:model, such as ollama:llama3.1:8b. Known providers: {known}. "
            "Any server with OpenAI's protocol is compatible:model with VM_LLM_BASE_URL.",
        )
    if not model or len(model) > _LONGEST_MODEL or not model.isprintable() or " " in model:
        raise BadSetting(
            variable="VM_LLM",
            problem="has no usable model name after the colon",
            advice=f"Write {provider}: and the model's name as {provider} spells it.",
        )
    return provider, model


def _check_package(provider: str) -> None:
    facts = PROVIDERS[provider]
    try:
        found = find_spec(facts.package) is not None
    except ModuleNotFoundError:  # the package's parent is missing
        found = False
    if not found:
        raise BadSetting(
            variable="VM_LLM",
            problem=f"names {provider}, whose library is not installed",
            advice=f"Install it: pip install 'vm-webapp[{facts.extra}]' (or uv sync --extra {facts.extra}).",
        )


def _base_url(provider: str, given: str) -> str:
    found = given or PROVIDERS[provider].base_url
    if not found and provider == "compatible":
        raise BadSetting(
            variable="VM_LLM_BASE_URL",
            problem="is not set, so there is no server to ask",
            advice="Set it to the server's OpenAI-compatible address, such as http://localhost:1234/v1, "
            "and VM_LLM to compatible:model.",
        )
    return found.rstrip("/")


def _api_key(settings: Settings, facts: Provider, *, own: bool) -> SecretStr | None:
    for name in (*(("vm_llm_api_key",) if own else ()), *facts.keys):
        key: SecretStr | None = getattr(settings, name)
        text = key.get_secret_value().strip() if key is not None else ""
        if text and not (text.isascii() and text.isprintable()):
            raise BadSetting(
                variable=name.upper(),
                problem="holds a character that no key has, such as a line break or a typographic mark",
                advice="Copy the key once more, without anything before or after it.",
            )
        if text:
            return key
    return None
