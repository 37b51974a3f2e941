"""A check of a whole workspace that was cut off goes on where it was.

The state is a small JSON file in the system's folder for temporary files, named after the database: it is no part of
the workspace, and losing it costs time alone. What was checked before the cut is not looked at again, so whoever fears
that somebody is at work meanwhile begins anew. A file that another user left there is passed over.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from vm_webapp.cli.checks.events import Chain
from vm_webapp.cli.checks.report import Report, report_of
from vm_webapp.cli.checks.tree import Grown
from vm_webapp.proof.tree import Frontier

_FORMAT: Final = 4
_EVERY_SECONDS: Final = 2.0


class Pause:
    """Where a check is, written down now and then.

    `report` is that on the log, `log_done` whether it is whole; `of_runs` is that on the runs, from the first on.
    `about` names what was asked beside the workspace itself: a check that asked something else is not gone on with.
    """

    def __init__(self, database: Path, *, resume: bool, about: str = "") -> None:
        self.chain = Chain()
        self.grown = Grown()
        self.report = Report()
        self.of_runs = Report()
        self.log_done = False
        self.about = about
        name = hashlib.sha256(str(database.absolute()).encode()).hexdigest()[:16]
        owner = os.getuid() if hasattr(os, "getuid") else 0
        self.path = Path(tempfile.gettempdir()) / f"vm-verify-{owner}-{name}.json"
        self._written_at = time.monotonic()
        if resume:
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                if self.path.lstat().st_uid == owner:
                    self._take_up(json.loads(self.path.read_bytes()))

    def keep(self) -> None:
        """Write the state down, every other second."""
        now = time.monotonic()
        if now - self._written_at >= _EVERY_SECONDS:
            self._written_at = now
            self.write()

    def write(self) -> None:
        """Write the state down; a disk that does not take it is no reason to stop."""
        state = {
            "format": _FORMAT,
            "about": self.about,
            "position": self.chain.position,
            "begun": self.chain.begun,
            "size": self.grown.frontier.size,
            "edge": [one.hex() for one in self.grown.frontier.hashes],
            "held": self.grown.held,
            "differs": self.grown.differs,
            "log_done": self.log_done,
            "report": asdict(self.report),
            "of_runs": asdict(self.of_runs),
        }
        temporary = self.path.with_suffix(".tmp")
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(state, file)
            temporary.replace(self.path)

    def forget(self) -> None:
        """The check is done."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _take_up(self, state: dict[str, Any]) -> None:
        if (state["format"], state["about"]) != (_FORMAT, self.about):
            return
        report, of_runs = report_of(state["report"]), report_of(state["of_runs"])
        frontier = Frontier(int(state["size"]), [bytes.fromhex(one) for one in state["edge"]])
        chain = Chain(int(state["position"]), begun=bool(state["begun"]))
        self.report, self.of_runs, self.chain = report, of_runs, chain
        self.grown = Grown(frontier, int(state["held"]), differs=bool(state["differs"]))
        self.log_done = bool(state["log_done"])
