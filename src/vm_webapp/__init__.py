"""VM (Vibe Marketing): a local-first workspace in which requests become finished, provable deliverables."""

__version__ = "0.1.0"
