"""Lists in pages, newest first; a cursor is the position of the last row seen, so that new rows move nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from vm_webapp.api.http import Record, show
from vm_webapp.errors import Invalid

LAST_POSITION: Final = 2**63 - 1
CREATED: Final[Callable[[Any], int]] = itemgetter("created_position")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: up to `limit` rows before the position `before`."""

    request: Request
    limit: int
    before: int | None

    @property
    def bounds(self) -> dict[str, Any]:
        """What a list query needs: one row more than asked for tells whether there is a next page."""
        return {"limit": self.limit + 1, "before": self.before}

    def show(
        self, name: str, rows: Sequence[T], record: Callable[[T], Record], *, by: Callable[[T], int] = CREATED
    ) -> Response:
        """The page as an answer; `by` is a row's position."""
        shown = rows[: self.limit]
        following = encode_cursor(by(shown[-1])) if len(rows) > self.limit else None
        headers = {"Link": f'<{self._url(following)}>; rel="next"'} if following else None
        return show({name: [record(row) for row in shown], "next": following}, headers=headers)

    def _url(self, cursor: str) -> str:
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "after"]
        return f"{quote(self.request.url.path)}?{urlencode([*kept, ('after', cursor)])}"


async def _page_of(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="How many rows at the most.")] = 50,
    after: Annotated[str | None, Query(max_length=100, description="The cursor `next` of the page before.")] = None,
) -> Page:
    return Page(request, limit, None if after is None else decode_cursor(after))


PageOf = Annotated[Page, Depends(_page_of)]


def encode_cursor(position: int) -> str:
    """The cursor of a position."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """The position of a cursor; Invalid for what no list has given."""
    try:
        position = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        position = -1
    if not 0 <= position <= LAST_POSITION or encode_cursor(position) != cursor:
        raise Invalid("The cursor in `after` is none that a list has given; begin without it.")
    return position
