# ruff: noqa: S608 - it attacks with raw SQL of its own
"""A log that was rewritten with all its digests is found by the tree, by what was signed, and by a witness."""

import shutil
from pathlib import Path

import pytest

from bundle_kit import unzipped, zipped
from test_cli_look import Shell, make_workspace
from verify_kit import AT, copied_shell, fresh_filled, problems, rows, sql
from vm_webapp.cli import Exit
from vm_webapp.log_tree import store
from vm_webapp.log_tree.kept import keep
from vm_webapp.log_tree.keys import key_path, verifiers_path
from vm_webapp.proof.events import canonical_event, event_digest
from vm_webapp.proof.notes import SigningKey, VerifierKey, sign_checkpoint
from vm_webapp.proof.tree import Frontier, Node, leaf_hash
from vm_webapp.workspace import Workspace

filled = fresh_filled
shell = copied_shell


def forge(workspace: Path, *, from_tree: bool, key: SigningKey | None = None) -> None:
    """Rewrite an event and all digests that follow from it; the tree too; what was signed too, with a key."""
    found = [dict(row) for row in rows(workspace, "SELECT * FROM events ORDER BY global_position")]
    heads: dict[str, str] = {}
    frontier, statements = Frontier(), list[str]()
    nodes: list[Node] = []
    for row in found:
        if row["global_position"] == AT:
            row["actor_id"] = "mallory"
        row["previous_sha256"] = heads.get(row["stream_id"])
        heads[row["stream_id"]] = row["sha256"] = event_digest(row)
        previous = "NULL" if row["previous_sha256"] is None else f"'{row['previous_sha256']}'"
        statements.append(
            f"UPDATE events SET actor_id = '{row['actor_id']}', sha256 = '{row['sha256']}',"
            f" previous_sha256 = {previous} WHERE global_position = {row['global_position']}"
        )
        nodes += frontier.append(leaf_hash(_canonical(row)))
    if from_tree:
        statements += [
            f"UPDATE tree_nodes SET sha256 = x'{one.sha256.hex()}'"
            f" WHERE level = {one.level} AND position = {one.position}"
            for one in nodes
        ]
    if key:
        note = sign_checkpoint(key, size=frontier.size, root=frontier.root())
        row = {"number": 1, "size": frontier.size, "note": note, "signed_at": "2026-01-01T00:00:00.000000Z"}
        values = f"1, {frontier.size}, '{note}', '{row['signed_at']}', '{store.signed_digest(row)}'"
        statements += [
            "DELETE FROM signed_checkpoints",
            f"INSERT INTO signed_checkpoints (number, size, note, signed_at, sha256) VALUES ({values})",
            "UPDATE checkpoints SET position = 1 WHERE name = 'signed'",
        ]
        keep(Workspace(workspace), note)
    sql(workspace, *statements)


def _canonical(row: dict[str, object]) -> bytes:
    return canonical_event(row)


def test_an_event_with_all_digests_forged_is_named_by_the_tree(shell: Shell) -> None:
    """Though its chain is whole."""
    forge(shell.workspace, from_tree=False)
    told = problems(shell)
    assert f"position {AT} is not the one that was taken into the tree as leaf {AT - 1}" in told
    assert "its digest does not hold" not in told
    run = rows(shell.workspace, f"SELECT run_id FROM events WHERE global_position = {AT}")[0]["run_id"]
    assert f"taken into the tree as leaf {AT - 1}" in problems(shell, run)


def test_a_log_with_its_tree_forged_is_named_by_what_was_signed(shell: Shell) -> None:
    """Between two checkpoints."""
    forge(shell.workspace, from_tree=True)
    assert "it was rewritten within the first" in problems(shell)


def test_a_log_that_was_rewritten_with_its_key_is_found_by_a_witness(shell: Shell, tmp_path: Path) -> None:
    """Whoever holds the key can hide everything, but from those who kept an older checkpoint."""
    witness = tmp_path / "witness.txt"
    assert shell("checkpoint", "--save", str(witness)).code == Exit.OK
    honest = shell("verify", "--against", str(witness))
    key = SigningKey.parse(key_path(Workspace(shell.workspace)).read_text())
    forge(shell.workspace, from_tree=True, key=key)
    assert shell.json("verify")["problems"] == []
    assert f"The log is not the one of the checkpoint in {witness}" in problems(shell, "--against", str(witness))
    assert (honest.code, "the log is the one that the witness saw" in honest.out) == (Exit.OK, True)


