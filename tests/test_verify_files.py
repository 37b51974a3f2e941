"""`verify` names every file that was changed, taken away, swapped, cut or added."""

from collections.abc import Callable
from pathlib import Path

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, flip, fresh_filled, problems
from vm_webapp import pending_files
from vm_webapp.db import build_engine, database_of

filled = fresh_filled
shell = copied_shell


def to_folder(path: Path) -> None:
    """Put a folder where the file was."""
    path.unlink()
    path.mkdir()


FILES = (
    "run.json",
    "stages/01-brief/input.json",
    "stages/01-brief/output.json",
    "stages/01-brief/manifest.json",
    "stages/01-brief/artifacts/brief.md",
)


DEEDS: dict[str, Callable[[Path], object]] = {
    "flip": flip,
    "delete": Path.unlink,
    "truncate": lambda path: path.write_bytes(path.read_bytes()[:-2]),
    "empty": lambda path: path.write_bytes(b""),
    "extend": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "folder": to_folder,
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
@pytest.mark.parametrize("name", FILES)
def test_a_change_of_any_kind_of_file_is_named(shell: Shell, name: str, deed: Callable[[Path], object]) -> None:
    """By its path."""
    path = Path(shell.json("show", "latest")["folder"]) / name
    deed(path)
    assert str(path) in problems(shell)


def test_files_that_were_swapped_are_named(shell: Shell) -> None:
    """Both, between two runs."""
    found = [Path(shell.json("show", run["run_id"])["folder"]) for run in shell.json("runs")["runs"][1:]]
    one, other = (folder / "stages/01-brief/manifest.json" for folder in found)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    told = problems(shell)
    assert [str(path) in told for path in (one, other)] == [True, True]


def test_what_was_added_is_named(shell: Shell) -> None:
    """A file in a stage, in a run, a run among the runs, a link."""
    folder = Path(shell.json("show", "latest")["folder"])
    added = [
        folder / "stages/01-brief/artifacts/more.md",
        folder / "more.txt",
        folder / "stages/99-more/manifest.json",
        folder.parent / "r-more" / "run.json",
        folder / "link",
    ]
    for path in added[:-1]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    added[-1].symlink_to(folder.parent, target_is_directory=True)
    told = problems(shell)
    assert [str(path.parent if path.name == "run.json" else path) in told for path in added] == [True] * len(added)


def test_a_durable_copy_that_was_changed_is_named(shell: Shell) -> None:
    """The next start would write it over the file that is right."""
    folder = Path(shell.json("show", "latest")["folder"])
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        pending_files.keep(connection, folder.name, {"stages/01-brief/artifacts/brief.md": b"forged"})
    database_of(engine).close()
    assert "The durable copy of stages/01-brief/artifacts/brief.md" in problems(shell)
