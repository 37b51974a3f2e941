"""The project's own scripts, which have no ending, as modules; and the locks that they read."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Script = Any  # a module without an ending has no types to look up, nor has what it makes
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def loaded(name: str) -> Script:
    """Import a script that has no ending."""
    loader = SourceFileLoader(Path(name).name, str(ROOT / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
