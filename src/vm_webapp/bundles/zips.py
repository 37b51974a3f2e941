"""A .zip written the same way each time, and read from somebody who may mean harm.

Reading never touches the disk. Refused are: any byte that is no entry's (places), several disks and zip64; encrypted,
overlapping, oversized or suspiciously small entries; symbolic links and other special files; names that are not plain
relative paths on every system, that repeat where neither case nor Unicode form counts, or that lie below a file.
"""

import io
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from vm_webapp.artifacts import check_names
from vm_webapp.bundles.bundle import BadBundle
from vm_webapp.bundles.places import check_frame, find_contents
from vm_webapp.errors import InvalidName

_LONGEST_CONTENT: Final = 256 * 1024 * 1024
_LARGEST_RATIO: Final = 100
_RATIO_MATTERS_FROM: Final = 1024 * 1024
_DEEPEST: Final = 8
_PLAIN_FILE: Final = (stat.S_IFREG | 0o644) << 16
_UNIX: Final = 3
_EARLIEST: Final = 1980
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
    frame = check_frame(content)
    starts = find_contents(content, frame)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if (len(entries), archive.start_dir) != frame:
                raise BadBundle(problem="it has two directories")
        _check_entries(entries)
        return {one.filename: _read(content, starts[one.header_offset], one) for one in entries if not one.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, OSError, ValueError) as error:
        raise BadBundle(problem=f"it is no whole .zip ({str(error)[:120] or type(error).__name__})") from error


def _check_entries(entries: Sequence[zipfile.ZipInfo]) -> None:
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


def _read(content: bytes, start: int, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes, which have the CRC and the length that it names, and fill its place."""
    packed = content[start : start + entry.compress_size]
    found = packed if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed, entry)
    if zlib.crc32(found) != entry.CRC:
        raise BadBundle(problem=f"it is no whole .zip (the checksum of {_shown(entry.filename)} is another)")
    return found


def _inflated(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    found = inflater.decompress(packed, entry.file_size + 1)
    if len(found) != entry.file_size:
        raise BadBundle(problem=f"{_shown(entry.filename)} has not the size that it names")
    if not inflater.eof or inflater.unused_data:
        raise BadBundle(problem=f"{_shown(entry.filename)} does not end where it says, or something hides behind it")
    return found


def _parents(path: str) -> Iterator[str]:
    parts = path.rstrip("/").split("/")
    for count in range(1, len(parts)):
        yield "/".join(parts[:count])


def _shown(name: str) -> str:
    return ascii(name[:80])
