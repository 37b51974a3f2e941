"""A token of one brand: what is another's is answered like what does not exist, everywhere."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from access_client import Office, fresh_office, guarded
from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import GATED, Api, add_profile
from fixed_writer import FixedWriter

office = fresh_office
MARK = "Nightingale"
PARAMETER = re.compile(r"\{([^}]+)\}")
MISSING = {
    "brand_id": "b-0123456789abcdef",
    "project_id": "p-0123456789abcdef",
    "thread_id": "t-0123456789abcdef",
    "run_id": "r-0123456789abcdef",
    "task_id": "tsk-0123456789abcdef",
    "rule_id": "rul-0123456789abcdef",
    "token_id": "tok-0123456789abcdef",
    "webhook_id": "wh-0123456789abcdef",
}


@dataclass(frozen=True)
class Scene:
    """Two brands; `foreign` are the ids of what is in the other one, `operations` all of the API by method and path."""

    office: Office
    own_brand: str
    own_thread: str
    foreign: Mapping[str, str]
    operations: Mapping[tuple[str, str], Mapping[str, Any]]

    def insider(self, role: str = "admin") -> Api:
        """A client of the own brand."""
        return self.office.as_(role, self.own_brand)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One scene for all tests that leave it as it is."""
    settings = guarded(Settings(vm_workspace_root=tmp_path_factory.mktemp("brands") / "vm", vm_log_level="ERROR"))
    settings.vm_wait_seconds = 30
    add_profile(settings, "gated", GATED)
    app = create_app(settings, llm=FixedWriter())
    with TestClient(app):
        yield _furnish(Office(app))


def _furnish(office: Office) -> Scene:
    admin = office.as_("admin", name="Boss")
    own_brand, other = admin.brand("Aurora"), admin.brand(f"{MARK} Tea")
    own_thread = _thread(admin, own_brand, "Launch")
    thread_id = _thread(admin, other, f"{MARK} launch")
    admin.make(f"/api/v2/threads/{thread_id}/comments", {"text": f"{MARK} says"})
    task = admin.make(f"/api/v2/threads/{thread_id}/tasks", {"title": f"{MARK} to do"})
    run = admin.run(thread_id, f"{MARK} request")
    admin.run(thread_id, f"{MARK} gate", mode="gated")
    admin.run(own_thread, "Ours")
    rule = admin.make(f"/api/v2/brands/{other}/rules", {"text": f"{MARK} rule"})
    hook = admin.make("/api/v2/webhooks", {"url": "https://example.com/", "brand_id": other, "description": MARK})
    thread = admin.read(f"/api/v2/threads/{thread_id}")
    foreign = {
        "brand_id": other,
        "project_id": thread["project_id"],
        "thread_id": thread_id,
        "run_id": run["run_id"],
        "task_id": task["task_id"],
        "rule_id": rule["rule_id"],
        "token_id": office.token("viewer", other, name=f"{MARK} person")[0],
        "webhook_id": hook["webhook_id"],
        "stage_key": "brief",
        "name": run["stages"][0]["artifacts"][0]["path"].partition("/")[2],
        "mode": "plan_90d",
        "kind": "brief",
    }
    paths = admin.read("/api/v2/openapi.json")["paths"]
    operations = {(method.upper(), path): one for path, of in paths.items() for method, one in of.items()}
    return Scene(office, own_brand, own_thread, foreign, operations)


def _thread(api: Api, brand_id: str, title: str) -> str:
    project = api.project(brand_id)
    values = {"brand_id": brand_id, "project_id": project["project_id"], "title": title}
    return str(api.make("/api/v2/threads", values)["thread_id"])


def _named(path: str) -> set[str]:
    return set(PARAMETER.findall(path)) & set(MISSING)


def _put(path: str, ids: Mapping[str, str]) -> str:
    return PARAMETER.sub(lambda found: ids[found.group(1)], path)


def _unlike(answer: Response, ids: Mapping[str, str]) -> str:
    """The answer's text without the ids that were asked for: what is left has to be the same for both."""
    text = answer.text
    for name in MISSING:
        text = text.replace(ids[name], name)
    return text


def test_every_read_of_something_foreign_is_like_one_of_nothing(scene: Scene) -> None:
    """Each GET with an id in its path, files, archives and streams too: 404, the same body, the same headers."""
    api, missing = scene.insider("viewer"), {**scene.foreign, **MISSING}
    paths = [path for method, path in scene.operations if method == "GET" and _named(path)]
    assert len(paths) > 10
    for path in paths:
        if "token" in path or "webhook" in path:  # for admins; held apart in their own tests
            continue
        foreign, nothing = (api.get(_put(path, ids)) for ids in (scene.foreign, missing))
        assert (path, foreign.status_code, nothing.status_code) == (path, 404, 404)
        assert _unlike(foreign, scene.foreign) == _unlike(nothing, missing)
        assert sorted(foreign.headers) == sorted(nothing.headers)
        assert MARK not in foreign.text


