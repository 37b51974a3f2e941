"""The port `Desk`: where work is asked for; this process's own workspace, or the server that owns it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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

    def request_run(self, thread_id: str, request_text: str, mode: str) -> str:
        """Ask for a run; returns its id at once."""

    def retry(self, run_id: str) -> str:
        """Ask for a run that goes on where this one stopped; returns its id at once."""

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop; RunSettled or a refusal where it is final."""

    def get_run(self, run_id: str) -> Record:
        """The run with its stages, as it is now."""

    def wait(self, seconds: float) -> None:
        """Return when something may have changed, or when the time has passed."""

    def close(self) -> None:
        """Be done with it."""
