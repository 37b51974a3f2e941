"""The web page and its files, as they lie in the package.

Two addresses lead to a file. Under `/web/...` a browser keeps it and asks each time whether it changed. The page itself
names its files under `/web/v-<version>/...`, where the version stands for the state of all of them: there a browser
keeps a file for good and asks no more, and a changed program is another address. Nothing is built: a file is served as
it lies there, but for `app.css`, whose imports are put in their places to save forty requests.
"""

import gzip
import hashlib
import os
import re
from functools import lru_cache
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB: Final = Path(str(resources.files("vm_webapp"))) / "web"
_INDEX: Final = "index.html"
_ICON: Final = "icon.svg"
_START: Final = "app.js"
_WORDS: Final = ("en", "pt")
_STYLES: Final = "styles/app.css"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_VERSIONED: Final = re.compile(r"(v-[0-9a-f]{16})/(.+)")
_SHRINKS: Final = re.compile(r"^text/|javascript|json|svg")
_LINKED: Final = re.compile(r'((?:src|href)=")/web/')
_IMPORTED: Final = re.compile(r'\b(?:from|import)\s*"(\.{1,2}/[^"]+)"')
_STYLE: Final = re.compile(r'@import url\("([a-z_-]+\.css)"\) layer\(([a-z]+)\);')

router = APIRouter(include_in_schema=False)


class WebFiles(StaticFiles):
    """Files that a browser keeps and asks about each time, or under the page's version never again.

    `version` is the one that the page last named: it is worked out when the page is asked for, not for every file.
    """

    version: str | None = None

    def renew(self) -> str:
        """Look at all files again; the answer is their version."""
        self.version = version_of(WEB)
        return self.version

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; under the version that is not the present one it may be kept no longer than any other."""
        found = _VERSIONED.fullmatch(path.replace(os.sep, "/"))
        if not found:
            return await super().get_response(path, scope)
        version, name = found.groups()
        response = await super().get_response(name, scope)
        if version != (self.version or self.renew()):
            return response
        kind = response.headers.get("Content-Type", "")
        if response.status_code == HTTPStatus.OK and _SHRINKS.search(kind):
            response = _shrunk(WEB, name, version, kind, Headers(scope=scope).get("Accept-Encoding", ""))
        response.headers["Cache-Control"] = _FOR_GOOD
        return response

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
    """The page, with its files at their version's address and its modules announced, so that they come all at once."""
    if not (WEB / _INDEX).is_file():
        raise HTTPException(404)
    language = language_of(request.headers.get("Accept-Language", ""))
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(_page(WEB, files.renew(), language), headers=headers)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"], operation_id="getIcon")
async def favicon(request: Request) -> Response:
    """The icon, for browsers that do not read the page's own word on it."""
    if not (WEB / _ICON).is_file():
        raise HTTPException(404)
    return await files.get_response(_ICON, request.scope)


def version_of(web: Path) -> str:
    """A name for the state of all files: it changes when any of them does."""
    state = hashlib.sha256()
    for folder, _, names in sorted(os.walk(web)):
        for name in sorted(names):
            stat = (Path(folder) / name).stat()
            state.update(f"{folder}/{name}:{stat.st_mtime_ns}:{stat.st_size}\n".encode())
    return f"v-{state.hexdigest()[:16]}"


def language_of(accepted: str) -> str:
    """The page's language that a browser would rather have; a choice made in the page may differ."""
    wanted = (part.split(";")[0].strip().split("-")[0].lower() for part in accepted.split(","))
    return next((tag for tag in wanted if tag in _WORDS), _WORDS[0])


def modules_of(web: Path, language: str) -> list[str]:
    """The modules that the page begins with, as they are first met; those loaded on demand are not among them."""
    found: dict[str, None] = {}
    waiting = [name for name in (_START, f"lib/words/{language}.js") if (web / name).is_file()]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found[name] = None
        text = (web / name).read_text(encoding="utf-8")
        waiting += [os.path.normpath(f"{Path(name).parent}/{target}") for target in _IMPORTED.findall(text)]
    return list(found)


def _shrunk(web: Path, name: str, version: str, kind: str, accepted: str) -> Response:
    """The file compressed, where that is understood; what was compressed once is kept for as long as it is true."""
    packed = "gzip" in accepted
    body = _bytes_of(web, name, version, packed=packed)
    return Response(
        body, headers={"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if packed else {})}, media_type=kind
    )


@lru_cache(maxsize=1024)
def _bytes_of(web: Path, name: str, version: str, *, packed: bool) -> bytes:  # noqa: ARG001 - another version is another text
    body = _styles(web).encode() if name == _STYLES else (web / name).read_bytes()
    return gzip.compress(body, 6, mtime=0) if packed else body


@lru_cache(maxsize=4)
def _page(web: Path, version: str, language: str) -> str:
    at = f"/web/{version}/"
    text = _LINKED.sub(rf"\1{at}", (web / _INDEX).read_text(encoding="utf-8"))
    announced = "".join(f'    <link rel="modulepreload" href="{at}{name}">\n' for name in modules_of(web, language))
    return text.replace("  </head>", f"{announced}  </head>", 1)


def _styles(web: Path) -> str:
    """All styles in one, each in its layer."""
    folder = (web / _STYLES).parent

    def put(match: re.Match[str]) -> str:
        return f"@layer {match[2]} {{\n{(folder / match[1]).read_text(encoding='utf-8')}}}"

    return _STYLE.sub(put, (web / _STYLES).read_text(encoding="utf-8"))
