"""Write the published schemas: `python -m vm_webapp.profiles.outputs docs/schemas`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from vm_webapp.profiles.outputs import OUTPUT_TYPES, json_schema, schema_of
from vm_webapp.profiles.shape import ProfileShape


def published() -> Mapping[str, str]:
    """File name -> text of every published schema: one per kind, and `profile.json` for profile files."""
    schemas = {kind: json_schema(kind) for kind in OUTPUT_TYPES} | {"profile": schema_of(ProfileShape, name="profile")}
    return {f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def main(folder: Path) -> None:
    """Write every schema into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in published().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas"))
