"""`inbox`, `approve`, `reject` and their kin: what is shown, what is asked, what exactly is decided."""

import json
import os
import pty
import select
from pathlib import Path

import pytest

from test_cli_child import Child
from test_cli_look import Said, Shell
from test_cli_served import serving
from vm_webapp.cli import Exit
from vm_webapp.cli.run_words import gate_words, until

from fixed_writer import FixedWriter

GATED = """\
title: Gated
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: plan, title: Plan, kind: plan, needs: [brief]}
"""
TWO = """\
title: Two
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: risks, title: Risks, kind: risks, approval: required}
  - {key: plan, title: Plan, kind: plan, needs: [brief]}
"""
PANEL = """\
title: Panel
stages:
  - {key: brief, title: Brief, kind: brief, approval: required, gate: {quorum: 2}}
"""
URGENT = """\
title: Urgent
stages:
  - {key: brief, title: Brief, kind: brief, approval: required, gate: {expires_after_hours: 5, on_expiry: reject}}
"""


def with_profiles(workspace: Path) -> None:
    """Put the profiles of these tests into the workspace."""
    folder = workspace / "profiles"
    folder.mkdir(parents=True)
    for mode, content in {"gated": GATED, "two": TWO, "panel": PANEL, "urgent": URGENT}.items():
        (folder / f"{mode}.yaml").write_text(content, encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a workspace with gated profiles."""
    with_profiles(tmp_path / "vm")
    return Shell(capsys, tmp_path / "vm", FixedWriter())


@pytest.fixture
def child(tmp_path: Path) -> Child:
    """The program as a process, likewise."""
    with_profiles(tmp_path / "runtime" / "vm")
    return Child(tmp_path)


def asked(shell: Shell, mode: str = "gated", text: str = "Launch it") -> str:
    """A run that waits for approval; its id."""
    said = shell("run", text, "--mode", mode, "--json")
    assert said.code == Exit.WAITING, said.err
    return str(json.loads(said.out)["run_id"])


def digest(shell: Shell, run_id: str, key: str = "brief") -> str:
    """The digest of the stage's manifest."""
    return str(shell.json("show", run_id, "--stage", key)["manifest_sha256"])


def test_a_waiting_run_says_how_to_decide(shell: Shell) -> None:
    """`run` ends with code 4 and the commands; the inbox has the same one; `show` says who is asked."""
    said = shell("run", "Launch it", "--mode", "gated")
    run_id = shell.json("runs")["runs"][0]["run_id"]
    command = f"approve {run_id} brief"
    assert said.code == Exit.WAITING
    assert [command in text for text in (said.out, shell("inbox").out, shell("show", "last").out)] == [True] * 3
    assert "role approver" in shell("show", "last").out


def test_approving_shows_the_files_and_goes_on(shell: Shell) -> None:
    """Name, size, both digests; then the rest of the run, and who approved it in `show`."""
    run_id = asked(shell)
    sha256 = shell.json("show", run_id)["stages"][0]["artifacts"][0]["sha256"]
    said = shell("approve", run_id, "--comment", "Good", "--yes")
    assert said.code == Exit.OK
    assert [part in said.out for part in ("brief.md, 19 B", sha256, digest(shell, run_id))] == [True] * 3
    assert "Version 1 completed" in said.out
    assert "approved by workspace-owner" in shell("show", run_id).out
    assert shell.json("inbox") == {"items": []}


def test_without_a_terminal_nothing_is_approved_unasked(shell: Shell) -> None:
    """A pipe that says neither --yes nor --digest gets a usage error, and the stage still waits."""
    run_id = asked(shell)
    said = shell("approve", run_id)
    assert (said.code, "--yes" in said.err) == (Exit.USAGE, True)
    assert shell.json("show", run_id)["status"] == "waiting_approval"


def test_a_digest_approves_exactly_that(shell: Shell) -> None:
    """Its first 12 characters do; another digest is a conflict, a shorter one cannot be meant."""
    run_id = asked(shell)
    right = digest(shell, run_id)
    other = shell("approve", run_id, "--digest", "0" * 64)
    short = shell("approve", run_id, "--digest", right[:11])
    exact = shell("approve", run_id, "--digest", right[:12].upper(), "--json")
    assert (other.code, right in other.err) == (Exit.FAILED, True)
    assert short.code == Exit.USAGE
    assert json.loads(exact.out)["status"] == "completed"


def test_files_that_changed_are_not_put_to_a_decision(shell: Shell) -> None:
    """Bytes on the disk that are not the published ones are refused before anybody is asked."""
    run_id = asked(shell)
    (shell.workspace / "runs" / run_id / "stages/01-brief/artifacts/brief.md").write_text("forged")
    said = shell("approve", run_id, "--yes")
    assert (said.code, "is not what was published" in said.err) == (Exit.FAILED, True)
    assert shell.json("show", run_id)["status"] == "waiting_approval"


def test_what_does_not_wait_cannot_be_decided(shell: Shell) -> None:
    """A completed run, a stage that is not due, a stage and a run that are not there."""
    run_id = asked(shell)
    pending = shell("approve", run_id, "plan", "--yes")
    unknown = shell("approve", run_id, "breif", "--yes")
    shell("approve", run_id, "--yes")
    settled = shell("reject", run_id, "--reason", "No")
    nowhere = shell("approve", "r-ffffffffffff", "--yes")
    assert [said.code for said in (pending, unknown, settled, nowhere)] == [
        Exit.FAILED,
        Exit.USAGE,
        Exit.FAILED,
        Exit.USAGE,
    ]
    assert "the run is completed" in settled.err
    assert "Near it: brief" in unknown.err


def test_an_empty_workspace_has_nothing_to_decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Deciding is a usage error, looking a hint; no file is made."""
    shell = Shell(capsys, tmp_path / "vm")
    codes = [shell(*words).code for words in (["approve", "last", "--yes"], ["reject", "last", "--reason", "No"])]
    codes += [shell(*words).code for words in (["comment", "last", "Hi"], ["done", "tsk-1"])]
    assert codes == [Exit.USAGE] * 4
    assert ["Begin with" in shell(name).err for name in ("inbox", "tasks")] == [True] * 2
    assert not shell.workspace.exists()


def test_of_two_stages_that_wait_one_has_to_be_named(shell: Shell) -> None:
    """Both are said; deciding one lets what needs it alone go on, and code 4 says that the other waits."""
    run_id = asked(shell, "two")
    unnamed = shell("approve", run_id, "--yes")
    first = shell("approve", run_id, "brief", "--yes", "--json")
    second = shell("approve", run_id, "--yes")
    assert (unnamed.code, "brief, risks" in unnamed.err) == (Exit.USAGE, True)
    assert first.code == Exit.WAITING
    assert [stage["status"] for stage in json.loads(first.out)["stages"]] == [
        "completed",
        "waiting_approval",
        "completed",
    ]
    assert second.code == Exit.OK


def test_a_second_pair_of_eyes_is_still_asked(shell: Shell) -> None:
    """With a quorum of two one approval leaves the run waiting, and it is said how many are missing."""
    run_id = asked(shell, "panel")
    said = shell("approve", run_id, "--yes")
    assert (said.code, "1 of 2 have approved" in said.out) == (Exit.WAITING, True)
    assert "1 of 2 have approved" in shell("show", run_id).out


def test_a_rejection_settles_the_run_and_says_how_to_revise(shell: Shell) -> None:
    """The run is failed, the reason stands in `show`; `revise` makes a new run that is told the reason."""
    run_id = asked(shell)
    said = shell("reject", run_id, "--reason", "Too long")
    revised = shell("revise", run_id, "--json")
    assert (said.code, f"revise {run_id}" in said.out) == (Exit.OK, True)
    assert "rejected by workspace-owner" in shell("show", run_id).out
    assert "Too long" in shell("show", run_id).out
    assert revised.code == Exit.WAITING
    assert json.loads(revised.out)["feedback"] == {"brief": "Too long"}


def test_a_rejection_can_be_revised_at_once(shell: Shell) -> None:
    """`--revise` follows the new run; the old one is failed."""
    run_id = asked(shell)
    said = shell("reject", run_id, "--reason", "Too long", "--revise", "--json")
    run = json.loads(said.out)
    assert (said.code, run["forked_from"]) == (Exit.WAITING, {"run_id": run_id, "stage_key": "brief"})
    assert shell.json("show", run_id)["status"] == "failed"


def test_a_rejection_needs_a_reason_and_may_name_a_digest(shell: Shell) -> None:
    """An empty reason and another digest are refused; the stage still waits."""
    run_id = asked(shell)
    empty = shell("reject", run_id, "--reason", " ")
    other = shell("reject", run_id, "--reason", "No", "--digest", "f" * 64)
    assert (empty.code, other.code) == (Exit.USAGE, Exit.FAILED)
    assert shell.json("show", run_id)["status"] == "waiting_approval"


def test_a_rejection_as_json_is_the_run(shell: Shell) -> None:
    """Failed, with the code `rejected`."""
    run_id = asked(shell)
    run = shell.json("reject", run_id, "--reason", "No")
    assert (run["status"], run["error"]["code"]) == ("failed", "rejected")


def test_deciding_leaves_other_runs_as_they_are(child: Child) -> None:
    """`reject` of one run does not take up another one that was left at work; nor do `cancel` and `comment`."""
    env = {"HOLD": f"brief:{child.hold}"}
    first = json.loads(child.run("run", "One", "--mode", "gated", "--json", code=Exit.WAITING).stdout)
    left = json.loads(child.run("run", "Two", "--timeout", "0.5", "--json", code=Exit.GOING_ON, env=env).stdout)
    child.run("reject", first["run_id"], "--reason", "No")
    child.run("comment", left["run_id"], "Still there?")
    shown = json.loads(child.run("show", left["run_id"], "--json").stdout)
    assert (shown["status"], shown["stages"][0]["attempt"]) == ("running", 1)
    assert child.run("cancel", left["run_id"]).stdout.endswith(": canceled\n")


def test_runs_that_wait_at_different_points_are_no_trouble(shell: Shell) -> None:
    """A run that is behind another in its stream is as it should be: no list is said to be behind the log."""
    asked(shell)
    run_id = asked(shell, text="Another")
    shell("approve", run_id, "--yes")
    assert shell("inbox").err == ""


def test_a_breach_is_shown_and_accepted_with_a_reason(shell: Shell) -> None:
    """The rule, the place and the line; without --comment it is refused, with it the waiver stands in `show`."""
    (shell.workspace / "profiles" / "plain.yaml").write_text(GATED.replace(", approval: required", ""))
    shell("run", "Begin", "--brand", "Aurora", "--mode", "plain")
    assert shell("rules", "add", "No discounts", "--brand", "Aurora", "--forbid", "discount").code == Exit.OK
    said = shell("run", "A discount for all", "--brand", "Aurora", "--mode", "plain", "--json")
    run_id = json.loads(said.out)["run_id"]
    refused = shell("approve", run_id, "brief", "--yes")
    granted = shell("approve", run_id, "brief", "--yes", "--comment", "The lawyer agreed", "--json")
    assert said.code == Exit.WAITING
    assert (refused.code, "--comment" in refused.err) == (Exit.USAGE, True)
    assert "No discounts" in refused.out
    assert "brief.md, line 3: # Brief A discount for all" in refused.out
    assert granted.err == ""
    assert "accepting 1 broken rule: The lawyer agreed" in shell("show", run_id).out


def test_the_inbox_begins_with_what_expires(shell: Shell) -> None:
    """What expires stands before what is older; a brand's own inbox has its own alone; JSON is newest first."""
    older = asked(shell)
    urgent = asked(shell, "urgent", "Quick")
    out = shell("inbox").out
    items = shell.json("inbox")["items"]
    assert out.index(urgent) < out.index(older)
    assert "expires in " in out
    assert [item["run_id"] for item in items] == [urgent, older]
    assert shell("inbox", "--brand", "nobody").code == Exit.USAGE
    assert len(shell.json("inbox", "--brand", "My brand")["items"]) == 2


def test_a_failed_run_is_in_the_inbox_until_it_goes_on(child: Child) -> None:
    """With `retry` and `done`; the task is listed, ticked off, and listed again with --all."""
    failed = json.loads(child.run("run", "Go", "--json", env={"FAIL": "brief"}, code=Exit.FAILED).stdout)
    inbox = child.run("inbox").stdout
    task = json.loads(child.run("tasks", "--json").stdout)["tasks"][0]
    done = child.run("done", task["task_id"][:-4])
    assert f"retry {failed['run_id']}" in inbox
    assert f"done {task['task_id']}" in inbox
    assert task["title"] in child.run("tasks", "--thread", "Go", "--all").stdout
    assert done.stdout.startswith(f"{task['task_id']}: done")
    assert "Nothing waits for you" in child.run("inbox").stderr
    assert "Nothing is to be done" in child.run("tasks").stderr
    assert json.loads(child.run("done", task["task_id"], "--json").stdout)["status"] == "completed"
    child.run("done", "tsk-nothing", code=Exit.USAGE)


def test_comments_are_made_on_runs_stages_and_threads(shell: Shell) -> None:
    """By `latest`, a run's id, a thread's title or id; what is not there is a usage error."""
    run = shell.json("show", asked(shell))
    on_run = shell.json("comment", "last", "Nice")
    on_stage = shell.json("comment", run["run_id"], "Nicer", "--stage", "brief")
    in_thread = shell.json("comment", "launch it", "The date has moved")
    by_id = shell("comment", run["thread_id"], "Really")
    wrong = [("comment", "nowhere", "x"), ("comment", "last", "x", "--stage", "breif"), ("comment", "last", " ")]
    wrong.append(("comment", "t-ffffffff", "x"))
    assert (on_run["run_id"], on_run["stage_key"]) == (run["run_id"], None)
    assert (on_stage["run_id"], on_stage["stage_key"]) == (run["run_id"], "brief")
    assert (in_thread["run_id"], in_thread["thread_id"]) == (None, run["thread_id"])
    assert (by_id.code, run["thread_id"] in by_id.out) == (Exit.OK, True)
    assert [shell(*words).code for words in wrong] == [Exit.USAGE] * 4


def test_everything_is_decided_through_a_server_as_well(child: Child) -> None:
    """Approve, reject with a revision, comment and done, while a server has the workspace."""
    with serving(child):
        first = json.loads(child.run("run", "One", "--mode", "gated", "--json", code=Exit.WAITING).stdout)
        approved = child.run("approve", first["run_id"], "--yes")
        again = json.loads(child.run("run", "Two", "--mode", "gated", "--json", code=Exit.WAITING).stdout)
        other = child.run("approve", "last", "--digest", "0" * 12, code=Exit.FAILED)
        revised = json.loads(
            child.run("reject", "last", "--reason", "No", "--revise", "--json", code=Exit.WAITING).stdout
        )
        said = json.loads(child.run("comment", "last", "Go on", "--json").stdout)
        rejected = child.run("reject", "last", "--reason", "Not even so")
    assert "Version 1 completed" in approved.stdout
    assert "other bytes" in other.stderr
    assert revised["forked_from"]["run_id"] == again["run_id"]
    assert said["run_id"] == revised["run_id"]
    assert "the run is failed" in rejected.stdout


def test_who_decides_is_whose_token_is_shown(child: Child) -> None:
    """With authentication a server refuses an editor's yes and records an approver's by name."""
    secrets = {
        role: child.run("token", "create", f"{role.title()} Ana", "--role", role).stdout.strip()
        for role in ("editor", "approver")
    }
    with serving(child, {"VM_AUTH": "on"}):
        editor, approver = ({"VM_TOKEN": secrets[role]} for role in ("editor", "approver"))
        child.run("run", "One", "--mode", "gated", code=Exit.WAITING, env=editor)
        refused = child.run("approve", "last", "--yes", code=None, env=editor)
        nobody = child.run("approve", "last", "--yes", code=None)
        child.run("approve", "last", "--yes", env=approver)
        shown = child.run("show", "last", env=editor).stdout
    assert (refused.returncode, nobody.returncode) == (Exit.FAILED, Exit.FAILED)
    assert "approved by Approver Ana" in shown


@pytest.mark.parametrize(("answer", "code"), [("y", Exit.OK), ("n", Exit.INTERRUPTED)])
def test_a_terminal_is_asked(child: Child, answer: str, code: Exit) -> None:
    """It sees the files and the question; no leaves the stage as it is."""
    run = json.loads(child.run("run", "One", "--mode", "gated", "--json", code=Exit.WAITING).stdout)
    screen, ended = answered(child, ["approve", "last"], question="[y/N]", answer=answer)
    shown = json.loads(child.run("show", run["run_id"], "--json").stdout)
    assert (ended, "brief.md" in screen) == (code, True)
    assert shown["status"] == ("completed" if answer == "y" else "waiting_approval")


def answered(child: Child, arguments: list[str], *, question: str, answer: str) -> tuple[str, int]:
    """What a terminal gets where the answer is typed after the question, and the exit code."""
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.chdir(child.folder)
        command = child.command(*arguments)
        os.execve(command[0], command, child.environment({"COLUMNS": "100"}))  # noqa: S606 - the program itself
    screen, typed = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not part:
            break
        screen += part
        if not typed and question.encode() in screen:
            typed = True
            os.write(terminal, f"{answer}\n".encode())
    os.close(terminal)
    return screen.decode(), os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1])


def test_gates_are_told_in_words() -> None:
    """What expired, and how long something is still asked for."""
    gate = {"granted": [], "decision": "expired", "on_expiry": "reject"}
    assert gate_words({"gate": gate}) == ["nobody decided in time; that counts as a rejection"]
    assert gate_words({"gate": None}) == []
    assert until("2000-01-01T00:00:00Z") == "expires now"


def test_hostile_text_cannot_steer_the_terminal(shell: Shell) -> None:
    """A request with a control sequence is shown escaped where it is decided on."""
    run_id = asked(shell, text="Go \u202e backwards")
    said: Said = shell("approve", run_id, "--yes")
    assert ("\u202e" in said.out, "\\u202e" in said.out) == (False, True)
