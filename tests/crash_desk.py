"""What the lives of crash_child.py do at their desk: ask, act, and write down outside what was answered."""

import json
import os
from dataclasses import replace
from pathlib import Path

from vm_webapp.commands import OWNER, Actor, Command
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import CreateThread, RequestRun
from vm_webapp.errors import AlreadyExists
from vm_webapp.host import Host
from vm_webapp.receipts import Answer, ReceiptKey

from invariants import Witness


def note(path: Path, value: object) -> None:
    """Add a line to a witness and wait until the disk has it; one write, so that lines never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, f"{json.dumps(value)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def witness_of(root: Path) -> Witness:
    """The witnesses of a workspace, which stand beside it."""
    return Witness(calls=root.parent / "calls", acknowledged=root.parent / "acknowledged")


def tell(host: Host, value: object) -> None:
    """Write down what was answered."""
    note(witness_of(host.workspace.root).acknowledged, value)


def acknowledge(host: Host, command: Command, *, by: Actor = OWNER) -> None:
    """Have a command handled, and write down what came of it; what is there already is left alone."""
    try:
        outcome = host.commands.handle(command, by=by)
    except AlreadyExists:
        return
    for event in outcome.events:
        tell(host, {"kind": "event", "id": event.event_id})


def catalogue_of(host: Host, threads: list[str]) -> None:
    """A brand, a project, and these threads."""
    acknowledge(host, CreateBrand(brand_id="b-one", name="Aurora"))
    acknowledge(host, CreateProject(project_id="p-one", brand_id="b-one", name="Spring"))
    for thread_id in threads:
        acknowledge(host, CreateThread(thread_id=thread_id, brand_id="b-one", project_id="p-one", title="Launch"))


def request_run(host: Host, made: RequestRun, run_id: str, *, by: Actor = OWNER) -> str:
    """Ask for a run by its key; the answer names the run that the key's first request made."""
    command = replace(made, run_id=run_id)
    found = host.commands.answer(
        command,
        by=by,
        receipt=ReceiptKey(actor_id=by.id, route="requests", key=run_id, fingerprint=command.thread_id),
        render=lambda _connection: Answer(200, command.run_id.encode()),
    )
    answered = found.answer.body.decode() if found.answer else ""
    tell(host, {"kind": "run", "id": answered})
    return answered
