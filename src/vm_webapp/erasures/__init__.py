"""Erasing what people wrote and what was made of it (ADR 13).

    requests    what an erasure would take, what is left elsewhere, and the record of one
    follower    sees to what follows on ContentErased: before the request is answered, or at the next start
    sweeping    one erasure's files, copies and answers

The keys are destroyed by the event itself, in its own commit (event_store); nothing here decides anything.
"""

from vm_webapp.erasures.follower import ErasureFollower

__all__ = ["ErasureFollower"]
