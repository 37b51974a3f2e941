"""docs/cli.md cannot fall behind the program."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vm_webapp.cli import main
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.interface import program
from vm_webapp.cli.interface.declare import Described, shared_options
from vm_webapp.settings import Settings

PAGES = Path(__file__).resolve().parent.parent / "docs"
DOCS = (PAGES / "cli.md").read_text(encoding="utf-8")
TABLE = DOCS.partition("## Settings")[0]


def walk(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its full name, a noun before its verbs."""
    for name, command in group.commands.items():
        names = (*above, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join(names), command
        if isinstance(command, click.Group):
            yield from walk(command, names)


COMMANDS = dict(walk(program))


def named(row: list[str]) -> str:
    """The command that a row of the table is about."""
    words = row[0].strip().strip("`").split()
    verb = " ".join(words[:2])
    return verb if verb in COMMANDS else words[0]


ROWS = {
    named(row): row for row in (line.strip("|").split("|") for line in TABLE.splitlines() if line.startswith("| `"))
}


def flags(command: click.Command) -> Iterator[str]:
    """The options that a command lists in its help."""
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden and option.name != "help":
            yield max(option.opts, key=len)


def test_every_command_is_in_the_table() -> None:
    """The table has the commands in the order of the help, and no other."""
    assert list(ROWS) == list(COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_option_is_in_the_table(name: str) -> None:
    """A command's row names its options in the order of its help, and no other."""
    assert re.findall(r"--[a-z-]+", ROWS[name][-1]) == list(flags(COMMANDS[name]))


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_with_examples(name: str) -> None:
    """A sentence of its own, and examples that begin with its name."""
    command = COMMANDS[name]
    assert isinstance(command, Described)
    assert command.get_short_help_str(limit=200).endswith(".")
    assert command.examples
    assert all(example.startswith(name) for example in command.examples)


def test_global_options_are_told() -> None:
    """Each is named in the text."""
    missing = [option for one in shared_options(hidden=False) for option in one.opts if f"`{option}" not in DOCS]
    assert missing == []


def test_exit_codes_are_told() -> None:
    """The table of exit codes is the one of the code."""
    told = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", DOCS, re.MULTILINE)
    assert told == [(str(code.value), code.name) for code in Exit]


def test_every_setting_is_told() -> None:
    """Each in docs/cli.md, by its name or by the one that it begins with, and in full on some page."""
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    names = [name.upper() for name in Settings.model_fields]
    begun = tuple(re.findall(r"`(VM_[A-Z]+)` and what begins with it", DOCS))
    assert [name for name in names if f"`{name}`" not in DOCS and not name.startswith(begun)] == []
    assert [name for name in names if not re.search(rf"\b{name}\b", pages)] == []


@pytest.mark.parametrize("name", ["run", "runs", "show", "rules add", "verify"])
def test_help_fits_eighty_columns(name: str) -> None:
    """Options and texts of the help are not wider; examples are lines to copy and may be."""
    command = COMMANDS[name]
    context = click.Context(command, info_name=f"vm {name}", terminal_width=80)
    text = command.get_help(context).partition("Examples:")[0]
    assert max(map(len, text.splitlines())) <= 80


def nouns(group: click.Group) -> Iterator[click.Group]:
    """Every command that has verbs behind it."""
    return (command for command in group.commands.values() if isinstance(command, click.Group))


@pytest.mark.parametrize("noun", list(nouns(program)), ids=lambda noun: str(noun.name))
def test_every_noun_has_help_with_examples(noun: click.Group) -> None:
    """Also one that does nothing without a verb."""
    assert isinstance(noun, Described)
    text = noun.get_help(click.Context(noun, info_name=f"vm {noun.name}"))
    assert "Examples:" in text
    assert all(example.startswith(f"{noun.name}") for example in noun.examples)


def test_what_has_no_json_is_told() -> None:
    """`--json` is on every command but these, which docs/cli.md names."""
    without = [name for name, command in COMMANDS.items() if "--json" not in flags(command)]
    assert without == ["serve", "events export"]
    assert all(f"`{name}`" in DOCS.partition("| command |")[0] for name in without)


@pytest.mark.parametrize("called", ["vm", "./vm", "python -m vm_webapp"])
def test_shells_complete_it_however_it_is_called(
    called: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the variable that the page names."""
    monkeypatch.setattr("vm_webapp.cli.invocation._program", lambda: called)
    monkeypatch.setenv("_VM_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"{called.split(maxsplit=1)[0]} web")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert main([]) == Exit.OK
    assert capsys.readouterr().out == "plain,webhooks\n"
    assert "_VM_COMPLETE=bash_source" in DOCS


def test_summaries_are_whole_at_80_columns() -> None:
    """Of every command in the list of the program's help, and in that of each noun: none ends in dots."""
    for group in (program, *(one for one in program.commands.values() if isinstance(one, click.Group))):
        width = 80 - 2 - 6 - max(map(len, group.commands))  # what Click leaves at the edge, and round the names
        said = {name: command.get_short_help_str(width) for name, command in group.commands.items()}
        assert {name: summary for name, summary in said.items() if summary.endswith("...")} == {}
