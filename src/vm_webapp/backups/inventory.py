"""The inventory of a backup: its files with their digests, and where in the log it was made.

    backup.json
      format         "vm-backup/1"
      made_at        UTC
      version        of the program that made it
      source         the log's name (cloud_events.source_of): a folder takes the backups of one log alone
      position       the last event in it
      schema         the database's revision
      tables         rows by table, as they were in the log's own snapshot
      database       an item: the file of the database
      files          [item]: path in the workspace, place in the backup, sha256, size
      damaged        [{path, problem}]: files that were not what was published when the backup was made
      sha256         the digest of all of the above, as RFC 8785 has it

It is written last, under a temporary name, synced and renamed. So a folder always has either the inventory of the
backup before or that of the new one, and all files of either: whatever is new stands under a name of its own.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from vm_webapp.errors import IntegrityError, Invalid
from vm_webapp.proof.canonical import canonical

NAME: Final = "backup.json"
FORMAT: Final = "vm-backup/1"
LARGEST: Final = 256 * 1024 * 1024
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PART: Final = re.compile(r"[^/\\\x00-\x1f\x7f:]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file: where it belongs in the workspace, where it stands in the backup, and what it must be."""

    path: str
    place: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What a backup holds."""

    made_at: str
    version: str
    source: str
    position: int
    schema: str
    tables: Mapping[str, int]
    database: Item
    files: Sequence[Item]
    damaged: Sequence[Mapping[str, str]] = ()
    format: str = FORMAT

    @property
    def items(self) -> list[Item]:
        """Every file, the database first."""
        return [self.database, *self.files]

    def to_bytes(self) -> bytes:
        """As it stands on the disk."""
        said = asdict(self)
        return json.dumps({**said, "sha256": _digest(said)}, ensure_ascii=False, indent=1).encode() + b"\n"


def read_inventory(content: bytes, *, where: object) -> Inventory:
    """The inventory of these bytes; IntegrityError for what is none, or names places outside of the backup."""
    try:
        said = json.loads(content)
        if said["format"] != FORMAT:
            raise IntegrityError(path=where, problem=f"its format is {str(said['format'])[:40]!r}, not {FORMAT!r}")
        digest = said.pop("sha256", None)
        if digest is None:
            raise IntegrityError(path=where, problem="it bears no digest of itself, as every backup does; make another")
        if digest != _digest(said):
            raise IntegrityError(path=where, problem="it is not as it was written: its digest does not hold")
        given = {**said, "database": _item(said["database"]), "files": [_item(one) for one in said["files"]]}
        counted = {str(name): int(rows) for name, rows in said["tables"].items()}
        inventory = Inventory(**{**given, "position": int(said["position"]), "tables": counted})
    except (Invalid, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError(path=where, problem="it is no inventory of a backup") from error
    _check_distinct(inventory, where)
    return inventory


def is_plain(path: str) -> bool:
    """Whether the path is relative, with forward slashes, and stays where it begins."""
    parts = path.split("/")
    return bool(path) and len(path) < 1_000 and all(_PART.fullmatch(one) and one not in (".", "..") for one in parts)  # noqa: PLR2004 - longer than any of ours


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(said)).hexdigest()


def _item(said: Mapping[str, Any]) -> Item:
    item = Item(path=str(said["path"]), place=str(said["place"]), sha256=str(said["sha256"]), size=int(said["size"]))
    if not (is_plain(item.path) and is_plain(item.place) and _DIGEST.fullmatch(item.sha256) and item.size >= 0):
        raise ValueError
    return item


def _check_distinct(inventory: Inventory, where: object) -> None:
    """Two files of one name would overwrite each other, also where case does not count."""
    for name in ("path", "place"):
        seen = [getattr(item, name).casefold() for item in inventory.items]
        if len(set(seen)) != len(seen):
            raise IntegrityError(path=where, problem="it names a file twice")
