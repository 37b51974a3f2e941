"""What is refused leaves nothing behind, and is told in the words that were typed."""

import os
from pathlib import Path

import pytest

from test_cli_child import Child
from test_cli_look import Shell
from test_cli_served import serving
from vm_webapp.cli import Exit


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on an empty workspace."""
    return Shell(capsys, tmp_path / "vm")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--writer", "nobody"), "There is no writer 'nobody'"),
        (("--budget", "much"), "--budget is no amount"),
        (("--mode", "nonsense"), "There is no profile 'nonsense'"),
        (("--channel", "blog", "--channel", ""), "--channel is empty."),
        (("--channel", "x" * 300), "--channel has 300 characters"),
        (("--due", "tomorrow"), "--due"),
        (("--objective", "x" * 30_000), "--objective has 30,000 characters"),
        (("--brand", ""), "--brand is empty."),
    ],
)
def test_a_run_that_is_refused_leaves_no_place_behind(shell: Shell, options: tuple[str, ...], said: str) -> None:
    """Neither brand nor project nor thread; the option is named as it was typed."""
    refused = shell("run", "Go", *options)
    assert (refused.code, refused.out) == (Exit.USAGE, "")
    assert said in refused.err
    assert [shell.json(kind)[kind] for kind in ("brands", "projects", "threads")] == [[], [], []]


def test_a_run_that_a_server_refuses_leaves_no_place_behind(tmp_path: Path) -> None:
    """The same where the request is handed to the server; a writer that it knows is none of its troubles."""
    child = Child(tmp_path)
    with serving(child):
        refused = child.run("run", "Go", "--writer", "nobody", code=Exit.USAGE)
        left = child.run("brands", "--json").stdout
        child.run("run", "Go", "--writer", "offline")
    assert "There is no writer 'nobody'" in refused.stderr
    assert '"brands": []' in left


@pytest.mark.parametrize("token", ["ä", "vm_a b"])
def test_a_token_that_can_be_none_is_named(tmp_path: Path, token: str) -> None:
    """No fault of the program: what was set, and how to set it; the token itself is not said."""
    child = Child(tmp_path)
    with serving(child):
        by_setting = child.run("cancel", "latest", env={"VM_TOKEN": token}, code=Exit.USAGE)
        by_option = child.run("cancel", "latest", "--token", token, code=Exit.USAGE)
    for said in (by_setting.stderr, by_option.stderr):
        assert "VM_TOKEN" in said
        assert "--token" in said
        assert "token create" in said


HUGE = "9" * 20


@pytest.mark.parametrize(
    "typed",
    [
        ("runs", "--limit", HUGE),
        ("timeline", "Go", "--limit", HUGE),
        ("events", "export", "--after", HUGE),
        ("webhooks", "log", "wh-1", "--limit", HUGE),
        ("webhooks", "redeliver", "wh-1", "--after", HUGE),
        ("webhooks", "redeliver", "wh-1", "--position", HUGE),
        ("rules", "add", "Be brief.", "--brand", "My brand", "--max-length", HUGE),
        *(
            (*command, "--timeout", seconds)
            for command in (("run", "Go"), ("retry", "latest"), ("resume", "latest"))
            for seconds in ("nan", "inf", "-inf", "1e300", "-1")
        ),
    ],
)
def test_a_number_beyond_all_bounds_is_a_usage_error(shell: Shell, typed: tuple[str, ...]) -> None:
    """It is told by the option's name, before anything is made."""
    refused = shell(*typed)
    assert refused.code == Exit.USAGE
    assert f"Invalid value for '{typed[-2]}'" in refused.err
    assert shell.json("brands")["brands"] == []


@pytest.mark.parametrize(
    "typed",
    [
        ("runs", "--limit", "1000000"),
        ("timeline", "Go", "--limit", "1000000"),
        ("events", "export", "--after", str(2**53)),
        ("run", "Go", "--timeout", "31536000"),
    ],
)
def test_the_largest_numbers_are_taken(shell: Shell, typed: tuple[str, ...]) -> None:
    """What is within the bounds works."""
    assert shell("run", "Go").code == Exit.OK
    assert shell(*typed).code == Exit.OK


@pytest.mark.parametrize("typed", [("run", "Go"), ("serve", "--port", "0"), ("cancel", "latest")])
def test_a_database_that_cannot_be_written_is_named(shell: Shell, typed: tuple[str, ...]) -> None:
    """Exit code 3, the file and what is the matter with it: no fault of the program."""
    refused = shell(*typed, "--database", os.devnull)
    assert refused.code == Exit.WORKSPACE
    assert f"{os.devnull} cannot be used: " in refused.err
    assert "fault of the program" not in refused.err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("VM_LOG_LEVEL", "foo", "DEBUG"),
        ("VM_ALLOWED_HOSTS", "::::", "host names"),
        ("VM_ALLOWED_HOSTS", "vm.example, http://vm.example", "host names"),
        ("VM_LLM_BASE_URL", "foo", "http://"),
        ("VM_EMBEDDINGS_BASE_URL", "ftp://there", "http://"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    """At the start, by its name and with what may stand there."""
    monkeypatch.setenv(variable, value)
    refused = shell("run", "Go")
    assert (refused.code, refused.out) == (Exit.USAGE, "")
    assert refused.err.startswith(f"{variable} cannot be used: ")
    assert said in refused.err
    assert "Value error" not in refused.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VM_LOG_LEVEL", "error"),
        ("VM_ALLOWED_HOSTS", "vm.example, Other.example:8443, [::1]:80, 192.0.2.1,"),
        ("VM_LLM_BASE_URL", "http://localhost:1234/v1"),
    ],
)
def test_a_setting_that_means_something_is_taken(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Words in any case, names with a port and addresses."""
    monkeypatch.setenv(variable, value)
    assert shell("runs").code == Exit.OK


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("proof", "evt-0000"), "There is no event or run 'evt-0000'"),
        (("erase", "nope", "--reason", "x"), "There is no run, thread or comment 'nope'"),
        (("erase", "cmt-0000", "--reason", "x"), "There is no comment 'cmt-0000'"),
        (("comment", "nope", "hi"), "There is no run or thread 'nope'"),
        (("comment", "r-0000", "hi"), "There is no run 'r-0000'"),
        (("comment", "nope", "hi", "--stage", "brief"), "There is no run 'nope'"),
        (("rules", "add", "No.", "--brand", "My brand", "--forbid", "x", "--forbid", ""), "--forbid is empty."),
        (("rules", "add", "No.", "--brand", "My brand", "--off-tone", " "), "--off-tone is empty."),
        (("rules", "add", "No.", "--brand", "My brand", "--require", ""), "--require is empty."),
    ],
)
def test_a_refusal_names_what_could_be_meant(shell: Shell, typed: tuple[str, ...], said: str) -> None:
    """Every kind that is possible there, or the option that was typed."""
    assert shell("run", "Go").code == Exit.OK
    refused = shell(*typed)
    assert refused.code == Exit.USAGE
    assert said in refused.err


@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_request_that_is_too_long_is_told_its_limit(shell: Shell, tmp_path: Path, letter: str) -> None:
    """Not how much of it was read; nor is a letter that the reading would cut in two called no text."""
    file = tmp_path / "long.txt"
    file.write_text("a" + letter * 3_000_000, encoding="utf-8")
    refused = shell("run", "--file", str(file))
    assert refused.code == Exit.USAGE
    assert refused.err == f"The request in {file} is longer than 1,000,000 bytes; 20,000 characters are the most.\n"
