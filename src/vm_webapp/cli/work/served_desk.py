"""The desk of a workspace that a server owns: the same requests, over HTTP (docs/http.md)."""

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import uuid_utils.compat

from vm_webapp.cli.work.desk import Record
from vm_webapp.errors import Conflict, Invalid, NotFound, VmError, WorkspaceError
from vm_webapp.run_requests import Change, Choices

_API: Final = "/api/v2"
_PAGE: Final = 200
_ATTEMPTS: Final = 4
_LOOK_AGAIN_SECONDS: Final = 0.25
_TIMEOUT_SECONDS: Final = 30.0
_UNAUTHORIZED: Final = 401
_SHOW_ONE: Final = "Set VM_TOKEN to a token that an admin made for you, or use --token."
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Unreachable(WorkspaceError):
    """The server at {url} does not answer: {problem}."""

    remedy = "See whether it still runs; what it has accepted goes on, there or at its next start."


def refusal(status: int, problem: Record) -> VmError:
    """The server's problem (RFC 9457) as the error that it was there."""
    kinds: dict[int, type[VmError]] = {404: NotFound, 409: Conflict, 422: Invalid, 400: Invalid, 503: WorkspaceError}
    base = kinds.get(status, VmError)

    class Refused(base):  # type: ignore[valid-type,misc]  # the class depends on the status
        code = str(problem.get("code", base.code))
        hint = _SHOW_ONE if status == _UNAUTHORIZED else str(problem.get("hint", ""))

    return Refused(str(problem.get("detail") or problem.get("title") or f"The server answered {status}."))


def find_server(owner: Record, *, token: str | None = None) -> "ServedDesk | None":
    """The desk of the server that the owner (of `read_owner`) says it is, if it lives and answers on this machine.

    `token` is shown to it with every request.
    """
    url = owner.get("url")
    if not isinstance(url, str) or urlsplit(url).hostname not in _LOOPBACK or not _lives(owner.get("pid")):
        return None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    client = httpx2.Client(base_url=url, trust_env=False, timeout=_TIMEOUT_SECONDS, headers=headers)
    try:
        healthy = bool(client.get("/api/v1/health").json()["ok"])
    except (httpx2.HTTPError, ValueError, KeyError, TypeError):
        healthy = False
    if healthy:
        return ServedDesk(client)
    client.close()
    return None


