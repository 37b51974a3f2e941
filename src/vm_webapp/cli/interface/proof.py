"""The commands that hand proof on: checkpoint, proof."""

from pathlib import Path

import click

from vm_webapp.cli.interface.declare import as_json, command


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""

    @command(
        program,
        "checkpoint",
        does="vm_webapp.cli.proofs:checkpoint",
        examples=("checkpoint", "checkpoint --save checkpoint.txt", "checkpoint --key"),
    )
    @click.option(
        "--save",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write it to a file; an older one of this log gives way.",
    )
    @click.option("--key", is_flag=True, help="Show the key that verifies it instead.")
    @as_json()
    def checkpoint() -> None:
        """Show the newest signed checkpoint of the log.

        Keep it where this workspace's owner cannot reach it, or publish it: `verify --against FILE` then finds any
        later rewriting of what it covers. Its form is that of C2SP's tlog-checkpoint.
        """

    @command(
        program,
        "proof",
        does="vm_webapp.cli.proofs:proof",
        examples=("proof latest --save proof.json", "proof evt-0199a2b3c4d5"),
    )
    @click.argument("subject", metavar="EVENT|RUN")
    @click.option(
        "--save",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write it to a file; an older one of this log gives way.",
    )
    @as_json()
    def proof() -> None:
        """Prove that an EVENT, or all of a RUN, is in the signed log.

        The proof is checked without the workspace, with `verify FILE.json --key KEY`.
        """
