"""The web page and its files, as they lie in the package."""

import os
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB: Final = Path(str(resources.files("vm_webapp"))) / "web"
_INDEX: Final = "index.html"
_ICON: Final = "icon.svg"

router = APIRouter(include_in_schema=False)


class WebFiles(StaticFiles):
    """Files that a browser keeps and asks about each time: they change with the program."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response


files = WebFiles(directory=WEB, check_dir=False)


@router.api_route("/", methods=["GET", "HEAD"], operation_id="getPage")
async def index(request: Request) -> Response:
    """The page."""
    return await _file(_INDEX, request)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"], operation_id="getIcon")
async def favicon(request: Request) -> Response:
    """The icon, for browsers that do not read the page's own word on it."""
    return await _file(_ICON, request)


async def _file(name: str, request: Request) -> Response:
    if not (WEB / name).is_file():
        raise HTTPException(404)
    return await files.get_response(name, request.scope)
