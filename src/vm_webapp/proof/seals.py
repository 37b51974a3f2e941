"""Fields of a payload under a key of their own: what is left of them when the key is destroyed is noise.

AES-256-GCM (NIST SP 800-38D) over the fields' RFC 8785 form. A key is random and seals once, so the nonce is zero. The
event's id and type are authenticated with it, so that a seal fits one event. GCM does not bind its key (somebody can
make a ciphertext that opens under two), so the seal names the key's digest: what opens is what was sealed.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pydantic_core

from vm_webapp.errors import Invalid
from vm_webapp.proof.canonical import canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
_CONTEXT: Final = b"vm-seal/1\x00"


class BadSeal(Invalid):
    """The seal of the event {event_id!r} does not hold: {problem}."""

    code = "bad_seal"


def new_key() -> bytes:
    """A key for one seal, 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(fields: Mapping[str, Any], *, event_id: str, event_type: str, key: bytes) -> dict[str, Any]:
    """What stands in the payload for the fields: their names, the key's digest (hex), the ciphertext (base64)."""
    data = _cipher(key).encrypt(_NONCE, canonical(fields), _bound_to(event_id, event_type))
    return {"data": base64.b64encode(data).decode(), "fields": sorted(fields), "key_sha256": key_digest(key)}


def open_seal(sealed: Any, *, event_id: str, event_type: str, key: bytes) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The fields; BadSeal for another key than it was sealed with, and for what is no seal of this event."""
    try:
        if key_digest(key) != sealed["key_sha256"]:
            raise BadSeal(event_id=event_id, problem="it was sealed with another key")
        data = base64.b64decode(sealed["data"], validate=True)
        fields = pydantic_core.from_json(_decrypted(key, data, _bound_to(event_id, event_type)))
        if sorted(fields) != sealed["fields"]:
            raise BadSeal(event_id=event_id, problem="it holds other fields than it names")
    except _Tampered as error:
        raise BadSeal(event_id=event_id, problem="its bytes are not those that were sealed") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadSeal(event_id=event_id, problem="it has not the form of one") from error
    return dict(fields)


def key_digest(key: bytes) -> str:
    """What a seal says of its key: SHA-256 (hex) of `vm-seal/1`, a zero byte and the key."""
    return hashlib.sha256(_CONTEXT + key).hexdigest()


class _Tampered(Exception):
    """The authentication tag does not hold."""


def _decrypted(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as below

    try:
        return _cipher(key).decrypt(_NONCE, data, bound_to)
    except InvalidTag as error:
        raise _Tampered from error


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - slow to import, not always needed

    return AESGCM(key)


def _bound_to(event_id: str, event_type: str) -> bytes:
    return canonical([event_id, event_type])
