"""Numbers that a text states, in its own words: a budget, other sums, targets such as `200 leads`."""

import re
from typing import NamedTuple

_SUM = (
    r"(?:(?:R\$|US\$|A\$|\$|€|£)\s?\d[\d.,]{0,14}\d?"
    r"(?:\s?(?:k|mil|mi|million|thousand|milh(?:ão|ões)|m)\b)?"
    r"|\d[\d.,]{0,14}\s?(?:k|mil|million|thousand|milh(?:ão|ões)(?: de)?)?\s?"
    r"(?:EUR|USD|BRL|GBP|euros?|dollars?|reais|pounds)\b)"
)
_MONEY = re.compile(_SUM, re.IGNORECASE)
_PERIOD = re.compile(
    r"\s?(?:/|per |a |por |ao )\s?(?:month|week|quarter|day|mês|semana|trimestre|dia)\b", re.IGNORECASE
)
_BUDGET = re.compile(r"budget|spend|invest|verba|orçamento|or[cç]amento", re.IGNORECASE)
_TARGET = re.compile(
    r"(?<![\w$€£/.,-])(?:\+\s?)?\d(?:[\d.,]{0,8}\d)?\s?(?:%|k\b|mil\b|x\b)?\s+"
    r"(?:(?:de|more|new|qualified|a mais|mais|nov[oa]s|paid|paying|active)\s+){0,3}"
    r"(?:(?!\d)[\w-]+\s+){0,2}?(?:leads?|demos?|sign-?ups?|registrations?|attendees?|customers?|clients?|clientes|bookings?|orders?|sales|"
    r"subscribers?|followers?|members?|downloads?|users?|installs?|visits?|visitors?|guests?|participants?|enrol?lments?|visitantes|convidad[oa]s|visitas|tickets?|applications?|applicants?|hires?|nurses?|developers?|"
    r"engineers?|drivers?|donors?|volunteers?|vendas?|pedidos|reservas|inscri(?:ções|tos)|assinantes|seguidores|membros|usuários|alunos|"
    r"matrículas|ingressos|candidatos|vagas|enfermeir[oa]s|desenvolvedor(?:es|as)|motoristas|reuniões|meetings|revenue|faturamento|churn|"
    r"recompra|participantes|associados|doadores|voluntári[oa]s)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:increase|grow|raise|lift|reduce|cut|lower|double|triple|aumentar|crescer|elevar|reduzir|diminuir|dobrar|triplicar)"
    r"(?:\s+[\w-]+){0,6}?\s+(?:by|to|from|em|para|de|até)\s+\d[\d.,]*\s?(?:%|x)?(?:\s+(?:to|para|a)\s+\d[\d.,]*\s?%?)?"
    r"(?:\s*(?:subscribers|followers|members|customers|users|orders|leads|assinantes|seguidores|membros|clientes|usuários|pedidos|alunos)\b)?",
    re.IGNORECASE,
)


class Amounts(NamedTuple):
    """Sums and targets as written; `budget` is empty where none is stated."""

    budget: str
    sums: tuple[str, ...]
    targets: tuple[str, ...]


def find_amounts(text: str) -> Amounts:
    """The budget, the other sums and the targets that the text states."""
    budget, sums = "", []
    for match in _MONEY.finditer(text):
        period = _PERIOD.match(text, match.end())
        words = (match[0] + (period[0] if period else "")).strip(" .,")
        near = text[max(0, match.start() - 32) : match.end() + 16]
        if not budget and _BUDGET.search(near):
            budget = words
        else:
            sums.append(words)
    found = [match for pattern in (_CHANGE, _TARGET) for match in pattern.finditer(text)]
    return Amounts(budget, tuple(dict.fromkeys(sums)), _without_overlaps(found))


def _without_overlaps(matches: list[re.Match[str]]) -> tuple[str, ...]:
    kept: list[re.Match[str]] = []
    for match in matches:
        if all(match.end() <= other.start() or match.start() >= other.end() for other in kept):
            kept.append(match)
    return tuple(dict.fromkeys(" ".join(match[0].split()) for match in sorted(kept, key=re.Match.start)))
