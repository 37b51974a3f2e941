"""A Markdown deliverable as a Word document (.docx; ECMA-376), for people who hand on documents.

CommonMark with tables and strikethrough is read. Text stays text: HTML is shown as it is written, images become their
description and are never fetched, and only http, https and mailto addresses become links.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LINKS: Final = frozenset({"http", "https", "mailto"})
_LISTS: Final = {"bullet_list": "List Bullet", "ordered_list": "List Number"}
_DEEPEST: Final = 3
_BREAK: Final = re.compile(r"(?i)<br\s*/?>")
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_word(markdown: str, *, title: str, footer: str, made_at: datetime) -> bytes:
    """The document's bytes; the same text, title, footer and time give the same bytes."""
    markdown, title, footer = (_UNPRINTABLE.sub("�", text) for text in (markdown, title, footer))
    document: WordDocument = Document()
    document.styles["Normal"].font.size = Pt(11)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title[:255], "VM", footer[:255]
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    document.sections[0].footer.paragraphs[0].text = footer
    document.sections[0].footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    for node in SyntaxTreeNode(parser.parse(markdown)).children:
        _block(document, node)
    content = io.BytesIO()
    document.save(content)
    return _without_times(content.getvalue())


def _block(document: WordDocument, node: SyntaxTreeNode, *, style: str | None = None) -> None:
    write: Callable[..., None] = _BLOCKS.get(node.type, _plain)
    write(document, node, style)


def _heading(document: WordDocument, node: SyntaxTreeNode, _style: str | None) -> None:
    level = int(node.tag[1])
    _inline(document.add_heading(level=min(level, 9)), node)


def _paragraph(document: WordDocument, node: SyntaxTreeNode, style: str | None) -> None:
    _inline(document.add_paragraph(style=style), node)


def _list(document: WordDocument, node: SyntaxTreeNode, style: str | None) -> None:
    """Each item in the style of its depth; Word knows three."""
    depth = _depth(node)
    name = _LISTS[node.type] if depth == 1 else f"{_LISTS[node.type]} {min(depth, _DEEPEST)}"
    for item in node.children:
        for at, child in enumerate(item.children):
            _block(document, child, style=name if at == 0 else style)


def _quote(document: WordDocument, node: SyntaxTreeNode, _style: str | None) -> None:
    for child in node.children:
        _block(document, child, style="Intense Quote")


def _code(document: WordDocument, node: SyntaxTreeNode, _style: str | None) -> None:
    run = document.add_paragraph().add_run(node.content.rstrip("\n"))
    run.font.name = "Consolas"


def _rule(document: WordDocument, _node: SyntaxTreeNode, _style: str | None) -> None:
    document.add_paragraph("* * *").alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(document: WordDocument, node: SyntaxTreeNode, _style: str | None) -> None:
    rows = [row for part in node.children for row in part.children]
    width = max(len(row.children) for row in rows)
    table = document.add_table(rows=len(rows), cols=width, style="Light Grid Accent 1")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row.children):
            _inline(table.cell(at, place).paragraphs[0], cell)
    document.add_paragraph()


def _plain(document: WordDocument, node: SyntaxTreeNode, style: str | None) -> None:
    document.add_paragraph(node.content, style=style)


_BLOCKS: Final[Mapping[str, Callable[[WordDocument, SyntaxTreeNode, str | None], None]]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "hr": _rule,
    "table": _table,
}


def _inline(paragraph: Paragraph, node: SyntaxTreeNode) -> None:
    for child in node.children:
        for leaf, marks in _leaves(child, frozenset()):
            _run(paragraph, leaf, marks)


def _leaves(node: SyntaxTreeNode, marks: frozenset[str]) -> Iterator[tuple[SyntaxTreeNode, frozenset[str]]]:
    """The pieces of text of a line, each with the marks around it; a link's mark is its address."""
    if node.type == "link":
        marks |= {f"link:{node.attrs.get('href', '')}"}
    elif node.type in {"strong", "em", "s"}:
        marks |= {node.type}
    if node.children and node.type != "image":
        for child in node.children:
            yield from _leaves(child, marks)
    else:
        yield node, marks


def _run(paragraph: Paragraph, node: SyntaxTreeNode, marks: frozenset[str]) -> None:
    if node.type in {"softbreak", "hardbreak"}:
        run = paragraph.add_run(" " if node.type == "softbreak" else "")
        if node.type == "hardbreak":
            run.add_break()
        return
    text = f"[{node.content}]" if node.type == "image" else node.content
    for at, line in enumerate(_BREAK.split(text)):  # our tables break the lines of a cell so
        run = paragraph.add_run(line)
        if at:
            run._r.insert(0, OxmlElement("w:br"))  # noqa: SLF001 - the library has no public way to break before a text
        run.bold = "strong" in marks or None
        run.italic = "em" in marks or None
        run.font.strike = "s" in marks or None
        if node.type == "code_inline":
            run.font.name = "Consolas"
        if href := _href(marks):
            _link(paragraph, run, href)


def _href(marks: frozenset[str]) -> str | None:
    href = next((mark.removeprefix("link:") for mark in marks if mark.startswith("link:")), "")
    try:
        return href if urlsplit(href).scheme.lower() in _LINKS else None
    except ValueError:
        return None


def _link(paragraph: Paragraph, run: Any, href: str) -> None:  # noqa: ANN401 - the library's run
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    paragraph._p.append(link)  # noqa: SLF001 - the library has no public way to make a link
    link.append(run._r)  # noqa: SLF001 - likewise
    run.underline = True


def _depth(node: SyntaxTreeNode) -> int:
    parent, depth = node.parent, 1
    while parent is not None:
        depth += parent.type in _LISTS
        parent = parent.parent
    return depth


def _without_times(content: bytes) -> bytes:
    """The archive with every entry dated 1980, the earliest that a .zip knows."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        entries: Sequence[zipfile.ZipInfo] = source.infolist()
        for entry in entries:
            made.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), source.read(entry))
    return target.getvalue()