def test_what_is_answered_is_what_anybody_gets_for_nothing(scene: Scene) -> None:
    """The answer is the one that a token of all brands gets for an id that does not exist."""
    insider, everywhere, missing = scene.insider("viewer"), scene.office.as_("viewer"), {**scene.foreign, **MISSING}
    for method, path in scene.operations:
        if method == "GET" and _named(path) and not path.endswith("/events"):
            foreign, nothing = insider.get(_put(path, scene.foreign)), everywhere.get(_put(path, missing))
            assert _unlike(foreign, scene.foreign) == _unlike(nothing, missing), path


def test_every_write_to_something_foreign_is_like_one_to_nothing(scene: Scene) -> None:
    """Each write with an id in its path, by an admin of another brand: 404, and the log has refusals alone."""
    api, missing = scene.insider(), {**scene.foreign, **MISSING}
    before = _position(scene)
    for method, path in scene.operations:
        if method == "GET" or not _named(path):
            continue
        foreign, nothing = (api.write(method, _put(path, ids), {}) for ids in (scene.foreign, missing))
        assert (path, foreign.status_code, nothing.status_code) == (path, 404, 404)
        assert _unlike(foreign, scene.foreign) == _unlike(nothing, missing)
    assert _types_since(scene, before) <= {"AccessRefused"}


def test_a_file_is_not_even_there_for_head(scene: Scene) -> None:
    """HEAD of a foreign file is 404, whatever conditions it carries."""
    path = _put("/api/v2/workflow-runs/{run_id}/artifacts/{stage_key}/{name}", scene.foreign)
    api = scene.insider("viewer")
    assert api.client.head(path).status_code == 404
    assert api.get(path, if_none_match="*").status_code == 404
    assert scene.office.as_("viewer").client.head(path).status_code == 200


def test_lists_have_what_is_ones_own_alone(scene: Scene) -> None:
    """Every list of the API, as it is and narrowed to something foreign, without a word of the other brand."""
    api = scene.insider()
    lists = [path for (method, path) in scene.operations if method == "GET" and not _named(path)]
    for path in lists:
        if path.endswith("/events"):
            continue
        url = _put(path, scene.foreign)
        asked = [url, *(f"{url}?{name}={scene.foreign[name]}&q={MARK}" for name in MISSING), f"{url}?q={MARK}"]
        for one in asked:
            text = api.get(one).text
            assert MARK not in text.replace(f"q={MARK}", ""), one
            found = [value for name, value in scene.foreign.items() if name in MISSING and f'"{value}"' in text]
            assert found == [], one
    names = {"brands": "brands", "projects": "projects", "threads": "threads", "workflow-runs": "runs"}
    for path, name in names.items():
        own, everything = (one.read(f"/api/v2/{path}")[name] for one in (api, scene.office.as_("viewer")))
        assert {row["brand_id"] for row in own} == {scene.own_brand}
        assert {row["brand_id"] for row in everything} == {scene.own_brand, scene.foreign["brand_id"]}


def test_pages_of_a_list_do_not_leave_the_brand(office: Office) -> None:
    """Cursors of interleaved brands lead through one's own rows, each once."""
    admin = office.as_("admin")
    own, other = admin.brand("Aurora"), admin.brand(MARK)
    for number in range(6):
        admin.make("/api/v2/projects", {"brand_id": (own, other)[number % 2], "name": f"{number}"})
    api, names, after = office.as_("viewer", own), [], ""
    while after is not None:
        page = api.read(f"/api/v2/projects?limit=1{after and f'&after={after}'}")
        names += [row["name"] for row in page["projects"]]
        after = page["next"]
    assert names == ["4", "2", "0"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v2/projects", {"brand_id": "{brand_id}", "name": "x"}),
        ("/api/v2/threads", {"brand_id": "{own}", "project_id": "{project_id}", "title": "x"}),
        ("/api/v2/threads", {"brand_id": "{brand_id}", "project_id": "{project_id}", "title": "x"}),
        ("/api/v2/threads/{thread}/comments", {"text": "x", "run_id": "{run_id}"}),
        ("/api/v2/threads/{thread}/comments", {"text": "x", "run_id": "{run_id}", "stage_key": "brief"}),
        ("/api/v2/threads/{thread}/tasks", {"title": "x", "run_id": "{run_id}"}),
        ("/api/v2/brands/{own}/rules", {"from_rejection": {"run_id": "{run_id}", "stage_key": "brief"}}),
        ("/api/v2/tokens", {"name": "Eve", "role": "viewer", "brand_id": "{brand_id}"}),
    ],
)
def test_an_id_in_a_body_is_looked_up_too(scene: Scene, path: str, body: dict[str, Any]) -> None:
    """404 as for an id that does not exist, however deep it stands, and nothing is recorded but the refusal."""
    api, own = scene.insider(), {"own": scene.own_brand, "thread": scene.own_thread}
    before = _position(scene)
    answers = [
        _unlike(api.post(path.format(**own), _filled(body, {**ids, **own})), ids)
        for ids in (scene.foreign, {**scene.foreign, **MISSING})
    ]
    assert answers[0] == answers[1]
    assert '"status": 404' in answers[0]
    assert _types_since(scene, before) <= {"AccessRefused"}