def _lives(process_id: object) -> bool:
    """Whether there is such a process; what a stopped server said of itself stays, and its port may be another's."""
    if not isinstance(process_id, int) or os.name == "nt":
        return isinstance(process_id, int)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class ServedDesk:
    """Hands requests to a server; each write has a key, so that it can be sent again when an answer is lost."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    @property
    def page_url(self) -> str:
        """Where the page is served."""
        return str(self._client.base_url).rstrip("/")

    def list_brands(self) -> Sequence[Record]:
        """All brands."""
        return list(self._all("/brands", "brands"))

    def list_projects(self, brand_id: str | None = None) -> Sequence[Record]:
        """All projects, of one brand where named."""
        return list(self._all("/projects", "projects", brand_id=brand_id))

    def list_threads(self, project_id: str | None = None) -> Sequence[Record]:
        """All threads, of one project where named."""
        return list(self._all("/threads", "threads", project_id=project_id))

    def list_run_ids(self) -> Sequence[str]:
        """The ids of all runs."""
        return [run["run_id"] for run in self._all("/workflow-runs", "runs")]

    def list_modes(self) -> Sequence[str]:
        """The modes that can be run."""
        return [profile["mode"] for profile in self._get("/profiles")["profiles"]]

    def check_writer(self, name: str) -> None:
        """Refuse a writer that cannot be had."""
        if name:
            self._get("/writers", name=name)

    def create_brand(self, name: str) -> Record:
        """Make a brand."""
        return self._write("POST", "/brands", {"name": name})

    def set_brand_budget(self, brand_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a brand."""
        return self._write("POST", f"/brands/{brand_id}/budget", {"limit_usd": limit_usd})

    def set_project_budget(self, project_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a project."""
        return self._write("POST", f"/projects/{project_id}/budget", {"limit_usd": limit_usd})

    def list_rules(self, brand_id: str) -> Sequence[Record]:
        """All rules of a brand."""
        return list(self._all(f"/brands/{brand_id}/rules", "rules"))

    def add_rule(self, brand_id: str, rule: Record) -> Record:
        """Add a rule."""
        return self._write("POST", f"/brands/{brand_id}/rules", rule)

    def retire_rule(self, brand_id: str, rule_id: str) -> Record:
        """Demand a rule no longer."""
        return self._write("POST", f"/brands/{brand_id}/rules/{rule_id}/retirement", {})

    def create_project(self, brand_id: str, name: str, facts: Record) -> Record:
        """Make a project."""
        return self._write("POST", "/projects", {"brand_id": brand_id, "name": name, **facts})

    def update_project(self, project_id: str, facts: Record) -> Record:
        """Change a project."""
        return self._write("PATCH", f"/projects/{project_id}", facts)

    def create_thread(self, brand_id: str, project_id: str, title: str) -> Record:
        """Make a thread."""
        return self._write("POST", "/threads", {"brand_id": brand_id, "project_id": project_id, "title": title})

    def request_run(self, thread_id: str, request_text: str, mode: str, choices: Choices) -> str:
        """Ask for a run; the server is told not to wait for it."""
        chosen = {"writer": choices.writer or None, "budget_usd": choices.budget_usd, "on_busy": choices.on_busy}
        body = {"request_text": request_text, "mode": mode, **_said(chosen)}
        return str(self._write("POST", f"/threads/{thread_id}/workflow-runs", body)["run_id"])

    def retry(self, run_id: str) -> str:
        """Ask for a run that goes on where this one stopped."""
        return self._begin(run_id, "retry", {})

    def fork(self, run_id: str, stage_key: str | None, change: Change) -> str:
        """Ask for a run that begins again at a stage of this one."""
        names = ("request_text", "mode", "writer", "budget_usd", "feedback", "on_busy")
        body = {"stage_key": stage_key, **{name: getattr(change, name) for name in names}}
        return self._begin(run_id, "fork", _said(body))

    def revise(self, run_id: str, stage_key: str | None, feedback: str | None) -> str:
        """Ask for a run in which a stage is revised."""
        return self._begin(run_id, "revision", _said({"stage_key": stage_key, "feedback": feedback}))

    def edit(self, run_id: str, stage_key: str, text: str) -> str:
        """Ask for a run in which the text stands in the stage's place."""
        return self._begin(run_id, f"stages/{stage_key}/edit", {"text": text})

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        self._write("POST", f"/workflow-runs/{run_id}/cancellation", {})

    def resume(self, run_id: str) -> None:
        """Let a run go on now."""
        self._write("POST", f"/workflow-runs/{run_id}/resumption", {})

    def approve(self, run_id: str, stage_key: str, *, manifest_sha256: str, comment: str) -> None:
        """Say yes to exactly those bytes."""
        body = {"manifest_sha256": manifest_sha256, "comment": comment}
        self._write("POST", f"/workflow-runs/{run_id}/stages/{stage_key}/approval", body)

    def reject(self, run_id: str, stage_key: str, *, manifest_sha256: str, reason: str) -> None:
        """Say no to exactly those bytes."""
        body = {"manifest_sha256": manifest_sha256, "reason": reason}
        self._write("POST", f"/workflow-runs/{run_id}/stages/{stage_key}/rejection", body)

    def add_comment(self, thread_id: str, text: str, *, run_id: str | None, stage_key: str | None) -> Record:
        """Say something in a thread."""
        body = {"text": text, **_said({"run_id": run_id, "stage_key": stage_key})}
        return self._write("POST", f"/threads/{thread_id}/comments", body)

    def complete_task(self, task_id: str) -> Record:
        """Tick a task off."""
        return self._write("POST", f"/tasks/{task_id}/completion", {})

    def create_token(self, name: str, *, role: str, brand_id: str | None, expires_days: int | None) -> Record:
        """Make a token."""
        body = {"name": name, "role": role, "brand_id": brand_id, "expires_days": expires_days}
        return self._write("POST", "/tokens", body)

    def list_tokens(self) -> Sequence[Record]:
        """All tokens."""
        return list(self._all("/tokens", "tokens"))

    def revoke_token(self, token_id: str) -> Record:
        """Let nobody in with it any more."""
        return self._write("POST", f"/tokens/{token_id}/revocation", {})

    def create_webhook(self, facts: Record) -> Record:
        """Make a webhook."""
        return self._write("POST", "/webhooks", facts)

    def update_webhook(self, webhook_id: str, facts: Record) -> Record:
        """Change a webhook."""
        return self._write("PATCH", f"/webhooks/{webhook_id}", facts)

    def test_webhook(self, webhook_id: str) -> Record:
        """Send a test message."""
        return self._write("POST", f"/webhooks/{webhook_id}/test", {})

    def redeliver_webhook(self, webhook_id: str, asked: Record) -> Record:
        """Have messages sent again."""
        return self._write("POST", f"/webhooks/{webhook_id}/redelivery", asked)

    def rotate_webhook_secret(self, webhook_id: str) -> Record:
        """Sign with a new secret."""
        return self._write("POST", f"/webhooks/{webhook_id}/secret", {})

    def delete_webhook(self, webhook_id: str) -> Record:
        """Remove a webhook."""
        return self._write("DELETE", f"/webhooks/{webhook_id}", {})

    def import_bundle(
        self, content: bytes, *, brand: str | None, project: str | None, thread: str | None, key: str | None
    ) -> Record:
        """Bring the run of a bundle in; the same one again changes nothing, so that it can be sent again."""
        asked = {"brand": brand, "project": project, "thread": thread, "key": key}
        params = {name: value for name, value in asked.items() if value is not None}
        headers = {"Content-Type": "application/zip"}
        return self._send("POST", "/imports", content=content, params=params, headers=headers)

    def erase(self, thread_id: str, *, reason: str, run_id: str | None = None, comment_id: str | None = None) -> Record:
        """Erase a run or a comment of a thread, or all of it, for good."""
        named = {"run_id": run_id, "comment_id": comment_id}
        body = {"reason": reason, **{name: value for name, value in named.items() if value is not None}}
        return self._write("POST", f"/threads/{thread_id}/erasures", body)

    def get_run(self, run_id: str) -> Record:
        """The run as it is now."""
        return self._get(f"/workflow-runs/{run_id}")

    def wait(self, seconds: float) -> None:
        """Return when the server may be asked again."""
        time.sleep(min(seconds, _LOOK_AGAIN_SECONDS))

    def close(self) -> None:
        """Be done with it; the server goes on."""
        self._client.close()

    def _begin(self, run_id: str, verb: str, body: Record) -> str:
        return str(self._write("POST", f"/workflow-runs/{run_id}/{verb}", body)["run_id"])

    def _all(self, path: str, name: str, **query: str | None) -> Iterator[Record]:
        """Every item of a list, page by page."""
        after: str | None = None
        while True:
            given = {"limit": _PAGE, "after": after, **query}
            page = self._get(path, **{key: value for key, value in given.items() if value is not None})
            yield from page[name]
            after = page["next"]
            if after is None:
                return

    def _get(self, path: str, **query: Any) -> Record:  # noqa: ANN401 - strings and numbers
        return self._send("GET", path, params=query)

    def _write(self, method: str, path: str, body: Record) -> Record:
        headers = {"Idempotency-Key": uuid_utils.compat.uuid7().hex, "Prefer": "respond-async"}
        return self._send(method, path, json=body, headers=headers)

    def _send(self, method: str, path: str, **values: Any) -> Record:  # noqa: ANN401 - those of httpx2
        """The answer's JSON; sent again a few times where none comes."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._client.request(method, f"{_API}{path}", **values)
                content = answer.json()
            except (httpx2.TransportError, ValueError) as error:
                if attempt == _ATTEMPTS:
                    problem = str(error) or type(error).__name__
                    raise Unreachable(url=self.page_url, problem=problem) from error
                time.sleep(_LOOK_AGAIN_SECONDS * attempt)
                continue
            if answer.is_error:
                raise refusal(answer.status_code, content)
            return dict(content)
        raise AssertionError  # the last attempt returns or raises


def _said(body: Record) -> dict[str, Any]:
    """The values that say something: what is left out stays as it is."""
    return {name: value for name, value in body.items() if value is not None}
