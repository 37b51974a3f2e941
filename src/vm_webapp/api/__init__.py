"""The HTTP API: one module per resource; a handler parses, calls one function, renders.

docs/http.md is the contract. What the resources share: `http` (the host, JSON), `problems` (errors), `writes`
(idempotency), `paging` (lists), `waiting` (runs that come to rest), `shapes` (what answers look like).
"""
