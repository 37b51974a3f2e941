"""Many modules in one answer, as a stylesheet's imports are put in their places: each after what it imports.

Nothing is built and no file is changed: a module's text stands in the answer as it was written, but for its comments
and indentation, in a block of its own. Only what joins modules is put differently: an import takes its names from the
block of the module that it names, an export hands them to its own. What is vendored stays a file of its own, but for
lit-html. A module that comes later, on demand, takes from the pack what is in it, so that there is one of everything.

Known are the forms that these modules use, each at the beginning of a line; any other is refused with its place.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(
    r'(?:^|(?<=[;}]))import\s*(?:(?P<names>[^"\';()]+?)\s*from\s*)?"(?P<target>[^"]+)";?', re.MULTILINE
)
_FROM: Final = re.compile(r'^export\s+\{(?P<names>[^}]*)\}\s+from\s+"(?P<target>[^"]+)";?', re.MULTILINE)
_LIST: Final = re.compile(r"(?:^|(?<=[;}]))export\s*\{(?P<names>[^}]*)\};?", re.MULTILINE)
_DEFAULT: Final = re.compile(r"^export\s+default\s+", re.MULTILINE)
_NAMED: Final = re.compile(r"^export\s+(?P<kind>(?:async\s+)?function\*?|class|const)\s+(?P<name>[\w$]+)", re.MULTILINE)
_ON_DEMAND: Final = re.compile(r'\bimport\("(?P<target>\.{1,2}/[^"]+)"\)')
_OWN_ADDRESS: Final = "import.meta.url"
_UNKNOWN: Final = re.compile(r"^(?:import|export)\b(?!\()|(?<=[;}])(?:import|export)\b\s*[{*\"]", re.MULTILINE)
_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*\*(?!\s*\* @license).*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
_APART: Final = re.compile(r"vendor/(?!lit-html/)")
_ANY_IMPORT: Final = re.compile(r'\b(?:from|import)\s*"(\.{1,2}/[^"]+)"')


class UnknownForm(Exception):
    """A module has an import or an export that cannot be put differently; the message says where."""


class Modules:
    """The page's modules below a folder, as they are at one time; `start` begins the pack that the others lean on."""

    def __init__(self, web: Path, start: str) -> None:
        self._web = web
        self._start = start
        self._texts: dict[str, str] = {}

    @cached_property
    def packed(self) -> frozenset[str]:
        """The modules that come with the start: its own imports, theirs, and so on."""
        return frozenset(name for name in self.reached(self._start) if not stands_apart(name))

    def reached(self, *starts: str) -> list[str]:
        """What these import, directly or not, each after all that it imports; then itself."""
        found: dict[str, None] = {}
        entered: set[str] = set()

        def enter(name: str) -> None:
            if name in entered:
                return
            entered.add(name)
            for target in self._targets(name):
                enter(target)
            found[name] = None

        for name in starts:
            enter(name)
        return list(found)

    def pack(self, name: str) -> str:
        """The module with all that it imports, but for what is vendored."""
        reached = self.reached(name)
        for at, one in enumerate(reached):
            if not set(self._targets(one)) <= set(reached[:at]):
                raise UnknownForm(f"{one}: its imports go in a circle")
        inside = frozenset(one for one in reached if not stands_apart(one))
        foreign = [f'import * as {_id(one)} from "{_relative(name, one)}";' for one in reached if one not in inside]
        blocks = [self._block(one, name, inside) for one in reached if one in inside]
        handed = f"export {{ {', '.join(_id(one) for one in reached if one in inside)} }};"
        own = f"export default {_id(name)}.default;" if "default" in self._exports(name) else ""
        return "\n".join([*foreign, *blocks, handed, own, ""])

    def alone(self, name: str) -> str:
        """A module that comes on demand: it takes what is in the pack from there."""
        text = self._text(name)
        if name in self.packed:
            return self._shim(name)
        pack = _relative(name, self._start)

        def put(match: re.Match[str]) -> str:
            target = _resolve(name, match["target"])
            if target not in self.packed:
                return match[0]
            return f'import {{ {_id(target)} }} from "{pack}"; {_taken(match["names"], target)}'

        return _lean(_IMPORT.sub(put, text))

    def _shim(self, name: str) -> str:
        """What stands at the address of a packed module, for whoever asks for it there."""
        names = [f"export const {one} = {_id(name)}.{one};" for one in self._exports(name) if one != "default"]
        own = [f"export default {_id(name)}.default;"] if "default" in self._exports(name) else []
        head = f'import {{ {_id(name)} }} from "{_relative(name, self._start)}";'
        return "\n".join([head, *names, *own, ""])

    def _block(self, name: str, pack: str, inside: frozenset[str]) -> str:
        text = self._text(name)
        exports = self._exports(name)
        text = _FROM.sub(lambda match: _taken_for(match["names"], _resolve(name, match["target"])), text)
        text = _IMPORT.sub(lambda match: _taken(match["names"], _resolve(name, match["target"])), text)
        text = _LIST.sub("", text)
        text = _NAMED.sub(r"\g<kind> \g<name>", text)
        text = _DEFAULT.sub("const $default = ", text)
        if unknown := _UNKNOWN.search(text):
            line = text.count("\n", 0, unknown.start()) + 1
            raise UnknownForm(f"{name}, line {line}: {text[unknown.start() :].splitlines()[0]}")
        text = _ON_DEMAND.sub(lambda match: _later(_resolve(name, match["target"]), pack, inside), text)
        text = _lean(text)
        text = text.replace(_OWN_ADDRESS, f'new URL("{_relative(pack, name)}", {_OWN_ADDRESS})')
        handed = ", ".join(f"{outer}: {inner}" for outer, inner in exports.items())
        return f"// {name}\nlet {_id(name)};\n{{\n{text}\n{_id(name)} = {{ {handed} }};\n}}"

    def _exports(self, name: str) -> dict[str, str]:
        """What the module hands out, by the name it goes by outside, and the one it has inside."""
        text = self._text(name)
        found = {match["name"]: match["name"] for match in _NAMED.finditer(text)}
        for match in _FROM.finditer(text):
            found |= {outer: f"$from_{outer}" for _, outer in _pairs(match["names"])}
        for match in _LIST.finditer(_FROM.sub("", text)):
            found |= {outer: inner for inner, outer in _pairs(match["names"])}
        return found | ({"default": "$default"} if _DEFAULT.search(text) else {})

    def _targets(self, name: str) -> list[str]:
        return [_resolve(name, target) for target in _ANY_IMPORT.findall(self._text(name))]

    def _text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = (self._web / name).read_text(encoding="utf-8")
        return self._texts[name]


