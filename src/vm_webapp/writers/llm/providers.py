"""From the settings to the library's model; loaded with the first stage only.

Every model's answer is text: a JSON object that the provider holds to the schema where it can, and that the prompt
shows the schema of where it cannot. SDKs do not retry: the engine does.
"""

from urllib.parse import urlsplit

import httpx2
from pydantic_ai.models import Model, create_async_httpx2_client
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.moonshotai import MoonshotAIProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.vllm import VLLMProvider
from pydantic_ai.settings import ModelSettings

from vm_webapp.errors import StageError
from vm_webapp.writers.llm.addresses import is_on_this_machine
from vm_webapp.writers.llm.configuration import LlmConfig
from vm_webapp.writers.llm.hearing import hearing

_NO_KEY = "not-needed"
_LONGEST_SILENCE_SECONDS = 600.0
# A stream that ends without a finish reason was cut off.
_ENDS_WITH_A_REASON = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
_NOT_HELD = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True, supports_json_schema_output=False)
# For servers that nobody here knows: the older name of the token limit, and one system message.
_WIDELY_UNDERSTOOD = OpenAIModelProfile(
    openai_chat_streaming_requires_finish_reason=True,
    openai_chat_supports_max_completion_tokens=False,
    openai_chat_supports_multiple_system_messages=False,
)

# Servers that count in every event count from the beginning each time, and the last count is the request's. The library
# would also ask for such counting, which not every server understands; what is sent says only that the end is counted.
_COUNTED_ONCE: ModelSettings = OpenAIChatModelSettings(
    openai_continuous_usage_stats=True, extra_body={"stream_options": {"include_usage": True}}
)
_OF_THEIR_OWN = ("anthropic", "google")


def build_model(config: LlmConfig) -> tuple[Model, httpx2.AsyncClient]:
    """The model, and the client that it is asked through, which is the caller's to close.

    Raises StageError where the surroundings name a proxy or certificates that cannot be used.
    """
    try:
        client = _client(config)
        if config.provider == "anthropic":
            return _anthropic(config, client), client
        if config.provider == "google":
            return _google(config, client), client
        return _chat(config, client), client
    except (OSError, ImportError, ValueError) as error:
        raise StageError(
            "bad_setting",
            f"No connection to {config.provider} can be prepared. Check what the environment says of proxies "
            "(HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; one that speaks SOCKS needs the package socksio) and of certificates "
            "(SSL_CERT_FILE, SSL_CERT_DIR).",
            retryable=False,
        ) from error


def model_settings(config: LlmConfig) -> ModelSettings:
    """What each request is sent with besides the prompt."""
    found = ModelSettings(max_tokens=config.max_output_tokens, max_retries=0, framing_announcement="never")
    if config.temperature is not None:
        found["temperature"] = config.temperature
    return found if config.provider in _OF_THEIR_OWN else {**found, **_COUNTED_ONCE}


def _client(config: LlmConfig) -> httpx2.AsyncClient:
    """For a server on this machine one that uses no proxy, whatever the environment says."""
    client = create_async_httpx2_client(
        timeout=httpx2.Timeout(_LONGEST_SILENCE_SECONDS, connect=5.0),
        transport=httpx2.AsyncHTTPTransport(trust_env=False) if is_on_this_machine(config.base_url) else None,
    )
    client.headers["Accept-Encoding"] = "identity"
    client.event_hooks = {**client.event_hooks, "response": [hearing(config.max_output_tokens)]}
    return client


def _chat(config: LlmConfig, client: httpx2.AsyncClient) -> Model:
    """A model behind OpenAI's chat protocol."""
    url, key, name = config.base_url, _key(config), config.model
    if config.provider == "openai":
        return OpenAIChatModel(
            name, provider=OpenAIProvider(base_url=url, api_key=key, http_client=client), profile=_ENDS_WITH_A_REASON
        )
    if config.provider == "moonshot":
        kimi = MoonshotAIProvider(base_url=url, api_key=key, http_client=client)
        return OpenAIChatModel(name, provider=kimi, profile=_ENDS_WITH_A_REASON)
    if config.provider == "ollama":
        profile = _NOT_HELD if _is_ollama_cloud(config) else _ENDS_WITH_A_REASON
        return OllamaModel(
            name, provider=OllamaProvider(base_url=url, api_key=key, http_client=client), profile=profile
        )
    if config.provider == "vllm":
        return OpenAIChatModel(
            name, provider=VLLMProvider(base_url=url, api_key=key, http_client=client), profile=_ENDS_WITH_A_REASON
        )
    own = OpenAICompatibleProvider("compatible", base_url=url, api_key=key, http_client=client)
    return OpenAIChatModel(name, provider=own, profile=_WIDELY_UNDERSTOOD)


def _is_ollama_cloud(config: LlmConfig) -> bool:
    """Whether the answer comes from Ollama's cloud, which takes a schema and does not hold the model to it."""
    host = urlsplit(config.base_url).hostname or ""
    return host == "ollama.com" or host.endswith(".ollama.com") or config.model.endswith("-cloud")


def _anthropic(config: LlmConfig, client: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - an extra
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(base_url=config.base_url, api_key=_key(config), http_client=client)
    return AnthropicModel(config.model, provider=provider)


def _google(config: LlmConfig, client: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415 - an extra
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

    provider = GoogleProvider(api_key=_key(config), base_url=config.base_url or None, http_client=client)
    return GoogleModel(config.model, provider=provider)


def _key(config: LlmConfig) -> str:
    return config.api_key.get_secret_value().strip() if config.api_key else _NO_KEY