def test_a_witness_tells_where_the_log_was_still_the_same(shell: Shell, tmp_path: Path) -> None:
    """Whoever rewrites signs anew, so the log's own checkpoints tell nothing of that."""
    witness = tmp_path / "witness.txt"
    shell("checkpoint", "--save", str(witness))
    size = int(witness.read_text().split("\n")[1])
    forge(shell.workspace, from_tree=True, key=SigningKey.parse(key_path(Workspace(shell.workspace)).read_text()))
    assert f"it was rewritten within the first {size} events" in problems(shell, "--against", str(witness))


def test_a_log_that_another_key_signed_under_its_name_is_found(shell: Shell) -> None:
    """Without a witness: the impostor is put among the keys that verify, and is none that can bear the name."""
    path = verifiers_path(Workspace(shell.workspace))
    own = VerifierKey.parse(path.read_text())
    impostor = SigningKey(own.name, b"\x09" * 32)
    path.write_text(f"{impostor.verifier}\n{own}\n")
    forge(shell.workspace, from_tree=True, key=impostor)
    told = problems(shell)
    assert f"The key {path} cannot be used: it is called {own.name}, which is not its name" in told
    assert "The signed checkpoint 1 does not hold" in told
    refused = shell("verify", "--key", str(path))
    assert (refused.code, "which is not its name" in refused.err) == (Exit.USAGE, True)


def test_a_log_that_was_cut_and_signed_again_is_found_by_a_witness(shell: Shell, tmp_path: Path) -> None:
    """It is shorter than what was seen."""
    witness = tmp_path / "witness.txt"
    shell("checkpoint", "--save", str(witness))
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, f"DELETE FROM events WHERE global_position > {last - 2}")
    assert f"The checkpoint in {witness} covers".lower() in problems(shell, "--against", str(witness)).lower()


WITNESSES = {
    "checkpoint.txt": ("checkpoint", "--save"),
    "proof.json": ("proof", "latest", "--save"),
    "bundle.zip": ("export", "latest", "-o"),
    "a proof by another name": ("proof", "latest", "--save"),
    "a bundle by another name": ("export", "latest", "-o"),
}


@pytest.mark.parametrize(("name", "arguments"), WITNESSES.items(), ids=WITNESSES.keys())
def test_a_proof_and_a_bundle_are_witnesses(
    shell: Shell, tmp_path: Path, name: str, arguments: tuple[str, ...]
) -> None:
    """As a checkpoint is: by the signed checkpoint in them, each named by its file."""
    witness = tmp_path / name
    assert shell(*arguments, str(witness)).code == Exit.OK
    honest = shell("verify", "--against", str(witness))
    assert (honest.code, "the log is the one that the witness saw" in honest.out) == (Exit.OK, True)
    forge(shell.workspace, from_tree=True, key=SigningKey.parse(key_path(Workspace(shell.workspace)).read_text()))
    assert shell.json("verify")["problems"] == []
    assert f"The log is not the one of the checkpoint in {witness}" in problems(shell, "--against", str(witness))


SAVED = {"c.txt": ("checkpoint", "--save"), "p.json": ("proof", "latest", "--save")}


