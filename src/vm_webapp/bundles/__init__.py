"""Bundles: a settled run as one .zip that proves itself without the workspace, and its way into another workspace.

    <run_id>/bagit.txt, bag-info.txt          BagIt 1.0 (RFC 8493)
    <run_id>/manifest-sha256.txt              SHA-256 of every file below data/, for `sha256sum -c`
    <run_id>/tagmanifest-sha256.txt           SHA-256 of the three above
    <run_id>/data/README.md                   how to check it
    <run_id>/data/ro-crate-metadata.json      RO-Crate 1.1, profile Provenance Run Crate 0.5
    <run_id>/data/run/run.json                the run; profile.json what it was to execute
    <run_id>/data/run/stages/<NN>-<key>/...   input.json, output.json, manifest.json, artifacts/*: as in docs/files.md
    <run_id>/data/log/proof.json              the events with their inclusion proofs, the signed checkpoint (vm-proof/1)
    <run_id>/data/log/checkpoint.txt, key.txt the same checkpoint, and its key, for other programs
    <run_id>/data/log/lineage.json            the runs that this one goes back to
    <run_id>/data/disclosure/<NN>-<key>/*     for each artifact who wrote it, .json and .md
    <run_id>/data/statement.json              in-toto Statement v1 over all other files of data/, in a DSSE envelope

Equal runs give equal bytes: entries stand in the order of their names, stored and not compressed, with the run's own
time, and the checkpoint is the first signed one that covers the run. What is read is hostile until it is verified: it
is never unpacked to a disk, and nothing in it names a path that is written.
"""

from vm_webapp.bundles.bundle import BadBundle, fingerprint
from vm_webapp.bundles.check import Checked, verify_bundle
from vm_webapp.bundles.disclosures import disclosures_of
from vm_webapp.bundles.export import DoesNotHold, Exported, IsRecovered, NoKey, RunIsOpen, export_run
from vm_webapp.bundles.intake import Brought, Place, Proven, import_bundle, read_import
from vm_webapp.bundles.places import LONGEST_ZIP

__all__ = [
    "LONGEST_ZIP",
    "BadBundle",
    "Brought",
    "Checked",
    "DoesNotHold",
    "Exported",
    "IsRecovered",
    "NoKey",
    "Place",
    "Proven",
    "RunIsOpen",
    "disclosures_of",
    "export_run",
    "fingerprint",
    "import_bundle",
    "read_import",
    "verify_bundle",
]
