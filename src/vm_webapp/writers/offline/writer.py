"""Draft."""


class OfflineWriter:
    """Draft."""
