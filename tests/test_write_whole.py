"""Files of their own, such as keys, secrets and witnesses: whole or not at all."""

from pathlib import Path

import pytest

from vm_webapp.artifacts import write_whole


def test_a_file_takes_the_place_of_the_one_before_or_leaves_it(tmp_path: Path) -> None:
    """Where it cannot be written nothing is left beside it."""
    path = tmp_path / "note"
    write_whole(path, b"one", mode=0o600)
    write_whole(path, b"another", mode=0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"another", 0o600)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_whole(tmp_path / "folder", b"no", mode=0o600)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["folder", "note"]
