"""One attempt at one stage: the prompt, the talk with the model, and the checked output; loads the libraries."""

import asyncio
import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pydantic_ai import Agent, ModelRetry
from pydantic_ai.output import NativeOutput, PromptedOutput, StructuredDict
from pydantic_ai.usage import UsageLimits

from vm_webapp.profiles.outputs import Deliverable
from vm_webapp.writers import Attempt, StageWork
from vm_webapp.writers.llm.answers import UnfitAnswer, answer_schema, read_answer
from vm_webapp.writers.llm.cassette import Cassette
from vm_webapp.writers.llm.configuration import LlmConfig
from vm_webapp.writers.llm.failures import as_stage_error
from vm_webapp.writers.llm.metered import Call, MeteredModel
from vm_webapp.writers.llm.prompting import Prompt, prompt_for
from vm_webapp.writers.llm.providers import build_model, model_settings
from vm_webapp.writers.llm.transcript import Talk

_LONGEST_WAIT_SECONDS = 7 * 24 * 3600.0


class Session:
    """The talk about one stage; `sent` is known at any moment of it."""

    def __init__(self, config: LlmConfig, work: StageWork, *, cassette: Cassette | None) -> None:
        self._config = config
        self._work = work
        self._cassette = cassette
        self._talk = Talk(secret=config.api_key.get_secret_value().strip() if config.api_key else "")
        self._model, self._client = build_model(config)
        self._schema = answer_schema(work.stage.kind)
        self._schema_text = json.dumps(self._schema, ensure_ascii=False, sort_keys=True)
        self._schema_sha256 = hashlib.sha256(self._schema_text.encode()).hexdigest()
        self._is_held = bool(self._model.profile.get("supports_json_schema_output"))
        shown = config.facts.schema_is_shown or not self._is_held
        self.prompt: Prompt = prompt_for(work, schema=self._schema if shown else None)

    @property
    def sent(self) -> dict[str, Any]:
        """What went to the model, word for word, with where it came from; for input.json."""
        return {
            "prompt": self.prompt.identity,
            "system": self.prompt.system,
            "prompt_text": self.prompt.text,
            "messages": list(self._talk.turns),
            "provider": self._config.provider,
            "model": self._config.model,
            "parameters": self._config.parameters,
            "output_schema_sha256": self._schema_sha256,
            "recalled": [
                {"run_id": it.run_id, "stage_key": it.stage_key, "path": it.path, "sha256": it.sha256}
                for it in self._work.recalled
            ],
            "requests": self._talk.requests,
            "replayed": self._talk.replayed,
        }

    @property
    def raw(self) -> str | None:
        """The last answer as far as it was heard; None where nothing was."""
        return self._talk.raw

    async def write(self, attempt: Attempt) -> Deliverable:
        """The stage's output; StageError for a failure of the model, CancelledError or TimeoutError at a stop."""
        _cancel_on_stop(attempt)
        try:
            async with asyncio.timeout(_seconds_left(attempt)):
                return await self._ask(attempt)
        except TimeoutError:
            raise
        except Exception as error:
            failure = as_stage_error(error, self._config, raw=self._talk.raw)
            if failure is None:
                raise
            raise failure from error

    async def _ask(self, attempt: Attempt) -> Deliverable:
        call = Call(
            config=self._config,
            work=self._work,
            attempt=attempt,
            schema_text=self._schema_text,
            schema_sha256=self._schema_sha256,
            cassette=self._cassette,
        )
        outputs: list[Deliverable] = []
        agent: Agent[object, dict[str, Any]] = Agent(
            MeteredModel(self._model, call, self._talk),
            output_type=self._output_type(),
            instructions=self.prompt.system,
            retries={"output": self._config.repairs},
            model_settings=model_settings(self._config),
        )

        @agent.output_validator
        def check(answer: dict[str, Any]) -> dict[str, Any]:
            try:
                outputs.append(read_answer(answer, self._work, written_by=self._config.name))
            except UnfitAnswer as error:
                raise ModelRetry(str(error)) from error
            return answer

        async with self._client, agent:
            await agent.run(self.prompt.text, usage_limits=self._limits())
        return outputs[-1]

    def _output_type(self) -> Any:  # noqa: ANN401 - one of the library's markers
        shape = StructuredDict(self._schema, name=self._work.stage.kind)
        # The prompt shows the schema where that is needed; the library need not.
        if not self._is_held:
            return PromptedOutput(shape, template=False)
        strict = True if self._config.provider == "openai" else None
        return NativeOutput(shape, template=False, strict=strict)

    def _limits(self) -> UsageLimits:
        rounds = 1 + self._config.repairs
        return UsageLimits(request_limit=rounds, output_tokens_limit=rounds * self._config.max_output_tokens)


def _cancel_on_stop(attempt: Attempt) -> None:
    """Let the attempt's end abort the request in flight, from whichever thread it comes."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        with suppress(RuntimeError):  # the loop has ended, and the request with it
            loop.call_soon_threadsafe(_cancel, task)

    attempt.on_stop(stop)


def _cancel(task: "asyncio.Task[Any] | None") -> None:
    if task is not None:
        task.cancel()


def _seconds_left(attempt: Attempt) -> float:
    left = (attempt.deadline - datetime.now(UTC)).total_seconds()
    return min(left, _LONGEST_WAIT_SECONDS)
