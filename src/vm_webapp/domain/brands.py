"""Brands: what they say of themselves, the rules they demand, what may be spent for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeAlias

from vm_webapp.domain.budgets import check_budget
from vm_webapp.domain.rule_checks import read_check
from vm_webapp.domain.rules import Rule, rule_digest
from vm_webapp.domain.texts import changed_text, check_id, check_name, check_names, check_text
from vm_webapp.errors import AlreadyExists, NotFound, TooMany

RULE_LIMIT: Final = 200
RULE_TEXT_LIMIT: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBrand:
    """Begin a brand."""

    brand_id: str
    name: str
    description: str = ""
    voice: str = ""
    audience: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBrand:
    """Change what a brand says of itself; None leaves a field as it is."""

    brand_id: str
    name: str | None = None
    description: str | None = None
    voice: str | None = None
    audience: str | None = None
    do: tuple[str, ...] | None = None
    dont: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBrandRule:
    """Demand something of all that is written for the brand; `check` is how it is checked, None where it cannot be.

    `from_rejection` names the rejected stage that the rule was learnt from: {run_id, stage_key}.
    """

    brand_id: str
    rule_id: str
    text: str
    check: Mapping[str, Any] | None = None
    from_rejection: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireBrandRule:
    """Demand it no longer; runs that were asked for before keep it."""

    brand_id: str
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBrandBudget:
    """Limit what is spent on models for the brand, in US dollars as decimal text; None takes the limit off."""

    brand_id: str
    limit_usd: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandCreated:
    """A brand was begun."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    name: str
    description: str
    voice: str
    audience: str
    do: list[str]
    dont: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandUpdated:
    """A brand's description of itself changed; all fields as they are now."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    name: str
    description: str
    voice: str
    audience: str
    do: list[str]
    dont: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRuleAdded:
    """A rule holds from now on; `sha256` is the digest of its text and check."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    rule_id: str
    text: str
    check: Mapping[str, Any] | None
    from_rejection: Mapping[str, str] | None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandRuleRetired:
    """A rule holds no longer."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandBudgetSet:
    """What may be spent for the brand changed; None is no limit."""

    aggregate: ClassVar[str] = "brand"
    brand_id: str
    limit_usd: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A brand's state; `exists` is False before its first event, `rules` are the active ones by id, oldest first."""

    exists: bool = False
    brand_id: str = ""
    name: str = ""
    description: str = ""
    voice: str = ""
    audience: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    retired_rules: frozenset[str] = frozenset()
    budget_usd: str | None = None


BrandCommand: TypeAlias = CreateBrand | UpdateBrand | AddBrandRule | RetireBrandRule | SetBrandBudget
BrandEvent: TypeAlias = BrandCreated | BrandUpdated | BrandRuleAdded | BrandRuleRetired | BrandBudgetSet
BRAND_COMMANDS: Final = (CreateBrand, UpdateBrand, AddBrandRule, RetireBrandRule, SetBrandBudget)
BRAND_EVENTS: Final = (BrandCreated, BrandUpdated, BrandRuleAdded, BrandRuleRetired, BrandBudgetSet)


def decide_brand(command: BrandCommand, brand: Brand) -> tuple[BrandEvent, ...]:
    """The events that the command leads to; none when it changes nothing."""
    if isinstance(command, CreateBrand):
        return (_create(command, brand),)
    if not brand.exists:
        raise NotFound(kind="brand", id=command.brand_id)
    event = _decide(command, brand)
    return () if event is None or evolve_brand(brand, event) == brand else (event,)


def evolve_brand(brand: Brand, event: BrandEvent) -> Brand:
    """The brand after the event."""
    match event:
        case BrandRuleAdded():
            return replace(brand, rules={**brand.rules, event.rule_id: _rule(event)})
        case BrandRuleRetired():
            left = {rule_id: rule for rule_id, rule in brand.rules.items() if rule_id != event.rule_id}
            return replace(brand, rules=left, retired_rules=brand.retired_rules | {event.rule_id})
        case BrandBudgetSet():
            return replace(brand, budget_usd=event.limit_usd)
        case _:
            return _described(brand, event)


def _create(command: CreateBrand, brand: Brand) -> BrandCreated:
    if brand.exists:
        raise AlreadyExists(kind="brand", id=command.brand_id)
    return BrandCreated(
        brand_id=check_id(command.brand_id, "brand_id"),
        name=check_name(command.name, "name"),
        description=check_text(command.description, "description", optional=True),
        voice=check_text(command.voice, "voice", optional=True),
        audience=check_text(command.audience, "audience", optional=True),
        do=check_names(command.do, "do"),
        dont=check_names(command.dont, "dont"),
    )


def _decide(command: UpdateBrand | AddBrandRule | RetireBrandRule | SetBrandBudget, brand: Brand) -> BrandEvent | None:
    match command:
        case UpdateBrand():
            return _update(command, brand)
        case AddBrandRule():
            return _add_rule(command, brand)
        case RetireBrandRule():
            return _retire_rule(command, brand)
        case SetBrandBudget():
            return BrandBudgetSet(brand_id=brand.brand_id, limit_usd=check_budget(command.limit_usd))


def _update(command: UpdateBrand, brand: Brand) -> BrandUpdated:
    return BrandUpdated(
        brand_id=brand.brand_id,
        name=brand.name if command.name is None else check_name(command.name, "name"),
        description=changed_text(command.description, brand.description, "description"),
        voice=changed_text(command.voice, brand.voice, "voice"),
        audience=changed_text(command.audience, brand.audience, "audience"),
        do=list(brand.do) if command.do is None else check_names(command.do, "do"),
        dont=list(brand.dont) if command.dont is None else check_names(command.dont, "dont"),
    )


def _add_rule(command: AddBrandRule, brand: Brand) -> BrandRuleAdded:
    if command.rule_id in brand.rules or command.rule_id in brand.retired_rules:
        raise AlreadyExists(kind="rule", id=command.rule_id)
    if len(brand.rules) >= RULE_LIMIT:
        raise TooMany(things="active rules", owner="brand", most=RULE_LIMIT, way="Retire one that is no longer needed.")
    text = check_text(command.text, "text", limit=RULE_TEXT_LIMIT)
    check = None if command.check is None else read_check(command.check)
    return BrandRuleAdded(
        brand_id=brand.brand_id,
        rule_id=check_id(command.rule_id, "rule_id"),
        text=text,
        check=check,
        from_rejection=None if command.from_rejection is None else dict(command.from_rejection),
        sha256=rule_digest(text, check),
    )


def _retire_rule(command: RetireBrandRule, brand: Brand) -> BrandRuleRetired | None:
    if command.rule_id in brand.retired_rules:
        return None
    if command.rule_id not in brand.rules:
        raise NotFound(kind="rule", id=command.rule_id)
    return BrandRuleRetired(brand_id=brand.brand_id, rule_id=command.rule_id)


def _rule(event: BrandRuleAdded) -> Rule:
    return Rule(
        rule_id=event.rule_id,
        text=event.text,
        check=event.check,
        from_rejection=event.from_rejection,
        sha256=event.sha256,
    )


def _described(brand: Brand, event: BrandCreated | BrandUpdated) -> Brand:
    return replace(
        brand,
        exists=True,
        brand_id=event.brand_id,
        name=event.name,
        description=event.description,
        voice=event.voice,
        audience=event.audience,
        do=tuple(event.do),
        dont=tuple(event.dont),
    )
