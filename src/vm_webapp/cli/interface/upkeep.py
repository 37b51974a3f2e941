"""The commands that keep a workspace sound: verify, rebuild."""

import click

from vm_webapp.cli.interface.declare import as_json, command


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""

    @command(program, "verify", does="vm_webapp.cli.verify_report:verify", examples=("verify", "verify latest --json"))
    @click.argument("run_id", metavar="[RUN]", required=False)
    @as_json()
    def verify() -> None:
        """Check every file against its digest in the log.

        Recomputes all digests, of one RUN or of all, and names each file that does not hold. Only reads, so it works
        beside a server. Exit code 1 on any problem.
        """

    @command(program, "rebuild", does="vm_webapp.cli.rebuild:rebuild", examples=("rebuild",))
    @as_json()
    def rebuild() -> None:
        """Build the lists afresh from the log.

        The log says what is true; what is shown can be lost and built again.
        """
