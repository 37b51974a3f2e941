"""Why something failed is told in the reader's language, whatever the code that the log has for it."""

import re
from pathlib import Path

import pytest

import vm_webapp
from vm_webapp import errors
from vm_webapp.domain.runs import INTERRUPTED, REJECTED

SOURCE = Path(vm_webapp.__file__).parent
# How the code of a failure stands where one is made: the first word of a StageError or of a model's, or by its name.
_MADE = re.compile(
    r'(?:StageError|_error)\(\s*"([a-z_]+)"|error_code=(?:[^,\n]* (?:or|else) )?"([a-z_]+)"|"(llm_[a-z_]+)"'
)
# An error of the program that ends an attempt gives it its own code.
_FOREIGN = (
    errors.BadSetting,
    errors.BudgetExhausted,
    errors.Erased,
    errors.IntegrityError,
    errors.Invalid,
    errors.InvalidName,
    errors.InvalidText,
    errors.PriceUnknown,
    errors.UnknownWriter,
)


DOCS = SOURCE.parents[1] / "docs"


@pytest.fixture(scope="module")
def codes() -> set[str]:
    """Every code that a failure can have, in a run or in an attempt."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")]
    made = {code for text in texts for found in _MADE.findall(text) for code in found if code}
    assert {"unknown_kind", "llm_busy", "internal_error", "recovered", "approval_expired"} <= made
    return made | {INTERRUPTED} | {error.code for error in _FOREIGN}


@pytest.mark.parametrize("language", ["en", "pt"])
def test_every_code_of_a_failure_has_words(language: str, codes: set[str]) -> None:
    """But that of a rejection, which is told in the words of whoever rejected."""
    words = (SOURCE / "web" / "lib" / "words" / language / "failures.js").read_text(encoding="utf-8")
    told = set(re.findall(r"^  ([a-z_]+): ", words, re.MULTILINE))

    assert codes - {REJECTED} - told == set()


def test_every_code_of_a_failure_is_documented(codes: set[str]) -> None:
    """Whoever reads a run's error over HTTP finds what its code may be."""
    docs = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("http.md", "language-models.md"))
    assert [code for code in sorted(codes) if f"`{code}`" not in docs] == []
