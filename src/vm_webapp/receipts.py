"""Idempotency receipts: what a request with a key was answered, kept in the transaction of what it did.

The scope is actor, route and key; the fingerprint is a digest of the request. A receipt without a body belongs to a
request whose answer is still being made; it names its subject, so that anybody can make the answer after a crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from vm_webapp.errors import KeyReused
from vm_webapp.models import Receipt, utc_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptKey:
    """Which request this is; `fingerprint` is a digest of all that makes it the same request."""

    actor_id: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the status and the body's bytes."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A receipt that is there; `answer` is None while it is being made."""

    subject_id: str | None
    answer: Answer | None


_SELECT = select(Receipt.fingerprint, Receipt.subject_id, Receipt.status, Receipt.body).where(
    Receipt.actor_id == bindparam("actor_id"), Receipt.route == bindparam("route"), Receipt.key == bindparam("key")
)


def find_receipt(connection: Connection, receipt: ReceiptKey) -> Found | None:
    """The receipt of that key; KeyReused when it belongs to another request."""
    scope = {"actor_id": receipt.actor_id, "route": receipt.route, "key": receipt.key}
    row = connection.execute(_SELECT, scope).first()
    if row is None:
        return None
    if row.fingerprint != receipt.fingerprint:
        raise KeyReused(pointer="")
    answer = None if row.body is None else Answer(row.status, bytes(row.body))
    return Found(row.subject_id, answer)


def store_receipt(
    connection: Connection, receipt: ReceiptKey, *, subject_id: str | None, answer: Answer | None, now: datetime
) -> None:
    """Keep a new receipt, with its answer where that is known already."""
    connection.exec_driver_sql(
        "INSERT INTO receipts (actor_id, route, key, fingerprint, subject_id, status, body, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            receipt.actor_id,
            receipt.route,
            receipt.key,
            receipt.fingerprint,
            subject_id,
            answer.status if answer else None,
            answer.body if answer else None,
            utc_text(now),
        ),
    )


def blank_receipts(connection: Connection, *, about: Iterable[str], answer: Answer) -> None:
    """Give every request that was answered with words about these ids that answer instead; it keeps its one effect."""
    for named in about:
        connection.exec_driver_sql(
            "UPDATE receipts SET status = ?, body = ? WHERE body IS NOT NULL AND status < 400"
            " AND (subject_id = ? OR (subject_id IS NULL AND instr(body, CAST(? AS BLOB)) > 0))",
            (answer.status, answer.body, named, named),
        )


def complete_receipt(connection: Connection, receipt: ReceiptKey, answer: Answer) -> Answer:
    """Keep the answer unless somebody was faster; returns the one that is kept."""
    connection.exec_driver_sql(
        "UPDATE receipts SET status = ?, body = ? WHERE actor_id = ? AND route = ? AND key = ? AND body IS NULL",
        (answer.status, answer.body, receipt.actor_id, receipt.route, receipt.key),
    )
    found = find_receipt(connection, receipt)
    return found.answer if found and found.answer else answer
