import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_ai.usage import RequestUsage

from vm_webapp.errors import BadSetting, UnknownWriter
from vm_webapp.settings import Settings
from vm_webapp.writers.library import WriterLibrary, build_library
from vm_webapp.writers.llm import PROVIDERS, LlmConfig, LlmWriter, configure, usable_providers
from vm_webapp.writers.llm.addresses import list_open_keys
from vm_webapp.writers.llm.pricing import estimate, estimate_tokens, price
from vm_webapp.writers.offline import OfflineWriter

from fixed_writer import FixedWriter

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "language-models.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key or model of the machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("values", "name", "base_url", "key"),
    [
        ({"vm_llm": "ollama:llama3.1:8b"}, "ollama:llama3.1:8b", "http://localhost:11434/v1", None),
        ({"vm_llm": "openai:gpt-5.2", "openai_api_key": "o"}, "openai:gpt-5.2", "https://api.openai.com/v1", "o"),
        (
            {"vm_llm": "openai:x", "openai_api_key": "o", "vm_llm_api_key": "v"},
            "openai:x",
            "https://api.openai.com/v1",
            "v",
        ),
        (
            {"vm_llm": "moonshot:kimi-k2.6", "moonshotai_api_key": "m"},
            "moonshot:kimi-k2.6",
            "https://api.moonshot.ai/v1",
            "m",
        ),
        ({"vm_llm": "vllm:q/w", "vm_llm_base_url": "http://h:1/v1/"}, "vllm:q/w", "http://h:1/v1", None),
        ({"vm_llm": "compatible:m", "vm_llm_base_url": "http://h/v1"}, "compatible:m", "http://h/v1", None),
    ],
)
def test_a_model_is_a_matter_of_settings(values: Mapping[str, str], name: str, base_url: str, key: str | None) -> None:
    """Provider, model, address and key come from the settings; VM_LLM_API_KEY wins."""
    config = configure(Settings(**values))  # type: ignore[arg-type] # texts, as the environment has them
    found = config.api_key.get_secret_value() if config.api_key else None
    assert (config.name, config.base_url, found) == (name, base_url, key)


