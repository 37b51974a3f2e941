"""What a check says: how much was checked, what does not hold, what is only worth knowing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not hold; `run_id`, `stage_key` and `position` are None where none is concerned."""

    text: str
    run_id: str | None = None
    stage_key: str | None = None
    position: int | None = None


@dataclass(slots=True)
class Report:
    """What was checked, what does not hold, and what is only worth knowing.

    `signed` is how many events the newest checkpoint covers that holds, `witnessed` that of the witness.
    """

    runs: int = 0
    stages: int = 0
    files: int = 0
    bytes: int = 0
    events: int = 0
    checkpoints: int = 0
    signed: int = 0
    witnessed: int | None = None
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def problem(self, text: str, *, position: int | None = None) -> None:
        """Add something that does not hold, once; of a log that is broken all over, the first thousand are enough."""
        finding = Finding(text=text, position=position)
        if len(self.problems) < _MOST and finding not in self.problems:
            self.problems.append(finding)

    def note(self, text: str) -> None:
        """Add something that is worth knowing."""
        if Finding(text=text) not in self.notes:
            self.notes.append(Finding(text=text))

    def add(self, other: "Report") -> None:
        """What another check says as well."""
        self.runs += other.runs
        self.stages += other.stages
        self.files += other.files
        self.bytes += other.bytes
        self.problems += other.problems
        self.notes += other.notes


def report_of(said: Mapping[str, Any]) -> Report:
    """A report that was told as JSON; KeyError and TypeError where it is none."""
    findings = {name: [Finding(**one) for one in said[name]] for name in ("problems", "notes")}
    return Report(**{**said, **findings})
