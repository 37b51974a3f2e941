"""A profile's values -> the plan that a run executes, or every problem that speaks against it."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from vm_webapp.domain.plans import GatePolicy, RetryPolicy, RunPlan, StagePlan
from vm_webapp.profiles.outputs import OUTPUT_TYPES
from vm_webapp.profiles.params import params_type
from vm_webapp.profiles.problem import Problem, suggestion
from vm_webapp.profiles.shape import GateShape, ProfileShape, StageShape
from vm_webapp.profiles.wording import shape_problems
from vm_webapp.profiles.yaml_text import Document


class Rejected(Exception):
    """The profile has these problems, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].text)
        self.problems = sorted(problems, key=lambda problem: problem.mark)


def check(document: Document) -> ProfileShape:
    """The document as a profile that can be executed; raises Rejected with every problem found."""
    try:
        profile = ProfileShape.model_validate(document.data)
    except ValidationError as error:
        raise Rejected(shape_problems(error, document=document, model=ProfileShape)) from error
    problems = [
        *_key_problems(profile, document),
        *_kind_problems(profile, document),
        *_need_problems(profile, document),
        *_retry_problems(profile, document),
        *_gate_problems(profile, document),
    ] or list(_cycle_problems(profile, document))
    if problems:
        raise Rejected(problems)
    return profile


def plan_of(profile: ProfileShape, *, mode: str, digest: str) -> RunPlan:
    """The plan, its stages ordered so that each stands after those it needs, otherwise as in the file."""
    return RunPlan(
        profile=mode,
        version=profile.version,
        title=profile.title,
        digest=digest,
        stages=tuple(_stage_plan(stage) for stage in _ordered(profile.stages)),
        budget_usd=profile.budget_usd,
    )


def _key_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, stage in enumerate(profile.stages):
        if stage.key in seen:
            path = ("stages", place, "key")
            text = f'stages[{seen[stage.key]}] is called "{stage.key}" too; give each stage a key of its own'
            yield Problem(document.value_mark(path), path, text)
        seen.setdefault(stage.key, place)


def _kind_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    for place, stage in enumerate(profile.stages):
        path = ("stages", place, "kind")
        if stage.kind not in OUTPUT_TYPES:
            text = f'there is no kind "{stage.kind}"{suggestion(stage.kind, OUTPUT_TYPES)}'
            yield Problem(document.value_mark(path), path, text)
            continue
        model = params_type(stage.kind)
        try:
            model.model_validate(stage.params)
        except ValidationError as error:
            yield from shape_problems(error, document=document, model=model, prefix=("stages", place, "params"))


def _need_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    keys = {stage.key for stage in profile.stages}
    for place, stage in enumerate(profile.stages):
        for index, need in enumerate(stage.needs):
            path = ("stages", place, "needs")
            mark = document.value_mark((*path, index))
            if need == stage.key:
                yield Problem(mark, path, f'the stage "{need}" needs itself; remove it from the list')
            elif need not in keys:
                yield Problem(mark, path, f'there is no stage "{need}"{suggestion(need, keys - {stage.key})}')
            elif need in stage.needs[:index]:
                yield Problem(mark, path, f'"{need}" is listed twice; keep one of them')


def _retry_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    for place, stage in enumerate(profile.stages):
        if stage.retry.max_seconds < stage.retry.initial_seconds:
            path = ("stages", place, "retry", "max_seconds")
            text = f"must be at least initial_seconds, which is {stage.retry.initial_seconds:g}; raise it"
            yield Problem(document.value_mark(path), path, text)


def _gate_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    for place, stage in enumerate(profile.stages):
        if "gate" in stage.model_fields_set and stage.approval == "none":
            path = ("stages", place, "gate")
            text = "a gate is given and no approval is asked for; add `approval: required`, or remove the gate"
            yield Problem(document.mark(path), path, text)


def _cycle_problems(profile: ProfileShape, document: Document) -> Iterator[Problem]:
    ordered = {stage.key for stage in _ordered(profile.stages)}
    left = {stage.key: stage for stage in profile.stages if stage.key not in ordered}
    if not left:
        return
    walk = [next(iter(left))]
    while walk[-1] not in walk[:-1]:
        walk.append(next(need for need in left[walk[-1]].needs if need in left))
    cycle = walk[walk.index(walk[-1]) :]
    place = next(index for index, stage in enumerate(profile.stages) if stage.key == cycle[0])
    path = ("stages", place, "needs")
    text = f"the stages need each other in a circle ({' needs '.join(cycle)}); remove one of these needs"
    yield Problem(document.value_mark(path), path, text)


def _ordered(stages: Sequence[StageShape]) -> list[StageShape]:
    """The stages in an order that can be executed; those of a circle are left out."""
    done: dict[str, StageShape] = {}
    waiting = list(stages)
    while ready := next((stage for stage in waiting if set(stage.needs) <= done.keys()), None):
        done[ready.key] = ready
        waiting.remove(ready)
    return list(done.values())


def _gate_policy(gate: GateShape) -> GatePolicy:
    hours = gate.expires_after_hours
    return GatePolicy(
        role=gate.role,
        quorum=gate.quorum,
        four_eyes=gate.four_eyes,
        expires_after_seconds=None if hours is None else hours * 3600,
        on_expiry=gate.on_expiry,
    )


def _stage_plan(stage: StageShape) -> StagePlan:
    return StagePlan(
        key=stage.key,
        title=stage.title,
        kind=stage.kind,
        needs=tuple(stage.needs),
        approval=stage.approval,
        gate=_gate_policy(stage.gate),
        timeout_seconds=stage.timeout_seconds,
        retry=RetryPolicy(**stage.retry.model_dump()),
        params=stage.params,
    )
