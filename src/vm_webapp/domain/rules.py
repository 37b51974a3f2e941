"""A brand's rules, and what in a text breaks them; what a check may be stands in rule_checks.py."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final

from vm_webapp.domain.reading import Reading, as_shown, as_written

MOST_EVIDENCE: Final = 20
_BEFORE: Final = 80
_BEHIND: Final = 110
_NAMED: Final = 5
_QUOTED: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a brand demands; `sha256` is the digest of text and check as the log has it."""

    rule_id: str
    text: str
    check: Mapping[str, Any] | None = None
    from_rejection: Mapping[str, str] | None = None
    sha256: str = ""

    @property
    def digest(self) -> str:
        """The digest of text and check as they are here."""
        return rule_digest(self.text, self.check)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that breaks a rule: a line (from 1) and what stands around it; None where something is missing."""

    path: str
    line: int | None
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that is broken: what is wrong in a sentence, and up to 20 places."""

    rule_id: str
    rule_text: str
    problem: str
    evidence: tuple[Evidence, ...]


def rule_digest(text: str, check: Mapping[str, Any] | None) -> str:
    """SHA-256 of text and check as JSON with sorted keys and without white space, in UTF-8."""
    form = {"check": check, "text": text}
    canonical = json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def rule_facts(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rules as a run snapshots them."""
    return [{name: getattr(rule, name) for name in ("rule_id", "text", "check", "sha256")} for rule in rules]


def rules_of(facts: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules that a run's facts hold; none in those of runs from before there were rules."""
    return tuple(Rule(**rule) for rule in facts.get("brand", {}).get("rules", ()))


def breach_facts(breach: Breach) -> dict[str, Any]:
    """The breach as JSON: {rule_id, rule_text, problem, evidence: [{path, line, excerpt}]}."""
    return {**asdict(breach), "evidence": [asdict(one) for one in breach.evidence]}


def check_rules(rules: Iterable[Rule], *, kind: str, texts: Mapping[str, str]) -> tuple[Breach, ...]:
    """The rules that a stage's output breaks; `kind` is the stage's, `texts` what people read of it by path.

    Takes time in proportion to the texts. A rule without a check, or for other kinds, is never broken.
    """
    read = [_Text(path, text) for path, text in texts.items()]
    checked = (_check(rule, read) for rule in rules if _applies(rule, kind))
    return tuple(breach for breach in checked if breach)


class _Text:
    """A text, read once for all rules."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def readings(self) -> tuple[Reading, Reading]:
        """As Markdown shows it, and as it is written."""
        return as_shown(self.text), as_written(self.text)

    @cached_property
    def flat(self) -> tuple[str, ...]:
        """Both without the ends of paragraphs."""
        return tuple(reading.flat for reading in self.readings)

    def evidence(self, place: int) -> Evidence:
        """What stands around a place."""
        begin, end = max(0, place - _BEFORE), min(len(self.text), place + _BEHIND)
        around = "".join(one if one.isprintable() else " " for one in self.text[begin:end])
        excerpt = f"{'…' * (begin > 0)}{' '.join(around.split())}{'…' * (end < len(self.text))}"
        return Evidence(self.path, self.text.count("\n", 0, place) + 1, excerpt)


_Found = tuple[str, Sequence[Evidence]]


def _applies(rule: Rule, kind: str) -> bool:
    kinds = rule.check["kinds"] if rule.check else ()
    return kinds is None or kind in kinds


def _check(rule: Rule, texts: Sequence[_Text]) -> Breach | None:
    check = rule.check or {}
    found = _CHECKS[check["kind"]](check, texts)
    if found is None:
        return None
    problem, evidence = found
    return Breach(rule_id=rule.rule_id, rule_text=rule.text, problem=problem, evidence=tuple(evidence[:MOST_EVIDENCE]))


def _forbidden(check: Mapping[str, Any], texts: Sequence[_Text]) -> _Found | None:
    return _expressions(check["words"], texts, "What must not be said is said")


def _tone(check: Mapping[str, Any], texts: Sequence[_Text]) -> _Found | None:
    return _expressions(check["words"], texts, "Off-tone")


def _expressions(words: Sequence[str], texts: Sequence[_Text], problem: str) -> _Found | None:
    wanted = [(word, as_written(word)) for word in words]
    said: list[str] = []
    evidence: list[Evidence] = []
    for text in texts:
        found = [(place, word) for word, expression in wanted for place in _places(text, expression)]
        said += (word for _, word in found)
        evidence += (text.evidence(place) for place in sorted({place for place, _ in found})[:MOST_EVIDENCE])
    return (f"{problem}: {_names(list(dict.fromkeys(said)))}.", evidence) if said else None


def _places(text: _Text, expression: Reading) -> Iterator[int]:
    for reading in text.readings:
        yield from islice(reading.find(expression), MOST_EVIDENCE)


def _names(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{word}”" for word in words[:_NAMED])
    return f"{shown} and {len(words) - _NAMED} more" if len(words) > _NAMED else shown


def _required(check: Mapping[str, Any], texts: Sequence[_Text]) -> _Found | None:
    wanted = {reading(check["text"]).flat for reading in (as_shown, as_written)}
    if any(one in read for text in texts for read in text.flat for one in wanted):
        return None
    line = " ".join(check["text"].split())
    quoted = f"{line[:_QUOTED]}…" if len(line) > _QUOTED else line
    return f"A text that has to be there is missing: “{quoted}”.", [Evidence(text.path, None, "") for text in texts]


def _too_long(check: Mapping[str, Any], texts: Sequence[_Text]) -> _Found | None:
    most = check["characters"]
    lengths = [(text, len(text.text.strip())) for text in texts]
    long = [(text, length) for text, length in lengths if length > most]
    if not long:
        return None
    text, length = max(long, key=lambda item: item[1])
    others = f", and {len(long) - 1} more are too long" if len(long) > 1 else ""
    problem = f"{text.path} has {length:,} characters; {most:,} is the most{others}."
    return problem, [one.evidence(len(one.text) - len(one.text.lstrip()) + most) for one, _ in long]


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[_Text]], _Found | None]]] = {
    "forbidden_words": _forbidden,
    "tone": _tone,
    "required_text": _required,
    "max_length": _too_long,
}
