"""The commands that let people in: token create, list, revoke."""

import click

from vm_webapp.cli.interface.declare import as_json, command, verbs
from vm_webapp.domain.roles import ROLES

_WORK = "vm_webapp.cli.tokens"


class Days(click.ParamType[int | None]):
    """A number of days, or `never`."""

    name = "days"

    def convert(self, value: str | int | None, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """The number; None for never."""
        if value == "never":
            return None
        try:
            days = int(value or "")
        except ValueError:
            days = 0
        if not 1 <= days <= 3650:  # noqa: PLR2004 - as access.requests has it
            self.fail("give a number of days from 1 to 3650, or never", param, ctx)
        return days


def add_to(program: click.Group) -> None:
    """Add the group of these commands to the program."""

    @verbs(program, "token", examples=("token create Ana --role editor", "token list"))
    def group() -> None:
        """Let people in, see who is, let nobody in any more."""

    @command(
        group,
        "create",
        does=f"{_WORK}:create",
        examples=("token create Ana --role editor", "token create Rui --role viewer --brand Aurora --expires-days 7"),
    )
    @click.argument("name", metavar="NAME")
    @click.option("--role", type=click.Choice(ROLES), required=True, help="What may be done with it.")
    @click.option("--brand", metavar="BRAND", help="For this brand alone (id or name).")
    @click.option("--expires-days", type=Days(), default="90", metavar="N", show_default=True, help="Days, or never.")
    @as_json()
    def create() -> None:
        """Make a token for NAME and show it, this once.

        NAME is the person whom the log names for what is done with it.
        """

    @command(group, "list", does=f"{_WORK}:list_tokens", examples=("token list", "token list --json"))
    @as_json()
    def list_tokens() -> None:
        """List tokens, newest first; nobody can be shown a token again."""

    @command(group, "revoke", does=f"{_WORK}:revoke", examples=("token revoke tok-0199a2b3c4d5",))
    @click.argument("token_id", metavar="ID")
    @as_json()
    def revoke() -> None:
        """Let nobody in with a token any more; its sessions end at once."""
