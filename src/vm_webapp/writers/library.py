"""The writers of a workspace, by name: the usual one, and those that a request may choose."""

import threading
from collections.abc import Callable

from vm_webapp.errors import BadSetting, UnknownWriter
from vm_webapp.settings import Settings
from vm_webapp.writers import Writer
from vm_webapp.writers.llm import LlmWriter, configure, usable_providers
from vm_webapp.writers.offline import OfflineWriter

OFFLINE = "offline"


class WriterLibrary:
    """Writers by name; those that are built on demand are built once, and any thread may ask.

    `others` builds the writer of a name that is neither the default nor `offline`, and raises UnknownWriter for a name
    that it knows nothing of; None where there are no others.
    """

    def __init__(self, default: Writer, others: Callable[[str], Writer] | None = None) -> None:
        self._default = default
        self._others = others
        self._lock = threading.Lock()
        self._found: dict[str, Writer] = {OFFLINE: OfflineWriter(), default.name: default}

    @property
    def default(self) -> Writer:
        """The writer of a request that chooses none."""
        return self._default

    def get(self, name: str) -> Writer:
        """The writer of that name, the default for an empty one; UnknownWriter says what is possible."""
        if not name:
            return self._default
        with self._lock:
            found = self._found.get(name)
            if found is None:
                found = self._found[name] = self._made(name)
            return found

    def check(self, name: str) -> None:
        """Raise UnknownWriter where `get` would; nothing is kept of a name that was only asked after."""
        with self._lock:
            if name and name not in self._found:
                self._made(name)

    def list_names(self) -> list[str]:
        """The names that are known without asking a provider: the default first, then what was used, then `offline`."""
        with self._lock:
            known = [name for name in self._found if name not in (OFFLINE, self._default.name)]
        names = [self._default.name, *sorted(known), OFFLINE]
        return list(dict.fromkeys(names))

    def _made(self, name: str) -> Writer:
        if self._others is None:
            raise UnknownWriter(name=name, possible=", ".join(sorted(self._found)))
        return self._others(name)


def build_library(settings: Settings, llm: Writer | None) -> WriterLibrary:
    """The writers that the settings allow; `llm` is the default where it is given, else VM_LLM, else `offline`.

    Raises BadSetting, with the variable and the remedy, where VM_LLM and its company cannot be meant.
    """
    return WriterLibrary(llm or _default(settings), lambda name: _built(settings, name))


def _default(settings: Settings) -> Writer:
    if settings.vm_llm in ("", OFFLINE):
        return OfflineWriter()
    return LlmWriter(configure(settings))


def _built(settings: Settings, name: str) -> Writer:
    try:
        return LlmWriter(configure(settings, name))
    except BadSetting as error:
        models = [f"{provider}:<model>" for provider in usable_providers(settings)]
        raise UnknownWriter(name=name, possible=", ".join([OFFLINE, *models])) from error
