"""The bag around a bundle's files: BagIt 1.0, RFC 8493."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from vm_webapp.artifacts import digest
from vm_webapp.bundles.bundle import DATA

MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
_DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_TAGS: Final = ("bag-info.txt", "bagit.txt", MANIFEST)
_LINE: Final = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S.*)")
_DATE: Final = re.compile(r"^Bagging-Date: ([0-9]{4}-[0-9]{2}-[0-9]{2})$", re.MULTILINE)
_ENCODED: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}


def make_bag(payload: Mapping[str, bytes], *, run_id: str, at: datetime) -> dict[str, bytes]:
    """The bag of a payload by path below data/, everything below a folder that is called as the run."""
    data = {f"{DATA}/{path}": content for path, content in payload.items()}
    info = _info(data, run_id=run_id, date=at.date().isoformat()).encode()
    tags = {"bag-info.txt": info, "bagit.txt": _DECLARATION.encode(), MANIFEST: _manifest(data)}
    return {f"{run_id}/{path}": content for path, content in {**data, **tags, TAG_MANIFEST: _manifest(tags)}.items()}


def check_bag(files: Mapping[str, bytes], *, run_id: str) -> Iterator[str]:
    """What does not hold in a bag's files, by path within the bag, a sentence each.

    No signature covers what stands beside the payload, so that nothing stands there but what follows from it.
    """
    if files.get("bagit.txt", b"").decode("utf-8", "replace").replace("\r\n", "\n") != _DECLARATION:
        yield "bagit.txt does not declare a bag of version 1.0 in UTF-8."
    data = {path: content for path, content in files.items() if path.startswith(f"{DATA}/")}
    tags = {path: content for path, content in files.items() if path in _TAGS}
    yield from _check(files, MANIFEST, data)
    yield from _check(files, TAG_MANIFEST, tags)
    for path in sorted(files.keys() - data.keys() - tags.keys() - {TAG_MANIFEST}):
        yield f"{path} is in no manifest."
    info = files.get("bag-info.txt", b"").decode("utf-8", "replace").replace("\r\n", "\n")
    date = _DATE.search(info)
    if f"Payload-Oxum: {_oxum(data)}" not in info.split("\n"):
        yield "bag-info.txt names another Payload-Oxum than the bag has."
    elif info != _info(data, run_id=run_id, date=date[1] if date else ""):
        yield "bag-info.txt says something else than a bundle's does."


def _check(files: Mapping[str, bytes], name: str, listed: Mapping[str, bytes]) -> Iterator[str]:
    if name not in files:
        yield f"{name} is missing."
        return
    *lines, rest = files[name].decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    said: dict[str, str] = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None or _decoded(found[2]) in said:
            yield f"{name} has a line that cannot be read or names a file twice."
        else:
            said[_decoded(found[2])] = found[1]
    yield from _differences(name, listed, said)
    if rest:
        yield f"{name} does not end with the end of a line."


def _differences(name: str, listed: Mapping[str, bytes], said: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(said.keys() | listed.keys()):
        if path not in listed:
            yield f"{path} is missing, though {name} lists it."
        elif path not in said:
            yield f"{path} is in no manifest."
        elif digest(listed[path]) != said[path]:
            yield f"{path} is not what {name} says: its SHA-256 is another."


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{digest(files[path])}  {_encoded(path)}\n" for path in sorted(files)).encode()


def _info(data: Mapping[str, bytes], *, run_id: str, date: str) -> str:
    return (
        f"Bag-Software-Agent: vm-webapp\n"
        f"Bagging-Date: {date}\n"
        f"External-Description: A settled run with its deliverables, their provenance and proofs\n"
        f"External-Identifier: {run_id}\n"
        f"Payload-Oxum: {_oxum(data)}\n"
    )


def _oxum(data: Mapping[str, bytes]) -> str:
    return f"{sum(map(len, data.values()))}.{len(data)}"


def _encoded(path: str) -> str:
    return "".join(_ENCODED.get(sign, sign) for sign in path)


def _decoded(path: str) -> str:
    return path.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
