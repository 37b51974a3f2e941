"""A settled run as a bundle."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from vm_webapp import artifacts, repo
from vm_webapp.bundles import openings
from vm_webapp.bundles.bag import make_bag
from vm_webapp.bundles.bundle import (
    CHECKPOINT,
    DISCLOSURE,
    KEYS,
    LINEAGE,
    METADATA,
    OPENINGS,
    PROFILE,
    PROOF,
    README,
    RUN,
    STATEMENT,
)
from vm_webapp.bundles.check import verify_bundle
from vm_webapp.bundles.crate import crate_metadata
from vm_webapp.bundles.places import LONGEST_ZIP, MOST_ENTRIES
from vm_webapp.bundles.sources import IsRecovered, NoKey, RunIsOpen, Sources, read_origin, read_sources
from vm_webapp.bundles.statement import BUILD_TYPE, make_statement
from vm_webapp.bundles.zips import write_zip
from vm_webapp.disclosure import to_markdown
from vm_webapp.errors import Conflict, IntegrityError
from vm_webapp.proof.notes import SigningKey, VerifierKey
from vm_webapp.workspace import Workspace

__all__ = ["BundleTooLarge", "DoesNotHold", "Exported", "IsRecovered", "NoKey", "RunIsOpen", "export_run"]

_README = """# Run {run_id}

Deliverables, what they were made from, who made them, and the proof of it. `ro-crate-metadata.json` says what is what.

The bytes alone, with nothing of ours, from the folder above this one:

    sha256sum -c manifest-sha256.txt

All of it, with VM on any machine; `--key` names the key that you trust for this log:

    vm verify {run_id}.zip
"""


class DoesNotHold(IntegrityError):
    """The bundle of the run {run_id!r} would not hold, so none was made: {problem}."""

    code = "bundle_does_not_hold"
    remedy = "Run verify: it names what in the workspace does not hold. If all does, this is a defect of the program."


class BundleTooLarge(Conflict):
    """The run {run_id!r} is too large for a bundle: it would have {found}, and {most} are the most that is read."""

    code = "bundle_too_large"
    remedy = "Hand its folder on as it is, with `vm proof {run_id}`; or the whole workspace, with `vm backup`."


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle and the name of its file."""

    name: str
    content: bytes


def export_run(connection: Connection, workspace: Workspace, run_id: str, *, key: SigningKey | None) -> Exported:
    """The run's bundle, signed with the log's key. The same run and key give the same bytes.

    A run that was brought from another log is handed on as it came. Raises what `read_sources` raises, NoKey,
    BundleTooLarge, and DoesNotHold rather than hand out what `verify_bundle` refuses.
    """
    row = repo.get_kept_run(connection, run_id)
    name = f"{run_id}.zip"
    if row["imported"]:
        origin = read_origin(connection, workspace, row)
        return _checked(Exported(name, origin), run_id, VerifierKey.parse(row["imported"]["key"]))
    if key is None:
        raise NoKey(run_id=run_id)
    sources = read_sources(connection, workspace, run_id, key=key)
    payload = dict(_payload(sources))
    payload[METADATA] = crate_metadata(sources, {**payload, STATEMENT: b""})
    payload[STATEMENT] = make_statement(payload, _predicate(sources), key)
    settled_at = datetime.fromisoformat(sources.settled_at)
    files = make_bag(payload, run_id=run_id, at=settled_at)
    if len(files) > MOST_ENTRIES:
        raise BundleTooLarge(run_id=run_id, found=f"{len(files):,} files", most=f"{MOST_ENTRIES:,}")
    content = write_zip(files, at=settled_at)
    if len(content) > LONGEST_ZIP:
        size = math.ceil(len(content) / 2**20)
        raise BundleTooLarge(run_id=run_id, found=f"{size:,} MiB", most=f"{LONGEST_ZIP // 2**20}")
    return _checked(Exported(name, content), run_id, key.verifier)


def _checked(made: Exported, run_id: str, key: VerifierKey) -> Exported:
    """The bundle, of which whoever trusts the key will find that it holds."""
    checked = verify_bundle(made.content, [key])
    if checked.problems:
        raise DoesNotHold(run_id=run_id, problem=checked.problems[0].removesuffix("."))
    return made


def _payload(sources: Sources) -> Mapping[str, bytes]:
    """The files below data/, but for those that speak of the others."""
    found = {
        README: _README.format(run_id=sources.run["run_id"]).encode(),
        RUN: artifacts.to_json(sources.run),
        PROFILE: artifacts.to_json(sources.plan),
        PROOF: artifacts.to_json(sources.proof),
        OPENINGS: artifacts.to_json(openings.document(sources.keys)),
        CHECKPOINT: sources.proof["checkpoint"].encode(),
        KEYS: f"{sources.proof['key']}\n".encode(),
        LINEAGE: artifacts.to_json({"run_id": sources.run["run_id"], "ancestors": sources.lineage}),
    }
    for stage in sources.published:
        found |= {f"{stage.place}/{path}": content for path, content in stage.files.items()}
        for record in stage.disclosures:
            place = f"{DISCLOSURE}/{stage.folder.rpartition('/')[2]}/{record['path'].rpartition('/')[2]}"
            found |= {f"{place}.json": artifacts.to_json(record), f"{place}.md": to_markdown(record).encode()}
    return found


def _predicate(sources: Sources) -> Mapping[str, Any]:
    """SLSA provenance v1; the terms are those of docs/bundles.md."""
    run, plan = sources.run, sources.plan
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "request_text": run["request_text"],
                "mode": run["mode"],
                "requested_by": run["requested_by"],
            },
            "internalParameters": {
                "profile": {"mode": plan["profile"], "version": plan["version"], "sha256": plan["digest"]},
                "writers": {stage.key: stage.made_by for stage in sources.published},
            },
            "resolvedDependencies": [
                {"name": f"prompt of {stage.key}", "digest": {"sha256": sha256}}
                for stage in sources.published
                if (sha256 := (stage.manifest.get("prompt") or {}).get("sha256"))
            ],
        },
        "runDetails": {
            "builder": {"id": f"urn:vm-webapp:log:{sources.proof['key'].partition('+')[0]}"},
            "metadata": {
                "invocationId": run["run_id"],
                "startedOn": run["started_at"] or run["created_at"],
                "finishedOn": sources.settled_at,
            },
        },
    }
