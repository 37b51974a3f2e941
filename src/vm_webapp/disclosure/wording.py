"""A disclosure in a few sentences, in English or Portuguese; names from outside are shown as text, never as markup."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+.!|~&-])")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST_NAME: Final = 200

Words = Mapping[str, str]
Show = Callable[[object], str]
"""How a name from outside is shown."""

_EN: Final[Words] = {
    "title": "Who wrote this",
    "model": "The language model {name} wrote it on {at}.",
    "program": "A program that fills in templates wrote it on {at}; no language model was used.",
    "person": "{name} wrote it on {at}, without a model.",
    "edited": "{name} edited it on {at}.",
    "unchanged": "{name} edited the document on {at}, but nothing in this file.",
    "counts": "Of {all} {units}, {theirs} are as written by {whom}, {edited} were changed by a person, "
    "{own} are a person's own, {removed} were taken out.",
    "by_model": "the model",
    "by_program": "the program",
    "incomplete": "Where it began is not in this log, so it counts as a model's text that a person edited.",
    "approved": "{name} approved it on {at}.",
    "unapproved": "No person has approved it.",
    "recovered": "The log of that time is lost: who wrote it, and when, is told as the files name it.",
    "unknown": "Whether a person has approved it is not known.",
    "paragraph": "paragraphs",
    "line": "lines",
    "file": "files",
    "source_model": "written by a model",
    "source_program": "filled in by a program",
    "source_person": "written by a person",
    "source_edited": "changed by a person",
    "file_is": "It speaks of the file {name} with the SHA-256 {sha256}.",
}
_PT: Final[Words] = {
    "title": "Quem escreveu isto",
    "model": "O modelo de linguagem {name} escreveu o texto em {at}.",
    "program": "Um programa que preenche formulários escreveu o texto em {at}; nenhum modelo de linguagem foi usado.",
    "person": "{name} escreveu o texto em {at}, sem modelo.",
    "edited": "{name} editou o texto em {at}.",
    "unchanged": "{name} editou o documento em {at}, mas nada neste arquivo.",
    "counts": "De {all} {units}, {theirs} estão como {whom} escreveu, {edited} foram alterados por uma pessoa, "
    "{own} são de uma pessoa, {removed} foram retirados.",
    "by_model": "o modelo",
    "by_program": "o programa",
    "incomplete": "A origem não está neste registro; por isso conta como texto de um modelo que uma pessoa editou.",
    "approved": "{name} aprovou o texto em {at}.",
    "unapproved": "Nenhuma pessoa aprovou o texto.",
    "recovered": "O registro daquela época se perdeu: quem escreveu o texto, e quando, é o que os arquivos indicam.",
    "unknown": "Não se sabe se uma pessoa aprovou o texto.",
    "paragraph": "parágrafos",
    "line": "trechos",
    "file": "arquivos",
    "source_model": "escrito por um modelo",
    "source_program": "preenchido por um programa",
    "source_person": "escrito por uma pessoa",
    "source_edited": "alterado por uma pessoa",
    "file_is": "Refere-se ao arquivo {name} com o SHA-256 {sha256}.",
}


def statement(record: Mapping[str, Any]) -> str:
    """The disclosure in one paragraph of plain text."""
    return " ".join(_sentences(record, _words(record), _one_line))


def to_markdown(record: Mapping[str, Any]) -> str:
    """The disclosure as a short Markdown document."""
    return _document(record, _escaped, heading="# ")


def to_text(record: Mapping[str, Any]) -> str:
    """The same in plain words, for people at a terminal."""
    return _document(record, _one_line, heading="")


def _document(record: Mapping[str, Any], show: Show, *, heading: str) -> str:
    words = _words(record)
    lines = [f"{heading}{words['title']}", "", *(f"{line}\n" for line in _sentences(record, words, show))]
    for part in record["parts"] if len(record["parts"]) > 1 else ():
        place = str(part["from"]) if part["from"] == part["to"] else f"{part['from']}-{part['to']}"
        said = words["source_edited" if part["edited_by_person"] else f"source_{part['source']}"]
        lines.append(f"- {words[record['unit']]} {place}: {said}")
    if len(record["parts"]) > 1:
        lines.append("")
    name = show(record["path"].rpartition("/")[2])
    lines.append(words["file_is"].format(name=name, sha256=record["sha256"]))
    return "\n".join(lines) + "\n"


def _words(record: Mapping[str, Any]) -> Words:
    return _PT if str(record["language"]).lower().startswith("pt") else _EN


def _sentences(record: Mapping[str, Any], words: Words, show: Show) -> Iterator[str]:
    first, *editors = record["authors"]
    unknown = _unknown(record)
    if "origin" not in unknown:
        yield words[first["kind"]].format(name=show(first["name"]), at=first["at"][:10])
    else:
        yield words["edited"].format(name=show(first["name"]), at=first["at"][:10])
        yield words["incomplete"]
    for editor in editors:
        touched = any(editor["id"] in part["authors"] for part in record["parts"]) or record["removed"]
        key = "edited" if touched else "unchanged"
        yield words[key].format(name=show(editor["name"]), at=editor["at"][:10])
    if editors and first["kind"] != "person":
        yield _counted(record, words, whom=words[f"by_{first['kind']}"])
    if "history" in unknown:
        yield words["recovered"]
    yield from _approved(record, words, show)


def _unknown(record: Mapping[str, Any]) -> Sequence[str]:
    """What is not known of the file; disclosures of before named the origin alone, and not by name."""
    found: Sequence[str] = record.get("unknown", () if record["complete"] else ("origin",))
    return found


def _counted(record: Mapping[str, Any], words: Words, *, whom: str) -> str:
    parts: Sequence[Mapping[str, Any]] = record["parts"]

    def count(*, person: bool, edited: bool) -> int:
        return sum(
            part["to"] - part["from"] + 1
            for part in parts
            if (part["source"] == "person") == person and part["edited_by_person"] == edited
        )

    return words["counts"].format(
        all=sum(part["to"] - part["from"] + 1 for part in parts),
        units=words[record["unit"]],
        whom=whom,
        theirs=count(person=False, edited=False),
        edited=count(person=False, edited=True),
        own=count(person=True, edited=False),
        removed=record["removed"],
    )


def _approved(record: Mapping[str, Any], words: Words, show: Any) -> Iterator[str]:  # noqa: ANN401 - likewise
    if record["approvals"] is None:
        yield words["unknown"]
        return
    for approval in record["approvals"]:
        yield words["approved"].format(name=show(approval["actor_id"]), at=approval["at"][:10])
    if not record["approvals"]:
        yield words["unapproved"]


def _one_line(text: object) -> str:
    return " ".join(_CONTROL.sub(" ", str(text)).split())[:_LONGEST_NAME]


def _escaped(text: object) -> str:
    return _MARKUP.sub(r"\\\1", _one_line(text))
