"""Archives that mean harm are refused, and nothing is written: neither by `verify` nor by an import."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle_kit import Made, empty_host, fresh_made, unzipped, zipped
from vm_webapp import event_store
from vm_webapp.bundles import LONGEST_ZIP, BadBundle, Place, import_bundle, verify_bundle
from vm_webapp.bundles.zips import read_zip
from vm_webapp.commands import OWNER
from vm_webapp.host import Host

made = fresh_made
empty = empty_host
Hostile = Callable[[Made], bytes]


def with_entry(name: str) -> Hostile:
    """The bundle with one more entry."""

    def make(made: Made) -> bytes:
        return zipped({**unzipped(made.content), name: b"more"})

    return make


def with_raw_name(name: bytes) -> Hostile:
    """The same, its name written as no library would: eight bytes at the most, filled up with x."""

    def make(made: Made) -> bytes:
        placed = zipped({**unzipped(made.content), "xxxxxxxx": b"more"})
        return placed.replace(b"xxxxxxxx", name.ljust(8, b"x"))

    return make


def with_mode(mode: int) -> Hostile:
    """The bundle with an entry that is no plain file."""

    def make(made: Made) -> bytes:
        target = io.BytesIO(made.content)
        with zipfile.ZipFile(target, "a") as archive:
            entry = zipfile.ZipInfo(f"{made.run_id}/data/link")
            entry.create_system, entry.external_attr = 3, mode << 16
            archive.writestr(entry, "/etc/passwd")
        return target.getvalue()

    return make


def with_flags(flags: int) -> Hostile:
    """The bundle, its last entry marked in the archive's directory."""

    def make(made: Made) -> bytes:
        content = bytearray(made.content)
        at = content.rfind(b"PK\x01\x02")
        struct.pack_into("<H", content, at + 8, flags)
        return bytes(content)

    return make


def with_method(method: int) -> Hostile:
    """The same, with another method of compression."""

    def make(made: Made) -> bytes:
        content = bytearray(made.content)
        struct.pack_into("<H", content, content.rfind(b"PK\x01\x02") + 10, method)
        return bytes(content)

    return make


def with_size(size: int) -> Hostile:
    """The same, claiming another size."""

    def make(made: Made) -> bytes:
        content = bytearray(made.content)
        struct.pack_into("<L", content, content.rfind(b"PK\x01\x02") + 24, size)
        return bytes(content)

    return make


def overlapping(made: Made) -> bytes:
    """Two entries of the directory that share one entry's bytes, as David Fifield's bombs do."""
    content = bytearray(made.content)
    first = content.find(b"PK\x01\x02")
    last = content.rfind(b"PK\x01\x02")
    content[last + 42 : last + 46] = content[first + 42 : first + 46]
    return bytes(content)


def bomb(made: Made) -> bytes:
    """Half a gigabyte of nothing in half a megabyte."""
    target = io.BytesIO(made.content)
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{made.run_id}/data/bomb", "w") as file,
    ):
        for _ in range(64):
            file.write(bytes(2**23))
    return target.getvalue()