def _filled(value: Any, ids: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    return value.format(**ids)


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "", " "])
def test_an_odd_id_in_a_body_is_nothing(scene: Scene, odd: str) -> None:
    """What cannot be an id is refused, not a failure."""
    headers = {"Idempotency-Key": "odd", "Content-Type": "application/json"}
    content = json.dumps({"brand_id": odd, "name": "x"})
    answer = scene.insider().client.post("/api/v2/projects", content=content, headers=headers)
    assert 400 <= answer.status_code < 500


def test_an_id_of_ones_own_choice_would_tell_of_others(scene: Scene) -> None:
    """403 for both an id that is taken and one that is free; a token of all brands may choose."""
    api = scene.insider()
    for project_id in (scene.foreign["project_id"], "p-free"):
        answer = api.post("/api/v2/projects", {"brand_id": scene.own_brand, "name": "x", "project_id": project_id})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "leave project_id out" in answer.json()["detail"]
    project_id = api.read("/api/v2/projects")["projects"][0]["project_id"]
    values = {"brand_id": scene.own_brand, "project_id": project_id, "title": "x", "thread_id": "t-free"}
    assert api.post("/api/v2/threads", values).status_code == 403


def test_a_token_of_one_brand_makes_no_other_brand_and_no_token_of_all(scene: Scene) -> None:
    """403, whatever the role."""
    api = scene.insider()
    brand = api.post("/api/v2/brands", {"name": "Another"})
    token = api.post("/api/v2/tokens", {"name": "Eve", "role": "admin"})
    assert [brand.status_code, token.status_code] == [403, 403]
    assert brand.json()["detail"] == "A token of one brand cannot do this for others."


def test_an_admin_of_one_brand_has_its_tokens_alone(office: Office) -> None:
    """Makes, lists and revokes tokens of the brand; those of all brands and of others are not there."""
    own, other = office.brand("Aurora"), office.brand(MARK)
    theirs, everywhere = office.token("viewer", other)[0], office.token("viewer")[0]
    api = office.as_("admin", own)
    made = api.make("/api/v2/tokens", {"name": "Rui", "role": "viewer", "brand_id": own})
    assert {token["brand_id"] for token in api.read("/api/v2/tokens")["tokens"]} == {own}
    assert api.make(f"/api/v2/tokens/{made['token_id']}/revocation")["revoked_at"]
    for token_id in (theirs, everywhere):
        answer = api.post(f"/api/v2/tokens/{token_id}/revocation")
        assert (answer.status_code, answer.json()["detail"]) == (404, f"There is no token '{token_id}'.")


def test_the_own_brand_is_all_there(scene: Scene) -> None:
    """A token of one brand does the whole work in it, from the project to the file."""
    api = scene.office.as_("editor", scene.own_brand)
    project_id = api.make("/api/v2/projects", {"brand_id": scene.own_brand, "name": "Mine"})["project_id"]
    values = {"brand_id": scene.own_brand, "project_id": project_id, "title": "Mine"}
    thread_id = api.make("/api/v2/threads", values)["thread_id"]
    run = api.run(thread_id)
    api.make(f"/api/v2/threads/{thread_id}/comments", {"text": "Good.", "run_id": run["run_id"]})
    task = api.make(f"/api/v2/threads/{thread_id}/tasks", {"title": "Send it"})
    assert api.make(f"/api/v2/tasks/{task['task_id']}/completion")["status"] == "completed"
    assert api.get(f"/api/v2/workflow-runs/{run['run_id']}/download").status_code == 200
    events = api.read(f"/api/v2/threads/{thread_id}/timeline")["items"]
    assert {event["brand_id"] for event in events} == {scene.own_brand}


def test_a_guess_is_in_the_log(office: Office) -> None:
    """A refusal with the person, the operation and the reason; whether the guess was right does not change it."""
    own, other = office.brand("Aurora"), office.brand(MARK)
    api = office.as_("viewer", own, name="Mallory")
    for brand_id in (other, "b-nothing"):
        assert api.get(f"/api/v2/brands/{brand_id}").status_code == 404
    expected = {"reason": "brand", "operation": "getBrand", "name": "Mallory"}
    assert office.refusals() == [expected, expected]


def _position(scene: Scene) -> int:
    with scene.office.host.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT max(global_position) FROM events").scalar_one())


def _types_since(scene: Scene, position: int) -> set[str]:
    query = "SELECT event_type FROM events WHERE global_position > ?"
    with scene.office.host.database.read() as connection:
        return {name for (name,) in connection.exec_driver_sql(query, (position,))}
