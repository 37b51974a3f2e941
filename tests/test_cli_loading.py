"""Loading looks for no garbage: put off, taken up again, and nothing set aside in somebody else's process."""

import contextlib
import gc
import subprocess
import sys

import pytest

from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.loading import loading

ALONE = """
import gc
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.loading import begin_process, loading

begin_process()
told = [gc.isenabled()]
with loading(Invocation(alone=True)):
    import html.parser
    told.append(gc.isenabled())
print(told, gc.isenabled(), gc.get_freeze_count() > 1000)
"""


def test_a_process_of_its_own_sets_aside_what_it_has_loaded() -> None:
    """No search from its beginning until the command is there; then searches go on, past what was loaded."""
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout == "[False, False] True True\n"


@pytest.mark.parametrize("looked", [True, False])
def test_somebody_else_s_process_is_left_as_it_was(*, looked: bool) -> None:
    """Nothing is set aside there, also where loading fails."""
    before = gc.get_freeze_count()
    if not looked:
        gc.disable()
    try:
        with contextlib.suppress(ImportError), loading(Invocation()):
            assert not gc.isenabled()
            raise ImportError
        assert gc.isenabled() == looked
    finally:
        gc.enable()
    assert gc.get_freeze_count() == before
