import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.domain.plans import plan_from_json, plan_to_json
from vm_webapp.errors import InvalidProfile, NotReadable, UnknownMode
from vm_webapp.profiles import DEFAULT_MODE, ProfileLibrary
from vm_webapp.profiles.files import MAX_BYTES
from vm_webapp.profiles.outputs import OUTPUT_TYPES

GOOD = """\
title: Mine
version: 3
stages:
  - key: brief
    title: Brief
    kind: brief
  - key: audience
    title: Audience
    kind: audience
    needs: [brief]
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def error_of(tmp_path: Path, text: str | bytes) -> InvalidProfile:
    folder = folder_with(tmp_path)
    (folder / "mine.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InvalidProfile) as caught:
        ProfileLibrary(folder).resolve("mine")
    return caught.value


def test_the_default_comes_first_and_all_shipped_profiles_run() -> None:
    """Three profiles are shipped; the default leads the list, and each can be resolved by its mode."""
    library = ProfileLibrary(None)
    profiles = library.list_profiles()
    assert [profile.mode for profile in profiles] == [DEFAULT_MODE, "editorial_plan", "single_campaign"]
    assert [profile.is_default for profile in profiles] == [True, False, False]
    assert {profile.source for profile in profiles} == {"built-in"}
    assert [library.resolve(profile.mode) for profile in profiles] == [profile.plan for profile in profiles]
    assert library.problems() == []


@pytest.mark.parametrize("mode", ["plan_90d", "single_campaign", "editorial_plan"])
def test_a_plan_needs_only_what_stands_before_it(mode: str) -> None:
    """Stages are ordered so that each follows what it needs; kinds are known; the plan survives its JSON form."""
    plan = ProfileLibrary(None).resolve(mode)
    for place, stage in enumerate(plan.stages):
        assert set(stage.needs) <= {before.key for before in plan.stages[:place]}
        assert stage.kind in OUTPUT_TYPES
        assert stage.approval == "none"
    assert plan_from_json(plan_to_json(plan)) == plan


def test_an_unknown_mode_names_the_known_ones() -> None:
    """Asking for a mode that is not there says which are."""
    with pytest.raises(UnknownMode, match="editorial_plan, plan_90d, single_campaign"):
        ProfileLibrary(None).resolve("plan_9d")


def test_a_workspace_profile_wins_over_a_shipped_one(tmp_path: Path) -> None:
    """A user's file with the name of a shipped profile replaces it and says where it comes from."""
    library = ProfileLibrary(folder_with(tmp_path, plan_90d=GOOD))
    first = library.list_profiles()[0]
    assert (first.mode, first.title, first.source, first.is_default) == ("plan_90d", "Mine", "workspace", True)
    assert library.resolve("plan_90d").version == 3


def test_a_missing_folder_is_an_empty_one(tmp_path: Path) -> None:
    """A workspace without a profiles folder has the shipped profiles."""
    assert len(ProfileLibrary(tmp_path / "none").list_profiles()) == 3


def test_a_broken_profile_hides_no_other(tmp_path: Path) -> None:
    """The good profiles stay; the broken one raises its own error and stands among the problems."""
    library = ProfileLibrary(folder_with(tmp_path, good=GOOD, bad="title: x\n"))
    assert "good" in [profile.mode for profile in library.list_profiles()]
    assert "bad" not in [profile.mode for profile in library.list_profiles()]
    with pytest.raises(InvalidProfile):
        library.resolve("bad")
    assert [error.facts["file"] for error in library.problems()] == ["profiles/bad.yaml"]


def test_a_broken_override_is_never_replaced_by_the_shipped_profile(tmp_path: Path) -> None:
    """Where the user's plan_90d is broken the mode raises, instead of running something the user did not write."""
    library = ProfileLibrary(folder_with(tmp_path, plan_90d="title: x\n"))
    with pytest.raises(InvalidProfile):
        library.resolve("plan_90d")
    assert "plan_90d" not in [profile.mode for profile in library.list_profiles()]


def test_a_changed_file_is_read_again_without_a_restart(tmp_path: Path) -> None:
    """Editing, adding and removing a file shows at the next look; unchanged files are not read again."""
    folder = folder_with(tmp_path, mine=GOOD)
    library = ProfileLibrary(folder)
    before = library.resolve("mine")
    assert library.resolve("mine") is before
    (folder / "mine.yaml").write_text(GOOD.replace("version: 3", "version: 4"), encoding="utf-8")
    assert library.resolve("mine").version == 4
    (folder / "mine.yaml").unlink()
    with pytest.raises(UnknownMode):
        library.resolve("mine")


