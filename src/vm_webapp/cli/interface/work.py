"""The commands that get work done: run, serve, retry, cancel."""

from pathlib import Path

import click

from vm_webapp.cli.interface.decide import budget, on_busy, opening, timeout, writer
from vm_webapp.cli.interface.declare import as_json, command

_WORK = "vm_webapp.cli.work.commands"


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""
    _add_run(program)
    _add_serve(program)
    _add_retry(program)
    _add_cancel(program)


def _add_run(program: click.Group) -> None:
    @command(
        program,
        "run",
        does=f"{_WORK}:run",
        examples=(
            'run "Launch our cold brew in Lisbon in May"',
            'run --brand Aurora --project Spring --thread "Lisbon launch" --channel instagram "..."',
            "run --file brief.txt --mode single_campaign",
            "run --json - < brief.txt",
        ),
    )
    @click.argument("request", nargs=-1)
    @click.option("--file", type=click.Path(path_type=Path), help="Read the request from a file.")
    @click.option("--mode", default="plan_90d", show_default=True, help="What to make; `profiles` lists the modes.")
    @click.option("--brand", metavar="NAME", help="Found by name or id, else made [My brand].")
    @click.option("--project", metavar="NAME", help="Likewise, within the brand [My project].")
    @click.option("--thread", metavar="TITLE", help="Likewise, within the project [the request's first words].")
    @click.option("--objective", metavar="TEXT", help="What the project is after.")
    @click.option("--channel", "channels", metavar="NAME", multiple=True, help="A channel to use; may be repeated.")
    @click.option("--due", metavar="YYYY-MM-DD", help="The project's day.")
    @writer("the usual one")
    @budget()
    @on_busy()
    @timeout()
    @opening()
    @as_json()
    def run() -> None:
        """Turn a REQUEST into finished files.

        The words of REQUEST are the request; `-` reads it from standard input. Each run in one thread is a new
        version; none overwrites another. Ctrl+C cancels the run, a second Ctrl+C leaves it as it is.

        Exit code: 0 completed, 1 failed or canceled, 4 waits for approval, 5 still going on.
        """


def _add_serve(program: click.Group) -> None:
    @command(program, "serve", does="vm_webapp.cli.serve:serve", examples=("serve --open", "serve --port 9000"))
    @click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine.")
    @click.option("--port", type=click.IntRange(0, 65535), default=8766, show_default=True, help="0 takes a free one.")
    @click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
    def serve() -> None:
        """Serve the page and the API until Ctrl+C."""


def _add_retry(program: click.Group) -> None:
    @command(program, "retry", does=f"{_WORK}:retry", examples=("retry latest", "retry r-0199a2b3c4d5"))
    @click.argument("run_id", metavar="RUN")
    @timeout()
    @opening()
    @as_json()
    def retry() -> None:
        """Go on where a failed or canceled RUN stopped, as a new run.

        Finished stages are carried over. Exit codes are those of `run`.
        """


def _add_cancel(program: click.Group) -> None:
    @command(program, "cancel", does=f"{_WORK}:cancel", examples=("cancel latest", "cancel r-0199a2b3c4d5"))
    @click.argument("run_id", metavar="RUN")
    @as_json()
    def cancel() -> None:
        """Stop an open RUN as soon as can be; its finished stages stay."""