def many_small_bombs(made: Made) -> bytes:
    """Each of them below the limit of one."""
    target = io.BytesIO(made.content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(260):
            archive.writestr(f"{made.run_id}/data/bomb{number}", bytes(2**20))
    return target.getvalue()


def crowd(made: Made) -> bytes:
    """A hundred thousand entries: they are counted before any is looked at."""
    return zipped({f"{made.run_id}/{number}": b"" for number in range(100_000)})


def crowd_in_disguise(_made: Made) -> bytes:
    """An end that claims as many as its field can hold, and no directory."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0, 30, 0)
    return b"PK\x03\x04" + bytes(26) + end


HOSTILE: dict[str, Hostile] = {
    "a way out": with_entry("../outside.txt"),
    "a way out further down": with_entry("r/../../outside.txt"),
    "an absolute name": with_entry("/tmp/outside.txt"),  # noqa: S108 - it is refused
    "a drive": with_entry("C:/outside.txt"),
    "a stream of Windows": with_entry("r/plan.md:hidden"),
    "a backslash": with_raw_name(b"..\\x"),
    "a NUL": with_raw_name(b"a\0.md"),
    "a reserved name": with_entry("r/con.txt"),
    "a line break": with_entry("r/a\nb"),
    "a name that turns the line around": with_entry("r/\u202etxt.exe"),
    "a name that ends with a dot": with_entry("r/plan."),
    "an empty part": with_entry("r//plan"),
    "too deep": with_entry("/".join("abcdefghij")),
    "another folder at the top": with_entry("other/plan.md"),
    "nothing but a file at the top": lambda _: zipped({"plan.md": b"x"}),
    "a folder that is called as no run": lambda made: zipped(
        {name.replace(made.run_id, "no run"): content for name, content in unzipped(made.content).items()}
    ),
    "the same name twice": lambda made: zipped(
        {**unzipped(made.content), f"{made.run_id}/data/aaaaaa": b"1", f"{made.run_id}/data/bbbbbb": b"2"}
    ).replace(b"bbbbbb", b"aaaaaa"),
    "the same name in capitals": lambda made: with_entry(f"{made.run_id}/DATA/readme.md")(made),
    "the same name in another form": lambda made: zipped(
        {**unzipped(made.content), f"{made.run_id}/data/é": b"1", f"{made.run_id}/data/e\u0301": b"2"}
    ),
    "a file below a file": lambda made: with_entry(f"{made.run_id}/data/README.md/x")(made),
    "a symbolic link": with_mode(stat.S_IFLNK | 0o777),
    "a device": with_mode(stat.S_IFCHR | 0o666),
    "a pipe": with_mode(stat.S_IFIFO | 0o666),
    "encrypted": with_flags(0x1),
    "strongly encrypted": with_flags(0x41),
    "an unusual compression": with_method(14),
    "a larger size than is there": with_size(2**31),
    "entries that overlap": overlapping,
    "a bomb": bomb,
    "many small bombs": many_small_bombs,
    "a hundred thousand entries": crowd,
    "more entries than there are": crowd_in_disguise,
    "cut off in the middle": lambda made: made.content[: len(made.content) // 2],
    "cut off at the end": lambda made: made.content[:-1],
    "something behind it": lambda made: made.content + b"#!/bin/sh",
    "something before it": lambda made: b"#!/bin/sh\n" + made.content,
    "not even a .zip": lambda _: b"hello",
    "nothing": lambda _: b"",
    "an empty .zip": lambda _: zipped({}),
    "too large": lambda _: bytes(LONGEST_ZIP + 1),
}


@pytest.mark.parametrize("harm", list(HOSTILE))
def test_harm_is_refused_and_nothing_is_written(made: Made, empty: Host, tmp_path: Path, harm: str) -> None:
    """No event, no file within the workspace or beside it; the verifier says so as well."""
    content = HOSTILE[harm](made)
    before = everything(tmp_path)
    assert verify_bundle(content).problems
    with pytest.raises(BadBundle):
        import_bundle(empty.commands, empty.workspace, content, place=Place(), by=OWNER)
    with empty.database.read() as connection:
        assert event_store.last_position(connection) == 0
    assert everything(tmp_path) == before


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_a_bit_anywhere_in_the_directory_is_no_way_in(made: Made, at: int) -> None:
    """Flip each in turn: the archive is refused, or what is read is found to differ, or the bit meant nothing."""
    content = bytearray(made.content)
    begin = content.find(b"PK\x01\x02")
    content[begin + at] ^= 1 << at % 8
    try:
        found = read_zip(bytes(content))
    except BadBundle:
        return
    assert found == unzipped(made.content) or verify_bundle(bytes(content)).problems


def test_a_name_in_two_spellings_is_refused(made: Made) -> None:
    """The directory says one name, the entry another."""
    content = made.content.replace(b"data/README.md", b"data/README.mx", 1)
    assert verify_bundle(content).problems


def test_a_wrong_checksum_of_the_archive_is_refused(made: Made) -> None:
    """A stored byte that its CRC does not fit."""
    place = made.content.find(b"# Run ")
    content = made.content[:place] + b"X" + made.content[place + 1 :]
    assert zlib.crc32(content) != zlib.crc32(made.content)
    assert "no whole .zip" in verify_bundle(content).problems[0]


def everything(folder: Path) -> set[str]:
    """Every file below the folder, but for what the database writes by itself."""
    return {str(path) for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name}
