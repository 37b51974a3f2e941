"""The command profiles: what can be run, and what is wrong with own profiles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import settings_of
from vm_webapp.cli.screen import cell, console, show_json, show_table
from vm_webapp.errors import InvalidProfile, NotReadable
from vm_webapp.profiles import Profile, ProfileLibrary
from vm_webapp.profiles.problem import renamed
from vm_webapp.records import profile_record
from vm_webapp.workspace import Workspace

_ENDINGS = (".yaml", ".yml")


def profiles(call: Invocation, *, check: Path | None, as_json: bool) -> int:
    """List modes and problems, or check one file; a problem makes the exit code 1."""
    if check is not None:
        return _check(check, as_json=as_json)
    library = ProfileLibrary(Workspace(settings_of(call).vm_workspace_root).profiles)
    found, problems = library.list_profiles(), library.problems()
    if as_json:
        show_json({"profiles": [profile_record(profile) for profile in found], "problems": _problems(problems)})
    else:
        _print_table(call, found)
        _print_problems(problems)
    return Exit.FAILED if problems else Exit.OK


def _check(path: Path, *, as_json: bool) -> int:
    """Check the file, called as it was typed, as if it stood in the workspace; others of its folder do not count."""
    if path.suffix not in _ENDINGS:
        raise NotReadable(path=path, problem=f"a profile's name ends in {' or '.join(_ENDINGS)}")
    if not path.is_file():
        raise NotReadable(path=path, problem="there is no such file")
    found = ProfileLibrary(path.absolute().parent).problems()
    mine = (problem for problem in found if Path(str(problem.facts["file"])).name == path.name)
    problems = [renamed(problem, str(path)) for problem in mine]
    if as_json:
        show_json({"file": str(path), "ok": not problems, "problems": _problems(problems)})
    elif problems:
        _print_problems(problems)
    else:
        click.echo(f"{text.line(path.name)} can be run: put it into the workspace's profiles folder.")
    return Exit.FAILED if problems else Exit.OK


def _problems(problems: Sequence[InvalidProfile]) -> list[dict[str, Any]]:
    names = ("file", "line", "column", "key", "problem")
    return [{name: problem.facts[name] for name in names} for problem in problems]


def _print_table(call: Invocation, found: Sequence[Profile]) -> None:
    rows = [
        [
            cell(profile.mode),
            cell(len(profile.plan.stages)),
            cell(profile.source),
            cell(f"{profile.title} (the default)" if profile.is_default else profile.title),
        ]
        for profile in found
    ]
    show_table(console(call), ("mode", "stages", "from", "title"), rows)


def _print_problems(problems: Sequence[InvalidProfile]) -> None:
    for problem in problems:
        click.echo(text.line(problem), err=True)
