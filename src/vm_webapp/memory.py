"""Recall over earlier artifacts: what the index is about; reading it comes with recall itself."""

from pathlib import Path


class MemoryIndex:
    """The index over a workspace's published artifacts, below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
