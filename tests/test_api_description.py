"""The OpenAPI description says all there is, and docs/http.md says the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from vm_webapp.api import problems, run_shapes, shapes
from vm_webapp.errors import AccessError, StageError, VmError
from vm_webapp.memory.embeddings import MeaningUnavailable
from vm_webapp.profiles.outputs import OUTPUT_TYPES

from api_client import Api, fresh_api
from fixed_writer import FixedWriter

api = fresh_api
COMMAND_LINE = ("vm_webapp.cli", "vm_webapp.api.server")
DOCS = Path(__file__).parents[1] / "docs" / "http.md"
PARAMETERS = re.compile(r"\{[^}]+\}")


API = Path(problems.__file__).parent
ANSWERED = re.compile(r'problem\(\s*\d+, "([a-z_]+)"')
WORDS_BESIDE_CODES = {"reject"}
NEVER_ANSWERED = {VmError, AccessError, StageError, MeaningUnavailable}
"""The roots of the tree, and what is told in a run or beside a search's results."""
SHAPES = {
    "brand": "BrandShape",
    "rule": "RuleShape",
    "breach": "BreachShape",
    "token": "TokenShape",
    "project": "ProjectShape",
    "thread": "ThreadShape",
    "comment": "CommentShape",
    "erasure": "ErasureShape",
    "task": "TaskShape",
    "item": "ItemShape",
    "run row": "RunRowShape",
    "stage": "StageShape",
    "gate": "GateShape",
    "attempt": "AttemptShape",
    "webhook": "WebhookShape",
    "attempt at a webhook": "WebhookAttemptShape",
    "deliverable": "DeliverableShape",
}


def answered_errors(root: type[VmError] = VmError) -> Iterator[type[VmError]]:
    """Every error of ours that a request can be answered with; those of the command line cannot."""
    ours = root.__module__.startswith("vm_webapp.") and not root.__module__.startswith(COMMAND_LINE)
    if ours and root not in NEVER_ANSWERED:
        yield root
    for error in root.__subclasses__():
        yield from answered_errors(error)


@pytest.fixture
def schema(api: Api) -> dict[str, Any]:
    """The description."""
    described: dict[str, Any] = api.read("/api/v2/openapi.json")
    return described


def operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_is_described_in_full(schema: dict[str, Any]) -> None:
    """A tag, an id, a summary, an answer with a schema, and all refusals as problems."""
    seen: set[str] = set()
    for (method, path), operation in operations(schema).items():
        where = f"{method} {path}"
        assert operation["tags"], where
        assert operation["summary"], where
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        answers = operation["responses"]
        assert all("schema" in content for content in answers["200"]["content"].values()), where
        refusals = {status: answer for status, answer in answers.items() if int(status) >= 400}
        assert {"421", "500", "503"} <= set(refusals), where
        if method != "GET":
            assert {"400", "403", "409", "413", "415", "422"} <= set(refusals), where
        assert {name for answer in refusals.values() for name in answer["content"]} == {"application/problem+json"}
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_references_lead_somewhere(schema: dict[str, Any]) -> None:
    """Every $ref of the description is among its components."""
    names = {name.rpartition("/")[2] for name in re.findall(r"'\$ref': '([^']+)'", str(schema))}
    assert names <= set(schema["components"]["schemas"])


def test_the_table_in_the_docs_has_every_operation(schema: dict[str, Any]) -> None:
    """docs/http.md and the code name the same methods and paths."""
    documented = set(_documented(DOCS.read_text(encoding="utf-8")))
    described = {(method, PARAMETERS.sub("{}", path)) for method, path in operations(schema)}
    assert documented == described


def test_the_codes_in_the_docs_are_those_that_are_answered() -> None:
    """docs/http.md names each code of a problem under its status, and no other."""
    told = {
        code
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| [45]\d\d", line)
        for code in re.findall(r"`([a-z]+(?:_[a-z]+)*)`", line)
    } - WORDS_BESIDE_CODES
    literal = {code for path in API.glob("*.py") for code in ANSWERED.findall(path.read_text(encoding="utf-8"))}
    framework = {problems.PHRASES[status].lower().replace(" ", "_") for status in (404, 405, 413, 415)}
    assert told == literal | framework | {error.code for error in answered_errors()}


