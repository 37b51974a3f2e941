"""Deliverables as Word documents: the same words, nothing fetched, nothing executed, the digest in the footer."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from fastapi.testclient import TestClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vm_webapp.app import create_app
from vm_webapp.settings import Settings
from vm_webapp.word import MEDIA_TYPE, to_word

from api_client import Api

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
TEXT = """\
# Plan

A **bold** word, an *odd* one, a [link](https://example.org/a?b=1) and `code`.

- one
  - deeper
    - deepest
      - below
- [ ] a task

1. first
2. second

> said by somebody

| day | what |
|---|---|
| Mon | a<br>b |

```
let x = 1
```

---
"""


def words_of(content: bytes) -> list[str]:
    """The paragraphs and cells of a document."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs if paragraph.text] + cells


def test_every_kind_of_block_arrives() -> None:
    """Headings, marks, lists by depth, tasks, quotes, tables with broken lines, code, rules, links."""
    content = to_word(TEXT, title="Plan", footer="v1", made_at=AT)
    document = Document(io.BytesIO(content))
    styles = {each.text: each.style.name for each in document.paragraphs if each.style}
    assert styles["Plan"] == "Heading 1"
    assert [styles[text] for text in ("one", "deeper", "deepest", "below")] == [
        "List Bullet",
        "List Bullet 2",
        "List Bullet 3",
        "List Bullet 3",
    ]
    assert styles["first"] == "List Number"
    assert styles["[ ] a task"] == "List Bullet"
    assert styles["said by somebody"] == "Intense Quote"
    assert document.tables[0].cell(1, 1).text == "a\nb"
    assert "let x = 1" in styles
    assert document.sections[0].footer.paragraphs[0].text == "v1"
    assert "https://example.org/a?b=1" in _part(content, "word/_rels/document.xml.rels")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](file:///etc/passwd)",
        "![a picture](https://evil.example/track.png)",
        "&lt;w:p&gt;<w:p/>]]>",
        "a\x00b\x0bc\ufffe",
        "[x](http://[::1)",
    ],
)
def test_hostile_text_stays_text(hostile: str) -> None:
    """No script, no odd address, no fetched picture: whatever is written is read as words, or left out."""
    content = to_word(f"Before\n\n{hostile}\n\nAfter", title="t", footer="f", made_at=AT)
    found = words_of(content)
    assert (found[0], found[-1]) == ("Before", "After")
    relations = _part(content, "word/_rels/document.xml.rels")
    assert not any(word in relations for word in ("javascript", "file:", "evil.example"))


@settings(max_examples=40)
@example("Spring\uffff\x00")
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_makes_a_document_and_the_same_one_twice(text: str) -> None:
    """The bytes follow from the text alone, also where a title holds what no XML may."""
    first, second = (to_word(text, title=text, footer=text, made_at=AT) for _ in range(2))
    assert first == second
    assert Document(io.BytesIO(first)) is not None


def test_a_deliverable_is_had_as_a_word_document(settings: Settings) -> None:
    """`?as=docx` of Markdown answers with a document that names the digest; of other files it is refused."""
    with TestClient(create_app(settings)) as client:
        api = Api(client)
        run = api.run(api.thread())
        stages = {stage["stage_key"]: stage for stage in run["stages"]}
        base = f"/api/v2/workflow-runs/{run['run_id']}/artifacts"
        answer = client.get(f"{base}/plan/plan.md?as=docx")
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
        assert 'filename="plan.docx"' in answer.headers["content-disposition"]
        (item,) = (item for item in stages["plan"]["artifacts"] if item["path"] == "artifacts/plan.md")
        document = Document(io.BytesIO(answer.content))
        assert item["sha256"] in document.sections[0].footer.paragraphs[0].text
        csv = next(item for item in stages["calendar"]["artifacts"] if item["path"].endswith(".csv"))
        refused = client.get(f"{base}/calendar/{csv['path'].removeprefix('artifacts/')}?as=docx")
        assert refused.status_code == 422
        part = client.get(f"/api/v2/workflow-runs/{run['run_id']}/download?stage_key=brief")
        names = zipfile.ZipFile(io.BytesIO(part.content)).namelist()
        assert all(name == "run.json" or name.startswith("stages/01-brief/") for name in names)
        assert client.get(f"/api/v2/workflow-runs/{run['run_id']}/download?stage_key=nope").status_code == 404


def _part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()
