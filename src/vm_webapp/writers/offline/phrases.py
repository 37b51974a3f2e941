"""The texts of this writer: tables in English and Portuguese side by side, read once, with slots for what a request says.

A text stands in a table as `{en: ..., pt: ...}`. Slots such as `{subject}` are filled by `Phrases.fill`; what is filled in is
never read for slots again, so a request that contains braces stays as it is.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

# The C loader reads the tables ten times faster; the tables are the program's own, so either will do.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOTH = {"en", "pt"}


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

    def get(self, name: str) -> Any:  # noqa: ANN401 - as the table has it
        """The table of that name in this language, slots filled in every text."""
        return self._in_language(table(name))

    def fill(self, text: str, **more: str) -> str:
        """The text with its slots filled; the first letter stays upper case where the text begins with a slot."""
        filled = text.format_map({**self.slots, **more}) if "{" in text else text
        return filled[:1].upper() + filled[1:] if text.startswith("{") else filled

    def _in_language(self, value: Any) -> Any:  # noqa: ANN401 - walks YAML values
        if isinstance(value, dict):
            if value.keys() == _BOTH:
                return self._in_language(value[self.language])
            return {key: self._in_language(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._in_language(item) for item in value]
        return self.fill(value) if isinstance(value, str) else value
