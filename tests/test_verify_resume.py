# ruff: noqa: S608 - it attacks with raw SQL of its own
"""A check that was cut off goes on where it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from test_cli_look import Shell
from verify_kit import AT, copied_shell, fresh_filled, sql
from vm_webapp.cli import Exit
from vm_webapp.cli.checks.pause import Pause
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.db import build_engine, database_of
from vm_webapp.proof.notes import SigningKey
from vm_webapp.workspace import Workspace

filled = fresh_filled
shell = copied_shell


@pytest.fixture
def cut_off(shell: Shell) -> Iterator[Records]:
    """The workspace's records, and no state left over."""
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    yield Records(Workspace(shell.workspace), database_of(engine))
    Pause(shell.workspace / "workspace.sqlite3", resume=False).forget()
    database_of(engine).close()


class _Cut(Exception):
    pass


@pytest.mark.parametrize("when", ["events", "runs"])
def test_a_check_that_was_cut_off_goes_on(
    shell: Shell, cut_off: Records, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it had found; nothing is checked twice, and the report is that of a check in one go."""
    monkeypatch.setattr("vm_webapp.cli.checks.events._BATCH", 10)
    sql(shell.workspace, f"UPDATE events SET actor_id = 'x' WHERE global_position = {AT}")
    whole = verify_all(cut_off)
    pause = Pause(cut_off.database.path, resume=False)

    def cut(what: str, _done: int, _total: int) -> None:
        if what == when:
            raise _Cut

    with pytest.raises(_Cut):
        verify_all(cut_off, pause=pause, tell=cut)
    pause.write()
    again = Pause(cut_off.database.path, resume=True)
    assert again.report.events > 0
    assert verify_all(cut_off, pause=again) == whole
    assert not again.path.exists()


@pytest.mark.parametrize("state", ["{", "[]", '{"format": 9}', '{"format": 1}'])
def test_a_state_that_is_garbled_is_passed_over(cut_off: Records, state: str) -> None:
    """The check begins anew."""
    pause = Pause(cut_off.database.path, resume=False)
    pause.path.write_text(state)
    again = Pause(cut_off.database.path, resume=True)
    assert (again.report.events, again.chain.position, again.of_runs.runs) == (0, 0, 0)


def test_the_command_takes_the_state_up(shell: Shell, cut_off: Records) -> None:
    """--resume, and it is gone afterwards."""
    pause = Pause(cut_off.database.path, resume=False)
    pause.write()
    assert shell("verify", "--resume").code == Exit.OK
    assert not pause.path.exists()


def test_what_was_checked_for_another_witness_is_not_gone_on_with(
    shell: Shell, cut_off: Records, tmp_path: Path
) -> None:
    """Nor for other keys: neither was looked at before the cut."""
    witness, key = tmp_path / "witness.txt", SigningKey("acme", bytes(32))
    shell("checkpoint", "--save", str(witness))
    pause = Pause(cut_off.database.path, resume=False)
    verify_all(cut_off, pause=pause)
    for option, asked, holds in (("--key", str(key.verifier), False), ("--against", str(witness), True)):
        pause.write()
        report = shell.json("verify", "--resume", option, asked)
        assert (report["ok"], report["witnessed"] is not None) == (holds, holds)
