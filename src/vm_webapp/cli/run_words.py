"""What of a run is said in words: who decided on its stages, what a fork changed, what it has cost."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vm_webapp.cli.screen import ago, duration
from vm_webapp.cli.text import counted

Record = Mapping[str, Any]
_EXCERPT: Final = 100
_HOUR: Final = 3_600
_DAY: Final = 86_400


def gate_words(stage: Record, *, now: datetime | None = None) -> list[str]:
    """What the stage's gate asks for and who has said what, a line each; none where there is no gate."""
    gate = stage["gate"]
    if gate is None:
        return []
    said = [_granted(word, now) for word in gate["granted"]]
    if gate["decision"] == "rejected":
        word = gate["rejected"]
        said.append(f"rejected by {word['by']} {ago(word['at'], now=now)}: {word['reason']}")
    elif gate["decision"] == "expired":
        said.append(f"nobody decided in time; that counts as {_outcome(gate)}")
    elif gate["decision"] is None:
        said.insert(0, _asked(gate, now))
    return said


def waiting_words(gate: Record, *, now: datetime | None = None) -> str:
    """Whose word is missing, and until when it is asked for."""
    words = [f"role {gate['role']}"]
    if gate["quorum"] > 1:
        words.append(f"{len(gate['granted'])} of {gate['quorum']} have approved")
    if gate["four_eyes"]:
        words.append("not by whom asked for the run")
    if gate["expires_at"]:
        words.append(f"{until(gate['expires_at'], now=now)}, which then counts as {_outcome(gate)}")
    return ", ".join(words)


def until(at: str, *, now: datetime | None = None) -> str:
    """How long it is until something expires."""
    left = (datetime.fromisoformat(at) - (now or datetime.now(UTC))).total_seconds()
    if left <= 0:
        return "expires now"
    for unit, length in (("d", _DAY), ("h", _HOUR)):
        if left >= 2 * length:
            return f"expires in {int(left // length)} {unit}"
    return f"expires in {duration(left)}"


def change_words(run: Record) -> list[str]:
    """What a fork changed, a line each; none for a run that was not forked."""
    if not run["forked_from"]:
        return []
    said = [_change(name, change) for name, change in run["changes"].items()]
    said += [f"feedback on {key}: {excerpt(text)}" for key, text in run["feedback"].items()]
    said += [f"{key} written by {run['requested_by']}" for key in run["edited"]]
    return said or ["nothing changed"]


def cost_words(usage: Record | None) -> str:
    """Tokens and dollars; an unknown price is said."""
    if usage is None or not usage["calls"]:
        return "no model was asked"
    tokens = f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out"
    return f"{usd_words(usage)} for {counted(usage['calls'], 'request')}, {tokens}"


def usd_words(usage: Record | None) -> str:
    """Dollars alone: what is known, what may have been spent besides, and what nobody knows."""
    if usage is None:
        return "0 USD"
    known = [] if usage["unpriced"] and usage["cost_usd"] == "0" else [f"{usage['cost_usd']} USD"]
    if usage["reserved_usd"] != "0":
        known.append(f"up to {usage['reserved_usd']} USD of requests whose end nobody saw")
    if usage["unpriced"]:
        known.append(f"an unknown price for {counted(usage['unpriced'], 'request')}")
    return " and ".join(known)


def excerpt(said: str) -> str:
    """The beginning of a text, in quotation marks."""
    flat = " ".join(said.split())
    return f"“{flat[:_EXCERPT]}…”" if len(flat) > _EXCERPT else f"“{flat}”"


def stages_waiting(run: Record) -> Sequence[Record]:
    """The stages that a person is asked about; none once the run is settled."""
    if run["settled_at"]:
        return []
    return [stage for stage in run["stages"] if stage["status"] == "waiting_approval"]


def _asked(gate: Record, now: datetime | None) -> str:
    return f"approval asked for {ago(gate['asked_at'], now=now)}, {waiting_words(gate, now=now)}"


def _granted(word: Record, now: datetime | None) -> str:
    comment = f": {word['comment']}" if word["comment"] else ""
    rules = f", accepting {counted(len(word['waived']), 'broken rule')}" if word["waived"] else ""
    return f"approved by {word['by']} {ago(word['at'], now=now)}{rules}{comment}"


def _outcome(gate: Record) -> str:
    return "a rejection" if gate["on_expiry"] == "reject" else "a failure"


def _change(name: str, change: Record) -> str:
    if name == "request_text":
        return f"request now {excerpt(change['to'])}"
    if name == "profile":
        before, after = (f"{change[at]['mode']} version {change[at]['version']}" for at in ("from", "to"))
        return f"profile {before} -> {after}" if before != after else f"profile {after}, its text changed"
    label, nothing = {"budget_usd": ("budget in USD", "none"), "writer": ("writer", "the usual one")}.get(
        name, (name, "none")
    )
    return f"{label} {change['from'] or nothing} -> {change['to'] or nothing}"
