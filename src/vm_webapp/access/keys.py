"""Secrets: 256 random bits that are shown once and never kept; only their SHA-256 is.

A digest without a salt is enough here: nobody can guess 256 random bits, so there is no list of digests to try.
"""

import hashlib
import hmac
import re
import secrets
from typing import Final

_PREFIX: Final = "vm_"
_BYTES: Final = 32
_FORM: Final = re.compile(r"vm_[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """A new secret: `vm_` and 43 characters that need no quoting anywhere."""
    return f"{_PREFIX}{secrets.token_urlsafe(_BYTES)}"


def is_secret(text: str) -> bool:
    """Whether the text has the form of a secret; anything else is not even looked up."""
    return _FORM.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256, in lower-case hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(kept: str, digest: str) -> bool:
    """Whether two digests are the same, in a time that does not tell how far they agree."""
    return hmac.compare_digest(kept.encode(), digest.encode())
