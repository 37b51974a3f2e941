"""What the program needs to be installed: the distributions of requirements.lock whose marker applies here."""

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from table import Row

_LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
_MIB = 1024 * 1024


def measure() -> list[Row]:
    """The rows of size: files as they lie in the environment, installed bytecode included."""
    wanted = _wanted(_LOCK.read_text("utf-8"))
    found = {name: each for name in wanted if (each := _find(name))}
    sizes = {name: _size(each) for name, each in found.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:5]
    missing = sorted(set(wanted) - set(found))
    return [
        Row("distributions", [len(found)], note=f"not installed: {', '.join(missing)}" if missing else ""),
        Row(
            "installed size",
            [sum(sizes.values()) / _MIB],
            unit="MiB",
            note=", ".join(f"{name} {sizes[name] / _MIB:.1f}" for name in largest),
        ),
    ]


def _wanted(lock: str) -> list[str]:
    pinned = [line.rstrip(" \\") for line in lock.splitlines() if line[:1].isalnum()]
    requirements = [Requirement(line) for line in pinned]
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate()]


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _size(found: Distribution) -> int:
    paths = [Path(str(found.locate_file(path))) for path in found.files or []]
    return sum(path.stat().st_size for path in paths if path.is_file())
