"""The disclosures of a run, wherever it was made: of one that was brought here, those that came with it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.bundles.bundle import DATA, DISCLOSURE
from vm_webapp.bundles.sources import read_origin
from vm_webapp.bundles.zips import read_zip
from vm_webapp.disclosure import Record, disclose_run, disclose_stage
from vm_webapp.disclosure.shape import BadDisclosure, read_disclosure
from vm_webapp.errors import IntegrityError, NotFound
from vm_webapp.workspace import Workspace


def disclosures_of(
    connection: Connection, workspace: Workspace, run_id: str, stage_key: str | None = None
) -> Sequence[Record]:
    """The disclosures of all files of the run, or of one stage.

    Raises NotFound where there is no such run or it has not published the stage, IntegrityError where a file is not
    what was published.
    """
    row = repo.get_run(connection, run_id)
    if not row["imported"]:
        if stage_key is None:
            return disclose_run(connection, workspace, run_id)
        return disclose_stage(connection, workspace, run_id, stage_key)
    files = read_zip(read_origin(connection, workspace, row))
    begin = f"{run_id}/{DATA}/{DISCLOSURE}/"
    found = [_read(path, files[path]) for path in sorted(files) if path.startswith(begin) and path.endswith(".json")]
    wanted = [one for one in found if stage_key in {None, one["stage_key"]}]
    if stage_key is not None and not wanted:
        raise NotFound(kind="published stage of this run", id=stage_key)
    return wanted


def _read(path: str, content: bytes) -> Record:
    """The disclosure; an earlier release looked less closely at those that came with a run."""
    try:
        return read_disclosure(content)
    except BadDisclosure as error:
        raise IntegrityError(path=path, problem=f"it is no disclosure: {error.facts['problem']}") from error
