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


@pytest.mark.parametrize("language", ["en", "pt"])
def test_every_code_of_a_failure_has_words(language: str) -> None:
    """But that of a rejection, which is told in the words of whoever rejected."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")]
    made = {code for text in texts for found in _MADE.findall(text) for code in found if code}
    words = (SOURCE / "web" / "lib" / "words" / language / "failures.js").read_text(encoding="utf-8")
    told = set(re.findall(r"^  ([a-z_]+): ", words, re.MULTILINE))

    assert {"unknown_kind", "llm_busy", "internal_error", "recovered", "approval_expired"} <= made
    assert (made | {INTERRUPTED} | {error.code for error in _FOREIGN}) - {REJECTED} - told == set()
