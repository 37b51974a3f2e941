"""Signed notes and checkpoints, and the Ed25519 keys that sign and verify them.

A note is text, an empty line, and signature lines (https://c2sp.org/signed-note). A checkpoint is a note whose text is
the log's origin, the tree's size and its root (https://c2sp.org/tlog-checkpoint). A verifier key is spelled
`<name>+<key id>+<base64 of 0x01 and the public key>`; the key that signs, `PRIVATE+KEY+<name>+<key id>+<base64 of 0x01
and the seed>`, both as the tools for such logs spell them. A key that is made here has a name that follows from
its public half (`own_name`); under a name of that kind no other key is read, so that nobody signs under the name of
another's log.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vm_webapp.errors import Invalid

_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 32
_PRIVATE: Final = "PRIVATE+KEY+"
_HASH_BYTES: Final = 32
_MOST_SIGNATURES: Final = 100
_MOST_BYTES: Final = 1_000_000
_OWN: Final = "vm-log/"
_OWN_DIGITS: Final = 16
_OWN_NAME: Final = re.compile(f"{_OWN}[0-9a-f]{{{_OWN_DIGITS}}}")
_NAME: Final = re.compile(r"[^\s+]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE: Final = re.compile("\u2014 ([^\\s+]+) (\\S+)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class BadNote(Invalid):
    """The note cannot be believed: {problem}."""

    code = "bad_note"
    remedy = "Get the note again from where it was published, and the key from whom you trust for it."


class BadKey(Invalid):
    """The key cannot be used: {problem}."""

    code = "bad_key"
    remedy = "A verifier key is spelled name+id+base64, as `vm checkpoint --key` and GET /api/v2/log/key show it."


@dataclass(frozen=True)
class VerifierKey:
    """What signatures are checked with; everybody may know it. `public` is the 32 bytes of RFC 8032."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key as it is spelled; BadKey where it is not one."""
        name, key_id, content = _fields(text.strip())
        key = cls(name, content)
        _check_id(key, key_id)
        return key

    @cached_property
    def key_id(self) -> bytes:
        """The four bytes by which a signature names the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """As it is spelled."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    def holds(self, signature: bytes, text: bytes) -> bool:
        """Whether the 64 bytes are this key's signature of the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """What a log signs with; a secret."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not _NAME.fullmatch(name):
            raise BadKey(problem="its name holds a space or a plus, or is empty")
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """The key as it is spelled; BadKey where it is not one. No error shows the text."""
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise BadKey(problem=f"one that signs begins with {_PRIVATE}")
        name, key_id, seed = _fields(text.removeprefix(_PRIVATE))
        key = cls(name, seed)
        _check_id(key.verifier, key_id)
        return key

    def spelled(self) -> str:
        """The secret's text."""
        return f"{_PRIVATE}{self.verifier.name}+{self.verifier.key_id.hex()}+{_base64(_ED25519 + self._seed)}"

    def sign(self, text: str) -> str:
        """The note of that text; BadNote for text that cannot be one's."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise BadNote(problem="its text does not end with a newline, or holds a control character")
        signature = self.verifier.key_id + self.sign_bytes(text.encode())
        return f"{text}\n\u2014 {self.verifier.name} {_base64(signature)}\n"

    def sign_bytes(self, content: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature; whoever asks sees to it that its bytes cannot pass for a note's."""
        return self._private.sign(content)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root at some moment; `origin` tells which log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint that a note's text tells; BadNote where it tells none. Extension lines are passed over."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004 - origin, size, root
            raise BadNote(problem="its text is not that of a checkpoint")
        root = _decoded(lines[2])
        if root is None or len(root) != _HASH_BYTES:
            raise BadNote(problem="its root is not the base64 of 32 bytes")
        return cls(lines[0], int(lines[1]), root)


def own_name(public: bytes) -> str:
    """The name of a key that is made here: it begins the fingerprint by which its public half is compared."""
    return f"{_OWN}{hashlib.sha256(public).hexdigest()[:_OWN_DIGITS]}"