@pytest.mark.parametrize(("noun", "name"), SHAPES.items())
def test_the_shapes_in_the_docs_have_every_field(schema: dict[str, Any], noun: str, name: str) -> None:
    """docs/http.md names each field of what is answered."""
    (told,) = re.findall(
        rf"^- {noun}(?: \(.*?\))?: (.*?)(?=^- |^## )", DOCS.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    fields = schema["components"]["schemas"][name]["properties"]
    assert [field for field in fields if not re.search(rf"\b{field}\b", told)] == []


def test_no_route_is_hidden_but_the_page(api: Api, schema: dict[str, Any]) -> None:
    """What is routed under /api is described, HEAD of files and the description itself aside."""
    routed = {
        (method, str(route.path))
        for route in iter_route_contexts(api.app.routes)
        for method in route.methods or ()
        if str(route.path).startswith("/api/") and method != "HEAD"
    }
    assert routed - set(operations(schema)) == {("GET", "/api/v2/openapi.json")}


def test_answers_have_the_shapes_that_are_described(api: Api, writer: FixedWriter) -> None:
    """Each record has exactly the members of its shape, all the way down."""

    def refuse(_work: object, _cancellation: object) -> None:
        raise StageError("refused", "No.", retryable=False)

    thread_id = api.thread()
    thread = api.read(f"/api/v2/threads/{thread_id}")
    run = api.run(thread_id)
    writer.on("positioning", refuse)
    failed = api.run(thread_id)
    again = api.make(f"/api/v2/workflow-runs/{failed['run_id']}/retry")
    comment = api.make(f"/api/v2/threads/{thread_id}/comments", {"text": "x"})
    task = api.make(f"/api/v2/threads/{thread_id}/tasks", {"title": "x"})
    checked: list[tuple[type[BaseModel], dict[str, Any]]] = [
        (shapes.BrandShape, api.read(f"/api/v2/brands/{thread['brand_id']}")),
        (shapes.ProjectShape, api.read(f"/api/v2/projects/{thread['project_id']}")),
        (shapes.ThreadShape, thread),
        (shapes.CommentShape, comment),
        (shapes.TaskShape, task),
        *((run_shapes.RunShape, record) for record in (run, failed, again)),
        (run_shapes.RunsShape, api.read("/api/v2/workflow-runs")),
        (shapes.TimelineShape, api.read(f"/api/v2/threads/{thread_id}/timeline?limit=200")),
        (shapes.ProfilesShape, api.read("/api/v2/profiles")),
        (shapes.SchemasShape, api.read("/api/v2/schemas")),
        (shapes.HealthShape, api.read("/api/v1/health")),
    ]
    for shape, answer in checked:
        _check(shape, answer)
    manifests = api.read(f"/api/v2/workflow-runs/{again['run_id']}/artifacts")["stages"]
    for manifest in manifests:
        run_shapes.ManifestShape.model_validate(manifest)


def test_each_kind_of_stage_has_a_schema(api: Api) -> None:
    """The list leads to JSON Schemas of the dialect 2020-12."""
    rows = api.read("/api/v2/schemas")["schemas"]
    assert [row["kind"] for row in rows] == list(OUTPUT_TYPES)
    for row in rows:
        answer = api.get(row["href"])
        assert answer.headers["Content-Type"] == "application/schema+json"
        assert answer.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert api.get("/api/v2/schemas/nope").status_code == 404


def test_profiles_are_listed_with_what_is_wrong_with_others(api: Api) -> None:
    """The default first, the workspace's own among them; a broken file is named and not listed."""
    (api.app.state.workspace.profiles / "broken.yaml").write_text("title: 3\n")
    answer = api.read("/api/v2/profiles")
    first = answer["profiles"][0]
    assert (first["mode"], first["default"], first["source"]) == ("plan_90d", True, "built-in")
    assert {"gated": "workspace"}.items() <= {row["mode"]: row["source"] for row in answer["profiles"]}.items()
    assert "broken" not in {row["mode"] for row in answer["profiles"]}
    assert any("broken.yaml" in problem for problem in answer["problems"])


def _check(shape: type[BaseModel], answer: dict[str, Any]) -> None:
    """Valid, and nothing is left over when it is written back."""
    assert shape.model_validate(answer).model_dump(mode="json", by_alias=True) == answer


def _documented(text: str) -> list[tuple[str, str]]:
    """Methods and paths of the table's first column; `, /x` stands for a path with another ending."""
    found: list[tuple[str, str]] = []
    for row in re.findall(r"^\| ((?:GET|POST|PATCH|DELETE)[^|]*) \|", text, re.MULTILINE):
        methods, _, places = row.partition(" /")
        first, *others = (f"/{place.lstrip('/')}" for place in places.partition("?")[0].split(", "))
        paths = [first, *(other if other.startswith("/api") else first.rpartition("/")[0] + other for other in others)]
        found += [(method, PARAMETERS.sub("{}", path)) for method in methods.split(", ") for path in paths]
    return found
