"""What a run will execute: the resolved stages of a profile, as plain values that an event can carry."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Approval = Literal["none", "required"]
OnExpiry = Literal["fail", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how soon a failed attempt is repeated; times in seconds."""

    attempts: int = 3
    initial_seconds: float = 1.0
    factor: float = 2.0
    max_seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """Who may approve a gated stage: the least role, how many people, not the requester, and for how long."""

    role: str = "approver"
    quorum: int = 1
    four_eyes: bool = False
    expires_after_seconds: float | None = None
    on_expiry: OnExpiry = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage of a plan; `kind` names the deliverable's output type, `params` are handed to the writer."""

    key: str
    title: str
    kind: str
    needs: tuple[str, ...] = ()
    approval: Approval = "none"
    gate: GatePolicy = field(default_factory=GatePolicy)
    timeout_seconds: float = 300.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """A profile as it stood when a run was requested; `digest` is the SHA-256 of its source text.

    `budget_usd` is what one run may spend on models, as decimal text; None sets no limit.
    """

    profile: str
    version: int
    title: str
    digest: str
    stages: tuple[StagePlan, ...]
    budget_usd: str | None = None

    def stage(self, key: str) -> StagePlan:
        """The stage of that key; KeyError where there is none."""
        return next(stage for stage in self.stages if stage.key == key)

    def dependents(self, key: str) -> frozenset[str]:
        """The stages that need this one, directly or through others."""
        found: set[str] = set()
        for stage in self.stages:  # in plan order a stage stands behind what it needs
            if key in stage.needs or found.intersection(stage.needs):
                found.add(stage.key)
        return frozenset(found)

    def needed(self, key: str) -> tuple[str, ...]:
        """The stages that this one needs, directly or through others, in plan order."""
        found = set(self.stage(key).needs)
        for stage in reversed(self.stages):  # in plan order a stage stands behind what it needs
            if stage.key in found:
                found.update(stage.needs)
        return tuple(stage.key for stage in self.stages if stage.key in found)

    def position(self, key: str) -> int:
        """The stage's place in the plan, from 1."""
        return [stage.key for stage in self.stages].index(key) + 1


def plan_to_json(plan: RunPlan) -> dict[str, Any]:
    """The plan as JSON values."""
    return asdict(plan)


def plan_from_json(data: Mapping[str, Any]) -> RunPlan:
    """The plan that `plan_to_json` wrote."""
    return RunPlan(
        profile=data["profile"],
        version=data["version"],
        title=data["title"],
        digest=data["digest"],
        stages=tuple(_stage_from_json(stage) for stage in _sequence(data["stages"])),
        budget_usd=data.get("budget_usd"),
    )


def _stage_from_json(data: Mapping[str, Any]) -> StagePlan:
    values = dict(data)
    read = {"needs": tuple(values["needs"]), "retry": RetryPolicy(**values["retry"])}
    return StagePlan(**{**values, **read, "gate": GatePolicy(**values.get("gate", {}))})


def _sequence(value: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return value
