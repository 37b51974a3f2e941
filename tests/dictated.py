"""What the tests of recall share: a writer that writes what it is told, and a desk to dictate at."""

from collections.abc import Mapping
from typing import Any

from vm_webapp import repo
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.run_commands import GrantApproval
from vm_webapp.host import Host
from vm_webapp.memory import Filters, Found
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork

from api_client import add_profile

PLAIN = "title: Note\nstages:\n  - {key: note, title: Note, kind: brief}\n"
GATED = "title: Note\nstages:\n  - {key: note, title: Note, kind: brief, approval: required}\n"
PAIR = PLAIN + "  - {key: echo, title: Echo, kind: plan, needs: [note]}\n"


class DictatedWriter:
    """Writes the request as the stage's text; its first line is the title, `language` that of all texts."""

    name = "test:dictated"
    cooperative = True
    recalls = False

    def __init__(self) -> None:
        self.language = ""
        self.files: dict[str, tuple[str, str]] = {}
        self.sent: dict[str, Any] = {}
        self.prompt: dict[str, Any] | None = None

    def write(self, work: StageWork, _attempt: Attempt) -> StageDraft:
        """The text that was dictated, and the files beside it."""
        output = {"title": work.request_text.splitlines()[0], "language": self.language}
        texts = {f"{work.stage.key}.md": ("text/markdown", work.request_text), **self.files}
        files = tuple(
            DraftFile(name=name, kind=work.stage.kind, media_type=media_type, text=text)
            for name, (media_type, text) in texts.items()
        )
        return StageDraft(output=output, files=files, sent=self.sent, prompt=self.prompt)


class Desk:
    """Where texts are published and found again."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def publish(self, text: str, *, brand_id: str = "b-1", mode: str = "plain") -> str:
        """A run whose deliverable has this text, done as far as it goes; its id."""
        run = self.host.runtime.execute_thread_run(
            thread_id=new_id("t"),
            brand_id=brand_id,
            project_id="p-1",
            request_text=text,
            mode=mode,
            actor_id="ana",
        )
        self.settle()
        return str(run["run_id"])

    def grant(self, run_id: str) -> None:
        """A person approves the run's note."""
        self.host.commands.handle(
            GrantApproval(
                run_id=run_id,
                stage_key="note",
                manifest_sha256=self.stage(run_id)["manifest_sha256"],
                approver="bia",
                role="approver",
            ),
            by=OWNER,
        )
        self.settle()

    def settle(self) -> None:
        """Nothing is left to do, and everything is indexed."""
        self.host.orchestrator.catch_up()
        assert self.host.orchestrator.settle(60)
        self.host.recall.catch_up()

    def stage(self, run_id: str, key: str = "note") -> Mapping[str, Any]:
        """A stage of a run as the views have it."""
        with self.host.database.read() as connection:
            stage: Mapping[str, Any] = repo.get_run(connection, run_id)["stages"][key]
        return stage

    def search(self, text: str, **filters: Any) -> Found:  # noqa: ANN401 - those of Filters
        """What is found."""
        return self.host.memory.search(text, filters=Filters(**filters))

    def titles(self, text: str, **filters: Any) -> list[str]:  # noqa: ANN401 - those of Filters
        """The titles of what is found, by name."""
        return sorted(hit.facts["title"] for hit in self.search(text, **filters).hits)


def add_profiles(settings: Settings) -> None:
    """The profiles `plain`, `gated` and `pair`."""
    for mode, text in {"plain": PLAIN, "gated": GATED, "pair": PAIR}.items():
        add_profile(settings, mode, text)
