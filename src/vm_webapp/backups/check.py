"""Whether a backup holds: every file of it is read, its database opened, and held against its inventory.

Nothing is written to it. Restoring asks the same first, so that what is said here of a backup is what is done with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vm_webapp.backups.copied import check_copied
from vm_webapp.backups.inventory import NAME, Inventory, Item
from vm_webapp.backups.shelf import Source, check_item, opened
from vm_webapp.db import SCHEMA_REVISION
from vm_webapp.errors import DatabaseTooNew, IntegrityError

_OF_KEYS: Final = "keys/"
_PLACES: Final = ("runs/", "profiles/", _OF_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a backup says it holds.

    `damaged` counts files that were damaged already when the backup was made, which are not in it; `unlisted` are files
    that stand in its place and that it does not name: a backup that was cut off leaves such, and so does whoever adds
    one. They are never restored.
    """

    position: int
    files: int
    bytes: int
    made_at: str
    damaged: int
    with_keys: bool
    unlisted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a backup says it holds, and a sentence for each file of it that does not hold."""

    extent: Extent
    problems: tuple[str, ...]


def check_backup(backup: Path, *, progress: Callable[[int], None] = lambda _: None) -> Checked:
    """Check a backup; NotReadable where there is none, IntegrityError where its inventory does not hold.

    Raises DatabaseTooNew for one of a newer program.
    """
    with opened(backup) as source:
        inventory = source.inventory()
        problems = tuple(str(problem) for problem in faults(source, inventory, backup, progress))
        return Checked(extent=extent_of(source, inventory), problems=problems)


def extent_of(source: Source, inventory: Inventory) -> Extent:
    """What the inventory says, and what stands beside that."""
    return Extent(
        position=inventory.position,
        files=len(inventory.files),
        bytes=sum(item.size for item in inventory.items),
        made_at=inventory.made_at,
        damaged=len(inventory.damaged),
        with_keys=any(is_secret(item) for item in inventory.files),
        unlisted=tuple(sorted(source.names() - {NAME, *(item.place for item in inventory.items)})),
    )


def faults(
    source: Source, inventory: Inventory, backup: Path, progress: Callable[[int], None]
) -> Iterator[IntegrityError]:
    """Every file that does not hold, or belongs to no place of a workspace; `progress` hears how many were read.

    The database is opened where its bytes are those of the inventory.
    Raises DatabaseTooNew for a backup of a newer program.
    """
    if inventory.schema > SCHEMA_REVISION:
        raise DatabaseTooNew(path=backup, found=inventory.schema, known=SCHEMA_REVISION)
    for item in inventory.files:
        if not item.path.startswith(_PLACES):
            yield IntegrityError(path=item.place, problem="it belongs to no place of a workspace")
    for done, item in enumerate(inventory.items, start=1):
        try:
            check_item(source, item)
            if item is inventory.database:
                check_copied(source, inventory)
        except IntegrityError as error:
            yield error
        progress(done)


def is_secret(item: Item) -> bool:
    """Whether it is a key that signs, or another secret."""
    return item.path.startswith(_OF_KEYS) and not item.path.endswith(".vkeys")
