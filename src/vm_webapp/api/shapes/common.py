"""What the answers' shapes share."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

Time: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
Usd: TypeAlias = Annotated[str, Field(description="US dollars, exact, as decimal text.", examples=["25", "0.5"])]
Cursor: TypeAlias = Annotated[str | None, Field(description="What `after` takes for the next page; null on the last.")]
RoleName: TypeAlias = Literal["viewer", "editor", "approver", "admin"]
