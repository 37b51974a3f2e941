"""The commands on what a brand demands: its rules, and its budget."""

import click

from vm_webapp.cli.interface.declare import as_json, command, verbs

_RULES = "vm_webapp.cli.work.rules"
_BRAND = click.option("--brand", metavar="BRAND", required=True, help="The brand (id or name).")


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""

    @verbs(program, "rules", examples=("rules list --brand Aurora",))
    def rules() -> None:
        """What a brand demands of all that is written for it."""

    _add_list(rules)
    _add_add(rules)
    _add_retire(rules)


def add_brand_verbs(brands: click.Group) -> None:
    """Add what is done with one brand."""

    @command(
        brands,
        "budget",
        does=f"{_RULES}:brand_budget",
        examples=("brands budget Aurora 25.00", "brands budget Aurora none"),
    )
    @click.argument("brand", metavar="BRAND")
    @click.argument("limit", metavar="USD")
    @as_json()
    def budget() -> None:
        """Limit what is spent on models for a BRAND.

        USD is an amount such as 25 or 0.50, or `none` for no limit. What is spent already counts.
        """


def add_project_verbs(projects: click.Group) -> None:
    """Add what is done with one project."""

    @command(
        projects,
        "budget",
        does=f"{_RULES}:project_budget",
        examples=("projects budget Spring 10", "projects budget Spring none"),
    )
    @click.argument("project", metavar="PROJECT")
    @click.argument("limit", metavar="USD")
    @as_json()
    def budget() -> None:
        """Limit what is spent on models for a PROJECT.

        USD is an amount such as 25 or 0.50, or `none` for no limit. What is spent already counts.
        """


def _add_list(rules: click.Group) -> None:
    @command(
        rules, "list", does="vm_webapp.cli.rules:list_rules", examples=("rules list --brand Aurora --status retired",)
    )
    @_BRAND
    @click.option("--status", type=click.Choice(["active", "retired"]), help="Only those of a status.")
    @as_json()
    def list_rules() -> None:
        """List a brand's rules, newest first."""


def _add_add(rules: click.Group) -> None:
    @command(
        rules,
        "add",
        does=f"{_RULES}:add",
        examples=(
            'rules add --brand Aurora "Promise nothing." --forbid guaranteed --forbid "best in the world"',
            'rules add --brand Aurora "Stay calm." --off-tone "!!!" --off-tone amazing',
            'rules add --brand Aurora "Say it." --require "Drink responsibly." --kind message',
            'rules add --brand Aurora "Be brief." --max-length 5000',
            "rules add --brand Aurora --from-run latest --from-stage brief",
        ),
    )
    @click.argument("text", required=False)
    @_BRAND
    @click.option("--forbid", metavar="WORDS", multiple=True, help="What must not be said; may be repeated.")
    @click.option("--off-tone", metavar="WORDS", multiple=True, help="What has the wrong tone; may be repeated.")
    @click.option("--require", metavar="TEXT", help="What has to be said.")
    @click.option(
        "--max-length", type=click.IntRange(1, 1_000_000), metavar="N", help="How many characters a text may have."
    )
    @click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only stages of a kind; may be repeated.")
    @click.option("--from-run", metavar="RUN", help="The run whose rejection the rule is learnt from.")
    @click.option("--from-stage", metavar="KEY", help="The stage of it that was rejected.")
    @as_json()
    def add() -> None:
        """Add a rule, which TEXT says in a sentence.

        One of --forbid, --off-tone, --require and --max-length makes it checkable. A rule that is learnt from a
        rejection says what was given as the reason, unless there is a TEXT.
        """


def _add_retire(rules: click.Group) -> None:
    @command(rules, "retire", does=f"{_RULES}:retire", examples=("rules retire rule-0199a2b3c4d5 --brand Aurora",))
    @click.argument("rule_id", metavar="RULE")
    @_BRAND
    @as_json()
    def retire() -> None:
        """Demand a RULE no longer; runs that were asked for before keep it."""