def test_stages_may_stand_in_any_order(tmp_path: Path) -> None:
    """A stage that is needed may stand further down; the plan puts it first."""
    stages = GOOD.split("stages:\n")
    brief, audience = stages[1].split("  - key: audience")
    text = f"{stages[0]}stages:\n  - key: audience{audience}{brief}"
    plan = ProfileLibrary(folder_with(tmp_path, mine=text)).resolve("mine")
    assert [stage.key for stage in plan.stages] == ["brief", "audience"]


MISTAKES = {
    "a need that does not exist": (
        GOOD.replace("[brief]", "[breif]"),
        'profiles/mine.yaml:10:13: stages[1].needs: there is no stage "breif"; did you mean "brief"?',
    ),
    "an unknown key": (
        GOOD.replace("needs:", "need:"),
        'profiles/mine.yaml:10:5: stages[1].need: there is no key "need" here; did you mean "needs"?',
    ),
    "an unknown key in the middle": (
        GOOD.replace("    needs: [brief]", "    retry: {atempts: 2}"),
        'profiles/mine.yaml:10:13: stages[1].retry.atempts: there is no key "atempts" here; did you mean "attempts"?',
    ),
    "an unknown kind": (
        GOOD.replace("kind: audience", "kind: audiense"),
        'profiles/mine.yaml:9:11: stages[1].kind: there is no kind "audiense"; did you mean "audience"?',
    ),
    "a missing key": (
        GOOD.replace("    title: Audience\n", ""),
        'profiles/mine.yaml:7:5: stages[1].title: "title" is missing; add it',
    ),
    "a wrong type": (
        GOOD.replace("version: 3", "version: three"),
        "profiles/mine.yaml:2:10: version: expected a whole number, found a text",
    ),
    "a number instead of a text": (
        GOOD.replace("title: Mine", "title: 2027"),
        "profiles/mine.yaml:1:8: title: expected a text (put quotes around it), found a number",
    ),
    "a number out of range": (
        GOOD + "    timeout_seconds: 0\n",
        "profiles/mine.yaml:11:22: stages[1].timeout_seconds: must be more than 0, found 0",
    ),
    "a bad key": (
        GOOD.replace("key: audience", "key: My Audience"),
        (
            'profiles/mine.yaml:7:10: stages[1].key: "My Audience" cannot be a key; use lower-case letters, digits and '
            "underscore, up to 40 characters"
        ),
    ),
    "a repeated key": (
        GOOD.replace("version: 3", "version: 3\ntitle: Again"),
        "profiles/mine.yaml:3:1: title: this key is here twice (first on line 1); keep one of them",
    ),
    "two stages of one key": (
        GOOD.replace("key: audience", "key: brief"),
        'profiles/mine.yaml:7:10: stages[1].key: stages[0] is called "brief" too; give each stage a key of its own',
    ),
    "a stage that needs itself": (
        GOOD.replace("[brief]", "[audience]"),
        'profiles/mine.yaml:10:13: stages[1].needs: the stage "audience" needs itself; remove it from the list',
    ),
    "a circle": (
        GOOD.replace("kind: brief", "kind: brief\n    needs: [audience]"),
        (
            "profiles/mine.yaml:7:12: stages[0].needs: the stages need each other in a circle "
            "(brief needs audience needs brief); remove one of these needs"
        ),
    ),
    "no stages": (
        "title: Mine\nstages: []\n",
        "profiles/mine.yaml:2:9: stages: must not be empty; write at least 1",
    ),
    "an unknown param": (
        GOOD + "  - key: when\n    title: When\n    kind: calendar\n    params: {week: 8}\n",
        'profiles/mine.yaml:14:14: stages[2].params.week: there is no key "week" here; did you mean "weeks"?',
    ),
    "an anchor": (
        GOOD.replace("title: Mine", "title: &a Mine"),
        (
            "profiles/mine.yaml:1:8: title: anchors (&) and aliases (*) are not read; "
            "write the value out, or put it in quotes"
        ),
    ),
    "a tag": (
        GOOD.replace("title: Mine", "title: !!python/name:os.system x"),
        "profiles/mine.yaml:1:8: title: tags (!) are not read; write a plain value, or put it in quotes",
    ),
    "a second document": (
        GOOD + "---\ntitle: More\n",
        "profiles/mine.yaml:11:1: there is a second document here; keep one profile to a file and remove the `---`",
    ),
    "a control character": (
        GOOD.replace("version", "\x07version"),
        "profiles/mine.yaml:2:1: there is an invisible control character; delete it",
    ),
    "an empty file": ("", "profiles/mine.yaml:1:1: expected keys with values, found nothing"),
    "a wish for approval in other words": (
        GOOD + "    approval: maybe\n",
        "profiles/mine.yaml:11:15: stages[1].approval: must be 'none' or 'required', found maybe",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_line_column_key_and_remedy(tmp_path: Path, mistake: str) -> None:
    """Every mistake points at its place and says what to do."""
    text, expected = MISTAKES[mistake]
    assert str(error_of(tmp_path, text)) == expected


def test_an_error_carries_its_facts(tmp_path: Path) -> None:
    """The place is available as facts too, for pages that show it beside the text."""
    error = error_of(tmp_path, GOOD.replace("[brief]", "[breif]"))
    assert (error.facts["line"], error.facts["column"], error.facts["key"], error.pointer) == (
        10,
        13,
        "stages[1].needs",
        "/stages/1/needs",
    )
    assert error.facts["mode"] == "mine"


def test_all_mistakes_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    """Two mistakes are two problems, in the order of the file."""
    text = GOOD.replace("kind: brief", "kind: bref").replace("[brief]", "[breif]")
    library = ProfileLibrary(folder_with(tmp_path, mine=text))
    assert [error.facts["line"] for error in library.problems()] == [6, 10]


def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path) -> None:
    """A file in another encoding is refused at the line of its first wrong byte."""
    error = error_of(tmp_path, GOOD.replace("Audience", "Público").encode("latin-1"))
    assert str(error) == "profiles/mine.yaml:8:13: this is not UTF-8 text; save the file as UTF-8"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Files saved by Windows editors are read."""
    folder = folder_with(tmp_path)
    (folder / "mine.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert ProfileLibrary(folder).resolve("mine").title == "Mine"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """A profile is a few lines; a file beyond the limit is refused without being parsed."""
    assert "larger than 64 KiB" in str(error_of(tmp_path, GOOD + "#" * MAX_BYTES))


def test_deep_nesting_is_refused_early(tmp_path: Path) -> None:
    """Thousands of brackets end in a sentence, not in a recursion error."""
    assert "nested deeper than 12 levels" in str(error_of(tmp_path, "title: " + "[" * 5000))


@pytest.mark.parametrize(
    "text", ['title: "\\U00110000"', 'title: "\\UFFFFFFFF"', f"%YAML 1.{'9' * 5000}\n---\ntitle: A"]
)
def test_numbers_that_yaml_itself_trips_over_are_a_problem_of_that_file(tmp_path: Path, text: str) -> None:
    """A character or a version that there cannot be is refused like every mistake; the other profiles can be run."""
    assert "too large a number" in str(error_of(tmp_path, text))
    assert ProfileLibrary(tmp_path / "profiles").resolve(DEFAULT_MODE).profile == DEFAULT_MODE


def test_a_file_name_that_is_no_text_is_a_problem_that_can_be_told(tmp_path: Path) -> None:
    """Its bytes are not repeated: what is wrong with the folder can be encoded, as JSON and on any terminal."""
    folder = folder_with(tmp_path)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.yaml")).write_text(GOOD, encoding="utf-8")
    (problem,) = ProfileLibrary(folder).problems()
    assert str(problem).encode().startswith(b"profiles/ .yaml:1:1: ")


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """What the user's own profiles say is not known then, and no shipped one is run in their place."""
    (tmp_path / "profiles").symlink_to("profiles")
    with pytest.raises(NotReadable, match="profiles cannot be used"):
        ProfileLibrary(tmp_path / "profiles").resolve(DEFAULT_MODE)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link may not lead the program to other files."""
    outside = tmp_path / "outside.yaml"
    outside.write_text(GOOD, encoding="utf-8")
    folder = folder_with(tmp_path)
    (folder / "mine.yaml").symlink_to(outside)
    (folder / "dead.yaml").symlink_to(tmp_path / "nowhere.yaml")
    library = ProfileLibrary(folder)
    assert len(library.problems()) == 2
    with pytest.raises(InvalidProfile, match="leads out of the folder"):
        library.resolve("mine")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hang_the_program(tmp_path: Path) -> None:
    """A special file is refused instead of waited for."""
    folder = folder_with(tmp_path)
    os.mkfifo(folder / "mine.yaml")
    with pytest.raises(InvalidProfile, match="no ordinary file"):
        ProfileLibrary(folder).resolve("mine")


def test_file_names_that_cannot_be_modes_are_problems(tmp_path: Path) -> None:
    """A name that cannot stand in an address is named with the remedy; hidden files are left alone."""
    folder = folder_with(tmp_path, **{"My Plan": GOOD, ".draft": "x"})
    (folder / "a.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "a.yml").write_text(GOOD, encoding="utf-8")
    found = [error.facts["file"] for error in ProfileLibrary(folder).problems()]
    assert found == ["profiles/My Plan.yaml", "profiles/a.yaml", "profiles/a.yml"]


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_profile_or_a_problem_with_a_place(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in a file, it is a profile or a list of problems, never another error."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "mine.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    library = ProfileLibrary(folder)
    problems = [str(error) for error in library.problems()]
    assert all(re.match(r"any\d+/mine\.yaml:\d+:\d+: ", problem) for problem in problems)
    assert bool(problems) != ("mine" in [profile.mode for profile in library.list_profiles()])
