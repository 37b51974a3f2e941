"""The commands that only look: they work beside a server, too."""

from pathlib import Path

import click

from vm_webapp.cli.interface import rules
from vm_webapp.cli.interface.declare import LISTED, as_json, command, verbs
from vm_webapp.domain.states import RunStatus

_CATALOG = "vm_webapp.cli.catalog"
_STATUSES = [status.value for status in RunStatus]


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""
    _add_runs(program)
    _add_show(program)
    _add_lineage(program)
    _add_cost(program)
    _add_timeline(program)
    _add_search(program)
    _add_catalog(program)
    _add_profiles(program)


def _add_runs(program: click.Group) -> None:
    @command(program, "runs", does="vm_webapp.cli.runs:runs", examples=("runs", "runs --status failed --limit 5"))
    @click.option("--thread", metavar="THREAD", help="Only those of a thread (id or title).")
    @click.option("--status", type=click.Choice(_STATUSES), help="Only those of a status.")
    @click.option("--limit", type=LISTED, default=20, show_default=True, help="How many at the most.")
    @as_json()
    def runs() -> None:
        """List runs, newest first."""


def _add_show(program: click.Group) -> None:
    @command(
        program,
        "show",
        does="vm_webapp.cli.show:show",
        examples=("show latest", "show r-0199a2b3c4d5 --stage brief", "show latest --file brief.md"),
    )
    @click.argument("run_id", metavar="RUN")
    @click.option("--stage", "stage_key", metavar="KEY", help="Show one stage: attempts, files, digests.")
    @click.option("--file", "file_name", metavar="NAME", help="Print a file itself, once its digest holds; no JSON.")
    @as_json()
    def show() -> None:
        """Show a RUN, one of its stages, or a file of it.

        RUN is an id, the beginning or the end of one, or `latest`.
        """


def _add_lineage(program: click.Group) -> None:
    @command(program, "lineage", does="vm_webapp.cli.lineage:lineage", examples=("lineage latest",))
    @click.argument("run_id", metavar="RUN")
    @as_json()
    def lineage() -> None:
        """Show what a RUN comes from, and what came of it.

        That is what it was forked from, what was forked from it, and what each fork changed.
        """


def _add_cost(program: click.Group) -> None:
    @command(
        program,
        "cost",
        does="vm_webapp.cli.cost:cost",
        examples=("cost", "cost latest", "cost --brand Aurora"),
    )
    @click.argument("run_id", metavar="[RUN]", required=False)
    @click.option("--thread", metavar="THREAD", help="That of a thread (id or title).")
    @click.option("--project", metavar="PROJECT", help="That of a project (id or name).")
    @click.option("--brand", metavar="BRAND", help="That of a brand (id or name).")
    @as_json()
    def cost() -> None:
        """Show what models have cost, and what budgets leave.

        It is told of every brand where nothing is named, and a RUN by stage and attempt. A price that nobody knows is
        said to be unknown.
        """


def _add_timeline(program: click.Group) -> None:
    @command(program, "timeline", does="vm_webapp.cli.timeline:timeline", examples=('timeline "Lisbon launch"',))
    @click.argument("thread", metavar="THREAD")
    @click.option("--limit", type=LISTED, default=50, show_default=True, help="How many, the newest.")
    @as_json()
    def timeline() -> None:
        """Tell what happened in a THREAD (id or title), oldest first."""


def _add_search(program: click.Group) -> None:
    @command(
        program,
        "search",
        does="vm_webapp.cli.search:search",
        examples=('search "cold brew"', "search promoção --brand Aurora --approved", "search --made-with model=gpt-5"),
    )
    @click.argument("words", nargs=-1)
    @click.option("--brand", metavar="BRAND", help="Only those of a brand (id or name).")
    @click.option("--mode", metavar="MODE", help="Only those of runs of a mode.")
    @click.option(
        "--approved",
        is_flag=True,
        help="Only what was granted, or whose run is completed; not what nobody knows the approval of.",
    )
    @click.option(
        "--made-with",
        "made_with",
        metavar="NAME=VALUE",
        multiple=True,
        help="By origin: prompt_sha256, model, writer, rule_id, source_sha256 or source_run_id.",
    )
    @click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="How many at the most.")
    @as_json()
    def search() -> None:
        """Find past deliverables by WORDS, or by what made them."""


def _add_catalog(program: click.Group) -> None:
    @verbs(program, "brands", does=f"{_CATALOG}:brands", examples=("brands", "brands --json"))
    @as_json()
    def brands() -> None:
        """List brands, newest first; limit what is spent for one."""

    rules.add_brand_verbs(brands)

    @verbs(program, "projects", does=f"{_CATALOG}:projects", examples=("projects", "projects --brand Aurora"))
    @click.option("--brand", metavar="BRAND", help="Only those of a brand (id or name).")
    @as_json()
    def projects() -> None:
        """List projects, newest first; limit what is spent for one."""

    rules.add_project_verbs(projects)

    @command(program, "threads", does=f"{_CATALOG}:threads", examples=("threads", "threads --project Spring"))
    @click.option("--project", metavar="PROJECT", help="Only those of a project (id or name).")
    @as_json()
    def threads() -> None:
        """List threads, newest first."""


def _add_profiles(program: click.Group) -> None:
    @command(
        program,
        "profiles",
        does="vm_webapp.cli.profiles:profiles",
        examples=("profiles", "profiles --check runtime/vm/profiles/our_launch.yaml"),
    )
    @click.option("--check", type=click.Path(path_type=Path), metavar="FILE", help="Check a profile, wherever it is.")
    @as_json()
    def profiles() -> None:
        """List the modes, and what is wrong with own profiles."""
