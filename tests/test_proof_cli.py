"""The commands checkpoint and proof: kept, and checked without the workspace."""

import json
from pathlib import Path

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, fresh_filled, rows
from vm_webapp.cli import Exit
from vm_webapp.proof.notes import SigningKey

filled = fresh_filled
shell = copied_shell


def test_a_checkpoint_is_shown_and_kept(shell: Shell, tmp_path: Path) -> None:
    """As text, as JSON, with its key, in a file."""
    note, said = shell("checkpoint").out, shell.json("checkpoint")
    assert said["note"] == note
    assert shell("checkpoint", "--key").out.strip() == said["key"]
    assert "holds the checkpoint" in shell("checkpoint", "--save", str(tmp_path / "c.txt")).out
    assert (tmp_path / "c.txt").read_text() == note
    assert shell("checkpoint", "--save", str(tmp_path / "none" / "c.txt")).code != Exit.OK


def test_a_proof_is_kept_and_checked_without_the_workspace(shell: Shell, tmp_path: Path) -> None:
    """Of a run and of an event; with the key it is pinned, with a byte changed it does not hold."""
    kept, key = tmp_path / "proof.json", shell.json("checkpoint")["key"]
    assert shell("proof", "latest", "--save", str(kept)).code == Exit.OK
    elsewhere = Shell(shell.capsys, tmp_path / "elsewhere")
    said, pinned = elsewhere("verify", str(kept)), elsewhere.json("verify", str(kept), "--key", key)
    assert (said.code, "Note: it was checked with the key that it brings along" in said.out) == (Exit.OK, True)
    assert (pinned["ok"], pinned["pinned"], pinned["problems"]) == (True, True, [])
    event_id = rows(shell.workspace, "SELECT event_id FROM events WHERE global_position = 1")[0]["event_id"]
    one = shell.json("proof", event_id)
    assert [event["index"] for event in one["events"]] == [0]
    document = json.loads(kept.read_text())
    document["events"][0]["index"] += 1
    kept.write_text(json.dumps(document))
    assert elsewhere("verify", str(kept)).code == Exit.FAILED
    assert "is not the one that was signed" in elsewhere("verify", str(kept)).out


def test_a_file_is_written_with_json_too(shell: Shell, tmp_path: Path) -> None:
    """`--save` is no word in vain beside `--json`."""
    note, proof = tmp_path / "c.txt", tmp_path / "p.json"
    assert shell.json("checkpoint", "--save", str(note))["note"] == note.read_text()
    assert shell.json("proof", "latest", "--save", str(proof)) == json.loads(proof.read_text())


def test_keys_come_as_text_or_as_a_file(shell: Shell, tmp_path: Path) -> None:
    """Whatever is neither is refused."""
    file = tmp_path / "key.txt"
    file.write_text(shell("checkpoint", "--key").out)
    assert shell("verify", "--key", str(file)).code == Exit.OK
    assert shell("verify", "--key", "none").code == Exit.USAGE


def test_a_file_may_hold_several_keys(shell: Shell, tmp_path: Path) -> None:
    """As keys/log.vkeys does once another key signs: one of them has to have signed."""
    own, other = shell("checkpoint", "--key").out, f"{SigningKey('vm-log/x', bytes(32)).verifier}\n"
    both, bundle, kept = tmp_path / "both.vkeys", tmp_path / "run.zip", tmp_path / "proof.json"
    both.write_text(other + own)
    assert shell("export", "latest", "-o", str(bundle)).code == Exit.OK
    shell("proof", "latest", "--save", str(kept))
    assert shell("verify", "--key", str(both)).code == Exit.OK
    for file in (bundle, kept):
        said = shell.json("verify", str(file), "--key", str(both))
        assert (said["ok"], said["pinned"], said["key"]) == (True, True, own.strip())
    elsewhere = Shell(shell.capsys, tmp_path / "elsewhere")
    assert elsewhere.json("import", str(bundle), "--key", str(both))["imported"]["key"] == own.strip()
    both.write_text(other * 2)
    assert shell("verify", str(bundle), "--key", str(both)).code == Exit.FAILED
    assert Shell(shell.capsys, tmp_path / "third")("import", str(bundle), "--key", str(both)).code != Exit.OK
    both.write_text("\n")
    assert shell("verify", str(bundle), "--key", str(both)).code == Exit.USAGE


@pytest.mark.parametrize("arguments", [("checkpoint",), ("proof", "latest"), ("verify",)])
def test_where_nothing_is_nothing_is_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Said, with the way to begin."""
    said = Shell(capsys, tmp_path / "none")(*arguments)
    assert (said.code, "Nothing is here yet" in said.err) == (Exit.WORKSPACE, True)