def open_note(note: str | bytes, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that one of the keys has signed.

    Raises BadNote where none has, where a signature of a known key does not hold, and where it is no note at all.
    Signatures of other keys are passed over.
    """
    text, signatures = _split(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed = False
    for name, content in signatures:
        key = known.get((name, content[:4]))
        if key is not None and not key.holds(content[4:], text.encode()):
            raise BadNote(problem=f"the signature of {name} does not hold")
        signed = signed or key is not None
    if not signed:
        names = ", ".join(dict.fromkeys(name for name, _ in signatures))
        raise BadNote(problem=f"none of the keys at hand has signed it; it bears the name of {names}")
    return text


def open_checkpoint(note: str | bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note; BadNote unless a key that bears the origin's name has signed it."""
    trusted = list(keys)
    checkpoint = Checkpoint.parse(open_note(note, trusted))
    open_note(note, [key for key in trusted if key.name == checkpoint.origin])
    return checkpoint


def signers_of(note: str | bytes, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """The keys that have signed the checkpoint under its origin's name; none where it is no checkpoint."""
    found: list[VerifierKey] = []
    for key in keys:
        with suppress(BadNote):
            open_checkpoint(note, [key])
            found.append(key)
    return found


def signer_of(note: str | bytes, keys: Iterable[VerifierKey]) -> VerifierKey:
    """The first of the keys that has signed the checkpoint under its origin's name; BadNote where none has."""
    trusted = list(keys)
    open_checkpoint(note, trusted)
    return signers_of(note, trusted)[0]


def read_checkpoint(note: str | bytes) -> Checkpoint:
    """The checkpoint in a note whose signature nobody looks at: for whoever made it, or asks what it claims."""
    return Checkpoint.parse(_split(note)[0])


def sign_checkpoint(key: SigningKey, *, size: int, root: bytes) -> str:
    """The signed checkpoint of the log that the key stands for."""
    return key.sign(Checkpoint(key.verifier.name, size, root).text())


def _split(note: str | bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The note's text, and for each signature its key's name and its bytes: the key's id and what it made."""
    if len(note) > _MOST_BYTES:
        raise BadNote(problem="it is too large")
    try:
        whole = note if isinstance(note, str) else note.decode()
        whole.encode()
    except UnicodeError as error:
        raise BadNote(problem="it is not UTF-8") from error
    text, gap, tail = whole.rpartition("\n\n")
    if _CONTROL.search(whole) or not gap or not tail.endswith("\n"):
        raise BadNote(problem="it is not text, an empty line and signatures")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise BadNote(problem="it has too many signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    found = _SIGNATURE.fullmatch(line)
    content = _decoded(found[2]) if found else None
    if found is None or content is None or len(content) <= 4:  # noqa: PLR2004 - the key's id
        raise BadNote(problem="a line below the empty one is no signature")
    return found[1], content


def _fields(text: str) -> tuple[str, str, bytes]:
    """Name, id and the 32 bytes of a key's text."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = _decoded(encoded)
    if not _NAME.fullmatch(name) or content is None or len(content) != 1 + _KEY_BYTES or content[:1] != _ED25519:
        raise BadKey(problem="it is not spelled name+id+base64 of an Ed25519 key")
    return name, key_id, content[1:]


def _check_id(key: VerifierKey, key_id: str) -> None:
    """That id and name are the key's; a name counts as one of ours also where it only looks like one."""
    if key_id != key.key_id.hex():
        raise BadKey(problem="its id is not that of its name and bytes")
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", key.name) if sign.isprintable()).casefold()
    if _OWN_NAME.fullmatch(seen) and key.name != own_name(key.public):
        raise BadKey(problem=f"it is called {key.name}, which is not its name: that is {own_name(key.public)}")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(text: str) -> bytes | None:
    """The bytes of RFC 4648 base64 in its one spelling; None where it is not that."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if _base64(content) == text else None
