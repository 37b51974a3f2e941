"""No byte of a .zip is outside what is read: nothing stands between entries, in extra fields or in comments."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.bundles import BadBundle
from vm_webapp.bundles.zips import read_zip, write_zip

FILES = {"r/a.txt": b"first", "r/b.txt": b"", "r/ç.txt": b"third " * 40}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCAL, CENTRAL, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
HIDDEN = LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, 33, zlib.crc32(b"echo"), 4, 4, 4, 0) + b"x.shecho"
UNICODE_PATH = struct.pack("<HHBL", 0x7075, 9, 1, zlib.crc32(b"r/a.txt")) + b"x.sh"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry taken apart; `before` and `behind` are bytes around it that belong to nothing."""

    name: bytes
    content: bytes
    flags: int = 0
    method: int = 0
    size: int | None = None
    before: bytes = b""
    behind: bytes = b""
    local_extra: bytes = b""
    extra: bytes = b""
    comment: bytes = b""
    local_name: bytes | None = None

    def sizes(self) -> tuple[int, int, int]:
        """CRC-32, size packed and size."""
        plain = zlib.decompressobj(-15).decompress(self.content) if self.method else self.content
        return zlib.crc32(plain), len(self.content), len(plain) if self.size is None else self.size

    def local(self, sizes: tuple[int, int, int] | None = None) -> bytes:
        """As it stands in its place."""
        name, said = self.local_name or self.name, self.sizes() if sizes is None else sizes
        lengths = (len(name), len(self.local_extra))
        head = LOCAL.pack(b"PK\x03\x04", 20, self.flags, self.method, 0, 33, *said, *lengths)
        return head + name + self.local_extra + self.content

    def central(self, offset: int) -> bytes:
        """As the directory lists it."""
        lengths = (len(self.name), len(self.extra), len(self.comment))
        head = (b"PK\x01\x02", 20, 20, self.flags, self.method, 0, 33, *self.sizes(), *lengths)
        return CENTRAL.pack(*head, 0, 0, 0, offset) + self.name + self.extra + self.comment


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive put together; `gap` stands before the directory, `tail` behind it."""

    entries: Sequence[Entry]
    gap: bytes = b""
    tail: bytes = b""
    comment: bytes = b""
    streamed: bool = False
    listed: int | None = None

    def content(self) -> bytes:
        """The bytes, whose offsets all fit."""
        body, directory = b"", b""
        for entry in self.entries:
            body += entry.before
            directory += entry.central(len(body))
            body += entry.local((0, 0, 0)) if self.streamed else entry.local()
            body += entry.behind
        body += self.gap
        count = len(self.entries) if self.listed is None else self.listed
        size = len(directory) + len(self.tail)
        end = END.pack(b"PK\x05\x06", 0, 0, count, count, size, len(body), len(self.comment))
        return body + directory + self.tail + end + self.comment


PLAIN = [Entry(b"r/a.txt", b"first"), Entry(b"r/b.txt", b"second")]


def altered(at: int, **changes: object) -> Archive:
    """Two entries, of which one is altered."""
    entries = list(PLAIN)
    entries[at] = replace(entries[at], **changes)  # type: ignore[arg-type]  # a test's own fields
    return Archive(entries)


def deflated(content: bytes) -> bytes:
    """The content packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def zip64() -> bytes:
    """A second end, by which other programs find another directory."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, 0, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    return Archive(PLAIN, tail=record + locator).content()


def same_place() -> bytes:
    """Two entries of the directory that are one."""
    content = bytearray(Archive(PLAIN).content())
    struct.pack_into("<L", content, content.rfind(b"PK\x01\x02") + 42, 0)
    return bytes(content)


HARM: dict[str, Callable[[], bytes]] = {
    "an entry hidden before the first": lambda: altered(0, before=HIDDEN).content(),
    "an entry hidden between two": lambda: altered(1, before=HIDDEN).content(),
    "a byte behind the first": lambda: altered(0, behind=b"x").content(),
    "an entry hidden before the directory": lambda: Archive(PLAIN, gap=HIDDEN).content(),
    "something behind the directory": lambda: Archive(PLAIN, tail=b"x").content(),
    "a whole entry of the directory too many": lambda: Archive(PLAIN, listed=1).content(),
    "an entry of the directory too few": lambda: Archive(PLAIN, listed=3).content(),
    "an end of another kind": zip64,
    "a comment of the archive": lambda: Archive(PLAIN, comment=b"x").content(),
    "a comment of an entry": lambda: altered(0, comment=b"x").content(),
    "another name in an extra field": lambda: altered(0, extra=UNICODE_PATH).content(),
    "another name in an extra field of its place": lambda: altered(0, local_extra=UNICODE_PATH).content(),
    "an extra field in both": lambda: altered(1, extra=b"\xfe\xca\0\0", local_extra=b"\xfe\xca\0\0").content(),
    "another name in its place": lambda: altered(0, local_name=b"r/x.txt").content(),
    "another name of a folder in its place": lambda: altered(0, name=b"r/", content=b"", local_name=b"x/").content(),
    "a name of no known encoding": lambda: altered(0, name=b"r/\x87.txt").content(),
    "something behind what is packed": lambda: altered(0, content=deflated(b"a") + b"hidden", method=8).content(),
    "packed bytes that are cut off": lambda: altered(0, content=deflated(b"abc" * 9)[:-1], method=8).content(),
    "more than it names": lambda: altered(0, content=deflated(b"abc" * 9), method=8, size=26).content(),
    "a stream without its end": lambda: altered(0, flags=8).content(),
    "the same place twice": same_place,
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM.keys())
def test_what_hides_is_refused(harm: Callable[[], bytes]) -> None:
    """Whatever program would see it."""
    with pytest.raises(BadBundle):
        read_zip(harm())


def test_the_archive_that_they_are_made_of_is_taken() -> None:
    """So that what is refused is the harm alone: plain, packed, and written as a stream, with and without its mark."""
    assert read_zip(Archive(PLAIN).content()) == {"r/a.txt": b"first", "r/b.txt": b"second"}
    packed = altered(1, content=deflated(b"abc" * 9), method=8)
    assert read_zip(packed.content())["r/b.txt"] == b"abc" * 9
    for mark in (b"PK\x07\x08", b""):
        entries = [replace(one, flags=8, behind=mark + struct.pack("<3L", *one.sizes())) for one in PLAIN]
        assert read_zip(Archive(entries, streamed=True).content())["r/a.txt"] == b"first"
        lies = [replace(one, flags=8, behind=mark + struct.pack("<3L", 1, 2, 3)) for one in PLAIN]
        with pytest.raises(BadBundle, match="before and behind it"):
            read_zip(Archive(lies, streamed=True).content())


class Pipe(io.RawIOBase):
    """Something that is written to and cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self.content = b""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: object) -> int:
        """Take the bytes."""
        taken = bytes(content)  # type: ignore[call-overload]  # a buffer
        self.content += taken
        return len(taken)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_the_standard_library_writes_is_taken(method: int) -> None:
    """Into a file and into a pipe, with entries for folders."""
    for target in (io.BytesIO(), Pipe()):
        with zipfile.ZipFile(target, "w", method) as archive:
            archive.mkdir("r")
            for name, content in FILES.items():
                archive.writestr(name, content)
        written = target.getvalue() if isinstance(target, io.BytesIO) else target.content
        assert read_zip(written) == FILES


@given(st.dictionaries(st.from_regex(r"r/[a-zç]{1,8}", fullmatch=True), st.binary(max_size=60), min_size=1, max_size=6))
def test_what_we_write_is_taken(files: dict[str, bytes]) -> None:
    """Any files."""
    assert read_zip(write_zip(files, at=NOW)) == files


@given(st.integers(min_value=0), st.binary(min_size=1, max_size=40))
def test_nothing_can_be_put_in_anywhere(place: int, more: bytes) -> None:
    """Bytes put in at any place, with every offset behind them made to fit, are found."""
    content = write_zip(FILES, at=NOW)
    directory = END.unpack(content[-22:])[6]
    at = place % (directory + 1)
    shifted = bytearray(content[:at] + more + content[at:])
    struct.pack_into("<L", shifted, len(shifted) - 6, directory + len(more))
    entry = directory + len(more)
    while shifted[entry : entry + 4] == b"PK\x01\x02":
        said = CENTRAL.unpack_from(shifted, entry)
        if said[-1] >= at:
            struct.pack_into("<L", shifted, entry + 42, said[-1] + len(more))
        entry += CENTRAL.size + said[10]
    with pytest.raises(BadBundle):
        read_zip(bytes(shifted))
