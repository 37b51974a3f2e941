"""What is made of a request: its place, its versions, its end; in this process."""

from pathlib import Path
from typing import Any

import pytest

from test_cli_look import Shell, refuse
from vm_webapp.cli import Exit
from vm_webapp.cli.work.place import title_of

PROFILE = """
title: Two steps
version: 1
stages:
  - key: brief
    title: Brief
    kind: brief
    approval: required
  - key: audience
    title: Audience
    kind: audience
    needs: [brief]
"""


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on an empty workspace."""
    return Shell(capsys, tmp_path / "vm")


def test_the_same_thread_gets_the_next_version(shell: Shell) -> None:
    """Runs under one thread's title, whatever its case, or its id, are versions 1, 2 and 3 in one brand and project."""
    first = shell.json("run", "First", "--brand", "Aurora", "--project", "Spring", "--thread", "Lisbon launch")
    again = ("--brand", "AURORA", "--project", "spring", "--thread", "lisbon LAUNCH")
    second = shell.json("run", "Second", *again)
    by_id = shell.json("run", "Third", "--thread", first["thread_id"])
    assert [run["number"] for run in (first, second, by_id)] == [1, 2, 3]
    assert len({(run["thread_id"], run["project_id"], run["brand_id"]) for run in (first, second, by_id)}) == 1


def test_the_same_words_are_the_next_version_of_the_same_thread(shell: Shell) -> None:
    """Without --thread the request's first words name it."""
    runs: list[Any] = [shell.json("run", "Launch the cold brew") for _ in range(2)]
    assert [run["number"] for run in runs] == [1, 2]
    assert [thread["title"] for thread in shell.json("threads")["threads"]] == ["Launch the cold brew"]


def test_a_thread_of_another_brand_is_refused(shell: Shell) -> None:
    """A thread's id and a brand that it does not belong to contradict each other."""
    thread_id = shell.json("run", "First", "--brand", "Aurora")["thread_id"]
    said = shell("run", "Second", "--thread", thread_id, "--brand", "Borealis")
    assert said.code == Exit.USAGE
    assert "belongs to the brand 'Aurora', not to 'Borealis'" in said.err


def test_what_is_said_of_the_project_is_kept(shell: Shell) -> None:
    """Objective, channels and day are those of a new project, and change those of one that is there."""
    facts = ("--objective", "Sell", "--channel", "email", "--channel", "blog", "--due", "2027-05-01")
    shell.json("run", "Go", *facts)
    given = (Path(shell.json("show", "latest")["folder"]) / "stages/01-brief/input.json").read_text(encoding="utf-8")
    shell.json("run", "Go", "--objective", "Sell more")
    (project,) = shell.json("projects")["projects"]
    assert '"email"' in given
    assert [project[name] for name in ("objective", "channels", "due_on")] == [
        "Sell more",
        ["email", "blog"],
        "2027-05-01",
    ]


def test_a_failed_run_is_told_and_can_be_retried(shell: Shell) -> None:
    """Exit code 1, the reason and the way on; `retry` carries over what was finished."""
    shell.writer.on("positioning", refuse)
    failed = shell("run", "Go")
    retried = shell.json("retry", "latest")
    assert failed.code == Exit.FAILED
    assert "Failed: The writer refused. (refused)" in failed.out
    assert "retry r-" in failed.out
    assert retried["status"] == "completed"
    assert retried["stages"][0]["carried_from"] is not None


def test_a_run_that_needs_approval_says_so(shell: Shell) -> None:
    """Exit code 4; the stage to approve is named."""
    (shell.workspace / "profiles").mkdir(parents=True)
    (shell.workspace / "profiles" / "two_steps.yaml").write_text(PROFILE)
    said = shell("run", "--mode", "two_steps", "Go")
    assert said.code == Exit.WAITING
    assert "Waiting for approval of: Brief (role approver)." in said.out


def test_a_settled_run_cannot_be_canceled_or_retried(shell: Shell) -> None:
    """Exit code 1 and a sentence."""
    shell("run", "Go")
    canceled, retried = shell("cancel", "latest"), shell("retry", "latest")
    assert (canceled.code, retried.code) == (Exit.FAILED, Exit.FAILED)
    assert "already completed" in canceled.err
    assert "only a failed or canceled run can be retried" in retried.err


@pytest.mark.parametrize(
    ("request_text", "title"),
    [
        ("Launch the cold brew", "Launch the cold brew"),
        (
            "Launch our cold brew subscription in Lisbon in March, with a tasting",
            "Launch our cold brew subscription in Lisbon",
        ),
        ("Make it loud. And then some more of it", "Make it loud"),
        ("x" * 80, "x" * 50),
        ("  two\nlines  ", "two lines"),
        ("...", "..."),
    ],
)
def test_a_thread_is_called_by_the_first_words(request_text: str, title: str) -> None:
    """Whole words, up to 50 characters, not ending in a short one where it was cut."""
    assert title_of(request_text) == title
