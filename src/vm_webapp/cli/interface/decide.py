"""The commands with which people decide, and go on from a run."""

import math
from collections.abc import Callable

import click

from vm_webapp.cli.interface.declare import as_json, command

_DECISIONS = "vm_webapp.cli.work.decisions"
_FORKS = "vm_webapp.cli.work.forks"
_TALK = "vm_webapp.cli.work.talk"
Option = Callable[[Callable[[], None]], Callable[[], None]]


class Seconds(click.FloatRange):
    """A time to wait, a year at the most."""

    def __init__(self) -> None:
        super().__init__(min=0, max=31_536_000)

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; what is none (nan) is within no bounds."""
        seconds = float(super().convert(value, param, ctx))  # type: ignore[arg-type]  # it takes text as well
        return seconds if math.isfinite(seconds) else self.fail(f"{value} is no time", param, ctx)


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""
    _add_inbox(program)
    _add_approve(program)
    _add_reject(program)
    _add_revise(program)
    _add_edit(program)
    _add_fork(program)
    _add_resume(program)
    _add_talk(program)


def budget() -> Option:
    """The option --budget of a run."""
    return click.option("--budget", "budget_usd", metavar="USD", help="What the run may spend on models.")


def writer(usual: str) -> Option:
    """The option --writer of a run."""
    return click.option("--writer", metavar="NAME", help=f"Who writes: offline, or provider:model [{usual}].")


def on_busy() -> Option:
    """The option --on-busy of a run."""
    return click.option(
        "--on-busy",
        type=click.Choice(("enqueue", "reject", "interrupt")),
        default="enqueue",
        show_default=True,
        help="While another run of the thread is at work: wait, give up, or cancel that one.",
    )


def timeout() -> Option:
    """The option --timeout of what is followed."""
    return click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Wait no longer than this.")


def opening() -> Option:
    """The option --open of what is followed."""
    return click.option("--open", "open_page", is_flag=True, help="Show the result in the page afterwards.")


def _digest() -> Option:
    return click.option("--digest", metavar="SHA256", help="The digest you were shown, or its beginning; it must hold.")


def _add_inbox(program: click.Group) -> None:
    @command(program, "inbox", does="vm_webapp.cli.inbox:inbox", examples=("inbox", "inbox --brand Aurora"))
    @click.option("--brand", metavar="BRAND", help="Only what is of a brand (id or name).")
    @as_json()
    def inbox() -> None:
        """List what waits for a person, the most urgent first.

        Each stands with the command that deals with it.
        """


def _add_approve(program: click.Group) -> None:
    @command(
        program,
        "approve",
        does=f"{_DECISIONS}:approve",
        examples=("approve latest", 'approve r-0199a2b3c4d5 brief --comment "Good"', "approve latest brief --yes"),
    )
    @click.argument("run_id", metavar="RUN")
    @click.argument("stage_key", metavar="[STAGE]", required=False)
    @click.option("--comment", metavar="TEXT", default="", help="What you want to say; needed where rules are broken.")
    @_digest()
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @timeout()
    @as_json()
    def approve() -> None:
        """Approve the files of a STAGE that waits, and follow the RUN.

        Shows the files with their digests and what breaks a rule of the brand, then asks. What is approved are the
        bytes shown: if the stage holds others by then, it is refused. STAGE may be left out where one waits.

        --yes or --digest approve without asking. Exit codes are those of `run`.
        """


def _add_reject(program: click.Group) -> None:
    @command(
        program,
        "reject",
        does=f"{_DECISIONS}:reject",
        examples=('reject latest --reason "Too long"', 'reject latest brief --reason "No discounts" --revise'),
    )
    @click.argument("run_id", metavar="RUN")
    @click.argument("stage_key", metavar="[STAGE]", required=False)
    @click.option("--reason", metavar="TEXT", required=True, help="Why; whoever revises it is told.")
    @_digest()
    @click.option("--revise", is_flag=True, help="Have it revised at once, and follow that run.")
    @timeout()
    @as_json()
    def reject() -> None:
        """Reject the files of a STAGE that waits; that settles the RUN.

        With --revise exit codes are those of `run`.
        """


def _add_revise(program: click.Group) -> None:
    @command(
        program,
        "revise",
        does=f"{_FORKS}:revise",
        examples=("revise latest", 'revise r-0199a2b3c4d5 --stage brief --feedback "Shorter, please"'),
    )
    @click.argument("run_id", metavar="RUN")
    @click.option("--stage", "stage_key", metavar="KEY", help="The stage to revise [the rejected one].")
    @click.option("--feedback", metavar="TEXT", help="What is to be different [the rejection's reason].")
    @timeout()
    @opening()
    @as_json()
    def revise() -> None:
        """Have a stage of a RUN revised, as a new run.

        Finished stages that do not need it are carried over. Exit codes are those of `run`.
        """


def _add_edit(program: click.Group) -> None:
    @command(
        program,
        "edit",
        does=f"{_FORKS}:edit",
        examples=("edit latest brief", "edit latest brief --file brief.md", "edit latest brief --file - < brief.md"),
    )
    @click.argument("run_id", metavar="RUN")
    @click.argument("stage_key", metavar="STAGE")
    @click.option("--file", metavar="FILE", help="Take the text from a file; `-` is standard input [an editor opens].")
    @timeout()
    @opening()
    @as_json()
    def edit() -> None:
        """Put your own text in a STAGE's place, as a new run.

        Without --file $EDITOR opens with the present text; leave it as it is and nothing is done. Exit codes are those
        of `run`.
        """


def _add_fork(program: click.Group) -> None:
    @command(
        program,
        "fork",
        does=f"{_FORKS}:fork",
        examples=(
            'fork latest --stage calendar --request "Launch our cold brew in Lisbon on 12 March"',
            "fork r-0199a2b3c4d5 --writer openai:gpt-5.2 --budget 2.50",
        ),
    )
    @click.argument("run_id", metavar="RUN")
    @click.option("--stage", "stage_key", metavar="KEY", help="Where to begin again [the first stage].")
    @click.option("--request", "request_text", metavar="TEXT", help="Another request, in the place of the old one.")
    @click.option("--mode", metavar="MODE", help="Another profile, or the same one as it is now.")
    @writer("as before")
    @budget()
    @on_busy()
    @timeout()
    @opening()
    @as_json()
    def fork() -> None:
        """Begin a RUN again at a stage, changed, as a new run.

        What is not named stays as it was; finished stages that the change does not touch are carried over. Exit codes
        are those of `run`.
        """


def _add_resume(program: click.Group) -> None:
    @command(program, "resume", does=f"{_FORKS}:resume", examples=("resume latest",))
    @click.argument("run_id", metavar="RUN")
    @timeout()
    @as_json()
    def resume() -> None:
        """Let an open RUN go on at once.

        It does not wait for the time of its next attempt. Exit codes are those of `run`.
        """


def _add_talk(program: click.Group) -> None:
    @command(
        program,
        "comment",
        does=f"{_TALK}:comment",
        examples=('comment latest "Shorter, please"', 'comment "Lisbon launch" "The date has moved to 12 May"'),
    )
    @click.argument("target", metavar="RUN|THREAD")
    @click.argument("text", metavar="TEXT")
    @click.option("--stage", "stage_key", metavar="KEY", help="A stage of the run.")
    @as_json()
    def comment() -> None:
        """Say something on a RUN or in a THREAD.

        Later runs of the thread are told.
        """

    @command(program, "tasks", does="vm_webapp.cli.tasks:tasks", examples=("tasks", 'tasks --thread "Lisbon launch"'))
    @click.option("--thread", metavar="THREAD", help="Only those of a thread (id or title).")
    @click.option("--all", "every", is_flag=True, help="Also those that are done.")
    @as_json()
    def tasks() -> None:
        """List what people are to do, newest first."""

    @command(program, "done", does=f"{_TALK}:done", examples=("done tsk-0199a2b3c4d5",))
    @click.argument("task_id", metavar="TASK")
    @as_json()
    def done() -> None:
        """Tick a TASK off."""
