"""Where a model's server is, as far as its address tells: on this machine, or where others carry what is sent."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from vm_webapp.settings import Settings
from vm_webapp.writers.llm.configuration import PROVIDERS

_NAMES_OF_ONES_OWN: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_MODELS: Final = (
    ("vm_llm", "vm_llm_base_url", "vm_llm_api_key"),
    ("vm_embeddings", "vm_embeddings_base_url", "vm_embeddings_api_key"),
)


def is_on_this_machine(url: str) -> bool:
    """Whether the server is here, asked with http; over https a proxy sees nothing of what is sent."""
    scheme, host = _parts(url)
    try:
        return scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        return scheme == "http" and (host == "localhost" or host.endswith(".localhost"))


def list_open_keys(settings: Settings) -> list[str]:
    """A sentence for each key that goes over the internet readable for whoever carries it."""
    return [
        f"{variable.upper()} begins with http:// and names no server of your own network, so whoever carries the "
        "requests can read the key and every text in them. Write https://."
        for variable in _open(settings)
    ]


def _open(settings: Settings) -> Iterator[str]:
    for model, address, key in _MODELS:
        facts = PROVIDERS.get(getattr(settings, model).partition(":")[0])
        keys = [getattr(settings, name) for name in (key, *facts.keys)] if facts else []
        if any(one and one.get_secret_value().strip() for one in keys) and _is_open(getattr(settings, address)):
            yield address


def _is_open(url: str) -> bool:
    scheme, host = _parts(url)
    try:
        return scheme == "http" and ip_address(host).is_global
    except ValueError:
        return scheme == "http" and "." in host and not host.endswith(_NAMES_OF_ONES_OWN)


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host in lower case; empty where the text is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""
