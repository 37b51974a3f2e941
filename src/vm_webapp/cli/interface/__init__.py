"""What can be typed: the commands, their options and their help."""

import click

from vm_webapp import __version__
from vm_webapp.cli.interface import access, decide, export, handing_on, look, proof, rules, upkeep, work
from vm_webapp.cli.interface.declare import shared_options


class _InOrder(click.Group):
    """Lists its commands in the order in which they were added, which is the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the port's
        return list(self.commands)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How to begin, as it would be typed."""
        with formatter.section("Begin with"):
            for words in ('run "Launch our cold brew in Lisbon in May"', "serve --open"):
                formatter.write_text(f"{ctx.command_path} {words}")


program = _InOrder(
    "vm",
    help="VM turns a request into finished, versioned, provable marketing deliverables, on this machine.",
    params=shared_options(hidden=False),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
click.version_option(__version__, prog_name="vm", message="%(prog)s %(version)s")(program)
for noun in (work, decide, look, rules, access, export, handing_on, proof, upkeep):
    noun.add_to(program)
