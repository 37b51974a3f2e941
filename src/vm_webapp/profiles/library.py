"""The profiles that can be run: the shipped ones and a user's own, which win over shipped ones of the same name."""

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from vm_webapp.domain.plans import RunPlan
from vm_webapp.errors import InvalidProfile, UnknownMode
from vm_webapp.profiles.check import Rejected, check, plan_of
from vm_webapp.profiles.files import ProfileFile, Signature, decoded, list_files, read_bytes
from vm_webapp.profiles.problem import Mark, Problem, Unreadable, shown
from vm_webapp.profiles.shape import KEY_PATTERN
from vm_webapp.profiles.yaml_text import read_yaml

DEFAULT_MODE = "plan_90d"
Source = Literal["built-in", "workspace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile that can be run; `plan` is what a run snapshots."""

    mode: str
    title: str
    description: str
    version: int
    source: Source
    is_default: bool
    plan: RunPlan


@dataclass(frozen=True, slots=True)
class _Entry:
    """What was read from one file: a profile, or the errors that stand against it."""

    signature: Signature
    profile: Profile | None = None
    errors: tuple[InvalidProfile, ...] = ()


class ProfileLibrary:
    """Looks profiles up by mode; a file of the user's folder is read again when it changed, without a restart.

    Safe to share between threads: what is known is replaced as a whole, never changed in place.
    """

    def __init__(self, user_folder: Path | None = None) -> None:
        self._folder = user_folder
        self._shipped: dict[str, Profile] | None = None
        self._entries: dict[str, _Entry] = {}

    def resolve(self, mode: str) -> RunPlan:
        """The plan of that mode; raises UnknownMode, or InvalidProfile where the user's file of that name is broken."""
        own = self._own()
        for name, entry in own.items():
            if Path(name).stem == mode and entry.errors:
                raise entry.errors[0]
        found = self._by_mode(own).get(mode)
        if found is None:
            raise UnknownMode(mode=shown(mode), known=", ".join(sorted(self._by_mode(own))))
        return found.plan

    def list_profiles(self) -> list[Profile]:
        """The profiles that can be run: the default first, the others by mode.

        A mode whose user file is broken is left out, even where a shipped one bears its name: to run something
        else than what the user wrote would surprise more than an error.
        """
        own = self._own()
        broken = {Path(name).stem for name, entry in own.items() if entry.errors}
        found = [profile for profile in self._by_mode(own).values() if profile.mode not in broken]
        return sorted(found, key=lambda profile: (not profile.is_default, profile.mode))

    def problems(self) -> list[InvalidProfile]:
        """Everything that is wrong with the user's profiles, by file and line."""
        return [error for entry in self._own().values() for error in entry.errors]

    def _by_mode(self, own: dict[str, _Entry]) -> dict[str, Profile]:
        if self._shipped is None:
            self._shipped = {profile.mode: profile for profile in _shipped_profiles()}
        mine = [entry.profile for entry in own.values() if entry.profile]
        return {**self._shipped, **{profile.mode: profile for profile in mine}}

    def _own(self) -> dict[str, _Entry]:
        if self._folder is None:
            return {}
        known = self._entries
        files = list_files(self._folder)
        modes = [file.mode for file in files]
        entries: dict[str, _Entry] = {}
        for file in files:
            before = known.get(file.path.name)
            if modes.count(file.mode) > 1:
                entries[file.path.name] = _two_of_a_name(file)
            elif before and before.signature and before.signature == file.signature:
                entries[file.path.name] = before
            else:
                entries[file.path.name] = _read(file, self._folder)
        self._entries = entries
        return entries


def _read(file: ProfileFile, folder: Path) -> _Entry:
    try:
        _refuse_name(file)
        content = read_bytes(file, folder)
        return _Entry(file.signature, _profile(content, mode=file.mode, source="workspace"))
    except Unreadable as error:
        found = [error.problem]
    except Rejected as error:
        found = error.problems
    return _Entry(file.signature, errors=tuple(problem.error(mode=file.mode, file=file.shown) for problem in found))


def _profile(content: bytes, *, mode: str, source: Source) -> Profile:
    profile = check(read_yaml(decoded(content)))
    return Profile(
        mode=mode,
        title=profile.title,
        description=profile.description,
        version=profile.version,
        source=source,
        is_default=mode == DEFAULT_MODE,
        plan=plan_of(profile, mode=mode, digest=hashlib.sha256(content).hexdigest()),
    )


def _shipped_profiles() -> list[Profile]:
    files = resources.files("vm_webapp.profiles").iterdir()
    found = [file for file in files if file.name.endswith(".yaml")]
    return [_profile(file.read_bytes(), mode=file.name.removesuffix(".yaml"), source="built-in") for file in found]


def _refuse_name(file: ProfileFile) -> None:
    if not re.fullmatch(KEY_PATTERN, file.mode):
        text = (
            f'"{shown(file.mode)}" cannot be a mode; rename the file: '
            "lower-case letters, digits and underscore, up to 40 characters"
        )
        raise Unreadable(Problem(Mark(1, 1), (), text))


def _two_of_a_name(file: ProfileFile) -> _Entry:
    problem = Problem(
        Mark(1, 1), (), f'a .yaml and a .yml file are both called "{shown(file.mode)}"; remove one of them'
    )
    return _Entry((), errors=(problem.error(mode=file.mode, file=file.shown),))
