"""What a builder has before it: the work, what was read from the request, and the texts in the request's language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from vm_webapp.profiles.outputs import Deliverable
from vm_webapp.writers import StageWork
from vm_webapp.writers.offline.phrases import Phrases, table
from vm_webapp.writers.offline.request import Reading, read_work
from vm_webapp.writers.offline.request.language import TAGS, Language
from vm_webapp.writers.offline.request.text import capitalised, one_line

WRITER = "offline"
# This stage's title says how long the plan is: 90 days, about thirteen weeks, unless the request says (0: it does not).
_DATED_TITLE = "Assembled plan"
_ABOUT_90_DAYS = (0, 13)
_AUDIENCE: Mapping[Language, str] = {"en": "the people we want to reach", "pt": "as pessoas que queremos alcançar"}
Output = TypeVar("Output", bound=Deliverable)


@dataclass(frozen=True, slots=True)
class Context:
    """All a builder may use; `objective` is the table of the request's objective."""

    work: StageWork
    reading: Reading
    phrases: Phrases
    objective: Mapping[str, Any]

    @property
    def family(self) -> Mapping[str, Any]:
        """The table of the objective's family: acquire, keep, event or hire."""
        found: Mapping[str, Any] = self.phrases.get("families")[self.objective["family"]]
        return found

    @property
    def head(self) -> dict[str, Any]:
        """The fields that every deliverable begins with."""
        return {
            "title": f"{self._stage_title}: {self.subject_title}",
            "language": TAGS[self.reading.language],
            "written_by": WRITER,
        }

    @property
    def _stage_title(self) -> str:
        title = one_line(self.work.stage.title) or self.work.stage.key
        if title == _DATED_TITLE and self.reading.period.weeks not in _ABOUT_90_DAYS:
            return self.phrases.say("plan_title_weeks", a=str(self.reading.period.weeks))
        return str(self.phrases.get("titles").get(title, title))

    @property
    def subject_title(self) -> str:
        """The subject as a heading begins with it."""
        return capitalised(self.reading.subject.phrase)

    def earlier(self, model: type[Output]) -> Output | None:
        """The output of that type among the stages this one needs, the nearest one; None where there is none."""
        kind = model.model_fields["kind"].default
        for output in reversed(list(self.work.outputs.values())):
            if output.get("kind") == kind:
                try:
                    # Through JSON, where dates are texts: the types are strict about what Python hands them.
                    return model.model_validate_json(json.dumps(dict(output)))
                except ValidationError:
                    continue
        return None


def context_of(work: StageWork) -> Context:
    """Read the work once and lay out the texts."""
    reading = read_work(work)
    objective = table(f"objectives/{reading.objective}")
    slots = {
        "subject": reading.subject.phrase,
        "the_subject": reading.subject.the,
        "of_subject": reading.subject.of,
        "audience": reading.audience or _AUDIENCE[reading.language],
        "for_audience": {"en": " for ", "pt": " para "}[reading.language] + reading.audience
        if reading.audience
        else "",
        "brand": reading.brand.name or reading.project.name,
        "action": objective["action"][reading.language],
        "cta": objective["cta"][reading.language],
    }
    phrases = Phrases(reading.language, slots)
    return Context(work, reading, phrases, phrases.get(f"objectives/{reading.objective}"))
