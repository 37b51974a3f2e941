"""Tokens: made, listed, revoked; the secret is shown once, when it is made."""

from functools import partial
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.access import keys
from vm_webapp.access.requests import LONGEST_DAYS, USUAL_DAYS, token_request
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import SomeId
from vm_webapp.api.http import HostOf
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import NewTokenShape, TokenShape, TokensShape
from vm_webapp.api.writes import Body, Nothing, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.access_tokens import ACTOR_LIMIT, RevokeToken
from vm_webapp.records import Record, token_record

router = APIRouter(prefix="/api/v2/tokens", tags=["access"])

TokenId: TypeAlias = Annotated[str, Path(examples=["tok-019a"])]


class NewToken(Body):
    """A token to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ana", "role": "editor", "expires_days": 30}]})

    name: str = Field(
        min_length=1, max_length=ACTOR_LIMIT, description="Who acts; two tokens of a name are one person."
    )
    role: Literal["viewer", "editor", "approver", "admin"]
    brand_id: SomeId | None = Field(default=None, description="The one brand that it is for; null for all.")
    expires_days: int | None = Field(default=USUAL_DAYS, ge=1, le=LONGEST_DAYS, description="null for never.")


@router.post(
    "",
    operation_id="createToken",
    summary="Let somebody in",
    response_model=NewTokenShape,
    responses=writes.responses(404),
)
def create_token(body: NewToken, write: WriteOf) -> Response:
    """Answers with the token and its secret, this once: the answer to a repeated request has none."""
    secret = keys.new_secret()
    command = token_request(
        token_id=new_id("tok"),
        secret=secret,
        name=body.name,
        role=body.role,
        brand_id=body.brand_id,
        expires_days=body.expires_days,
        created_by=write.caller.actor.id,
        now=write.host.commands.clock(),
    )
    kept = partial(_read_new, token_id=command.token_id)
    return write.perform(command, kept, shown_once={"secret": secret})


@router.get(
    "",
    operation_id="listTokens",
    summary="List tokens, newest first",
    response_model=TokensShape,
    responses=problems.responses(422),
)
def list_tokens(host: HostOf, page: PageOf, caller: CallerOf) -> Response:
    """Answers with a page of tokens, expired and revoked ones as well; to a token of one brand with that brand's."""
    with host.database.read() as connection:
        rows = repo.list_tokens(connection, brand_id=caller.brand_id, **page.bounds)
    return page.show("tokens", rows, token_record)


@router.post(
    "/{token_id}/revocation",
    operation_id="revokeToken",
    summary="Let nobody in with a token any more",
    response_model=TokenShape,
    responses=writes.responses(404),
)
def revoke_token(token_id: TokenId, write: WriteOf, body: Nothing | None = None) -> Response:  # noqa: ARG001 - checked
    """Answers with the token; its sessions and live streams end with it. Revoking a revoked one changes nothing."""
    return write.perform(RevokeToken(token_id=token_id), partial(_read, token_id=token_id))


def _read(connection: Connection, token_id: str) -> Record:
    return token_record(repo.get_token(connection, token_id))


def _read_new(connection: Connection, token_id: str) -> Record:
    return {**_read(connection, token_id), "secret": None}
