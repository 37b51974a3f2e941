"""The shape of a profile's file: which keys there are, of what type and range."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Keys become folder names (NN-<key>), and modes stand in URLs.
KEY_PATTERN = r"^[a-z0-9_]{1,40}$"
MAX_STAGES = 40

Key = Annotated[
    str, Field(pattern=KEY_PATTERN, description="Lower-case letters, digits and underscore, 1 to 40 characters.")
]
Words = Annotated[str, Field(min_length=1, max_length=120, description="A short text on one line.")]


class Shape(BaseModel):
    """Strict: a number in quotes is a text, and an unknown key is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RetryShape(Shape):
    """How often and how soon a failed attempt is repeated."""

    attempts: int = Field(default=3, ge=1, le=10, description="How many attempts there are in all.")
    initial_seconds: float = Field(
        default=1.0, ge=0, le=3600, description="The pause before the second attempt, in seconds."
    )
    factor: float = Field(default=2.0, ge=1, le=10, description="By how much each pause is longer than the one before.")
    max_seconds: float = Field(default=60.0, ge=0, le=86_400, description="The longest pause, in seconds.")


class GateShape(Shape):
    """Who may approve a stage, how many people, and for how long they are asked."""

    role: Literal["editor", "approver", "admin"] = Field(
        default="approver", description="The least role that may decide."
    )
    quorum: int = Field(default=1, ge=1, le=20, description="How many people must approve.")
    four_eyes: bool = Field(default=False, description="Whether the one who asked for the run may not approve.")
    expires_after_hours: float | None = Field(
        default=None, gt=0, le=87_600, description="After how many hours nobody is asked any more; null is never."
    )
    on_expiry: Literal["fail", "reject"] = Field(
        default="fail", description="What it counts as when nobody decided in time."
    )


class StageShape(Shape):
    """One stage: what it makes and what it needs."""

    key: Key = Field(description="The stage's name within the profile; its folder and files are named by it.")
    title: Words = Field(description="What people read.")
    kind: str = Field(description="The deliverable's output type.")
    needs: list[Key] = Field(
        default_factory=list, max_length=MAX_STAGES, description="Keys of the stages whose outputs it uses."
    )
    approval: Literal["none", "required"] = Field(
        "none", description="Whether a person must approve the stage's output."
    )
    gate: GateShape = Field(default_factory=GateShape, description="The policy of that approval.")
    timeout_seconds: float = Field(
        default=300.0, gt=0, le=86_400, description="How long one attempt may take, in seconds."
    )
    retry: RetryShape = Field(default_factory=RetryShape, description="What happens after a failed attempt.")
    params: dict[str, Any] = Field(default_factory=dict, description="Settings of the kind, see docs/profiles.md.")


class ProfileShape(Shape):
    """A profile's file; its name, without .yaml, is the mode."""

    title: Words = Field(description="What people read in the list of modes.")
    description: str = Field(default="", max_length=1000, description="What comes out, in a sentence or two.")
    version: int = Field(
        1, ge=1, le=1_000_000, description="Raise it when the profile changes; a run keeps the version it used."
    )
    budget_usd: str | None = Field(
        default=None,
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$",
        description='What one run may spend on language models, in US dollars, as text such as "2.50".',
    )
    stages: list[StageShape] = Field(min_length=1, max_length=MAX_STAGES, description="What is made, in reading order.")
