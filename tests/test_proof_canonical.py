"""One byte form for one value: held against RFC 8785's own examples and against an independent implementation."""

import hashlib
import json
import math
import struct
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.errors import Invalid
from vm_webapp.models import EventRow
from vm_webapp.proof.canonical import canonical
from vm_webapp.proof.events import FIELDS, NUMBERS, canonical_event, event_digest

LARGEST = 2**53 - 1
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
ROW: dict[str, Any] = {
    **dict.fromkeys(FIELDS, "x"),
    "payload": '{"a":1}',
    "payload_version": 1,
    "stream_version": 7,
    "brand_id": None,
    "previous_sha256": None,
}


def bits(text: str) -> float:
    """The number of those 64 bits."""
    return float(struct.unpack(">d", bytes.fromhex(text))[0])


NUMBERS_OF_THE_RFC = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
"""RFC 8785, appendix B."""


@pytest.mark.parametrize(("number", "text"), NUMBERS_OF_THE_RFC.items())
def test_numbers_are_written_as_the_rfc_has_them(number: str, text: str) -> None:
    """Appendix B, one by one."""
    assert canonical(bits(number)).decode() == text


def test_the_example_of_the_rfc() -> None:
    """Section 3.2.2 and 3.2.3: numbers, escapes, literals; names sorted by UTF-16."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.loads(canonical(dict.fromkeys(names, 0)))
    assert list(found) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@given(VALUES)
def test_it_is_what_another_implementation_writes(value: object) -> None:
    """Any JSON value, both ways through ours."""
    assert canonical(value) == rfc8785.dumps(cast("Any", value))


@given(VALUES)
def test_reading_it_back_changes_nothing(value: object) -> None:
    """What was read from a canonical form has that form."""
    assert canonical(json.loads(canonical(value), parse_int=number_of)) == canonical(value)


def number_of(digits: str) -> int | float:
    """The number as it was: a whole one beyond 2^53 - 1 can only have been one with a fraction or an exponent."""
    return int(digits) if abs(int(digits)) <= LARGEST else float(digits)


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


@pytest.mark.parametrize(
    "value",
    [
        LARGEST + 1,
        -LARGEST - 1,
        [LARGEST + 1],
        math.nan,
        math.inf,
        {"a": -math.inf},
        "\ud800",
        {"\udc00": 1},
        {1: 2},
        b"x",
        {3},
        nested(100_000),
    ],
    ids=[
        "large",
        "small",
        "in a list",
        "nan",
        "infinity",
        "in an object",
        "half",
        "half name",
        "number name",
        "bytes",
        "set",
        "deep",
    ],
)
def test_what_has_no_form_is_refused(value: object) -> None:
    """Rather than be given one that others do not share."""
    with pytest.raises(Invalid, match="no canonical form"):
        canonical(value)


def test_a_tuple_is_a_list() -> None:
    """As everywhere in JSON."""
    assert canonical({"a": (1, 2.5)}) == b'{"a":[1,2.5]}'


def test_an_event_has_the_form_of_its_row() -> None:
    """RFC 8785 of the fields, the payload as the text that it is; the digest is that of these bytes."""
    form = canonical_event({**ROW, "global_position": 3, "sha256": "x"})
    assert form == rfc8785.dumps(ROW)
    assert event_digest(ROW) == hashlib.sha256(form).hexdigest()
    assert json.loads(form)["payload"] == '{"a":1}'


def test_all_of_the_row_is_in_the_form() -> None:
    """But its place in the log, which the tree tells, and the digest itself."""
    assert {*FIELDS, "global_position", "sha256"} == {column.name for column in EventRow.__table__.columns}
    assert list(FIELDS) == sorted(FIELDS)


@given(st.sampled_from(FIELDS), st.text(min_size=1), st.integers(8, LARGEST))
def test_any_other_value_is_another_form(name: str, text: str, number: int) -> None:
    """Of any field."""
    other = number if name in NUMBERS else f"y{text}"
    assert event_digest({**ROW, name: other}) != event_digest(ROW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor_id", 1),
        ("payload", b"{}"),
        ("stream_version", "7"),
        ("stream_version", True),
        ("payload_version", None),
        ("actor_id", "\ud800"),
        ("stream_version", 2**60),
    ],
)
def test_a_row_that_no_program_of_ours_writes_is_refused(name: str, value: object) -> None:
    """Another type than the column's has no form that could be mistaken for one."""
    with pytest.raises(Invalid, match="no canonical form"):
        canonical_event({**ROW, name: value})
