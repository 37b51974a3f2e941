"""What a disk may hold after a power cut: a life's system calls, read from strace, and the states they allow.

A file's content is on the disk once it was synced, a folder's entries once the folder was. Whatever was done since may
be there or not, in any combination: writes are lost, cut off at a sector, or leave zeros of their length; names are
lost, or still there under the old name. `Disk` keeps for every file and folder what is on the disk and what is merely
under way; `survivors` draws one of the allowed states. A rename within a folder is taken to be all or nothing.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

_TRACED: Final = "openat,write,pwrite64,fsync,fdatasync,rename,unlink,ftruncate,mkdir,rmdir"
TRACE: Final = ["strace", "-f", "-y", "-xx", "-s", "100000000", "-qq", "-e", "signal=none", "-e", f"trace={_TRACED}"]
"""The command that records a life; `-o` and the program are to be added."""
_SECTOR: Final = 512
_CALL: Final = re.compile(r"^(\d+) +(\w+)\((.*)\) += +(-?\d+)")
_UNFINISHED: Final = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED: Final = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_PATH: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR: Final = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that succeeded: its name, the path it is about, and what else it needs."""

    name: str
    path: str
    content: bytes = b""
    number: int = 0
    other: str = ""


@dataclass(slots=True)
class _File:
    durable: bytes = b""
    under_way: list[tuple[int, bytes | None]] = field(default_factory=list)
    length: int = 0


@dataclass(slots=True)
class _Folder:
    durable: dict[str, "_Node"] = field(default_factory=dict)
    entries: dict[str, "_Node"] = field(default_factory=dict)
    under_way: list[tuple[str | None, str | None, "_Node | None"]] = field(default_factory=list)


_Node = _File | _Folder


def read_calls(trace: Path) -> Iterator[Call]:
    """The calls of a trace that changed or synced something, in the order in which they ended."""
    waiting: dict[str, str] = {}
    offsets: dict[tuple[str, str], int] = {}
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            if cut := _UNFINISHED.match(line.rstrip()):
                waiting[cut[1]] = cut[2]
                continue
            if rest := _RESUMED.match(line.rstrip()):
                line = f"{rest[1]} {waiting.pop(rest[1], '')}{rest[2]}"  # noqa: PLW2901 - the two halves of one call
            found = _CALL.match(line)
            if found and int(found[4]) >= 0:
                yield from _call(found[2], found[3], int(found[4]), offsets)


