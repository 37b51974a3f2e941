"""The port `Desk`: where work is asked for; this process's own workspace, or the server that owns it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vm_webapp.run_requests import Change, Choices

Record = Mapping[str, Any]


class Desk(Protocol):
    """Takes requests for one workspace; records have the shapes of docs/http.md, lists are newest first."""

    @property
    def page_url(self) -> str | None:
        """Where the page is served; None where it is not."""

    def list_brands(self) -> Sequence[Record]:
        """All brands."""

    def list_projects(self, brand_id: str | None = None) -> Sequence[Record]:
        """All projects, of one brand where named."""

    def list_threads(self, project_id: str | None = None) -> Sequence[Record]:
        """All threads, of one project where named."""

    def list_run_ids(self) -> Sequence[str]:
        """The ids of all runs."""

    def list_modes(self) -> Sequence[str]:
        """The modes that can be run."""

    def check_writer(self, name: str) -> None:
        """Refuse a writer that cannot be had (UnknownWriter); an empty name is the usual one."""

    def create_brand(self, name: str) -> Record:
        """Make a brand."""

    def set_brand_budget(self, brand_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a brand; None is no limit."""

    def set_project_budget(self, project_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a project; likewise."""

    def list_rules(self, brand_id: str) -> Sequence[Record]:
        """All rules of a brand."""

    def add_rule(self, brand_id: str, rule: Record) -> Record:
        """Add a rule; `rule` is any of text, check and from_rejection."""

    def retire_rule(self, brand_id: str, rule_id: str) -> Record:
        """Demand a rule no longer."""

    def create_project(self, brand_id: str, name: str, facts: Record) -> Record:
        """Make a project; `facts` are any of objective, channels and due_on."""

    def update_project(self, project_id: str, facts: Record) -> Record:
        """Change a project; likewise."""

    def create_thread(self, brand_id: str, project_id: str, title: str) -> Record:
        """Make a thread."""

    def request_run(self, thread_id: str, request_text: str, mode: str, choices: Choices) -> str:
        """Ask for a run; returns its id at once."""

    def retry(self, run_id: str) -> str:
        """Ask for a run that goes on where this one stopped; returns its id at once."""

    def fork(self, run_id: str, stage_key: str | None, change: Change) -> str:
        """Ask for a run that begins again at a stage of this one, with something changed; likewise."""

    def revise(self, run_id: str, stage_key: str | None, feedback: str | None) -> str:
        """Ask for a run in which a stage is revised: the rejected one, with its reason, where None; likewise."""

    def edit(self, run_id: str, stage_key: str, text: str) -> str:
        """Ask for a run in which the text stands in the stage's place; likewise."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; RunSettled or a refusal where it is final."""

    def resume(self, run_id: str) -> None:
        """Let a run that waits for its next attempt go on now; likewise."""

    def approve(self, run_id: str, stage_key: str, *, manifest_sha256: str, comment: str) -> None:
        """Say yes to exactly those bytes; Conflict where the stage does not wait or holds others."""

    def reject(self, run_id: str, stage_key: str, *, manifest_sha256: str, reason: str) -> None:
        """Say no to exactly those bytes; likewise."""

    def add_comment(self, thread_id: str, text: str, *, run_id: str | None, stage_key: str | None) -> Record:
        """Say something in a thread, on a run or a stage of it where named."""

    def complete_task(self, task_id: str) -> Record:
        """Tick a task off."""

    def create_token(self, name: str, *, role: str, brand_id: str | None, expires_days: int | None) -> Record:
        """Make a token; the record has its secret, this once."""

    def list_tokens(self) -> Sequence[Record]:
        """All tokens."""

    def revoke_token(self, token_id: str) -> Record:
        """Let nobody in with the token any more."""

    def create_webhook(self, facts: Record) -> Record:
        """Make a webhook; `facts` are url, event_types, brand_id and description. The record has its secret, once."""

    def update_webhook(self, webhook_id: str, facts: Record) -> Record:
        """Change a webhook; `facts` are any of url, event_types, description and enabled."""

    def test_webhook(self, webhook_id: str) -> Record:
        """Send a test message now; the try."""

    def redeliver_webhook(self, webhook_id: str, asked: Record) -> Record:
        """Have the event at `position`, or all `after` one, sent again."""

    def rotate_webhook_secret(self, webhook_id: str) -> Record:
        """Sign with a new secret. The record has it, once."""

    def delete_webhook(self, webhook_id: str) -> Record:
        """Remove a webhook."""

    def import_bundle(
        self, content: bytes, *, brand: str | None, project: str | None, thread: str | None, key: str | None
    ) -> Record:
        """Bring the run of a bundle in; `key` is the verifier key that has to have signed it, where one is named."""

    def erase(self, thread_id: str, *, reason: str, run_id: str | None = None, comment_id: str | None = None) -> Record:
        """Erase a run or a comment of a thread, or all of it, for good; a refusal where runs are still at work."""

    def get_run(self, run_id: str) -> Record:
        """The run with its stages, as it is now."""

    def wait(self, seconds: float) -> None:
        """Return when something may have changed, or when the time has passed."""

    def close(self) -> None:
        """Be done with it."""
