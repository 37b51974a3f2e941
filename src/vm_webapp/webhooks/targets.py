"""Where messages may be sent to, so that a webhook reaches nothing that its maker could not reach (SSRF).

Checked twice: the address as it is written when a webhook is made, and at each sending every IP address that the name
stands for then. The connection goes to one of those very addresses, so that a name that changes in between (DNS
rebinding) changes nothing. Never reached, whatever is set: link-local addresses (where clouds keep their credentials),
multicast, reserved and unspecified ones.
"""

import contextlib
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from vm_webapp.errors import InvalidText

Reach: TypeAlias = Literal["public", "loopback", "private"]
_Address: TypeAlias = IPv4Address | IPv6Address
_NAT64: Final = ip_network("64:ff9b::/96")
_OF_ONE_SITE: Final = (ip_network("fec0::/10"), ip_network("64:ff9b:1::/48"))
"""Networks of one place (RFC 3879, RFC 8215) that Python takes, or took, for public ones."""
_NUMBER: Final = re.compile("[0-9]+|0x[0-9a-f]*")
_PORTS: Final = {"https": 443, "http": 80}


class Forbidden(Exception):
    """The address is none that messages may be sent to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a message goes: `place` is the socket's address, `host` the name for TLS and the Host header."""

    family: int
    place: Any
    host: str
    header: str
    path: str
    secure: bool


def check_target(url: str, reach: Reach) -> None:
    """Refuse an address that messages may not be sent to, as far as that can be seen from its text (InvalidText)."""
    parts = urlsplit(url)
    literal = _literal(parts.hostname or "")
    host = (parts.hostname or "").removesuffix(".")
    if literal is None and (host == "localhost" or host.endswith(".localhost")):
        literal = ip_address("127.0.0.1")
    try:
        _check_written(host, literal, reach, secure=parts.scheme == "https")
    except Forbidden as error:
        raise InvalidText(field="url", problem=f"cannot be used: {error}", pointer="/url") from error


def find_targets(url: str, reach: Reach) -> list[Target]:
    """Every address that the URL stands for now; Forbidden if one of them may not be reached, OSError for no answer."""
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    found = socket.getaddrinfo(host, parts.port or _PORTS[parts.scheme], type=socket.SOCK_STREAM)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    header = parts.netloc
    targets = []
    for family, _kind, _protocol, _name, place in found:
        _check(ip_address(str(place[0]).partition("%")[0]), reach, secure=secure)
        targets.append(Target(family=family, place=place, host=host, header=header, path=path, secure=secure))
    return targets


_WITHOUT_TLS: Final = "https is needed; http serves this machine alone, where VM_WEBHOOKS_REACH allows it"


def _literal(host: str) -> _Address | None:
    """The address that is written, also as resolvers read numbers: 127.1 and 0x7f000001 are 127.0.0.1."""
    with contextlib.suppress(ValueError):
        return ip_address(host)
    with contextlib.suppress(OSError):
        return ip_address(socket.inet_aton(host))
    return None


def _check_written(host: str, literal: _Address | None, reach: Reach, *, secure: bool) -> None:
    if literal is not None:
        _check(literal, reach, secure=secure)
    elif _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise Forbidden(f"{host} is neither a name nor an IP address")
    elif not secure:
        raise Forbidden(_WITHOUT_TLS)


def _check(address: _Address, reach: Reach, *, secure: bool) -> None:
    """Raise Forbidden unless the address may be reached in this way."""
    inner = _embedded(address)
    if inner.is_loopback:
        if reach == "public":
            raise Forbidden(f"{inner} is this machine; VM_WEBHOOKS_REACH=loopback would allow it")
        return
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified or inner.is_reserved:
        raise Forbidden(f"{inner} is none that messages are ever sent to")
    public = inner.is_global and not any(inner in network for network in _OF_ONE_SITE)
    if not public and reach != "private":
        raise Forbidden(f"{inner} is not a public address; VM_WEBHOOKS_REACH=private would allow it")
    if not secure:
        raise Forbidden(_WITHOUT_TLS)


def _embedded(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one carries, where it does: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
