"""The command verify: what was checked, and each file that does not hold."""

from dataclasses import asdict

import click

from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.progress import counting
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.verify import Report, verify_all, verify_run


def verify(call: Invocation, *, run_id: str | None, as_json: bool) -> int:
    """Check one run or all of them; 1 on any problem."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            return Exit.WORKSPACE
        report = _verify(call, records, run_id, shown=not as_json)
    if as_json:
        show_json({"ok": not report.problems, **asdict(report)})
    else:
        _say(report)
    return Exit.FAILED if report.problems else Exit.OK


def _verify(call: Invocation, records: Records, run_id: str | None, *, shown: bool) -> Report:
    with records.database.read() as connection:
        if run_id is not None:
            run_id = choose_run(connection, run_id)
        total = connection.exec_driver_sql("SELECT count(*) FROM runs_view").scalar_one()
    if run_id is not None:
        return verify_run(records, run_id)
    with counting(call, "runs", total, shown=shown) as tell:
        return verify_all(records, progress=tell)


def _say(report: Report) -> None:
    for finding in report.problems:
        click.echo(click.style(text.line(finding.text), fg="red"))
    for finding in report.notes:
        click.echo(f"Note: {text.line(finding.text)}")
    checked = (
        text.counted(report.runs, "run"),
        text.counted(report.stages, "stage"),
        text.counted(report.files, "file"),
        text.size(report.bytes),
    )
    said = text.counted(len(report.problems), "problem") if report.problems else "Everything holds"
    click.echo(f"{said}: checked {', '.join(checked)}.")
