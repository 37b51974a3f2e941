"""Who is let in: secrets, tokens as they stand in the view, the page's sessions, limits, and whose a thing is.

docs/access.md is the contract. Who may do what stands in `domain/access`; the refusal of a request in `api/permission`.
"""
