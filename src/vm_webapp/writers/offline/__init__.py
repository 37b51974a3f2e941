"""The offline writer: deliverables from tables, templates and the request's own words; no model, no network.

The same work and date give the same bytes. It never invents a figure: what the request does not say becomes an open
question. Importing this package is cheap; templates, tables and calendars are loaded when the first stage is written.
"""

from vm_webapp.writers.offline.writer import OfflineWriter

__all__ = ["OfflineWriter"]
