"""The texts of this writer: tables in English and Portuguese side by side, with slots for what a request says.

A text stands in a table as `{en: ..., pt: ...}`. Slots such as `{subject}` are filled in one pass: what is filled in
is never read for slots again, so a request that contains braces stays as it is.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

# The C loader reads the tables ten times faster; the tables are the program's own, so either will do.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOTH = {"en", "pt"}
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def table(name: str) -> Any:  # noqa: ANN401 - tables are of many shapes; each reader knows its own
    """The table of that name, such as `lexicon` or `channels/email`; not to be changed."""
    file = resources.files("vm_webapp.writers.offline").joinpath(f"data/{name}.yaml")
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones


class Phrases:
    """The tables in one language, with one request's slots."""

    def __init__(self, language: str, slots: Mapping[str, str]) -> None:
        self.language = language
        self.slots = slots

    def get(self, name: str, **more: str) -> Any:  # noqa: ANN401 - as the table has it
        """The table of that name in this language, slots filled in every text; `more` are slots of this call."""
        return self._in_language(table(name), {**self.slots, **more})

    def say(self, key: str, **more: str) -> str:
        """One sentence of the table `texts`."""
        return str(self._in_language(table("texts")[key], {**self.slots, **more}))

    def list(self, key: str, **more: str) -> list[str]:
        """A list of sentences of the table `texts`."""
        return [str(item) for item in self._in_language(table("texts")[key], {**self.slots, **more})]

    def _in_language(self, value: Any, slots: Mapping[str, str]) -> Any:  # noqa: ANN401 - walks YAML values
        if isinstance(value, dict):
            if value.keys() == _BOTH:
                return self._in_language(value[self.language], slots)
            return {key: self._in_language(item, slots) for key, item in value.items()}
        if isinstance(value, list):
            return [self._in_language(item, slots) for item in value]
        return _filled(value, slots) if isinstance(value, str) else value


def _filled(text: str, slots: Mapping[str, str]) -> str:
    filled = _SLOT.sub(lambda slot: slots.get(slot[1], slot[0]), text)
    # A sentence that begins with a slot begins with a capital.
    return filled[:1].upper() + filled[1:] if text.startswith("{") else filled
