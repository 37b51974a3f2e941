"""The commands that tell other programs: events export, webhooks."""

import click

from vm_webapp.cli.interface.declare import LISTED, POSITION, as_json, command, verbs

_EVENTS = "vm_webapp.cli.export_events"
_WORK = "vm_webapp.cli.webhooks"


def add_to(program: click.Group) -> None:
    """Add these commands to the program."""

    @verbs(program, "events", examples=("events export -o events.jsonl",))
    def events() -> None:
        """Take the log to other programs."""

    _add_export(events)

    @verbs(program, "webhooks", examples=("webhooks add https://example.com/hooks/vm", "webhooks list"))
    def group() -> None:
        """Tell other programs what happens."""

    _add_making(group)
    _add_switching(group)
    _add_sending(group)


def _add_export(group: click.Group) -> None:
    @command(
        group,
        "export",
        does=f"{_EVENTS}:export",
        examples=(
            "events export -o events.jsonl",
            "events export --brand Aurora --after 120",
            "events export --follow",
        ),
    )
    @click.option("--after", type=POSITION, metavar="POSITION", help="Begin behind this position [0].")
    @click.option("--thread", metavar="THREAD", help="Only those of a thread (id or title).")
    @click.option("--brand", metavar="BRAND", help="Only those of a brand (id or name).")
    @click.option("--follow", is_flag=True, help="Go on with what happens, until Ctrl+C.")
    @click.option(
        "-o",
        "--output",
        "output",
        metavar="FILE",
        help="Write to a file; one that is there is gone on with. `-` is standard output.",
    )
    def export() -> None:
        """Write events as CloudEvents 1.0, oldest first.

        Each is a line of JSON. Only reads, so it works beside a server. docs/webhooks.md has the mapping.
        """


def _add_making(group: click.Group) -> None:
    @command(group, "list", does=f"{_WORK}:list_webhooks", examples=("webhooks list",))
    @as_json()
    def list_webhooks() -> None:
        """List webhooks, with what waits for each."""

    @command(
        group,
        "add",
        does=f"{_WORK}:add",
        examples=(
            "webhooks add https://example.com/hooks/vm",
            "webhooks add https://example.com/hooks/vm --event StageCompleted --brand Aurora",
        ),
    )
    @click.argument("url", metavar="URL")
    @click.option("--event", "event_types", metavar="TYPE", multiple=True, help="Only events of this type; repeatable.")
    @click.option("--brand", metavar="BRAND", help="Only what is of a brand (id or name).")
    @click.option("--description", metavar="TEXT", default="", help="What it is for, in a line.")
    @as_json()
    def add() -> None:
        """Tell URL what happens from now on.

        The secret that signs it is shown, this once.
        """


def _add_switching(group: click.Group) -> None:
    @command(group, "on", does=f"{_WORK}:turn_on", examples=("webhooks on wh-0199a2b3c4d5",))
    @click.argument("webhook_id", metavar="ID")
    @as_json()
    def turn_on() -> None:
        """Turn a webhook on; what waits for it is sent.

        What happened meanwhile is sent as well.
        """

    @command(group, "off", does=f"{_WORK}:turn_off", examples=("webhooks off wh-0199a2b3c4d5",))
    @click.argument("webhook_id", metavar="ID")
    @as_json()
    def turn_off() -> None:
        """Turn a webhook off; nothing is lost meanwhile."""

    @command(group, "rotate", does=f"{_WORK}:rotate", examples=("webhooks rotate wh-0199a2b3c4d5",))
    @click.argument("webhook_id", metavar="ID")
    @as_json()
    def rotate() -> None:
        """Sign with a new secret, and show it, this once.

        The old one signs along for 24 hours: give the new one to the receiver meanwhile. What waits is not lost, and
        the webhook stays on, or off.
        """

    @command(group, "remove", does=f"{_WORK}:remove", examples=("webhooks remove wh-0199a2b3c4d5",))
    @click.argument("webhook_id", metavar="ID")
    @as_json()
    def remove() -> None:
        """Remove a webhook, its secret and what waits for it."""


def _add_sending(group: click.Group) -> None:
    @command(group, "test", does=f"{_WORK}:test", examples=("webhooks test wh-0199a2b3c4d5",))
    @click.argument("webhook_id", metavar="ID")
    @as_json()
    def test() -> None:
        """Send a test message now, and show what was answered.

        Exit code 1 where it was not accepted.
        """

    @command(group, "log", does=f"{_WORK}:log", examples=("webhooks log wh-0199a2b3c4d5 --limit 50",))
    @click.argument("webhook_id", metavar="ID")
    @click.option("--limit", type=LISTED, default=20, show_default=True, help="How many at the most.")
    @as_json()
    def log() -> None:
        """List every try at telling a webhook, newest first."""

    @command(
        group,
        "redeliver",
        does=f"{_WORK}:redeliver",
        examples=(
            "webhooks redeliver wh-0199a2b3c4d5 --position 120",
            "webhooks redeliver wh-0199a2b3c4d5 --after 100",
        ),
    )
    @click.argument("webhook_id", metavar="ID")
    @click.option("--position", type=click.IntRange(1, POSITION.max), metavar="N", help="The event at this position.")
    @click.option("--after", type=POSITION, metavar="N", help="All events beyond this position.")
    @as_json()
    def redeliver() -> None:
        """Send messages again, under the ids that they had."""
