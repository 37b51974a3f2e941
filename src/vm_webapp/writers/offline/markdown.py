"""User text -> Markdown that shows it as it was written: no markup, no HTML, no new lines, no broken tables."""

import re

from vm_webapp.writers.offline.request.text import one_line

# Everywhere: what opens emphasis, code, table cells and struck text. Brackets only where they would make a link, a
# footnote or a task's box: drafts are full of them, and people read the source too.
_ANYWHERE = re.compile(r"([\\`*|~])")
_LINK = re.compile(r"\](?=\s*[(\[:])|\[(?=\^)|^\[(?=[ xX]?\])")
_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# At the beginning: what would make a heading, a list, a quotation or a rule of it.
_LEADING = re.compile(r"^([#+\-=>])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_SCHEME = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data|vbscript):(?=\S)")
_WWW = re.compile(r"(?i)\bwww\.(?=\w)")


class Ready(str):
    """Text that is Markdown already and passes as it is."""

    __slots__ = ()


def escape(value: object) -> str:
    """The value as one line of Markdown; `Ready` passes as it is."""
    if isinstance(value, Ready):
        return value
    text = _ANYWHERE.sub(r"\\\1", one_line(str(value)))
    text = _LINK.sub(lambda found: f"\\{found[0]}", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    # Bare addresses would become links; a plan shows them as text.
    text = _WWW.sub(r"www\\.", _SCHEME.sub(r"\1\\:", text))
    return _NUMBERED.sub(r"\1\\\2", _LEADING.sub(r"\\\1", text))
