"""Every member of a bundle, and the .zip itself, times everything that can be done to it: found, and named.

Not covered is what a .zip says besides names and bytes: the program and version that wrote it, and attributes. In which
order the members stand means nothing.
"""

import io
import itertools
import struct
import zipfile
from collections.abc import Callable, Iterator

import pytest

from bundle_kit import Made, fresh_made, unzipped, zipped
from vm_webapp.bundles import verify_bundle

made = fresh_made

Deed = Callable[[dict[str, bytes], str, str], dict[str, bytes]]

DEEDS: dict[str, Deed] = {
    "flip": lambda files, one, _: {**files, one: bytes([files[one][0] ^ 1]) + files[one][1:]},
    "flip the last": lambda files, one, _: {**files, one: files[one][:-1] + bytes([files[one][-1] ^ 1])},
    "delete": lambda files, one, _: {name: content for name, content in files.items() if name != one},
    "truncate": lambda files, one, _: {**files, one: files[one][:-1]},
    "swap": lambda files, one, other: {**files, one: files[other], other: files[one]},
    "reorder": lambda files, one, _: {**files, one: b"\n".join(files[one].split(b"\n")[::-1]) + b"\n"},
    "add": lambda files, one, _: {**files, f"{one}x": files[one]},
}
NOT_COVERED = {"version", "made by", "attributes"}
LOCAL = {"signature": 4, "version": 2, "flags": 2, "method": 2, "time": 4, "checksum": 4, "sizes": 8, "lengths": 4}
DIRECTORY = {
    "signature": 4,
    "made by": 2,
    "version": 2,
    "flags": 2,
    "method": 2,
    "time": 4,
    "checksum": 4,
    "sizes": 8,
    "lengths": 6,
    "disk": 2,
    "attributes": 6,
    "offset": 4,
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_every_member_counts(made: Made, deed: Deed) -> None:
    """Whatever is done to it, it is named."""
    files = unzipped(made.content)
    names = sorted(files)
    for one, other in zip(names, names[1:] + names[:1], strict=True):
        told = " ".join(verify_bundle(zipped(deed(files, one, other))).problems)
        assert one.partition("/")[2] in told or one.partition("/")[2].removeprefix("data/") in told, (one, told)


def test_the_order_of_members_means_nothing(made: Made) -> None:
    """The same files in another order are the same bundle."""
    files = unzipped(made.content)
    assert verify_bundle(zipped({name: files[name] for name in sorted(files, reverse=True)})).problems == []


def fields(content: bytes) -> Iterator[tuple[str, int]]:
    """Each byte of the archive that is no content, with the field that it belongs to."""
    directory = struct.unpack("<I", content[-6:-2])[0]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.infolist()[0]
    name = {"name": len(entry.filename)}
    for start, known in ((entry.header_offset, {**LOCAL, **name}), (directory, {**DIRECTORY, **name})):
        places = itertools.count(start)
        yield from ((field, next(places)) for field, width in known.items() for _ in range(width))
    yield from (("end", at) for at in range(len(content) - 22, len(content)))


@pytest.mark.parametrize("bit", [0, 6])
def test_every_byte_of_the_archive_counts(made: Made, bit: int) -> None:
    """Before a member, in the directory and at the end; but for what is not covered."""
    passed = set()
    for field, at in fields(made.content):
        content = bytearray(made.content)
        content[at] ^= 1 << bit
        if not verify_bundle(bytes(content)).problems:
            passed.add(field)
    assert passed <= NOT_COVERED


@pytest.mark.parametrize("part", range(1, 30))
def test_an_archive_that_was_cut_off_is_refused(made: Made, part: int) -> None:
    """Wherever it was cut."""
    assert "no whole .zip" in verify_bundle(made.content[: len(made.content) * part // 30]).problems[0]
