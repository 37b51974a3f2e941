"""The language-model writer: the adapter of the port `Writer`."""

import asyncio
import contextvars
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from vm_webapp.errors import StageError
from vm_webapp.profiles.outputs import OUTPUT_TYPES, Deliverable
from vm_webapp.writers import Attempt, StageDraft, StageWork
from vm_webapp.writers.llm.cassette import open_cassette
from vm_webapp.writers.llm.configuration import LlmConfig

if TYPE_CHECKING:
    from vm_webapp.writers.llm.session import Session

_T = TypeVar("_T")


class LlmWriter:
    """Writes every kind of stage with one language model; BadSetting where its cassette cannot be read."""

    def __init__(self, config: LlmConfig) -> None:
        self._config = config
        self._cassette = open_cassette(config)

    @property
    def name(self) -> str:
        """`provider:model`."""
        return self._config.name

    @property
    def cooperative(self) -> bool:
        """It aborts its request within a moment of the attempt's end."""
        return True

    @property
    def recalls(self) -> bool:
        """Earlier approved deliverables stand in the prompt."""
        return True

    def write(self, work: StageWork, attempt: Attempt) -> StageDraft:
        """The stage's output and files; StageError with `sent`, and `raw` where there was an answer, when it fails."""
        if work.stage.kind not in OUTPUT_TYPES:
            raise StageError("unknown_kind", f'the writer knows no kind "{work.stage.kind}"', retryable=False)
        # Loaded with the first stage: the program starts without the libraries that speak to models.
        from vm_webapp.writers.llm.session import Session  # noqa: PLC0415

        attempt.check()
        if self._cassette is not None:
            work = replace(work, dated_on=self._cassette.dated_on(work.dated_on))
        session = Session(self._config, work, cassette=self._cassette)
        try:
            output = self._heard(session, attempt)
        except StageError as error:
            error.sent = session.sent
            error.raw = session.raw if error.raw is None else error.raw
            raise
        return self._draft(output, work, session)

    def _heard(self, session: "Session", attempt: Attempt) -> Deliverable:
        try:
            return _in_a_loop(session.write(attempt))
        except (asyncio.CancelledError, TimeoutError) as error:
            attempt.check()
            raise StageError(
                "stage_timeout", "The stage took longer than its profile allows.", retryable=True
            ) from error

    def _draft(self, output: Deliverable, work: StageWork, session: "Session") -> StageDraft:
        from vm_webapp.writers.offline.rendering import render  # noqa: PLC0415 - templates, with the first stage

        return StageDraft(
            output=output.model_dump(mode="json"),
            files=render(output, work),
            sent=session.sent,
            prompt={**session.prompt.identity, "model": self.name},
        )


def _in_a_loop(work: "Coroutine[None, None, _T]") -> _T:
    """The coroutine's result; it runs in a thread of its own where this one has a loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    context = contextvars.copy_context()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(context.run, asyncio.run, work).result()
