"""How a stage gets its draft: carried over, edited by a person, or written; and the brand's rules on what was written.

A writer whose text breaks a rule is told so once. What still breaks one is published and waits for a person, with the
evidence in the manifest; what is carried over was judged where it came from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from vm_webapp.domain.rules import Breach, breach_facts, check_rules, rules_of
from vm_webapp.domain.runs import Run
from vm_webapp.errors import StageError
from vm_webapp.workflow_runtime_v2.stage_files import Source, input_payload, recalled_facts
from vm_webapp.writers import RecalledDocument, StageDraft, StageWork, Writer
from vm_webapp.writers.edited import edited_draft

log = structlog.get_logger(__name__)

Recall = Callable[[str, str, str], tuple[RecalledDocument, ...]]
"""Brand, words to look for, the run that asks -> earlier approved deliverables of the brand."""
Write = Callable[[StageWork], StageDraft]
_CHECKED: Final = frozenset({"text/markdown", "text/plain", "text/csv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, and what its manifest says of it besides its files."""

    draft: StageDraft
    facts: Mapping[str, Any] = field(default_factory=dict)
    breaches: tuple[str, ...] = ()


def carried(source: Source, given: dict[str, Any]) -> Drafted:
    """The draft that the source published, with the input it was made from."""
    given.update(source.input)
    return Drafted(draft=source.draft)


def edited(run: Run, work: StageWork, source: Source | None, given: dict[str, Any]) -> Drafted:
    """A person's own output; fills `given` with what goes into input.json."""
    by = run.edits[work.stage.key].get("by", run.requested_by)  # a retry may be asked for by another person
    given.update(input_payload(work, writer=by))
    given["edited_from"] = source.place if source else None
    original = source.draft.output if source else {}
    draft = edited_draft(work, run.edits[work.stage.key], original=original, by=by)
    return _judged(run, work, draft, facts={"edited_by": by})


def written(
    run: Run, work: StageWork, *, writer: Writer, recall: Recall, write: Write, given: dict[str, Any]
) -> Drafted:
    """The writer's draft; fills `given` with what goes into input.json, also where the writer fails."""
    if writer.recalls:
        work = replace(work, recalled=_recalled(run, work, recall))
    draft = _write(work, writer, write, given)
    drafted = _judged(run, work, draft)
    if not drafted.breaches:
        return drafted
    found: list[Mapping[str, Any]] = drafted.facts["rules"]["breaches"]
    log.info("stage.repair", rules=list(drafted.breaches))
    first = {name: given[name] for name in ("feedback", "sent")}
    wishes = tuple(f"{breach['rule_text']} — {breach['problem']}" for breach in found)
    again = replace(work, feedback=(*work.feedback, *wishes), previous=draft.output)
    draft = _write(again, writer, write, given)
    given["before_repair"] = {**first, "breaches": found}
    return _judged(run, work, draft)


def _write(work: StageWork, writer: Writer, write: Write, given: dict[str, Any]) -> StageDraft:
    given.update(input_payload(work, writer=writer.name))
    given["recalled"] = recalled_facts(work)
    try:
        draft = write(work)
    except StageError as error:
        given["sent"] = dict(error.sent or {})
        raise
    given["sent"] = dict(draft.sent)
    return draft


def _judged(run: Run, work: StageWork, draft: StageDraft, *, facts: Mapping[str, Any] | None = None) -> Drafted:
    rules = rules_of(run.facts)
    texts = {file.name: file.text for file in draft.files if file.media_type in _CHECKED}
    breaches: tuple[Breach, ...] = check_rules(rules, kind=work.stage.kind, texts=texts) if rules else ()
    found = dict(facts or {})
    if draft.prompt:
        found["prompt"] = dict(draft.prompt)
    if rules:
        found["rules"] = {
            "checked": [{"rule_id": rule.rule_id, "sha256": rule.sha256} for rule in rules],
            "breaches": [breach_facts(breach) for breach in breaches],
        }
    return Drafted(draft=draft, facts=found, breaches=tuple(breach.rule_id for breach in breaches))


def _recalled(run: Run, work: StageWork, recall: Recall) -> tuple[RecalledDocument, ...]:
    """What memory has; memory that fails is no reason for a stage to fail."""
    try:
        return recall(run.brand_id, f"{work.stage.title} {work.request_text}", run.run_id)
    except Exception:
        log.exception("recall.failed")
        return ()
