"""A .zip written the same way each time, and read from somebody who may mean harm.

Reading never touches the disk. Refused are: anything before or behind the archive, several disks and zip64; encrypted,
overlapping, oversized or suspiciously small entries; symbolic links and other special files; names that are not plain
relative paths on every system, that repeat where neither case nor Unicode form counts, or that lie below a file.
Format: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from vm_webapp.artifacts import check_names
from vm_webapp.bundles.bundle import BadBundle
from vm_webapp.errors import InvalidName

LONGEST_ZIP: Final = 64 * 1024 * 1024
"""The largest .zip that is read."""
MOST_ENTRIES: Final = 5_000
_LONGEST_CONTENT: Final = 256 * 1024 * 1024
_LARGEST_RATIO: Final = 100
_RATIO_MATTERS_FROM: Final = 1024 * 1024
_DEEPEST: Final = 8
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_PLAIN_FILE: Final = (stat.S_IFREG | 0o644) << 16
_UNIX: Final = 3
_EARLIEST: Final = 1980
_STREAMED: Final = 0x8
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000


def write_zip(files: Mapping[str, bytes], *, at: datetime) -> bytes:
    """The archive of the files by path, each bearing the time `at`: the same files give the same bytes everywhere."""
    moment = at.timetuple()[:6] if at.year >= _EARLIEST else (_EARLIEST, 1, 1, 0, 0, 0)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, date_time=moment)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, files[path])
    return target.getvalue()


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of an archive by path; BadBundle for whatever is not exactly an archive of plain files."""
    _check_frame(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, content)
            return {entry.filename: _read(archive, entry) for entry in entries if not entry.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, OSError, ValueError) as error:
        raise BadBundle(problem=f"it is no whole .zip ({str(error)[:120] or type(error).__name__})") from error


def _check_frame(content: bytes) -> None:
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


def _check_entries(entries: Sequence[zipfile.ZipInfo], content: bytes) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        _check_name(entry)
        _check_kind(entry)
        folded = unicodedata.normalize("NFC", entry.filename).casefold().rstrip("/")
        if folded in seen:
            raise BadBundle(problem=f"{_shown(entry.filename)} is there twice where neither case nor form counts")
        seen[folded] = entry.filename
    for entry in entries:
        for parent in _parents(unicodedata.normalize("NFC", entry.filename).casefold()):
            if not seen.get(parent, "/").endswith("/"):
                raise BadBundle(problem=f"{_shown(entry.filename)} lies below a file")
    _check_sizes(entries)
    _check_places(entries, content)


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.removesuffix("/").split("/")
    if entry.orig_filename != name or len(parts) > _DEEPEST:
        raise BadBundle(problem=f"the name {_shown(entry.orig_filename)} cannot be used")
    for part in parts:
        try:
            check_names([part])
        except InvalidName as error:
            raise BadBundle(problem=f"the name {_shown(name)} cannot be used: {error.facts['problem']}") from error


def _check_kind(entry: zipfile.ZipInfo) -> None:
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in {0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG}:
        raise BadBundle(problem=f"{_shown(entry.filename)} is a link or another special file")
    if entry.flag_bits & _ENCRYPTED:
        raise BadBundle(problem=f"{_shown(entry.filename)} is encrypted")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadBundle(problem=f"{_shown(entry.filename)} is compressed in an unusual way")
    if entry.is_dir() and (entry.file_size or entry.compress_size):
        raise BadBundle(problem=f"{_shown(entry.filename)} is a folder with content")


def _check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    for entry in entries:
        suspicious = entry.file_size > max(_RATIO_MATTERS_FROM, _LARGEST_RATIO * entry.compress_size)
        if suspicious or (entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size):
            raise BadBundle(problem=f"{_shown(entry.filename)} claims to unpack to far more than it holds")
    if sum(entry.file_size for entry in entries) > _LONGEST_CONTENT:
        raise BadBundle(problem=f"it unpacks to more than {_LONGEST_CONTENT // 2**20} MiB")


def _check_places(entries: Sequence[zipfile.ZipInfo], content: bytes) -> None:
    """No two entries share bytes, and none reaches beyond the archive."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        header = content[entry.header_offset : entry.header_offset + _LOCAL.size]
        if len(header) < _LOCAL.size or entry.header_offset < end:
            raise BadBundle(problem=f"{_shown(entry.filename)} shares its bytes with another entry")
        _, _, *said, name_length, extra_length = _LOCAL.unpack(header)
        if not _is_told_twice(entry, said):
            raise BadBundle(problem=f"{_shown(entry.filename)} is told in two ways, in its place and in the directory")
        end = entry.header_offset + _LOCAL.size + name_length + extra_length + entry.compress_size


def _is_told_twice(entry: zipfile.ZipInfo, said: Sequence[int]) -> bool:
    """Whether flags, compression, time, checksum and sizes before an entry are those in the directory.

    One that was written as a stream (APPNOTE, 4.4.4, bit 3) has zeros for what was not known yet.
    """
    year, month, day, hour, minute, second = entry.date_time
    moment = [hour << 11 | minute << 5 | second // 2, (year - _EARLIEST) << 9 | month << 5 | day]
    sizes = [entry.CRC, entry.compress_size, entry.file_size]
    streamed = bool(entry.flag_bits & _STREAMED) and not any(said[4:])
    plain = [entry.flag_bits, entry.compress_type, *moment]
    return not entry.volume and list(said[:4]) == plain and (streamed or list(said[4:]) == sizes)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes, whose CRC and length are those that it names."""
    with archive.open(entry) as file:
        found = file.read(entry.file_size + 1)
    if len(found) != entry.file_size:
        raise BadBundle(problem=f"{_shown(entry.filename)} has not the size that it names")
    return found


def _parents(path: str) -> Iterator[str]:
    parts = path.rstrip("/").split("/")
    for count in range(1, len(parts)):
        yield "/".join(parts[:count])


def _shown(name: str) -> str:
    return ascii(name[:80])
