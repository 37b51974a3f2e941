"""A run's published files as one .zip that is made while it is sent: memory stays flat, however large the run is.

The archive unpacks to the layout on disk, manifests included, so that it can be verified without the workspace. Equal
runs give equal bytes: the times in it are the run's.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

_READABLE: Final = 0o644 << 16
_EARLIEST: Final = 1980


class Outlet(io.RawIOBase):
    """A file that cannot be sought in, and hands out what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # any bytes will do
        """Take the bytes."""
        self._written += data
        return len(data)

    def drain(self) -> bytes:
        """Everything that was written since."""
        found = bytes(self._written)
        self._written.clear()
        return found


def stream_archive(files: Iterable[tuple[str, bytes]], *, at: datetime) -> Iterator[bytes]:
    """The archive of the files, by path, in pieces; every file bears the time `at`."""
    outlet = Outlet()
    moment = at.timetuple()[:6] if at.year >= _EARLIEST else (_EARLIEST, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            entry = zipfile.ZipInfo(path, date_time=moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            archive.writestr(entry, content)
            yield outlet.drain()
    yield outlet.drain()
