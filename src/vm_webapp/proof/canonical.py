"""One byte form for one JSON value: the JSON Canonicalization Scheme (RFC 8785).

Python's own encoder writes that form already, but for three things: numbers with a fraction or an exponent, which
RFC 8785 writes as ECMAScript does; whole numbers beyond 2^53 - 1, which it does not allow; and the order of names,
which is that of UTF-16, not of code points. A value without any of them takes the fast way.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Final

from vm_webapp.errors import Invalid

_LARGEST: Final = 2**53 - 1
_FIXED_FROM: Final = 1e-6
_FIXED_BELOW: Final = 1e21
_encode: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: object) -> bytes:
    """The RFC 8785 form of a JSON value: mappings with text as names, sequences, text, numbers, booleans, None.

    Raises Invalid for what that form has no bytes for: a whole number beyond 2^53 - 1, NaN and the infinities, half a
    character, a name that is no text, and any other type.
    """
    try:
        return (_encode(value) if _is_plain(value) else "".join(_exact(value))).encode()
    except UnicodeEncodeError as error:
        raise Invalid("The value has no canonical form: it holds half a character.") from error
    except RecursionError as error:
        raise Invalid("The value has no canonical form: it is nested too deeply.") from error


def _is_plain(value: object) -> bool:
    """Whether the standard encoder's form is the canonical one."""
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        return -_LARGEST <= value <= _LARGEST
    if isinstance(value, dict):
        return all(isinstance(name, str) and name.isascii() and _is_plain(one) for name, one in value.items())
    return isinstance(value, list | tuple) and all(map(_is_plain, value))


def _exact(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _object(value)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        yield "["
        for at, one in enumerate(value):
            yield "," if at else ""
            yield from _exact(one)
        yield "]"
    else:
        yield _scalar(value)


def _object(value: Mapping[object, object]) -> Iterator[str]:
    names = [name for name in value if isinstance(name, str)]
    if len(names) < len(value):
        raise Invalid("The value has no canonical form: the names of a JSON object are text.")
    yield "{"
    for at, name in enumerate(sorted(names, key=_utf16)):
        yield "," if at else ""
        yield encode_basestring(name)
        yield ":"
        yield from _exact(value[name])
    yield "}"


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        return _float(value)
    raise Invalid(f"The value has no canonical form: {type(value).__name__} is no JSON.")


def _whole(value: int) -> str:
    if not -_LARGEST <= value <= _LARGEST:
        raise Invalid(f"The value has no canonical form: {value} is beyond 2^53 - 1; write it as text.")
    return str(int(value))


def _float(value: float) -> str:
    """ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20); Python's repr finds the same shortest digits."""
    if not math.isfinite(value):
        raise Invalid("The value has no canonical form: JSON has neither NaN nor infinity.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(power or 0) + len(whole) - (len(whole + fraction) - len(digits))  # value = 0.digits * 10 ** point
    digits = digits.rstrip("0")
    return sign + (_fixed(digits, point) if _FIXED_FROM <= abs(value) < _FIXED_BELOW else _power(digits, point - 1))


def _fixed(digits: str, point: int) -> str:
    if point >= len(digits):
        return digits.ljust(point, "0")
    if point > 0:
        return f"{digits[:point]}.{digits[point:]}"
    return f"0.{'0' * -point}{digits}"


def _power(digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{power:+d}"
