"""Works for the language-model writer's tests, and a fitting answer to each: what the offline writer makes of them."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from pydantic import SecretStr

from vm_webapp.domain.plans import StagePlan
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.profiles.outputs import OUTPUT_TYPES
from vm_webapp.writers import BrandFacts, ProjectFacts, StageWork
from vm_webapp.writers.llm import LlmConfig
from vm_webapp.writers.offline import OfflineWriter

from chat_server import ChatServer
from recorded_attempt import RecordedAttempt

REQUEST = (
    "90-day plan to launch our oat-milk ice cream in Lisbon for parents with lactose-intolerant kids; "
    "budget €8,000; Instagram, TikTok and events before 15 February 2027."
)
TODAY = date(2026, 11, 22)
_MODES = ("plan_90d", "single_campaign", "editorial_plan")
_DOCUMENT = StagePlan(
    key="one_pager",
    title="One-pager",
    kind="document",
    params={"purpose": "Partners decide.", "sections": [{"heading": "Why us", "guidance": "What is in it?"}]},
)


def work_on(stage: StagePlan, **changes: Any) -> StageWork:  # noqa: ANN401 - fields of StageWork
    """A work on the stage with usual facts."""
    facts: dict[str, Any] = {
        "run_id": "r-1",
        "thread_id": "t-1",
        "stage": stage,
        "stage_position": 1,
        "attempt": 1,
        "mode": "plan_90d",
        "profile_title": "Plan",
        "request_text": REQUEST,
        "thread_title": "Thread",
        "dated_on": TODAY,
        "brand": BrandFacts(name="Acme"),
        "project": ProjectFacts(name="Spring"),
    }
    return StageWork(**{**facts, **changes})


@cache
def works() -> Mapping[str, tuple[StageWork, str]]:
    """Kind -> a work on a stage of that kind, and an answer to it as a model would give it."""
    found: dict[str, tuple[StageWork, str]] = {}
    for mode in _MODES:
        outputs: dict[str, Any] = {}
        plan = ProfileLibrary(None).resolve(mode)
        for position, stage in enumerate(plan.stages, start=1):
            work = work_on(stage, mode=mode, stage_position=position, outputs=dict(outputs))
            outputs[stage.key] = OfflineWriter().write(work, RecordedAttempt()).output
            found[stage.kind] = (work, as_answer(outputs[stage.key]))
    work = work_on(_DOCUMENT)
    found["document"] = (work, as_answer(OfflineWriter().write(work, RecordedAttempt()).output))
    assert sorted(found) == sorted(OUTPUT_TYPES)
    return found


def brief() -> tuple[StageWork, str]:
    """A work on a brief, and an answer to it."""
    return works()["brief"]


def as_answer(output: Mapping[str, Any]) -> str:
    """The output as a model gives it: without what the program sets."""
    dropped = {"kind", "written_by", "edited_text", *(("request",) if output["kind"] == "brief" else ())}
    return json.dumps({name: value for name, value in output.items() if name not in dropped}, ensure_ascii=False)


def config_of(server: ChatServer, **changes: Any) -> LlmConfig:  # noqa: ANN401 - fields of LlmConfig
    """The settings for a model at that server; its name has a price in the table."""
    facts: dict[str, Any] = {
        "provider": "openai",
        "model": "gpt-5.2",
        "base_url": server.url,
        "api_key": SecretStr("sk-secret"),
    }
    return LlmConfig(**{**facts, **changes})