@pytest.mark.parametrize(("name", "command"), SAVED.items(), ids=SAVED)
def test_a_witness_gives_way_to_what_goes_on_from_it_alone(
    shell: Shell, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    """A log that was rewritten, or cut, does not write over what proves it; one that grew takes its place."""
    kept = tmp_path / name
    assert shell(*command, str(kept)).code == Exit.OK
    older = kept.read_bytes()
    assert shell(*command, str(kept)).code == Exit.OK
    assert kept.read_bytes() == older
    assert shell("run", "Another one").code == Exit.OK
    assert shell(*command, str(kept)).code == Exit.OK
    newer = kept.read_bytes()
    assert newer != older
    assert list(tmp_path.glob(f"{name}*")) == [kept]
    forge(shell.workspace, from_tree=True, key=SigningKey.parse(key_path(Workspace(shell.workspace)).read_text()))
    refused = shell(*command, str(kept))
    assert (refused.code, "this one was rewritten within the first" in refused.err) == (Exit.FAILED, True)
    assert "`verify --against" in refused.err
    assert kept.read_bytes() == newer


def test_a_witness_that_is_newer_is_kept(shell: Shell, tmp_path: Path) -> None:
    """As where the workspace was put back from a copy, or its end was cut off."""
    kept, before = tmp_path / "c.txt", tmp_path / "before"
    shutil.copytree(shell.workspace, before)
    shell("run", "Another one")
    shell("checkpoint", "--save", str(kept))
    newer = kept.read_bytes()
    refused = Shell(shell.capsys, before)("checkpoint", "--save", str(kept))
    assert (refused.code, "and the newest of this log" in refused.err) == (Exit.FAILED, True)
    assert kept.read_bytes() == newer


@pytest.mark.parametrize("arguments", [*SAVED.values(), ("checkpoint", "--key", "--save")])
def test_a_file_of_another_kind_is_not_written_over(shell: Shell, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Notes, a bundle, the key of somebody else, what another log signed: each stays as it is."""
    other = Shell(shell.capsys, tmp_path / "other")
    other("run", "Elsewhere")
    other(*arguments, str(tmp_path / "theirs"))
    shell("export", "latest", "-o", str(tmp_path / "run.zip"))
    (tmp_path / "notes.txt").write_text("Notes\n", encoding="utf-8")
    for name in ("theirs", "run.zip", "notes.txt"):
        before = (tmp_path / name).read_bytes()
        refused = shell(*arguments, str(tmp_path / name))
        assert (refused.code, "left as it is" in refused.err) == (Exit.FAILED, True), name
        assert (tmp_path / name).read_bytes() == before
    (tmp_path / "empty").touch()
    assert shell(*arguments, str(tmp_path / "empty")).code == Exit.OK
    assert (tmp_path / "empty").stat().st_size


def test_several_witnesses_are_heard(shell: Shell, tmp_path: Path) -> None:
    """Each that speaks against the log is named."""
    bundle, kept = tmp_path / "run.zip", tmp_path / "proof.json"
    shell("export", "latest", "-o", str(bundle))
    shell("proof", "latest", "--save", str(kept))
    forge(shell.workspace, from_tree=True, key=SigningKey.parse(key_path(Workspace(shell.workspace)).read_text()))
    told = problems(shell, "--against", str(bundle), "--against", str(kept))
    assert f"the checkpoint in {bundle}" in told
    assert f"the checkpoint in {kept}" in told


def test_a_bundle_that_was_spoilt_still_bears_its_checkpoint(shell: Shell, tmp_path: Path) -> None:
    """What was signed is the checkpoint, not the files beside it; one that was spoilt itself is none."""
    bundle = tmp_path / "run.zip"
    shell("export", "latest", "-o", str(bundle))
    run_id, files = shell.json("runs")["runs"][0]["run_id"], unzipped(bundle.read_bytes())
    bundle.write_bytes(zipped({**files, f"{run_id}/data/run/run.json": b"{}"}))
    assert shell("verify", str(bundle)).code == Exit.FAILED
    assert shell("verify", "--against", str(bundle)).code == Exit.OK
    bundle.write_bytes(zipped({**files, f"{run_id}/data/log/proof.json": b"{}"}))
    said = shell("verify", "--against", str(bundle))
    assert (said.code, f"{bundle} cannot be held against the log: " in said.err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\xff\xfe", b"{", b"{}", b"[]", b'{"format": "vm-proof/1"}', b"PK\x03\x04", b"PK", b"{" * 100_000],
)
def test_what_is_no_witness_is_refused(shell: Shell, tmp_path: Path, content: bytes) -> None:
    """By the file's name, and with what may be given."""
    file = tmp_path / "witness"
    file.write_bytes(content)
    said = shell("verify", "--against", str(file))
    assert said.code == Exit.USAGE
    assert f"{file} cannot be held against the log: " in said.err
    assert "--against takes a signed checkpoint, a proof or a bundle" in said.err


@pytest.mark.parametrize("arguments", [WITNESSES["proof.json"], WITNESSES["bundle.zip"]])
def test_a_witness_of_another_log_is_refused(shell: Shell, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """However whole it is: none of this log's keys has signed it, and with --key nobody else's has."""
    make_workspace(tmp_path / "other")
    foreign, own = tmp_path / "foreign", tmp_path / "own"
    Shell(shell.capsys, tmp_path / "other")(*arguments, str(foreign))
    shell(*arguments, str(own))
    said = shell("verify", "--against", str(foreign))
    assert (said.code, f"{foreign} cannot be held against the log: " in said.err) == (Exit.USAGE, True)
    assert "none of the keys at hand has signed it" in said.err
    key = str(SigningKey("acme", bytes(32)).verifier)
    assert "none of the keys at hand" in shell("verify", "--against", str(own), "--key", key).err


def test_a_witness_that_nobody_signed_is_refused(shell: Shell, tmp_path: Path) -> None:
    """By its name; and so is a file that is not there."""
    forged = tmp_path / "forged.txt"
    forged.write_text(sign_checkpoint(SigningKey("vm-log/x", bytes(32)), size=3, root=bytes(32)))
    assert "none of the keys at hand has signed it" in shell("verify", "--against", str(forged)).err
    assert shell("verify", "--against", str(tmp_path / "none.txt")).code != Exit.OK
    assert shell("verify", "latest", "--against", str(forged)).code == Exit.USAGE
