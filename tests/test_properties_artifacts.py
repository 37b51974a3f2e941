"""Names and texts from anywhere: refused before anything is written, or written so that every digest holds."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_webapp import artifacts
from vm_webapp.errors import InvalidName, InvalidText, VmError

HOSTILE = [
    *("", " ", ".", "..", "../a.md", "..\\a.md", "/etc/passwd", "\\\\host\\share", "C:\\a.md", "C:a.md", "a/b.md"),
    *("a\x00.md", "a\n.md", "a\x1b.md", "a\x7f.md", "a\u202egnp.md", "a\u2066b.md", "a\ud800.md", "a\u2028.md"),
    *("con", "CON.md", "nul.txt", "Aux", "com1.md", "lpt9", "COM¹.txt", ".hidden", "a.md.", "a.md ", " a.md", "~/a:b"),
    *("a*b", "a?b", 'a"b', "a<b", "a>b", "a|b", "manifest.json.tmp", "x" * 121, "é" * 61, "a.tmp"),
]


def write(stage_dir: Path, files: dict[str, str], output: object = None) -> None:
    """A stage with these files."""
    artifacts.write_stage_outputs(
        stage_dir=stage_dir,
        run_id="r-1",
        thread_id="t-1",
        stage_key="brief",
        stage_position=1,
        attempt=1,
        input_payload={},
        output_payload={"output": output},
        artifacts=files,
        event_id="evt-1",
        status="completed",
        sync=False,
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    """InvalidName, and not even the stage's folder is there."""
    with pytest.raises(InvalidName):
        write(tmp_path / "stages" / "01-brief", {"good.md": "text", name: "text"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pair", [("a.md", "A.md"), ("straße.md", "STRASSE.md"), ("é.md", "e\u0301.md")])
def test_names_that_are_one_file_somewhere_are_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    """Case, folding and composition must not tell two names apart."""
    with pytest.raises(InvalidName):
        write(tmp_path / "stage", dict.fromkeys(pair, "text"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", [float("nan"), float("inf"), "\ud800", {"a": [-float("inf")]}])
def test_what_is_no_json_is_refused_before_anything_is_written(tmp_path: Path, output: object) -> None:
    """NaN, infinities and half characters have no place in a file that others read."""
    with pytest.raises((InvalidText, ValueError)):
        write(tmp_path / "stage", {"a.md": "text"}, output)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150)
@given(
    files=st.dictionaries(st.text(max_size=12), st.text(max_size=50), max_size=4),
    output=st.recursive(st.none() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)),
)
def test_any_stage_is_refused_or_holds(files: dict[str, str], output: object) -> None:
    """Nothing is ever written outside the stage's folder, and nothing half."""
    with tempfile.TemporaryDirectory() as place:
        stage_dir = Path(place) / "run" / "stages" / "01-brief"
        try:
            write(stage_dir, files, output)
        except (VmError, ValueError):
            assert not stage_dir.exists()
            return
        assert artifacts.verify_stage(stage_dir) == []
        outside = [path for path in Path(place).rglob("*") if path.is_file() and not path.is_relative_to(stage_dir)]
        assert outside == []
        written = {path.name: path.read_bytes() for path in (stage_dir / "artifacts").glob("*")}
        assert written == {name: text.encode() for name, text in files.items()}


@pytest.mark.parametrize("name", ["input.json", "output.json", "artifacts/a.md", "manifest.json"])
@pytest.mark.parametrize("harm", ["gone", "empty", "one bit", "longer", "a folder"])
def test_verify_finds_any_harm(tmp_path: Path, name: str, harm: str) -> None:
    """Whatever is done to a file of a stage, verify names it."""
    write(tmp_path, {"a.md": "text"})
    digest = artifacts.digest((tmp_path / artifacts.MANIFEST).read_bytes())
    assert artifacts.verify_stage(tmp_path, sha256=digest) == []
    path = tmp_path / name
    content = path.read_bytes()
    path.unlink()
    if harm == "a folder":
        path.mkdir()
    elif harm != "gone":
        changed = {"empty": b"", "one bit": bytes([content[0] ^ 1]) + content[1:], "longer": content + b" "}
        path.write_bytes(changed[harm])
    (problem, *_) = artifacts.verify_stage(tmp_path, sha256=digest)
    assert str(path) in problem
