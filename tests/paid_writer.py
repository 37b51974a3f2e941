"""A hand-written fake of a language model's writer: fixed text that costs money, and talks to its attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.writers import Attempt, CallEstimate, CallUsage, StageDraft, StageWork

from fixed_writer import FixedWriter


class PaidWriter(FixedWriter):
    """Reserves `estimate` dollars before each stage and spends `cost`; None is an unknown price."""

    name = "fake:paid"
    recalls = True

    def __init__(self, *, estimate: str | None = "0.20", cost: str | None = "0.15") -> None:
        super().__init__()
        self.estimate = None if estimate is None else Decimal(estimate)
        self.cost = None if cost is None else Decimal(cost)
        self.works: list[StageWork] = []

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text, told while it is written and paid for."""
        self.works.append(work)
        attempt.reserve(CallEstimate(model="paid", input_tokens=100, output_tokens=400, cost_usd=self.estimate))
        attempt.tell(f"{work.stage.title}: half a")
        draft = super().write(work, attempt)
        attempt.spent(CallUsage(model="paid", input_tokens=90, output_tokens=210, cost_usd=self.cost))
        return draft


@contextmanager
def paid_host(settings: Settings, profile: str) -> Iterator[tuple[Host, PaidWriter]]:
    """A host whose writer costs money, with the profile `three`."""
    writer = PaidWriter()
    host = open_host(settings, llm=writer)
    host.workspace.profiles.mkdir(parents=True)
    (host.workspace.profiles / "three.yaml").write_text(profile)
    yield host, writer
    host.close()
