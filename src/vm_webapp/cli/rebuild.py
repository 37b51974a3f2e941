"""The command rebuild: the views and the search index, afresh from the log."""

from contextlib import closing

from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store, projections
from vm_webapp.cli import text
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, quietly, settings_of
from vm_webapp.cli.progress import counting
from vm_webapp.cli.screen import console, show_json
from vm_webapp.errors import VmError, WorkspaceInUse
from vm_webapp.host import Host, open_host


class Busy(WorkspaceInUse):
    """The lists cannot be built afresh while process {pid} uses the workspace {path}{where}."""

    remedy = "Stop that process first; it does the same at its start where the lists do not fit the log."


def rebuild(call: Invocation, *, as_json: bool) -> int:
    """Empty the views and read the whole log, in one transaction: others see the old ones until it is done."""
    settings = settings_of(call)
    if not settings.database_path.is_file():
        nothing_yet(call)
        return Exit.WORKSPACE
    try:
        host = open_host(quietly(settings, call), llm=call.writer)
    except WorkspaceInUse as error:
        raise Busy(**error.facts) from error
    with closing(host):
        with host.database.read() as connection:
            total = event_store.last_position(connection)
        with counting(call, "events", total, shown=not as_json) as tell:
            count = host.database.write(lambda line: projections.restore(line, progress=tell))
        _rebuild_index(call, host)
    if as_json:
        show_json({"events": count})
    else:
        console(call).print(f"Built afresh from {text.counted(count, 'event')}.")
    return Exit.OK


def _rebuild_index(call: Invocation, host: Host) -> None:
    """The search index too; without one everything else works."""
    try:
        host.recall.rebuild()
    except (VmError, DatabaseError, OSError) as error:
        warn(f"The search index could not be built: {error}", call)
