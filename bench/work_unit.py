"""W, the unit of work: a run of four stages in a row, each publishing 4 KiB of Markdown and 1 KiB of JSON.

It goes through the real program (events, views, manifests, files); only the text is fixed.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vm_webapp import repo
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.states import SETTLED
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork

MODE = "bench"
STAGES = ("first", "second", "third", "fourth")
MARKDOWN = ("# A deliverable\n\n" + "All that a reader needs to know stands here. " * 100)[:4095] + "\n"
REQUEST = "Launch the cold brew in the north, with four weeks of posts and a budget of 3000"
OUTPUT = {
    "title": "A deliverable",
    "language": "en",
    "written_by": "fixed",
    "kind": "document",
    "purpose": "To be measured.",
    "sections": [
        {"heading": "Findings", "guidance": "", "known": ["The request names a budget."], "to_write": ["The rest."]}
    ],
}
_SETTLE_SECONDS = 600.0


def data(kib: int = 1) -> str:
    """JSON of so many KiB."""
    return '{"rows": "' + "x" * (1024 * kib - 13) + '"}\n'


DATA = data()


class FixedTextWriter:
    """Writes the same text for every stage, at once, and so many KiB of data."""

    name = "fixed"
    cooperative = True
    recalls = False

    def __init__(self, *, data_kib: int = 1) -> None:
        self._data = data(data_kib)

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text; nothing is asked of the cancellation, for nothing takes time."""
        del attempt
        key = work.stage.key
        return StageDraft(
            output=OUTPUT,
            files=(
                DraftFile(name=f"{key}.md", kind=key, media_type="text/markdown", text=MARKDOWN),
                DraftFile(name=f"{key}.json", kind=f"{key}_data", media_type="application/json", text=self._data),
            ),
        )


def profile_yaml() -> str:
    """The profile of W: each stage needs the one before."""
    lines = ["title: Bench", "stages:"]
    for at, key in enumerate(STAGES):
        lines += [f"  - key: {key}", f"    title: {key.title()}", "    kind: document"]
        lines += [f"    needs: [{STAGES[at - 1]}]"] if at else []
        lines += ["    params: {sections: [{heading: Findings}]}"]
    return "\n".join(lines) + "\n"


def write_profile(root: Path) -> None:
    """Put the profile of W into the workspace at `root`."""
    folder = root / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MODE}.yaml").write_text(profile_yaml(), encoding="utf-8")


def open_workspace(root: Path, *, data_kib: int = 1) -> Host:
    """A running host on a workspace below `root`, with default settings and the profile of W; it logs trouble only.

    With `data_kib` each stage's JSON is that large, for W whose files are.
    """
    write_profile(root)
    settings = Settings(vm_workspace_root=root, vm_db_path=root / "workspace.sqlite3", vm_log_level="WARNING")
    return open_host(settings, llm=FixedTextWriter(data_kib=data_kib))


def make_threads(host: Host, count: int) -> list[str]:
    """A brand, a project and `count` threads; the threads' ids."""
    brand_id, project_id = new_id("b"), new_id("p")
    host.commands.handle(CreateBrand(brand_id=brand_id, name="Aurora"), by=OWNER)
    host.commands.handle(CreateProject(project_id=project_id, brand_id=brand_id, name="Spring"), by=OWNER)
    threads = [new_id("t") for _ in range(count)]
    for thread_id in threads:
        command = CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title="Launch")
        host.commands.handle(command, by=OWNER)
    return threads


def request(host: Host, thread_id: str) -> str:
    """Ask for one W in the thread; the run's id, as soon as the request is durable."""
    command = host.requests.new(thread_id=thread_id, request_text=REQUEST, mode=MODE, by=OWNER)
    host.commands.handle(command, by=OWNER)
    return command.run_id


def run_to_the_end(host: Host, threads: Sequence[str], runs: int) -> None:
    """Ask for `runs` W spread over the threads, a client for each, and return when all of them are settled."""
    with ThreadPoolExecutor(len(threads)) as clients:
        share = [runs // len(threads) + (at < runs % len(threads)) for at in range(len(threads))]
        list(
            clients.map(lambda item: [request(host, item[0]) for _ in range(item[1])], zip(threads, share, strict=True))
        )
    host.orchestrator.catch_up()
    host.orchestrator.settle(_SETTLE_SECONDS)


def run_and_read(host: Host, thread_id: str) -> str:
    """Ask for one W and return its status when it is settled and can be read."""
    run_id = request(host, thread_id)
    while True:
        seen = host.database.committed.count
        with host.database.read() as connection:
            status = str(repo.get_run(connection, run_id)["status"])
        if status in SETTLED:
            return status
        host.database.committed.wait(seen, 5.0)


def check_completed(host: Host, runs: int) -> None:
    """Raise unless exactly `runs` runs are completed and none is in another state."""
    with host.database.read() as connection:
        query = "SELECT status, count(*) FROM runs_view GROUP BY status"
        found = {str(status): int(count) for status, count in connection.exec_driver_sql(query)}
    if found != {"completed": runs}:
        msg = f"the workload went wrong: {found} instead of {runs} completed runs"
        raise RuntimeError(msg)
