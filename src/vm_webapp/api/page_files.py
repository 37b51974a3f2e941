"""What the page is sent as: its files as they were at one time, in memory, each compressed once.

A file is sent as it lies in the folder, but for what is put together of many, to save a hundred requests: the styles
with their imports in their places, the modules that the page begins with, and a language's words (`modules`).
"""

import gzip
import hashlib
import mimetypes
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import structlog

from vm_webapp.api.modules import Modules, UnknownForm, stands_apart

log = structlog.get_logger(__name__)

INDEX: Final = "index.html"
START: Final = "app.js"
LANGUAGES: Final = ("en", "pt")
_STYLES: Final = "styles/app.css"
_FIRST_SCRIPT: Final = '<script type="module"'
_SHRINKS: Final = re.compile(r"^text/|javascript|json|svg")
_LINKED: Final = re.compile(r'((?:src|href)=")/web/')
_STYLE: Final = re.compile(r'@import url\("([a-z_-]+\.css)"\) layer\(([a-z]+)\);')
_IDLE_STYLE: Final = re.compile(r"^[ \t]+|^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)


def _words(language: str) -> str:
    return f"lib/words/{language}.js"


_PACKS: Final = (START, *map(_words, LANGUAGES))


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it travels: its media type, its bytes, and these compressed where that helps."""

    kind: str
    plain: bytes
    packed: bytes | None


class Edition:
    """All files of the page below a folder, as they are now; when any of them changes, another edition is made."""

    def __init__(self, web: Path) -> None:
        self.version = version_of(web)
        self._web = web
        self._modules = Modules(web, START)
        self._found: dict[str, Sent] = {}

    def page(self, language: str) -> Sent:
        """The page, its files at this edition's address and what it begins with announced, so that all come at once."""
        name = f"{INDEX} {language}"
        if name not in self._found:
            self._found[name] = _sent("text/html; charset=utf-8", self._page(language).encode())
        return self._found[name]

    def find(self, name: str) -> Sent | None:
        """The file of that name, or None."""
        if name not in self._found:
            sent = self._read(name)
            if sent is None:
                return None
            self._found[name] = sent
        return self._found[name]

    def announced(self, language: str) -> list[str]:
        """What the page's scripts import beside the packs: what is vendored; every module, where none is packed."""
        first = [START, _words(language)]
        every = dict.fromkeys(reversed(self._modules.reached(*first)))
        return [name for name in every if name not in self.packed and name not in first]

    @cached_property
    def packed(self) -> frozenset[str]:
        """The modules that come in packs; none where one of them has a form that cannot be packed."""
        try:
            for name in _PACKS:
                self._modules.pack(name)
        except UnknownForm as error:
            log.warning("page.not_packed", reason=str(error))
            return frozenset()
        return frozenset(name for name in self._modules.reached(*_PACKS) if not stands_apart(name))

    def _page(self, language: str) -> str:
        at = f"/web/{self.version}/"
        text = _LINKED.sub(rf"\1{at}", (self._web / INDEX).read_text(encoding="utf-8"))
        words = f'<script type="module" src="{at}{_words(language)}" blocking="render"></script>\n    '
        links = (f'    <link rel="modulepreload" href="{at}{name}">\n' for name in self.announced(language))
        text = text.replace(_FIRST_SCRIPT, words + _FIRST_SCRIPT, 1)
        return text.replace("  </head>", f"{''.join(links)}  </head>", 1)

    def _read(self, name: str) -> Sent | None:
        if not self._has(name):
            return None
        path = self._web / name
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if name == _STYLES:
            return _sent("text/css; charset=utf-8", self._styles().encode())
        if name.endswith(".js"):
            return _sent("text/javascript; charset=utf-8", self._script(name))
        return _sent(f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, path.read_bytes())

    def _script(self, name: str) -> bytes:
        if not self.packed or stands_apart(name):
            return (self._web / name).read_bytes()
        return (self._modules.pack(name) if name in _PACKS else self._modules.alone(name)).encode()

    def _has(self, name: str) -> bool:
        path = self._web / name
        try:
            return ".." not in path.parts and path.is_relative_to(self._web) and path.is_file()
        except OSError:  # a name that no disk takes
            return False

    def _styles(self) -> str:
        """All styles in one, each in its layer, without comments and indentation."""
        folder = (self._web / _STYLES).parent

        def put(match: re.Match[str]) -> str:
            text = _IDLE_STYLE.sub("", (folder / match[1]).read_text(encoding="utf-8"))
            return f"@layer {match[2]} {{\n{text}}}"

        return _STYLE.sub(put, (self._web / _STYLES).read_text(encoding="utf-8"))


def version_of(web: Path) -> str:
    """A name for the state of all files: it changes when any of them does."""
    state = hashlib.sha256()
    for folder, _, names in sorted(os.walk(web)):
        for name in sorted(names):
            stat = (Path(folder) / name).stat()
            state.update(f"{folder}/{name}:{stat.st_mtime_ns}:{stat.st_size}\n".encode())
    return f"v-{state.hexdigest()[:16]}"


def _sent(kind: str, body: bytes) -> Sent:
    packed = gzip.compress(body, 9, mtime=0) if _SHRINKS.search(kind) else None
    return Sent(kind, body, packed)
