"""What people write from right to left: every field takes it, and every place shows it, in its own direction."""

import re
from pathlib import Path

import vm_webapp

ELEMENTS = sorted(Path(vm_webapp.__file__).parent.joinpath("web", "elements").glob("*.js"))
FIELD = re.compile(r"<(?:textarea|input|blockquote|q)\b[^>]*")
OTHER = ("checkbox", "radio", "password", "number", "decimal")  # a tick, a token, a number: the same everywhere


def test_fields_and_quotations_take_the_direction_of_what_is_in_them() -> None:
    """No field for words, and no quotation of a person, is set in the direction of the page."""
    found = [(path.stem, tag) for path in ELEMENTS for tag in FIELD.findall(path.read_text(encoding="utf-8"))]
    words = [(name, tag) for name, tag in found if not any(f'"{one}"' in tag for one in OTHER)]
    assert len(words) > 20
    assert [(name, tag) for name, tag in words if 'dir="auto"' not in tag] == []
