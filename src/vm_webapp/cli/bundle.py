"""The commands export, import and disclose: a run handed on with its proofs, taken in, and who wrote it."""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from vm_webapp import artifacts, repo
from vm_webapp.bundles import NoKey, disclosures_of, export_run, verify_bundle
from vm_webapp.cli import choose, text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import Records, nothing_yet, quietly, reading, settings_of
from vm_webapp.cli.runs import choose_run
from vm_webapp.cli.screen import show_json
from vm_webapp.cli.verify_file import read_file
from vm_webapp.cli.verify_report import read_keys
from vm_webapp.cli.work.desk import Desk
from vm_webapp.cli.work.reach import desk
from vm_webapp.disclosure import to_markdown, to_text
from vm_webapp.errors import Conflict, NotReadable, WorkspaceInUse
from vm_webapp.host import open_host
from vm_webapp.log_tree.keys import key_path, signing_key
from vm_webapp.log_tree.proofs import NotSignedYet
from vm_webapp.proof.notes import SigningKey, VerifierKey

_SIGNED_WITHIN_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.2


def export(call: Invocation, *, run_id: str, output: Path | None, as_json: bool) -> int:
    """Write the run's bundle to a file that is not there yet."""
    name, content = _exported_signed(call, run_id)
    path = output or Path(name)
    _write(path, content)
    if str(path) == "-":
        return Exit.OK
    if as_json:
        show_json({"file": str(path), "sha256": artifacts.digest(content), "size": len(content)})
    else:
        click.echo(
            text.line(f"{path}: {text.size(len(content))}. Whoever gets it checks it with: vm verify {path.name}")
        )
    return Exit.OK


def import_run(
    call: Invocation,
    *,
    bundle: Path,
    brand: str | None,
    project: str | None,
    thread: str | None,
    key: str | None,
    as_json: bool,
) -> int:
    """Bring the run of a bundle in."""
    content = read_file(bundle)
    trusted = _signer(content, read_keys(key)) if key else None
    with desk(call, patience=None, resume=False) as at:
        run = at.import_bundle(
            content, brand=brand, project=project, thread=thread, key=str(trusted) if trusted else None
        )
        names = _names(at, run)
    imported = run["imported"]
    if as_json:
        show_json(run)
        return Exit.OK
    said = f"{run['run_id']} is here, with {text.counted(run['stages_done'], 'stage')}; {imported['by']} brought it."
    click.echo(text.line(said))
    click.echo(text.line(f"It stands in {' / '.join(names)}."))
    click.echo(text.line(f"The log {imported['origin']} signed it with the key {imported['fingerprint']}."))
    if trusted is None:
        warn("Nobody but the bundle says whose key that is; compare it, or name the one you trust with --key.", call)
    return Exit.OK


def _names(at: Desk, run: Mapping[str, Any]) -> list[str]:
    """Where the run stands: what its brand, its project and its thread are called."""
    lists = (
        ("brand_id", "name", at.list_brands()),
        ("project_id", "name", at.list_projects(run["brand_id"])),
        ("thread_id", "title", at.list_threads(run["project_id"])),
    )
    return [str(next((row[name] for row in rows if row[key] == run[key]), run[key])) for key, name, rows in lists]


def _signer(content: bytes, keys: Sequence[VerifierKey]) -> VerifierKey:
    """The one of the keys that signed the bundle; where none did any one, by which it is refused."""
    signer = verify_bundle(content, keys).key
    return next((key for key in keys if str(key) == signer), keys[0])


def disclose(call: Invocation, *, run_id: str, stage_key: str | None, as_json: bool) -> int:
    """Say who wrote the run's deliverables, or those of one stage: as Markdown, on a terminal in plain words."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise choose.no_such("run", run_id, [])
        with records.database.read() as connection:
            chosen = choose_run(connection, run_id)
            found = disclosures_of(connection, records.workspace, chosen, stage_key)
    if as_json:
        show_json({"run_id": chosen, "disclosures": found})
    else:
        told = to_text if sys.stdout.isatty() else to_markdown
        click.echo(text.block("\n".join(told(one) for one in found)), nl=False)
    return Exit.OK


def _exported_signed(call: Invocation, run_id: str) -> tuple[str, bytes]:
    """The bundle; what was recorded a moment ago is waited for until it is signed."""
    until = time.monotonic() + _SIGNED_WITHIN_SECONDS
    while True:
        try:
            return _exported(call, run_id)
        except (NoKey, NotSignedYet):
            if time.monotonic() >= until:
                raise
        _sign(call)


def _exported(call: Invocation, run_id: str) -> tuple[str, bytes]:
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise choose.no_such("run", run_id, [])
        with records.database.read() as connection:
            chosen = choose_run(connection, run_id)
            key = None if repo.get_run(connection, chosen)["imported"] else _find_key(call, records)
            made = export_run(connection, records.workspace, chosen, key=key)
    return made.name, made.content


def _find_key(call: Invocation, records: Records) -> SigningKey | None:
    """The key that signs; None where there is none yet, as in a workspace that was restored without its keys."""
    settings = settings_of(call)
    if settings.vm_log_key is None and not key_path(records.workspace).exists():
        return None
    return signing_key(settings, records.workspace)


def _sign(call: Invocation) -> None:
    """Have the log's newest events signed: by whoever owns the workspace, in a moment, or else by this process.

    Where there is no key, this makes it.
    """
    try:
        host = open_host(quietly(settings_of(call), call), llm=call.writer, resume=False)
    except WorkspaceInUse:
        time.sleep(_LOOK_AGAIN_SECONDS)
        return
    try:
        host.log_tree.wait(_SIGNED_WITHIN_SECONDS)
    finally:
        host.close()


def _write(path: Path, content: bytes) -> None:
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
                file.flush()
            except OSError:
                path.unlink()  # half a bundle is none, and would be in the way of the next try
                raise
    except FileExistsError as error:
        raise Conflict(f"{path} is there already; name another file with -o.") from error
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error