def stands_apart(name: str) -> bool:
    """Whether it is too foreign to be packed; lit-html is many small modules that join as the page's own do."""
    return bool(_APART.match(name))


def _resolve(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def _lean(text: str) -> str:
    """The text without comments and indentation, a seventh of what travels; what stands between backticks is kept."""
    lines, inside = [], False
    for line in _COMMENT.sub("", text).split("\n"):
        lines.append(line if inside else line.lstrip(" "))
        inside ^= line.count("`") % 2 == 1
    return "\n".join(lines)


def _relative(name: str, target: str) -> str:
    path = posixpath.relpath(target, posixpath.dirname(name) or ".")
    return path if path.startswith("../") else f"./{path}"


def _id(name: str) -> str:
    """The name that a module's block hands its exports to."""
    return "$" + re.sub(r"[^A-Za-z0-9]", "_", name.removesuffix(".js"))


def _pairs(names: str) -> Iterator[tuple[str, str]]:
    """`a, b as c` as (a, a), (b, c)."""
    for part in filter(None, (each.strip() for each in names.split(","))):
        inner, _, outer = part.partition(" as ")
        yield inner.strip(), outer.strip() or inner.strip()


def _taken(names: str | None, target: str) -> str:
    """An import of a module that has a name here: `a, { b as c }`, `* as d`, or nothing."""
    if names is None:
        return ""
    whole, _, listed = names.partition("{")
    whole = whole.strip().rstrip(",").strip()
    taken = []
    if whole.startswith("* as "):
        taken.append(f"const {whole.removeprefix('* as ')} = {_id(target)};")
    elif whole:
        taken.append(f"const {whole} = {_id(target)}.default;")
    if listed:
        inside = ", ".join(
            inner if inner == outer else f"{inner}: {outer}" for inner, outer in _pairs(listed.rstrip("} \n"))
        )
        taken.append(f"const {{ {inside} }} = {_id(target)};")
    return " ".join(taken)


def _taken_for(names: str, target: str) -> str:
    """An export of what another module hands out."""
    return " ".join(f"const $from_{outer} = {_id(target)}.{inner};" for inner, outer in _pairs(names))


def _later(target: str, pack: str, inside: Iterable[str]) -> str:
    return f"Promise.resolve({_id(target)})" if target in inside else f'import("{_relative(pack, target)}")'
