"""What the tests of access share: an app that asks for tokens, and clients that show one.

A test module takes the fixture over with `office = fresh_office`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from vm_webapp.access import keys
from vm_webapp.access.requests import token_request
from vm_webapp.app import create_app
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.host import Host
from vm_webapp.settings import Settings

from api_client import GATED, Api, add_profile
from fixed_writer import FixedWriter


class Office:
    """An app with authentication on; `as_` gives a client with a token of a role, and of a brand where named."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    @property
    def host(self) -> Host:
        """The host behind the app."""
        host: Host = self.app.state.host
        return host

    def brand(self, name: str) -> str:
        """A new brand's id."""
        brand_id = new_id("b")
        self.host.commands.handle(CreateBrand(brand_id=brand_id, name=name), by=OWNER)
        return brand_id

    def token(
        self, role: str, brand_id: str | None = None, *, name: str = "Ana", days: int | None = 1
    ) -> tuple[str, str]:
        """A new token's id and secret."""
        secret = keys.new_secret()
        command = token_request(
            token_id=new_id("tok"),
            secret=secret,
            name=name,
            role=role,
            brand_id=brand_id,
            expires_days=days,
            created_by=OWNER.id,
            now=self.host.commands.clock(),
        )
        self.host.commands.handle(command, by=OWNER)
        return command.token_id, secret

    def client(self, secret: str | None = None) -> TestClient:
        """A client that shows the secret."""
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        return TestClient(self.app, headers=headers)

    def as_(self, role: str, brand_id: str | None = None, *, name: str = "Ana") -> Api:
        """A client with a new token."""
        return Api(self.client(self.token(role, brand_id, name=name)[1]))

    def refusals(self) -> list[dict[str, Any]]:
        """What the log says of refusals, oldest first."""
        with self.host.database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT json_extract(payload, '$.reason'), json_extract(payload, '$.operation'),"
                " json_extract(payload, '$.name') FROM events WHERE event_type = 'AccessRefused'"
                " ORDER BY global_position"
            ).all()
        return [{"reason": row[0], "operation": row[1], "name": row[2]} for row in rows]


def guarded(settings: Settings) -> Settings:
    """The same settings with authentication on, and limits that only tests of limits meet."""
    return settings.model_copy(update={"vm_auth": "on", "vm_request_burst": 100_000, "vm_wait_seconds": 30})


@pytest.fixture
def fresh_office(settings: Settings, writer: FixedWriter) -> Iterator[Office]:
    """An office on an empty workspace."""
    add_profile(settings, "gated", GATED)
    app = create_app(guarded(settings), llm=writer)
    with TestClient(app):
        yield Office(app)
