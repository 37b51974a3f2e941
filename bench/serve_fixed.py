"""The program's server with the writer of W: `python serve_fixed.py FOLDER`; says `VM is at URL` when it is ready."""

import sys
from pathlib import Path

from vm_webapp.api.server import serve
from vm_webapp.app import create_app
from vm_webapp.settings import Settings
from work_unit import FixedTextWriter, write_profile


def main(root: Path) -> None:
    """Serve on a free port of the loopback until a signal."""
    write_profile(root)
    settings = Settings(vm_workspace_root=root, vm_db_path=root / "workspace.sqlite3", vm_log_level="WARNING")
    app = create_app(settings, llm=FixedTextWriter())

    def ready(url: str) -> None:
        print(f"VM is at {url}", flush=True)

    serve(app, host="127.0.0.1", port=0, log_level=settings.vm_log_level, on_ready=ready)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
