"""Content-Disposition (RFC 6266): a plain name for everybody, the real one in UTF-8 (RFC 8187) beside it."""

import re
import unicodedata
from typing import Final, Literal
from urllib.parse import quote

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST: Final = 120
_ATTR_CHARS: Final = "!#$&+-.^_`|~"


def disposition(name: str, kind: Literal["attachment", "inline"] = "attachment") -> str:
    """The header's value for a file of that name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-") or "file"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def file_name(title: str) -> str:
    """What of a title can stand in a file name on any system."""
    return _UNSAFE.sub(" ", title)[:_LONGEST].strip(" .") or "run"
