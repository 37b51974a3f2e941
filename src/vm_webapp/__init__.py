"""VM (Vibe Marketing): a local-first workspace in which a request becomes finished, versioned, provable deliverables."""

__version__ = "0.1.0"
