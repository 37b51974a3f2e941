"""Brands."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import UNCHANGED, BrandId, Lines, Name, OptionalText, OwnId
from vm_webapp.api.http import HostOf, show
from vm_webapp.api.identity import CallerOf
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import BrandShape, BrandsShape
from vm_webapp.api.writes import Body, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.brands import CreateBrand, UpdateBrand
from vm_webapp.records import Record, brand_record

router = APIRouter(prefix="/api/v2/brands", tags=["brands"])


class NewBrand(Body):
    """A brand to create."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Aurora Coffee", "voice": "warm, plain"}]})

    name: Name
    brand_id: OwnId = None
    description: OptionalText = ""
    voice: OptionalText = ""
    audience: OptionalText = ""
    do: Lines = Field(default_factory=list, description="What is right for the brand, a line each.")
    dont: Lines = Field(default_factory=list, description="What is wrong for it, a line each.")


class BrandChanges(Body):
    """What is to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"audience": "people who brew at home"}]})

    name: Name = UNCHANGED
    description: OptionalText = UNCHANGED
    voice: OptionalText = UNCHANGED
    audience: OptionalText = UNCHANGED
    do: Lines = UNCHANGED
    dont: Lines = UNCHANGED


@router.post(
    "",
    operation_id="createBrand",
    summary="Create a brand",
    response_model=BrandShape,
    responses=writes.responses(),
)
def create_brand(body: NewBrand, write: WriteOf) -> Response:
    """Answers with the brand."""
    brand_id = body.brand_id or new_id("b")
    command = CreateBrand(
        brand_id=brand_id,
        name=body.name,
        description=body.description,
        voice=body.voice,
        audience=body.audience,
        do=tuple(body.do),
        dont=tuple(body.dont),
    )
    return write.perform(command, partial(read, brand_id=brand_id))


@router.get(
    "",
    operation_id="listBrands",
    summary="List brands, newest first",
    response_model=BrandsShape,
    responses=problems.responses(422),
)
def list_brands(host: HostOf, page: PageOf, caller: CallerOf) -> Response:
    """Answers with a page of brands."""
    with host.database.read() as connection:
        rows = repo.list_brands(connection, brand_id=caller.brand_id, **page.bounds)
    return page.show("brands", rows, brand_record)


@router.get(
    "/{brand_id}",
    operation_id="getBrand",
    summary="Read a brand",
    response_model=BrandShape,
    responses=problems.responses(404),
)
def get_brand(brand_id: BrandId, host: HostOf) -> Response:
    """Answers with the brand."""
    with host.database.read() as connection:
        return show(read(connection, brand_id))


@router.patch(
    "/{brand_id}",
    operation_id="updateBrand",
    summary="Change what a brand says of itself",
    response_model=BrandShape,
    responses=writes.responses(404),
)
def update_brand(brand_id: BrandId, body: BrandChanges, write: WriteOf) -> Response:
    """Answers with the brand; what is left out of the body stays as it is."""
    changes = body.model_dump(exclude_unset=True)
    changes |= {name: tuple(changes[name]) for name in ("do", "dont") if name in changes}
    command = UpdateBrand(brand_id=brand_id, **changes)
    return write.perform(command, partial(read, brand_id=brand_id))


def read(connection: Connection, brand_id: str) -> Record:
    """The brand as it is answered."""
    return brand_record(repo.get_brand(connection, brand_id))
