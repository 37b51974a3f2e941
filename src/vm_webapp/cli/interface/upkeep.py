"""The commands that keep a workspace sound: verify, rebuild."""

from pathlib import Path

import click

from vm_webapp.cli.interface.declare import as_json, command


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""
    _add_proof(program)
    _add_backups(program)
    _add_erasure(program)


def _add_proof(program: click.Group) -> None:
    @command(
        program,
        "verify",
        does="vm_webapp.cli.verify_report:verify",
        examples=(
            "verify",
            "verify latest --json",
            'verify --thread "Lisbon launch"',
            "verify --against our-checkpoint.txt",
            "verify bundle.zip --key log.vkeys",
        ),
    )
    @click.argument("target", metavar="[RUN|FILE]", required=False)
    @click.option("--thread", metavar="THREAD", help="Check a thread (id or title): its events and its runs.")
    @click.option(
        "--against",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="An older checkpoint, proof or bundle; finds a log that was rewritten after it.",
    )
    @click.option(
        "--key", metavar="KEY", help="The key to trust, or its file, rather than the one that is found there."
    )
    @click.option("--resume", is_flag=True, help="Go on where a check of the whole workspace was cut off.")
    @as_json()
    def verify() -> None:
        """Check everything that was recorded and published.

        Recomputes every digest: of events and their chain, of the tree over the log and its signed checkpoints, of
        manifests and files; and names each that does not hold, is missing or too many. Of the whole workspace, of one
        RUN, of a thread, or of a FILE: a bundle (.zip) or a proof (.json), which needs no workspace. Only reads, so it
        works beside a server. Exit code 1 on any problem.
        """

    @command(program, "rebuild", does="vm_webapp.cli.rebuild:rebuild", examples=("rebuild",))
    @as_json()
    def rebuild() -> None:
        """Build the lists afresh from the log.

        The log says what is true; what is shown can be lost and built again.
        """


def _add_backups(program: click.Group) -> None:
    @command(
        program,
        "backup",
        does="vm_webapp.cli.backup:backup",
        examples=("backup /media/disk/vm", "backup vm-2027-01-31.tar", "backup /media/disk/vm --with-keys"),
    )
    @click.argument("target", metavar="FOLDER|FILE.tar")
    @click.option("--with-keys", is_flag=True, help="Copy the keys as well: keep such a backup like a key.")
    @as_json()
    def backup() -> None:
        """Copy the log and all files, verified.

        A server may be at work meanwhile. A second backup into the same FOLDER copies only what is new. Exit code 1
        where a file is damaged.
        """

    @command(
        program,
        "restore",
        does="vm_webapp.cli.backup:restore",
        examples=(
            "restore /media/disk/vm --check",
            "restore /media/disk/vm --into runtime/restored",
            "restore vm-2027-01-31.tar --into runtime/vm",
        ),
    )
    @click.argument("source", metavar="BACKUP")
    @click.option("--into", metavar="FOLDER", help="A folder that is new or empty.")
    @click.option("--check", is_flag=True, help="Read every file of the BACKUP, say whether it holds, write nothing.")
    @as_json()
    def restore() -> None:
        """Make a workspace of a BACKUP, once all of it is known to hold."""

    @command(program, "recover", does="vm_webapp.cli.backup:recover_workspace", examples=("recover",))
    @as_json()
    def recover() -> None:
        """Make a new log of the run folders, where the database is lost.

        It has what the folders prove; what they do not prove is said. A damaged database is moved aside, a sound one is
        left alone.
        """


def _add_erasure(program: click.Group) -> None:
    @command(
        program,
        "erase",
        does="vm_webapp.cli.erase:erase",
        examples=(
            'erase r-0199a2b3c4d5 --reason "Asked to be forgotten"',
            'erase "Lisbon launch" --dry-run',
            'erase cmt-0199a2b3c4d5 --reason "Named a customer" --yes',
        ),
    )
    @click.argument("target", metavar="RUN|THREAD|COMMENT")
    @click.option("--reason", metavar="TEXT", help="Why; it stays in the log, so it names nobody.")
    @click.option("--dry-run", is_flag=True, help="Show what would be erased, and what is not reached.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @as_json()
    def erase() -> None:
        """Erase a RUN, a THREAD or a COMMENT for good.

        Texts become unreadable, files are removed; that they were there stays in the log, and its proofs hold. What
        left the workspace is out of reach: backups, bundles, exports.
        """
