"""The web page and its files, as they lie in the package.

Two addresses lead to a file. Under `/web/...` a browser keeps it and asks each time whether it changed. The page itself
names its files under `/web/v-<version>/...`, where the version stands for the state of all of them: there a browser
keeps a file for good and asks no more, and a changed program is another address. Nothing is built (`page_files`).
"""

import os
import re
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from vm_webapp.api.page_files import INDEX, LANGUAGES, Edition, Sent, version_of

WEB: Final = Path(str(resources.files("vm_webapp"))) / "web"
_ICON: Final = "icon.svg"
_ASKED_ABOUT: Final = "no-cache"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_VERSIONED: Final = re.compile(r"(v-[0-9a-f]{16})/(.+)")
_READS: Final = ("GET", "HEAD")

router = APIRouter(include_in_schema=False)


class WebFiles(StaticFiles):
    """Files that a browser keeps and asks about each time, or under the page's version never again.

    The edition is the one that the page last named: it is looked for when the page is asked for, not for every file.
    """

    _edition: Edition | None = None

    def renew(self) -> Edition:
        """Look at all files again; the edition of them as they are."""
        if self._edition is None or self._edition.version != version_of(WEB):
            self._edition = Edition(WEB)
        return self._edition

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; under a version that is not the present one it may be kept no longer than any other."""
        found = _VERSIONED.fullmatch(path.replace(os.sep, "/"))
        if not found:
            return await super().get_response(path, scope)
        version, name = found.groups()
        edition = self._edition or self.renew()
        sent = edition.find(name) if scope["method"] in _READS else None
        if sent is None:
            return await super().get_response(name, scope)
        return answer(sent, scope, {"Cache-Control": _FOR_GOOD if version == edition.version else _ASKED_ABOUT})

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = _ASKED_ABOUT
        return response


files = WebFiles(directory=WEB, check_dir=False)


@router.api_route("/", methods=["GET", "HEAD"], operation_id="getPage")
async def index(request: Request) -> Response:
    """The page in the reader's language."""
    if not (WEB / INDEX).is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    language = language_of(request.headers.get("Accept-Language", ""))
    headers = {"Cache-Control": _ASKED_ABOUT, "Vary": "Accept-Language"}
    return answer(files.renew().page(language), request.scope, headers)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"], operation_id="getIcon")
async def favicon(request: Request) -> Response:
    """The icon, for browsers that do not read the page's own word on it."""
    if not (WEB / _ICON).is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return await files.get_response(_ICON, request.scope)


def language_of(accepted: str) -> str:
    """The page's language that a browser would rather have; a choice made in the page may differ."""
    wanted = (part.split(";")[0].strip().split("-")[0].lower() for part in accepted.split(","))
    return next((tag for tag in wanted if tag in LANGUAGES), LANGUAGES[0])


def answer(sent: Sent, scope: Scope, headers: dict[str, str]) -> Response:
    """A file as it was made ready, compressed where that is understood."""
    if sent.packed is None:
        return Response(sent.plain, headers=headers, media_type=sent.kind)
    varies = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
    if "gzip" not in Headers(scope=scope).get("Accept-Encoding", ""):
        return Response(sent.plain, headers={**headers, "Vary": varies}, media_type=sent.kind)
    return Response(sent.packed, headers={**headers, "Vary": varies, "Content-Encoding": "gzip"}, media_type=sent.kind)
