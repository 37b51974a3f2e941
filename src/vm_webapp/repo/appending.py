"""`append_event`, for whoever holds a session."""

from sqlalchemy.orm import Session

from vm_webapp import event_store, projections
from vm_webapp.events import EventEnvelope, RecordedEvent


def append_event(session: Session, envelope: EventEnvelope) -> RecordedEvent:
    """Append one event and bring the views up to it, in the session's transaction."""
    connection = session.connection()
    (recorded,) = event_store.append(connection, [envelope])
    projections.project(connection, [recorded])
    return recorded
