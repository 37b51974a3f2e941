"""Rows of measures, as Markdown for people and as JSON for programs."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: its values (one per round; none where it cannot be measured), unit, target where there is one."""

    name: str
    values: Sequence[float]
    unit: str = ""
    target: str = ""
    held: bool | None = None
    note: str = ""

    @property
    def median(self) -> float | None:
        """The median of the rounds."""
        return statistics.median(self.values) if self.values else None

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        known = {"name": self.name, "median": self.median, "values": list(self.values), "unit": self.unit}
        return known | {"target": self.target or None, "held": self.held, "note": self.note or None}


def as_markdown(sections: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """All sections, a table each."""
    return "\n".join(line for title, rows in sections for line in _section(title, rows))


def _section(title: str, rows: Sequence[Row]) -> list[str]:
    head = ["| measure | median | lowest to highest | target | held | note |", "|---|---:|---:|---:|---|---|"]
    return [f"### {title}", "", *head, *map(_line, rows), ""]


def _line(row: Row) -> str:
    median = "" if row.median is None else f"{_number(row.median)} {row.unit}".rstrip()
    spread = f"{_number(min(row.values))} to {_number(max(row.values))}" if len(row.values) > 1 else ""
    held = "" if row.held is None else ("yes" if row.held else "**no**")
    return f"| {row.name} | {median} | {spread} | {row.target} | {held} | {row.note} |"


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
