"""Rows of measures, as Markdown for people and as JSON for programs."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: its values (one per round), the unit, and the target where there is one."""

    name: str
    values: Sequence[float]
    unit: str = ""
    target: str = ""
    held: bool | None = None

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        known = {"name": self.name, "median": self.median, "values": list(self.values), "unit": self.unit}
        return known | {"target": self.target or None, "held": self.held}


def as_markdown(sections: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """All sections, a table each."""
    return "\n".join(line for title, rows in sections for line in _section(title, rows))


def _section(title: str, rows: Sequence[Row]) -> list[str]:
    lines = [f"### {title}", "", "| measure | median | lowest to highest | target | held |", "|---|---:|---:|---:|---|"]
    for row in rows:
        spread = f"{_number(min(row.values))} to {_number(max(row.values))}" if len(row.values) > 1 else ""
        held = "" if row.held is None else ("yes" if row.held else "**no**")
        lines.append(f"| {row.name} | {_number(row.median)} {row.unit} | {spread} | {row.target} | {held} |")
    return [*lines, ""]


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
