"""`python -m vm_webapp`: the command line.

Ctrl+C is heard from here on to the end: while modules are loaded it ends the program as it does later, and once the
exit code stands there is nothing left to stop.
"""

import signal
import sys


def run() -> int:
    """Load the program, call it, and return its exit code."""
    try:
        from vm_webapp.cli import main  # noqa: PLC0415 - this is the loading that can be stopped

        return main()
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(run())
