"""Where everything in a .zip stands: no byte of it is outside an entry, its directory and the one record at its end.

Entries begin at the first byte and stand one behind the other up to the directory, that up to the end record, and that
up to the end of the file. There are no extra fields and no comments, in which another program might read another name
or size. Format: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.9, 4.3.12 and 4.3.16.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from vm_webapp.bundles.bundle import BadBundle

LONGEST_ZIP: Final = 64 * 1024 * 1024
"""The largest .zip that is read."""
MOST_ENTRIES: Final = 5_000
"""How many files and folders it may have."""
_STREAMED: Final = 0x8
_UTF8: Final = 0x800
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_SIZES: Final = struct.Struct("<3L")
_DESCRIPTOR: Final = b"PK\x07\x08"


class Frame(NamedTuple):
    """How many entries there are, and where their directory begins."""

    entries: int
    directory: int


class _Entry(NamedTuple):
    """What the directory says of an entry: flags, method, time and date, then CRC-32, size packed and size."""

    name: bytes
    offset: int
    plain: tuple[int, ...]
    sizes: tuple[int, int, int]


def check_frame(content: bytes) -> Frame:
    """The archive is all there is, and its end tells how many entries there are before any is read."""
    if len(content) > LONGEST_ZIP:
        raise BadBundle(problem=f"it has more than {LONGEST_ZIP // 2**20} MiB")
    if len(content) < _END.size or content[-_END.size : -_END.size + 4] != b"PK\x05\x06":
        raise BadBundle(problem="it is no whole .zip (it is cut off, or something follows it)")
    _, disk, first, here, count, size, offset, comment = _END.unpack(content[-_END.size :])
    if disk or first or here != count or count > MOST_ENTRIES:
        raise BadBundle(problem=f"it has more than {MOST_ENTRIES:,} entries, or several disks")
    if comment or offset + size + _END.size != len(content) or not content.startswith(b"PK\x03\x04"):
        raise BadBundle(problem="something stands before, in or behind the .zip")
    return Frame(count, offset)


def find_contents(content: bytes, frame: Frame) -> Mapping[int, int]:
    """Where the bytes of each entry begin, by the place of its header; BadBundle where a byte is none's."""
    found: dict[int, int] = {}
    end = 0
    for entry in sorted(_directory(content, frame), key=lambda one: one.offset):
        if entry.offset < end:
            raise BadBundle(problem=f"{_shown(entry.name)} shares its bytes with another entry")
        if entry.offset > end:
            raise BadBundle(problem=f"something stands before {_shown(entry.name)} that is no entry")
        found[entry.offset], end = _bounds(content, entry)
    if end != frame.directory:
        raise BadBundle(problem="something stands between its last entry and its directory, or they overlap")
    return found


def _directory(content: bytes, frame: Frame) -> Iterator[_Entry]:
    """The entries as the directory lists them, which is as long as they are."""
    at, end = frame.directory, len(content) - _END.size
    for _ in range(frame.entries):
        if at + _CENTRAL.size > end:
            raise BadBundle(problem="its directory is too short")
        signature, _, _, *plain, crc, packed, size, name, extra, comment, disk, _, _, offset = _CENTRAL.unpack_from(
            content, at
        )
        at += _CENTRAL.size
        entry = _Entry(content[at : at + name], offset, tuple(plain), (crc, packed, size))
        if signature != b"PK\x01\x02" or disk:
            raise BadBundle(problem="its directory is none")
        if extra or comment:
            raise BadBundle(problem=f"{_shown(entry.name)} bears a comment or an extra field")
        if not entry.name.isascii() and not plain[0] & _UTF8:
            raise BadBundle(problem=f"the name {_shown(entry.name)} is not said to be in UTF-8")
        at += name
        yield entry
    if at != end:
        raise BadBundle(problem="something stands behind its directory, or it reaches beyond its end")


def _bounds(content: bytes, entry: _Entry) -> tuple[int, int]:
    """Where an entry's bytes begin, and where it ends; before them stands what the directory says."""
    start = entry.offset + _LOCAL.size + len(entry.name)
    if start > len(content):
        raise BadBundle(problem=f"{_shown(entry.name)} reaches beyond the .zip")
    signature, _, *said, name, extra = _LOCAL.unpack_from(content, entry.offset)
    plain, sizes = tuple(said[:4]), tuple(said[4:])
    if extra:
        raise BadBundle(problem=f"{_shown(entry.name)} bears a comment or an extra field")
    streamed = bool(entry.plain[0] & _STREAMED)
    same = plain == entry.plain and (sizes == entry.sizes or (streamed and not any(sizes)))
    named = name == len(entry.name) and content[start - name : start] == entry.name
    if signature != b"PK\x03\x04" or not same or not named:
        raise BadBundle(problem=f"{_shown(entry.name)} is told in two ways, in its place and in the directory")
    end = start + entry.sizes[1]
    return start, _behind(content, end, entry) if streamed else end


def _behind(content: bytes, end: int, entry: _Entry) -> int:
    """The end of what stands behind an entry that was written as a stream (4.3.9): checksum and sizes once more."""
    told = _SIZES.pack(*entry.sizes)
    for descriptor in (_DESCRIPTOR + told, told):
        if content.startswith(descriptor, end):
            return end + len(descriptor)
    raise BadBundle(problem=f"{_shown(entry.name)} is told in two ways, before and behind it")


def _shown(name: bytes) -> str:
    return ascii(name[:80].decode("utf-8", "replace"))
