"""Rebuild: every view and the search index come out of the log as the appends left them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from paid_writer import PaidWriter
from vm_webapp.access import keys
from vm_webapp.cli import Exit, main
from vm_webapp.commands import OWNER, Command
from vm_webapp.domain.access_tokens import CreateToken, RevokeToken
from vm_webapp.domain.brands import AddBrandRule, CreateBrand, RetireBrandRule, SetBrandBudget, UpdateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import AddComment, CreateTask, CreateThread
from vm_webapp.domain.webhooks import CreateWebhook, DeleteWebhook, DisableWebhook, RotateWebhookSecret, UpdateWebhook
from vm_webapp.host import Host, open_host
from vm_webapp.models import VIEWS
from vm_webapp.run_requests import Choices
from vm_webapp.settings import Settings

from api_client import GATED, add_profile


@pytest.fixture
def host(settings: Settings) -> Iterator[Host]:
    """A host whose writer costs money, with a profile that waits for a person."""
    add_profile(settings, "gated", GATED)
    opened = open_host(settings, llm=PaidWriter())
    yield opened
    opened.close()


def furnish(host: Host) -> None:
    """Something in every view."""
    hook = {"url": "https://example.com/", "created_by": "Ana"}
    first, second = (
        CreateToken(
            token_id=f"tok-{name}",
            name=name,
            role="viewer",
            sha256=keys.digest_of(name),
            expires_at=None,
            created_by="Ana",
        )
        for name in ("Rui", "Eva")
    )
    commands: tuple[Command, ...] = (
        CreateBrand(brand_id="b-1", name="Aurora"),
        UpdateBrand(brand_id="b-1", voice="warm"),
        SetBrandBudget(brand_id="b-1", limit_usd="100"),
        AddBrandRule(rule_id="rule-1", brand_id="b-1", text="Be kind."),
        AddBrandRule(rule_id="rule-2", brand_id="b-1", text="Be kind."),
        RetireBrandRule(brand_id="b-1", rule_id="rule-2"),
        CreateProject(project_id="p-1", brand_id="b-1", name="Spring"),
        CreateThread(thread_id="t-1", brand_id="b-1", project_id="p-1", title="Launch"),
        AddComment(comment_id="cmt-1", thread_id="t-1", text="Hello"),
        CreateTask(task_id="tsk-1", thread_id="t-1", title="To do"),
        first,
        second,
        RevokeToken(token_id=second.token_id),
        *(CreateWebhook(webhook_id=f"wh-{number}", event_types=("RunRecovered",), **hook) for number in range(4)),
        UpdateWebhook(webhook_id="wh-1", enabled=False),
        DisableWebhook(webhook_id="wh-2", reason="Gone."),
        UpdateWebhook(webhook_id="wh-2", description="Still"),
        RotateWebhookSecret(webhook_id="wh-1", secret_id="sec-1", now=datetime.now(UTC)),  # noqa: S106 - a name
        DeleteWebhook(webhook_id="wh-3"),
    )
    for command in commands:
        host.commands.handle(command, by=OWNER)
    for mode in ("plan_90d", "gated"):
        asked = host.requests.new(thread_id="t-1", request_text="matcha", mode=mode, by=OWNER, choices=Choices())
        host.commands.handle(asked, by=OWNER)
    host.orchestrator.catch_up()
    assert host.orchestrator.settle(60)


def views(host: Host) -> dict[str, list[Any]]:
    """Every row of every view."""
    with host.database.read() as connection:
        rows = {view.__tablename__: connection.execute(select(view.__table__)) for view in VIEWS}
        return {name: sorted(map(tuple, found), key=repr) for name, found in rows.items()}


def index(host: Host) -> list[Any]:
    """What the index holds of deliverables, its own ids aside."""
    host.recall.catch_up()
    with host.memory.store.read() as connection:
        query = "SELECT run_id, stage_key, manifest_sha256 FROM stages ORDER BY run_id, stage_key"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_everything_comes_out_equal(host: Host, settings: Settings) -> None:
    """Inbox, spending, tokens, rules, webhooks and all others, by the command `rebuild`."""
    furnish(host)
    before, indexed = views(host), index(host)
    assert [name for name, rows in before.items() if not rows and name != "imports_view"] == []
    assert len(indexed) > 8
    host.close()
    assert main(["--workspace", str(settings.vm_workspace_root), "rebuild"]) == Exit.OK
    again = open_host(settings, llm=PaidWriter(), resume=False)
    try:
        assert views(again) == before
        assert index(again) == indexed
    finally:
        again.close()