@pytest.mark.parametrize(
    ("values", "variables"),
    [
        ({"vm_llm": "compatible:m", "vm_llm_base_url": "http://models.example.com/v1"}, ["VM_LLM_BASE_URL"]),
        ({"vm_llm": "compatible:m", "vm_llm_base_url": "http://8.8.8.8:8000/v1"}, ["VM_LLM_BASE_URL"]),
        (
            {"vm_embeddings": "compatible:m", "vm_embeddings_base_url": "http://e.example.com/v1"},
            ["VM_EMBEDDINGS_BASE_URL"],
        ),
        ({"vm_llm": "compatible:m", "vm_llm_base_url": "https://models.example.com/v1"}, []),
        *(
            ({"vm_llm": "compatible:m", "vm_llm_base_url": f"http://{host}/v1"}, [])
            for host in ("127.0.0.1:1", "[::1]:1", "10.1.2.3", "192.168.0.9", "gpu", "gpu.local", "llm.corp.internal")
        ),
        ({"vm_llm": "offline", "vm_llm_base_url": "http://models.example.com/v1"}, []),
    ],
)
def test_a_key_that_others_can_read_is_told(values: Mapping[str, str], variables: list[str]) -> None:
    """With http over the internet the start warns of the key; in one's own network, or without a key, it does not."""
    keys = {"vm_llm_api_key": "k" * 20, "vm_embeddings_api_key": "k" * 20}
    told = list_open_keys(Settings(**values, **keys))  # type: ignore[arg-type] # texts, as the environment has them
    assert [sentence.partition(" ")[0] for sentence in told] == variables
    assert list_open_keys(Settings(**values)) == []  # type: ignore[arg-type] # texts, as the environment has them


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names in capitals are the environment variables."""
    values = {
        "VM_LLM": "openai:m",
        "OPENAI_API_KEY": "o",
        "VM_LLM_TEMPERATURE": "0.3",
        "VM_LLM_MAX_OUTPUT_TOKENS": "999",
    }
    for name, value in {**values, "VM_LLM_REPAIRS": "1"}.items():
        monkeypatch.setenv(name, value)
    config = configure(Settings())
    assert config.parameters == {"max_output_tokens": 999, "temperature": 0.3}
    assert config.repairs == 1


@pytest.mark.parametrize(
    ("values", "variable", "advice"),
    [
        ({"vm_llm": "gpt-5.2"}, "VM_LLM", "provider:model"),
        ({"vm_llm": "acme:gpt"}, "VM_LLM", "Known providers: openai, anthropic"),
        ({"vm_llm": "ollama:"}, "VM_LLM", "model's name"),
        ({"vm_llm": "ollama:a b"}, "VM_LLM", "model's name"),
        ({"vm_llm": "ollama:a\nb"}, "VM_LLM", "model's name"),
        ({"vm_llm": "openai:gpt-5.2"}, "OPENAI_API_KEY", "VM_LLM_API_KEY"),
        ({"vm_llm": "openai:gpt-5.2", "openai_api_key": "  "}, "OPENAI_API_KEY", "VM_LLM_API_KEY"),
        ({"vm_llm": "openai:gpt-5.2", "openai_api_key": "sk-a\nb"}, "OPENAI_API_KEY", "once more"),
        ({"vm_llm": "openai:gpt-5.2", "vm_llm_api_key": "\u201csk\u201d"}, "VM_LLM_API_KEY", "once more"),
        ({"vm_llm": "moonshot:kimi-k2.6"}, "MOONSHOT_API_KEY", "VM_LLM_API_KEY"),
        ({"vm_llm": "compatible:m"}, "VM_LLM_BASE_URL", "http://localhost:1234/v1"),
        ({"vm_llm": "ollama:m", "vm_llm_cassette": "/nowhere/x.jsonl"}, "VM_LLM_CASSETTE", "MODE=record"),
    ],
)
def test_a_mistake_is_named_with_its_remedy_before_any_run(values: dict[str, str], variable: str, advice: str) -> None:
    """The error says which variable is wrong and what to write, and never what a key is."""
    with pytest.raises(BadSetting) as caught:
        build_library(Settings(**values), None)  # type: ignore[arg-type] # texts, as the environment has them
    assert str(caught.value).startswith(variable)
    assert advice in caught.value.hint


@pytest.mark.parametrize("url", ["localhost:11434", "http://u:secret@h/v1", "http://h:99999/v1", "foo"])
def test_an_address_that_is_none_is_refused_with_the_settings(url: str) -> None:
    """Whether a model is asked for or not; a name and password in it are not said again."""
    with pytest.raises(ValidationError, match="http://host:port/v1 or https://host/v1, without user name") as caught:
        Settings(vm_llm_base_url=url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("provider", "extra"), [("anthropic", "anthropic"), ("google", "google")])
def test_a_library_that_is_missing_is_named(provider: str, extra: str, without: Callable[[str], None]) -> None:
    """A provider whose extra is not installed says how to install it."""
    without(PROVIDERS[provider].package)
    with pytest.raises(BadSetting) as caught:
        configure(Settings(vm_llm=f"{provider}:m", vm_llm_api_key=SecretStr("k")))
    assert f"vm-webapp[{extra}]" in caught.value.hint


@pytest.mark.parametrize("name", ["VM_LLM_TEMPERATURE", "VM_LLM_MAX_OUTPUT_TOKENS", "VM_LLM_CASSETTE_MODE"])
def test_a_value_of_the_wrong_sort_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no number, or no mode, names its variable and does not repeat what was given."""
    monkeypatch.setenv(name, "sk-secret")
    with pytest.raises(ValidationError, match=name.lower()) as caught:
        Settings()
    assert "sk-secret" not in str(caught.value)


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a start script hands on without a value is as if it were not set."""
    for name in (
        "VM_LLM",
        "VM_LLM_TEMPERATURE",
        "VM_LLM_REPAIRS",
        "VM_LLM_CASSETTE",
        "VM_LLM_CASSETTE_MODE",
        "VM_WORKERS",
    ):
        monkeypatch.setenv(name, "")
    assert (Settings().vm_llm_temperature, Settings().vm_llm_repairs, Settings().vm_llm_cassette) == (None, 2, None)


def test_keys_are_never_shown() -> None:
    """Settings and configurations are printed without keys."""
    settings = Settings(vm_llm="openai:m", openai_api_key=SecretStr("sk-one"), vm_llm_api_key=SecretStr("sk-two"))
    shown = f"{settings!r} {settings} {settings.model_dump_json()} {configure(settings)!r}"
    assert "sk-" not in shown


def test_a_key_goes_to_no_other_provider() -> None:
    """VM_LLM_API_KEY and VM_LLM_BASE_URL are for the provider of VM_LLM alone, whatever a request names."""
    settings = Settings(
        vm_llm="openai:m",
        vm_llm_api_key=SecretStr("v"),
        vm_llm_base_url="http://gateway/v1",
        moonshot_api_key=SecretStr("m"),
    )
    other, same = configure(settings, "moonshot:kimi-k2.6"), configure(settings, "openai:another")
    assert (other.base_url, other.api_key) == ("https://api.moonshot.ai/v1", SecretStr("m"))
    assert (same.base_url, same.api_key) == ("http://gateway/v1", SecretStr("v"))


def test_the_offline_writer_writes_where_nothing_is_set() -> None:
    """Without VM_LLM, and with VM_LLM=offline, nothing leaves the machine."""
    assert build_library(Settings(), None).default.name == "offline"
    assert build_library(Settings(vm_llm="offline"), None).default.name == "offline"


def test_a_library_knows_its_writers_by_name() -> None:
    """The default answers to its name and to none; offline is always there; others are built once."""
    library = build_library(Settings(vm_llm="ollama:a", openai_api_key=SecretStr("o")), None)
    assert library.default.name == "ollama:a"
    assert library.get("") is library.get("ollama:a") is library.default
    assert isinstance(library.get("offline"), OfflineWriter)
    assert library.get("openai:b") is library.get("openai:b")
    assert library.list_names() == ["ollama:a", "openai:b", "offline"]


def test_a_given_writer_is_the_default() -> None:
    """A writer that the program is started with wins over VM_LLM."""
    library = build_library(Settings(vm_llm="ollama:a"), FixedWriter())
    assert library.default.name == "fixed"
    assert library.list_names() == ["fixed", "offline"]
    assert isinstance(library.get("ollama:a"), LlmWriter)


@pytest.mark.parametrize("name", ["nobody", "acme:x", "openai:x", "ollama:", ":"])
def test_an_unknown_writer_says_what_is_possible(name: str) -> None:
    """What cannot be built is refused with the names that can."""
    with pytest.raises(UnknownWriter) as caught:
        build_library(Settings(), None).get(name)
    assert "offline, ollama:<model>, vllm:<model>" in str(caught.value)


def test_a_library_without_others_knows_only_its_own() -> None:
    """Where nothing can be built, the error lists what there is."""
    with pytest.raises(UnknownWriter, match="possible are: fixed, offline"):
        WriterLibrary(FixedWriter()).get("ollama:a")


def test_usable_providers_have_what_they_need() -> None:
    """A provider without a key, address or library is not offered."""
    found = usable_providers(Settings(openai_api_key=SecretStr("o")))
    assert found == ["openai", "ollama", "vllm"]


def test_a_price_comes_from_the_table() -> None:
    """A known model has a price; half a million tokens cost half of a million."""
    whole = price(config("openai:gpt-5.2"), RequestUsage(input_tokens=1_000_000))
    half = price(config("openai:gpt-5.2"), RequestUsage(input_tokens=500_000))
    assert whole is not None
    assert half == whole / 2 > 0


def test_cached_tokens_are_cheaper() -> None:
    """What the provider had cached counts at its own price."""
    usual = price(config("openai:gpt-5.2"), RequestUsage(input_tokens=10_000))
    cached = price(config("openai:gpt-5.2"), RequestUsage(input_tokens=10_000, cache_read_tokens=9_000))
    assert usual is not None
    assert cached is not None
    assert cached < usual


@pytest.mark.parametrize("name", ["openai:nobody-knows-it", "ollama:llama3.1:8b", "compatible:gpt-5.2"])
def test_an_unknown_price_says_unknown(name: str) -> None:
    """No price is guessed; a model that one runs oneself may be declared free."""
    tokens = RequestUsage(input_tokens=10, output_tokens=10)
    assert price(config(name), tokens) is None
    assert estimate(config(name), "text").cost_usd is None
    assert price(config(name, vm_llm_unpriced="free"), tokens) == Decimal(0)


def test_nothing_used_costs_nothing() -> None:
    """No tokens, no cost, whatever the price."""
    assert price(config("ollama:m"), RequestUsage()) == Decimal(0)


@pytest.mark.parametrize("text", ["", "word " * 100, "açaí " * 100, "日本語" * 100, "\ud800"])
def test_tokens_are_estimated_rather_too_high(text: str) -> None:
    """The estimate covers a token for four letters of English, and for each sign of Japanese."""
    assert estimate_tokens(text) >= len(text) / 4
    assert estimate_tokens(text) <= len(text) + 1


def test_the_program_starts_without_the_libraries_of_models() -> None:
    """Importing the app, with a model configured, loads none of the heavy libraries."""
    code = (
        "import sys; from vm_webapp.settings import Settings; from vm_webapp.writers.library import build_library; "
        "import vm_webapp.app; build_library(Settings(vm_llm='ollama:m'), None); "
        "print(sorted(set(sys.modules) & {'pydantic_ai', 'openai', 'genai_prices', 'icalendar'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_setting_and_provider_is_documented() -> None:
    """docs/language-models.md has each variable and each provider."""
    keys = [key for provider in PROVIDERS.values() for key in provider.keys]
    ours = [name.upper() for name in Settings.model_fields if name.startswith("vm_llm") or name in keys]
    assert len(ours) > len(keys)
    assert [name for name in ours if f"`{name}`" not in PAGE] == []
    assert [name for name in PROVIDERS if f"`{name}:" not in PAGE] == []


def test_every_failure_is_documented() -> None:
    """docs/language-models.md says what to do about each error code."""
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src/vm_webapp/writers/llm").glob("*.py"))
    codes = set(re.findall(r'"(llm_[a-z_]+)"', code))
    assert "llm_busy" in codes
    assert [name for name in sorted(codes) if f"`{name}`" not in PAGE] == []


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a package look as if it were not installed."""

    def hide(package: str) -> None:
        monkeypatch.setitem(sys.modules, package.partition(".")[0], None)
        monkeypatch.setitem(sys.modules, package, None)

    return hide


def config(name: str, **values: str) -> LlmConfig:
    keys = {"openai_api_key": "o", "vm_llm_base_url": "http://h/v1"}
    return configure(Settings(vm_llm=name, **{**keys, **values}))  # type: ignore[arg-type] # as the environment has them
