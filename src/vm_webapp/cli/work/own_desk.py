"""The desk of a workspace that this process owns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from vm_webapp import repo
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.work.desk import Record
from vm_webapp.commands import OWNER, Command, new_id
from vm_webapp.domain.brands import CreateBrand, RetireBrandRule, SetBrandBudget
from vm_webapp.domain.projects import CreateProject, SetProjectBudget, UpdateProject
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.host import Host
from vm_webapp.models import RunView
from vm_webapp.records import brand_record, project_record, rule_record, run_record, thread_record
from vm_webapp.rule_requests import new_rule

T = TypeVar("T")


class OwnDesk:
    """Hands requests to the host in this process."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def page_url(self) -> None:
        """No page is served here."""
        return

    def list_brands(self) -> Sequence[Record]:
        """All brands."""
        return self._read(lambda line: [brand_record(row) for row in repo.list_brands(line, limit=ALL)])

    def list_projects(self, brand_id: str | None = None) -> Sequence[Record]:
        """All projects, of one brand where named."""
        return self._read(
            lambda line: [project_record(row) for row in repo.list_projects(line, brand_id=brand_id, limit=ALL)]
        )

    def list_threads(self, project_id: str | None = None) -> Sequence[Record]:
        """All threads, of one project where named."""
        return self._read(
            lambda line: [thread_record(row) for row in repo.list_threads(line, project_id=project_id, limit=ALL)]
        )

    def list_run_ids(self) -> Sequence[str]:
        """The ids of all runs."""
        query = select(RunView.run_id).order_by(RunView.requested_position.desc())
        return self._read(lambda line: line.execute(query).scalars().all())

    def list_modes(self) -> Sequence[str]:
        """The modes that can be run."""
        return [profile.mode for profile in self._host.profiles.list_profiles()]

    def create_brand(self, name: str) -> Record:
        """Make a brand."""
        brand_id = new_id("b")
        self._handle(CreateBrand(brand_id=brand_id, name=name))
        return self._read(lambda line: brand_record(repo.get_brand(line, brand_id)))

    def set_brand_budget(self, brand_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a brand."""
        self._handle(SetBrandBudget(brand_id=brand_id, limit_usd=limit_usd))
        return self._read(lambda line: brand_record(repo.get_brand(line, brand_id)))

    def set_project_budget(self, project_id: str, limit_usd: str | None) -> Record:
        """Limit what is spent for a project."""
        self._handle(SetProjectBudget(project_id=project_id, limit_usd=limit_usd))
        return self._read(lambda line: project_record(repo.get_project(line, project_id)))

    def list_rules(self, brand_id: str) -> Sequence[Record]:
        """All rules of a brand."""
        return self._read(lambda line: [rule_record(row) for row in repo.list_rules(line, brand_id, limit=ALL)])

    def add_rule(self, brand_id: str, rule: Record) -> Record:
        """Add a rule."""
        given = {name: rule.get(name) for name in ("text", "check", "from_rejection")}
        command = self._read(lambda line: new_rule(line, brand_id=brand_id, **given))
        self._handle(command)
        return self._read(lambda line: rule_record(repo.get_rule(line, command.rule_id)))

    def retire_rule(self, brand_id: str, rule_id: str) -> Record:
        """Demand a rule no longer."""
        self._handle(RetireBrandRule(brand_id=brand_id, rule_id=rule_id))
        return self._read(lambda line: rule_record(repo.get_rule(line, rule_id)))

    def create_project(self, brand_id: str, name: str, facts: Record) -> Record:
        """Make a project."""
        project_id = new_id("p")
        self._handle(CreateProject(project_id=project_id, brand_id=brand_id, name=name, **_as_tuples(facts)))
        return self._read(lambda line: project_record(repo.get_project(line, project_id)))

    def update_project(self, project_id: str, facts: Record) -> Record:
        """Change a project."""
        self._handle(UpdateProject(project_id=project_id, **_as_tuples(facts)))
        return self._read(lambda line: project_record(repo.get_project(line, project_id)))

    def create_thread(self, brand_id: str, project_id: str, title: str) -> Record:
        """Make a thread."""
        thread_id = new_id("t")
        self._handle(CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title=title))
        return self._read(lambda line: thread_record(repo.get_thread(line, thread_id)))

    def request_run(self, thread_id: str, request_text: str, mode: str) -> str:
        """Ask for a run."""
        requests = self._host.requests
        command = requests.new(thread_id=thread_id, request_text=request_text, mode=mode, by=OWNER)
        self._handle(command)
        return command.run_id

    def retry(self, run_id: str) -> str:
        """Ask for a run that goes on where this one stopped."""
        command = self._host.requests.retry(run_id, by=OWNER)
        self._handle(command)
        return command.run_id

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        self._handle(RequestCancel(run_id=run_id))

    def get_run(self, run_id: str) -> Record:
        """The run as it is now."""
        return self._read(lambda line: run_record(repo.get_run(line, run_id)))

    def wait(self, seconds: float) -> None:
        """Return at the next commit; one that came since the last look costs `seconds` at the most."""
        self._host.database.committed.wait(self._host.database.committed.count, seconds)

    def close(self) -> None:
        """Stop the host: open runs are left where they are."""
        self._host.close()

    def _handle(self, command: Command) -> None:
        self._host.commands.handle(command, by=OWNER)

    def _read(self, look: Callable[[Connection], T]) -> T:
        with self._host.database.read() as connection:
            return look(connection)


def _as_tuples(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with tuples for lists, as commands have them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
