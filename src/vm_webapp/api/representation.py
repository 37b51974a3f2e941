"""Bytes with a digest: conditional requests, one range (RFC 9110), a digest to check against (RFC 9530)."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi.responses import Response

from vm_webapp.api.problems import problem

_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """What there is to send; `sha256` is its digest in hexadecimal."""

    content: bytes
    sha256: str
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """The strong validator."""
        return f'"sha256-{self.sha256}"'

    def answer(self, asked: Mapping[str, str]) -> Response:
        """The answer to a GET or HEAD with the headers `asked`."""
        if "if-match" in asked and not self._matches(asked["if-match"], weak=False):
            return problem(412, "precondition_failed", "The file is another than If-Match names.")
        if "if-none-match" in asked and self._matches(asked["if-none-match"], weak=True):
            return Response(status_code=304, headers=self._headers())
        part = self._part(asked)
        if part is None:
            return Response(self.content, 200, self._headers(), self.media_type)
        if part.start >= part.stop:
            size = len(self.content)
            refused = {"Content-Range": f"bytes */{size}"}
            return problem(416, "range_not_satisfiable", f"The file has {size} bytes.", headers=refused)
        place = {"Content-Range": f"bytes {part.start}-{part.stop - 1}/{len(self.content)}"}
        return Response(self.content[part.start : part.stop], 206, self._headers() | place, self.media_type)

    def _headers(self) -> dict[str, str]:
        digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
        return {
            "ETag": self.etag,
            "Repr-Digest": f"sha-256=:{digest}:",
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-cache",
            **self.headers,
        }

    def _matches(self, tags: str, *, weak: bool) -> bool:
        if tags.strip() == "*":
            return True
        given = (tag.strip() for tag in tags.split(","))
        return self.etag in ((tag.removeprefix("W/") if weak else tag) for tag in given)

    def _part(self, asked: Mapping[str, str]) -> range | None:
        """The part that is asked for, None for all of it; empty where there is no such part."""
        found = _RANGE.fullmatch(asked.get("range", "").replace(" ", ""))
        if found is None or asked.get("if-range", self.etag) != self.etag:
            return None
        first, last = found[1], found[2]
        size = len(self.content)
        if first:
            if last and int(last) < int(first):
                return None
            return range(int(first), min(int(last) + 1, size) if last else size)
        return range(max(size - int(last), 0), size) if last else None
