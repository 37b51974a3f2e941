"""A hand-written fake of the port `Writer`: fixed text, and failures on demand."""

import threading
from collections import defaultdict
from collections.abc import Callable

from vm_webapp.writers import Attempt, DraftFile, StageDraft, StageWork

Behaviour = Callable[[StageWork, Attempt], None]


class FixedWriter:
    """Writes the same text for every stage; `on` gives a stage a behaviour to run first."""

    name = "fixed"
    cooperative = True
    recalls = False

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self._behaviours: dict[str, list[Behaviour]] = defaultdict(list)
        self._lock = threading.Lock()

    def on(self, stage_key: str, *behaviours: Behaviour) -> None:
        """The next attempts at the stage begin with these, one each."""
        self._behaviours[stage_key] += behaviours

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's fixed text."""
        key = work.stage.key
        with self._lock:
            self.calls.append((work.run_id, key, work.attempt))
            waiting = self._behaviours[key]
            behaviour = waiting.pop(0) if waiting else None
        if behaviour:
            behaviour(work, attempt)
        text = f"# {work.stage.title}\n\n{work.request_text}\n"
        return StageDraft(
            output={"title": work.stage.title, "reads": sorted(work.outputs)},
            files=(DraftFile(name=f"{key}.md", kind=key, media_type="text/markdown", text=text),),
        )
