"""Reads a request: what can be told from its words, and from which words, by tables and patterns alone."""

from vm_webapp.writers.offline.request.reading import Reading, read_work

__all__ = ["Reading", "read_work"]
