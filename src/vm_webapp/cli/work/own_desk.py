"""The desk of a workspace that this process owns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from vm_webapp import repo
from vm_webapp.access import keys
from vm_webapp.access.requests import token_request
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.cli.catalog import ALL
from vm_webapp.cli.work.desk import Record
from vm_webapp.commands import OWNER, Command, new_id
from vm_webapp.domain.access_tokens import RevokeToken
from vm_webapp.domain.brands import CreateBrand, RetireBrandRule, SetBrandBudget
from vm_webapp.domain.projects import CreateProject, SetProjectBudget, UpdateProject
from vm_webapp.domain.run_commands import GrantApproval, RejectApproval, RequestCancel, ResumeRun
from vm_webapp.domain.thread_messages import AddComment, CompleteTask, CreateThread, RequestRun
from vm_webapp.domain.webhooks import DeleteWebhook, RedeliverWebhook
from vm_webapp.erasures import requests as erasure_requests
from vm_webapp.host import Host
from vm_webapp.models import RunView
from vm_webapp.proof.notes import VerifierKey
from vm_webapp.records import (
    brand_record,
    comment_record,
    project_record,
    rule_record,
    run_record,
    task_record,
    thread_record,
    token_record,
)
from vm_webapp.rule_requests import new_rule
from vm_webapp.run_requests import Change, Choices
from vm_webapp.webhooks.requests import webhook_record

T = TypeVar("T")
_ROLE = "admin"
"""What may be done by whoever has the workspace itself in hand."""


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

    def check_writer(self, name: str) -> None:
        """Refuse a writer that cannot be had."""
        self._host.writers.check(name)

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

    def request_run(self, thread_id: str, request_text: str, mode: str, choices: Choices) -> str:
        """Ask for a run."""
        requests = self._host.requests
        command = requests.new(thread_id=thread_id, request_text=request_text, mode=mode, by=OWNER, choices=choices)
        return self._begin(command)

    def retry(self, run_id: str) -> str:
        """Ask for a run that goes on where this one stopped."""
        return self._begin(self._host.requests.retry(run_id, by=OWNER))

    def fork(self, run_id: str, stage_key: str | None, change: Change) -> str:
        """Ask for a run that begins again at a stage of this one."""
        return self._begin(self._host.requests.fork(run_id, stage_key=stage_key, change=change, by=OWNER))

    def revise(self, run_id: str, stage_key: str | None, feedback: str | None) -> str:
        """Ask for a run in which a stage is revised."""
        return self._begin(self._host.requests.revise(run_id, stage_key=stage_key, feedback=feedback, by=OWNER))

    def edit(self, run_id: str, stage_key: str, text: str) -> str:
        """Ask for a run in which the text stands in the stage's place."""
        return self._begin(self._host.requests.edit(run_id, stage_key, edit={"text": text}, by=OWNER))

    def cancel(self, run_id: str) -> None:
        """Ask a run to stop."""
        self._handle(RequestCancel(run_id=run_id))

    def resume(self, run_id: str) -> None:
        """Let a run go on now."""
        self._handle(ResumeRun(run_id=run_id))

    def approve(self, run_id: str, stage_key: str, *, manifest_sha256: str, comment: str) -> None:
        """Say yes to exactly those bytes."""
        said = {"manifest_sha256": manifest_sha256, "approver": OWNER.id, "role": _ROLE, "comment": comment}
        self._handle(GrantApproval(run_id=run_id, stage_key=stage_key, **said))

    def reject(self, run_id: str, stage_key: str, *, manifest_sha256: str, reason: str) -> None:
        """Say no to exactly those bytes."""
        said = {"manifest_sha256": manifest_sha256, "role": _ROLE, "reason": reason}
        self._handle(RejectApproval(run_id=run_id, stage_key=stage_key, **said))

    def add_comment(self, thread_id: str, text: str, *, run_id: str | None, stage_key: str | None) -> Record:
        """Say something in a thread."""
        comment_id = new_id("cmt")
        subject = {"run_id": run_id, "stage_key": stage_key}
        self._handle(AddComment(comment_id=comment_id, thread_id=thread_id, text=text, **subject))
        return self._read(lambda line: comment_record(repo.get_comment(line, comment_id)))

    def complete_task(self, task_id: str) -> Record:
        """Tick a task off."""
        task = self._read(lambda line: repo.get_task(line, task_id))
        self._handle(CompleteTask(task_id=task_id, thread_id=task["thread_id"]))
        return self._read(lambda line: task_record(repo.get_task(line, task_id)))

    def create_token(self, name: str, *, role: str, brand_id: str | None, expires_days: int | None) -> Record:
        """Make a token."""
        secret = keys.new_secret()
        command = token_request(
            token_id=new_id("tok"),
            secret=secret,
            name=name,
            role=role,
            brand_id=brand_id,
            expires_days=expires_days,
            created_by=OWNER.id,
            now=self._host.commands.clock(),
        )
        self._handle(command)
        return {**self._read(lambda line: token_record(repo.get_token(line, command.token_id))), "secret": secret}

    def list_tokens(self) -> Sequence[Record]:
        """All tokens."""
        return self._read(lambda line: [token_record(row) for row in repo.list_tokens(line, limit=ALL)])

    def revoke_token(self, token_id: str) -> Record:
        """Let nobody in with it any more."""
        self._handle(RevokeToken(token_id=token_id))
        return self._read(lambda line: token_record(repo.get_token(line, token_id)))

    def create_webhook(self, facts: Record) -> Record:
        """Make a webhook."""
        requests = self._host.webhook_requests
        command, secret = requests.new(**facts, created_by=OWNER.id)
        requests.keeping(command, lambda: self._handle(command))
        return {**self._read(lambda line: webhook_record(line, command.webhook_id)), "secret": secret}

    def update_webhook(self, webhook_id: str, facts: Record) -> Record:
        """Change a webhook."""
        requests = self._host.webhook_requests
        command = requests.change(webhook_id, facts)
        return self._handle_and(command, lambda line: requests.changed(line, webhook_id, facts))

    def test_webhook(self, webhook_id: str) -> Record:
        """Send a test message."""
        return self._host.webhook_requests.try_out(webhook_id)

    def redeliver_webhook(self, webhook_id: str, asked: Record) -> Record:
        """Have messages sent again; they go out while this process lives, the rest at the next start."""
        command = RedeliverWebhook(webhook_id=webhook_id, **asked)
        requests = self._host.webhook_requests
        done = self._handle_and(command, lambda line: requests.queued_again(line, webhook_id, **asked))
        self._host.webhooks.wake()
        return done

    def rotate_webhook_secret(self, webhook_id: str) -> Record:
        """Sign with a new secret."""
        requests = self._host.webhook_requests
        command, secret = requests.rotation(webhook_id)
        requests.keeping(command, lambda: self._handle(command))
        return {**self._read(lambda line: webhook_record(line, webhook_id)), "secret": secret}

    def delete_webhook(self, webhook_id: str) -> Record:
        """Remove a webhook."""
        requests = self._host.webhook_requests
        gone = self._handle_and(DeleteWebhook(webhook_id=webhook_id), lambda line: requests.removed(line, webhook_id))
        self._host.webhooks.secrets.forget(webhook_id)
        return gone

    def import_bundle(
        self, content: bytes, *, brand: str | None, project: str | None, thread: str | None, key: str | None
    ) -> Record:
        """Bring the run of a bundle in."""
        place = Place(brand=brand, project=project, thread=thread)
        keys = [VerifierKey.parse(key)] if key else []
        host = self._host
        return import_bundle(host.commands, host.workspace, content, place=place, by=OWNER, keys=keys).run

    def erase(self, thread_id: str, *, reason: str, run_id: str | None = None, comment_id: str | None = None) -> Record:
        """Erase a run or a comment of a thread, or all of it, for good."""
        subject = erasure_requests.subject_of(thread_id, run_id=run_id, comment_id=comment_id)
        command = erasure_requests.erase_request(subject, reason=reason)
        self._handle(command)
        self._host.erasures.catch_up()
        return self._read(lambda line: erasure_requests.get_erasure(line, thread_id, command.erasure_id))

    def get_run(self, run_id: str) -> Record:
        """The run as it is now."""
        return self._read(lambda line: run_record(repo.get_run(line, run_id)))

    def wait(self, seconds: float) -> None:
        """Return at the next commit; one that came since the last look costs `seconds` at the most."""
        self._host.database.committed.wait(self._host.database.committed.count, seconds)

    def close(self) -> None:
        """Stop the host: open runs are left where they are."""
        self._host.close()

    def _begin(self, command: RequestRun) -> str:
        self._handle(command)
        return command.run_id

    def _handle(self, command: Command) -> None:
        self._host.commands.handle(command, by=OWNER)

    def _handle_and(self, command: Command, look: Callable[[Connection], T]) -> T:
        """Handle the command, and do in the same transaction what belongs to it."""

        def job(line: Connection) -> T:
            self._host.commands.handle_in(line, command, OWNER)
            return look(line)

        return self._host.database.write(job)

    def _read(self, look: Callable[[Connection], T]) -> T:
        with self._host.database.read() as connection:
            return look(connection)


def _as_tuples(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with tuples for lists, as commands have them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
