import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from vm_webapp.profiles import ProfileLibrary
from vm_webapp.profiles.outputs import OUTPUT_TYPES, json_schema
from vm_webapp.profiles.outputs.__main__ import published

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def snippet() -> str:
    found = re.search(r"```yaml\n(.*?)```", (DOCS / "profiles.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_documented_profile_can_be_resolved(tmp_path: Path) -> None:
    """What docs/profiles.md tells people to save is a profile without problems."""
    (tmp_path / "partner_kit.yaml").write_text(snippet(), encoding="utf-8")
    library = ProfileLibrary(tmp_path)
    assert [stage.kind for stage in library.resolve("partner_kit").stages] == ["brief", "message", "document"]
    assert library.problems() == []


def test_the_documented_mistake_reads_as_documented(tmp_path: Path) -> None:
    """The message shown in docs/profiles.md is the one that people get."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "partner_kit.yaml").write_text(snippet().replace("needs: [brief]", "needs: [breif]"), encoding="utf-8")
    shown = re.search(r"```text\n(.*?)\n```", (DOCS / "profiles.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    assert [str(error) for error in ProfileLibrary(folder).problems()] == [shown[1]]


def test_every_kind_is_documented() -> None:
    """The table of kinds names each kind once, and no other."""
    table = (DOCS / "profiles.md").read_text(encoding="utf-8").split("## Kinds")[1]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(OUTPUT_TYPES)


def test_the_published_schemas_are_those_of_the_code() -> None:
    """docs/schemas is what `python -m vm_webapp.profiles.outputs docs/schemas` writes, no file more or less."""
    found = {file.name: file.read_text(encoding="utf-8") for file in (DOCS / "schemas").iterdir()}
    assert found == dict(published())


@pytest.mark.parametrize("kind", sorted(OUTPUT_TYPES))
def test_a_schema_is_valid_named_and_closed(kind: str) -> None:
    """Each schema is a valid 2020-12 schema with $id and title that forbids unknown keys."""
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:vm-webapp:schema:{kind}"
    assert schema["title"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("kind", sorted(OUTPUT_TYPES))
def test_every_field_says_what_belongs_in_it(kind: str) -> None:
    """Language models fill these types too: no field goes without a description, except the fixed kind."""
    schema = json_schema(kind)
    parts = [schema, *schema.get("$defs", {}).values()]
    missing = [
        f"{part['title']}.{name}"
        for part in parts
        for name, field in part.get("properties", {}).items()
        if name != "kind" and not field.get("description")
    ]
    assert missing == []


def test_the_schema_of_profile_files_accepts_the_documented_profile() -> None:
    """docs/schemas/profile.json, which editors use, agrees with the reader on the example."""
    import yaml  # noqa: PLC0415 - only here

    schema = json.loads((DOCS / "schemas" / "profile.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(yaml.safe_load(snippet()))


def test_importing_profiles_loads_neither_templates_nor_calendars() -> None:
    """The command line starts without Jinja and icalendar, also when it has the offline writer at hand."""
    code = (
        "import sys, vm_webapp.profiles, vm_webapp.writers.offline; "
        "print([name for name in ('jinja2', 'icalendar') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
