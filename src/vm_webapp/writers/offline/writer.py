"""The writer itself: read the work, build the output, render its files."""

from typing import Any

from vm_webapp.errors import StageError
from vm_webapp.writers import Cancellation, DraftFile, StageDraft, StageWork


class OfflineWriter:
    """Writes every kind of stage from templates; deterministic, without network."""

    @property
    def name(self) -> str:
        """Its name in logs and deliverables."""
        return "offline"

    @property
    def cooperative(self) -> bool:
        """It only computes, and asks between pieces of work."""
        return True

    @property
    def recalls(self) -> bool:
        """It writes from the request alone."""
        return False

    def write(self, work: StageWork, attempt: Cancellation) -> StageDraft:
        """The stage's output and files; StageError, not to be retried, for a kind it does not know."""
        # Loaded with the first stage: the program starts without templates, tables and calendars.
        from vm_webapp.writers.offline.builders import BUILDERS  # noqa: PLC0415
        from vm_webapp.writers.offline.context import context_of  # noqa: PLC0415
        from vm_webapp.writers.offline.rendering import render  # noqa: PLC0415

        build = BUILDERS.get(work.stage.kind)
        if build is None:
            raise StageError("unknown_kind", f'the offline writer knows no kind "{work.stage.kind}"', retryable=False)
        attempt.check()
        context = context_of(work)
        attempt.check()
        output = build(context)
        attempt.check()
        files: tuple[DraftFile, ...] = render(output, work)
        attempt.check()
        dumped: dict[str, Any] = output.model_dump(mode="json")
        return StageDraft(output=dumped, files=files)