class Disk:
    """The folder `base` on a disk, as a life's calls leave it; `known` are files that were there before, by path."""

    def __init__(self, base: Path, known: Mapping[str, bytes]) -> None:
        self._base = PurePosixPath(base)
        self._root = _Folder()
        for path, content in known.items():
            parent = self._root
            *folders, name = PurePosixPath(path).parts
            for part in folders:
                parent = self._keep_folder(parent, part)
            parent.entries[name] = parent.durable[name] = _File(durable=content, length=len(content))

    def apply(self, call: Call) -> bool:
        """Do what the call did; False when it is about something elsewhere."""
        path = PurePosixPath(call.path)
        if not path.is_relative_to(self._base):
            return False
        parts = path.relative_to(self._base).parts
        if call.name in {"fsync", "fdatasync"}:
            self._sync(self._find(parts))
        elif call.name in {"write", "pwrite64", "ftruncate"}:
            self._write(self._find(parts), call)
        else:
            self._rename(parts, call)
        return True

    def survivors(self, chance: random.Random) -> dict[str, bytes | None]:
        """A state that the disk may be in after a power cut now: content by path, None for a folder."""
        found: dict[str, bytes | None] = {}
        harshness = chance.choice([0.0, 0.3, 0.7, 1.0])
        self._survive(self._root, "", found, chance, harshness)
        return found

    def _survive(
        self,
        folder: _Folder,
        prefix: str,
        found: dict[str, bytes | None],
        chance: random.Random,
        harshness: float,
    ) -> None:
        entries = dict(folder.durable)
        for old, new, node in folder.under_way:
            if chance.random() < harshness:
                continue
            if old is not None:
                entries.pop(old, None)
            if new is not None and node is not None:
                entries[new] = node
        for name, node in entries.items():
            if isinstance(node, _Folder):
                found[prefix + name] = None
                self._survive(node, f"{prefix}{name}/", found, chance, harshness)
            else:
                found[prefix + name] = _content(node, chance, harshness)

    def _find(self, parts: tuple[str, ...]) -> _Node:
        node: _Node = self._root
        for part in parts:
            if not isinstance(node, _Folder):
                raise KeyError(parts)
            node = node.entries[part]
        return node

    def _folder(self, parts: tuple[str, ...]) -> _Folder:
        node = self._find(parts)
        if not isinstance(node, _Folder):
            raise KeyError(parts)
        return node

    def _sync(self, node: _Node) -> None:
        if isinstance(node, _Folder):
            node.durable = dict(node.entries)
            node.under_way.clear()
        else:
            node.durable = _applied(node.durable, node.under_way)
            node.under_way.clear()

    def _write(self, node: _Node, call: Call) -> None:
        if isinstance(node, _Folder):
            raise KeyError(call.path)
        if call.name == "ftruncate":
            node.under_way.append((call.number, None))
            node.length = call.number
        else:
            node.under_way.append((call.number, call.content))
            node.length = max(node.length, call.number + len(call.content))

    def _rename(self, parts: tuple[str, ...], call: Call) -> None:
        """Everything that changes a folder's entries."""
        folder, name = self._folder(parts[:-1]), parts[-1]
        if call.name == "create":
            if name in folder.entries:
                node = folder.entries[name]
                if call.number and isinstance(node, _File):
                    node.under_way.append((0, None))
                    node.length = 0
                return
            self._enter(folder, None, name, _File())
        elif call.name == "mkdir":
            self._enter(folder, None, name, _Folder())
        elif call.name in {"unlink", "rmdir"}:
            self._enter(folder, name, None, None)
        else:
            target = PurePosixPath(call.other).relative_to(self._base).parts
            if target[:-1] != parts[:-1]:
                raise KeyError(call.other)
            self._enter(folder, name, target[-1], folder.entries[name])

    @staticmethod
    def _enter(folder: _Folder, old: str | None, new: str | None, node: _Node | None) -> None:
        if old is not None:
            folder.entries.pop(old, None)
        if new is not None and node is not None:
            folder.entries[new] = node
        folder.under_way.append((old, new, node))

    @staticmethod
    def _keep_folder(parent: _Folder, name: str) -> _Folder:
        node = parent.entries.setdefault(name, _Folder())
        parent.durable[name] = node
        if not isinstance(node, _Folder):
            raise KeyError(name)
        return node


def _content(node: _File, chance: random.Random, harshness: float) -> bytes:
    """What was synced, and of what was written since what chance leaves of it."""
    left: list[tuple[int, bytes | None]] = []
    for at, content in node.under_way:
        if chance.random() >= harshness:
            left.append((at, content))
        elif content and chance.random() < 0.5:
            cut = chance.randrange(0, len(content) + 1, min(_SECTOR, len(content)))
            left.append((at, content[:cut] + chance.choice([b"", b"\x00" * (len(content) - cut)])))
    return _applied(node.durable, left)


def _applied(content: bytes, changes: list[tuple[int, bytes | None]]) -> bytes:
    data = bytearray(content)
    for at, written in changes:
        size = at if written is None else at + len(written)
        if len(data) < size:
            data.extend(b"\x00" * (size - len(data)))
        if written is None:
            del data[at:]
        else:
            data[at:size] = written
    return bytes(data)


def _call(name: str, arguments: str, result: int, offsets: dict[tuple[str, str], int]) -> Iterator[Call]:
    """The call in the words of `Disk`; a write without a place gets the one that its descriptor has come to."""
    if name == "openat":
        flags = arguments.rpartition('"')[2]
        path = _text(_PATH.findall(arguments)[0])
        offsets.pop((str(result), path), None)
        if "O_CREAT" in flags or "O_TRUNC" in flags:
            yield Call("create", path, number=int("O_TRUNC" in flags))
        return
    descriptor = _DESCRIPTOR.match(arguments)
    if descriptor is None:
        path, *other = [_text(found) for found in _PATH.findall(arguments)]
        yield Call(name, path, other=other[0] if other else "")
        return
    path = _text(descriptor[2])
    rest = arguments[descriptor.end() :]
    if name in {"fsync", "fdatasync"}:
        yield Call(name, path)
    elif name == "ftruncate":
        yield Call(name, path, number=int(rest.strip(", ")))
    else:
        content = bytes.fromhex(_PATH.findall(rest)[0].replace("\\x", ""))[:result]
        key = (descriptor[1], path)
        at = int(rest.rpartition(",")[2]) if name == "pwrite64" else offsets.get(key, 0)
        offsets[key] = at + len(content)
        yield Call(name, path, content=content, number=at)


def _text(quoted: str) -> str:
    return bytes.fromhex(quoted.replace("\\x", "")).decode("utf-8", "surrogateescape")
