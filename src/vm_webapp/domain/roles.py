"""The roles, each of which may what those before it may, and more."""

from typing import Final

ROLES: Final = ("viewer", "editor", "approver", "admin")


def role_at_least(role: str, least: str) -> bool:
    """Whether the role may what `least` may; a name that is no role may nothing."""
    return role in ROLES and least in ROLES and ROLES.index(role) >= ROLES.index(least)
