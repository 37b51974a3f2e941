"""The commands that hand a run on, and take one in: export, import, disclose."""

from pathlib import Path

import click

from vm_webapp.cli.interface.declare import as_json, command

_WORK = "vm_webapp.cli.bundle"


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""

    @command(program, "export", does=f"{_WORK}:export", examples=("export latest", "export r-0199a2b3c4d5 -o may.zip"))
    @click.argument("run_id", metavar="RUN")
    @click.option(
        "-o", "--output", "output", type=click.Path(path_type=Path), metavar="FILE", help="Where to [RUN.zip here]."
    )
    @as_json()
    def export() -> None:
        """Write a settled RUN with its files and proofs as one .zip.

        Whoever gets it checks it with `verify`, without this workspace, or the bytes alone with `sha256sum -c`.
        """

    @command(
        program,
        "import",
        does=f"{_WORK}:import_run",
        examples=("import may.zip", 'import may.zip --brand Aurora --thread "Lisbon launch" --key theirs.vkey'),
    )
    @click.argument("bundle", type=click.Path(path_type=Path), metavar="BUNDLE.zip")
    @click.option("--brand", metavar="BRAND", help="Where it goes (id or name; made if missing) [as in the bundle].")
    @click.option("--project", metavar="PROJECT", help="Likewise.")
    @click.option("--thread", metavar="THREAD", help="Likewise (id or title).")
    @click.option("--key", metavar="KEY", help="The key that has to have signed it, or its file.")
    @as_json()
    def import_run() -> None:
        """Bring the run of a bundle in, once all of it holds.

        It is marked as brought here, with the log and the key that signed it; the bundle stays beside it. A run that is
        here is never touched.
        """

    @command(
        program,
        "disclose",
        does=f"{_WORK}:disclose",
        examples=("disclose latest", "disclose latest brief", "disclose latest --json"),
    )
    @click.argument("run_id", metavar="RUN")
    @click.argument("stage_key", metavar="[STAGE]", required=False)
    @as_json()
    def disclose() -> None:
        """Say what a model wrote of a RUN's files, and what people did.

        What a person wrote, changed or approved is told apart; on a terminal in plain words, else as Markdown.
        """
