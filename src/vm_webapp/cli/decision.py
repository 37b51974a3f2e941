"""What a person is asked to decide on: a stage's files as they are on the disk, held against their digests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from vm_webapp import artifacts, repo
from vm_webapp.cli import text
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, reading
from vm_webapp.cli.run_words import excerpt, stages_waiting, waiting_words
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import ago, cell, status
from vm_webapp.errors import Conflict, Invalid
from vm_webapp.records import Record, run_record

_SHOWN_EVIDENCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A stage that waits for a person: its files are those of the manifest, and that has the digest in the log."""

    run: Record
    stage: Mapping[str, Any]
    folder: Path
    breaches: Sequence[Mapping[str, Any]]

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.run["run_id"])

    @property
    def stage_key(self) -> str:
        """The stage's key."""
        return str(self.stage["stage_key"])

    @property
    def digest(self) -> str:
        """The digest of the manifest, which names exactly these bytes."""
        return str(self.stage["manifest_sha256"])


def find_decision(call: Invocation, wanted: str, stage_key: str | None) -> Decision:
    """The decision that is asked for; the one stage that waits where none is named.

    Raises NoSuch, Conflict where nothing waits, Invalid where several do, IntegrityError where a file does not hold.
    """
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("run", wanted, [])
        with records.database.read() as connection:
            run = run_record(repo.get_run(connection, choose_run(connection, wanted)))
        return _decision(records, run, _stage(run, stage_key))


def show_decision(screen: Console, asked: Decision) -> None:
    """Show what is decided on: whose it is, each file with its digest, and what breaks a rule."""
    run, stage = asked.run, asked.stage
    screen.print(cell(stage["title"], "bold"), cell(f"version {run['number']}"), status(stage["status"]))
    screen.print(cell(run["request_text"]))
    facts = [
        ("asked", f"{ago(stage['gate']['asked_at'])}, {waiting_words(stage['gate'])}"),
        ("folder", str(asked.folder)),
    ]
    facts += [("file", _file(item)) for item in stage["artifacts"]]
    for name, value in (*facts, ("digest", asked.digest)):
        screen.print(cell(f"{name:<7} ", "dim").append_text(cell(value)), soft_wrap=True)
    for breach in asked.breaches:
        _show_breach(screen, breach)


def _decision(records: Records, run: Record, stage: Mapping[str, Any]) -> Decision:
    folder = records.workspace.stage_dir(run["run_id"], stage["position"], stage["stage_key"])
    manifest = artifacts.read_manifest(folder, sha256=stage["manifest_sha256"])
    for item in artifacts.listed(manifest):
        artifacts.read_listed(folder, item)
    broken = set(stage["gate"]["breaches"])
    found = [breach for breach in manifest.get("rules", {}).get("breaches", ()) if breach["rule_id"] in broken]
    return Decision(run=run, stage=stage, folder=folder, breaches=found)


def _stage(run: Record, key: str | None) -> Mapping[str, Any]:
    waiting = {stage["stage_key"]: stage for stage in stages_waiting(run)}
    keys = [stage["stage_key"] for stage in run["stages"]]
    if key is not None and key not in keys:
        raise no_such("stage", key, keys)
    if key is None and len(waiting) > 1:
        raise Invalid(f"Several stages wait for approval: {', '.join(waiting)}. Name one behind the run.")
    chosen = waiting.get(key) if key else next(iter(waiting.values()), None)
    if chosen is None:
        what = f"The stage {key!r}" if key else f"No stage of the run {run['run_id']}"
        raise Conflict(f"{what} {'does not wait' if key else 'waits'} for approval; the run is {_is(run)}.")
    return chosen


def _file(item: Mapping[str, Any]) -> str:
    return f"{Path(item['path']).name}, {text.size(item['size'])}, sha256 {item['sha256']}"


def _is(run: Record) -> str:
    return str(run["status"]).replace("_", " ")


def _show_breach(screen: Console, breach: Mapping[str, Any]) -> None:
    screen.print(cell(f"breaks  {excerpt(breach['rule_text'])}: {breach['problem']}", "yellow"), soft_wrap=True)
    evidence = breach["evidence"]
    for one in evidence[:_SHOWN_EVIDENCE]:
        line = f", line {one['line']}" if one["line"] else ""
        quoted = f": {one['excerpt']}" if one["excerpt"] else ""
        screen.print(cell(f"        {one['path']}{line}{quoted}"), soft_wrap=True)
    if len(evidence) > _SHOWN_EVIDENCE:
        screen.print(cell(f"        and {len(evidence) - _SHOWN_EVIDENCE} more places"))
