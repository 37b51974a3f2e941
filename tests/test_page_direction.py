"""What people write from right to left: every field takes it, and every place shows it, in its own direction."""

import re
from pathlib import Path

import pytest

import vm_webapp

ELEMENTS = sorted(Path(vm_webapp.__file__).parent.joinpath("web", "elements").glob("*.js"))
FIELD = re.compile(r"<(?:textarea|input|blockquote|q)\b[^>]*")
OTHER = ("checkbox", "radio", "password", "number", "decimal")  # a tick, a token, a number: the same everywhere


@pytest.mark.parametrize("path", ELEMENTS, ids=lambda path: path.stem)
def test_fields_and_quotations_take_the_direction_of_what_is_in_them(path: Path) -> None:
    """No field for words, and no quotation of a person, is set in the direction of the page."""
    found = [
        tag for tag in FIELD.findall(path.read_text(encoding="utf-8")) if not any(f'"{one}"' in tag for one in OTHER)
    ]
    assert [tag for tag in found if 'dir="auto"' not in tag] == []
