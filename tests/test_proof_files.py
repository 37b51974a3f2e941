"""A proof as a file, checked: which key signed, what is proven, and every claim that is not borne out is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from test_cli_look import Shell
from verify_kit import copied_shell, fresh_filled, rows
from vm_webapp.bundles import fingerprint
from vm_webapp.cli import Exit
from vm_webapp.proof.notes import SigningKey, VerifierKey, read_checkpoint

filled = fresh_filled
shell = copied_shell
Document = dict[str, Any]
FOREIGN = SigningKey("vm-log/foreign", b"\x03" * 32)


def own_key(shell: Shell) -> VerifierKey:
    """The key of the shell's log."""
    return VerifierKey.parse(shell.json("checkpoint")["key"])


def run_proof(shell: Shell) -> tuple[str, Document]:
    """The newest run's id, and its proof."""
    return shell.json("runs")["runs"][0]["run_id"], shell.json("proof", "latest")


def written(tmp_path: Path, document: Document) -> str:
    """The document in a file."""
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def refused(shell: Shell, tmp_path: Path, document: Document) -> str:
    """What is said against the document, under this log's key; it has to be something, with exit code 1."""
    file, key = written(tmp_path, document), str(own_key(shell))
    assert shell("verify", file, "--key", key).code == Exit.FAILED
    said = shell.json("verify", file, "--key", key)
    assert (said["ok"], said["key"]) == (False, key)
    return " ".join(said["problems"])


def test_it_is_said_which_run_is_proven(shell: Shell, tmp_path: Path) -> None:
    """As the file claims it and as its events have it: the stream, each event, and that the stream is whole."""
    run_id, made = run_proof(shell)
    assert made["subject"] == {"stream_id": f"run:{run_id}", "events": len(made["events"])}
    file, key = written(tmp_path, made), str(own_key(shell))
    said, text = shell.json("verify", file, "--key", key), shell("verify", file, "--key", key)
    facts = [json.loads(event["canonical"]) for event in made["events"]]
    assert said["subject"] == made["subject"]
    assert said["streams"] == [
        {"stream_id": f"run:{run_id}", "versions": list(range(1, len(facts) + 1)), "whole": True}
    ]
    assert [(one["index"], one["event_id"], one["event_type"]) for one in said["proven"]] == [
        (event["index"], fact["event_id"], fact["event_type"])
        for event, fact in zip(made["events"], facts, strict=True)
    ]
    assert {one["run_id"] for one in said["proven"]} == {run_id}
    assert f"It claims to prove the events 1 to {len(facts)} of run:{run_id}." in text.out
    assert f"run:{run_id} is whole in it from version 1 to {len(facts)}; there may be later events." in text.out
    for event, fact in zip(made["events"], facts, strict=True):
        assert f"  at {event['index']}: version {fact['stream_version']}, {fact['event_type']}" in text.out
        assert fact["event_id"] in text.out
    assert text.code == Exit.OK


def test_it_is_said_which_event_is_proven(shell: Shell, tmp_path: Path) -> None:
    """One alone is not its whole stream."""
    _, run = run_proof(shell)
    event_id = json.loads(run["events"][2]["canonical"])["event_id"]
    made = shell.json("proof", event_id)
    said, text = shell.json("verify", written(tmp_path, made)), shell("verify", written(tmp_path, made))
    assert made["subject"] == said["subject"] == {"event_id": event_id}
    assert [one["event_id"] for one in said["proven"]] == [event_id]
    assert said["streams"][0]["whole"] is False
    assert f"It claims to prove the event {event_id}." in text.out
    assert "is not whole in it: it has version 3; there may be later events." in text.out


def test_the_proof_of_one_run_is_not_that_of_another(shell: Shell, tmp_path: Path) -> None:
    """Whoever claims so is found out."""
    _, made = run_proof(shell)
    other = shell.json("runs")["runs"][1]["run_id"]
    made["subject"]["stream_id"] = f"run:{other}"
    assert f"of run:{other}, and its events are not that." in refused(shell, tmp_path, made)
    made["subject"] = {"event_id": "evt-other"}
    assert "It claims to prove the event evt-other, and its events are not that." in refused(shell, tmp_path, made)


def test_files_of_earlier_releases_verify(shell: Shell, tmp_path: Path) -> None:
    """They claim nothing; what their events say is told all the same."""
    run_id, made = run_proof(shell)
    del made["subject"]
    file, key = written(tmp_path, made), str(own_key(shell))
    said, text = shell.json("verify", file, "--key", key), shell("verify", file, "--key", key)
    assert (said["ok"], said["subject"], said["streams"][0]["whole"]) == (True, None, True)
    assert (text.code, "It does not claim what it proves" in text.out, f"run:{run_id}" in text.out) == (0, True, True)
    made["key"] = ""
    assert shell.json("verify", written(tmp_path, made), "--key", key)["ok"] is True


def _drop_first(made: Document) -> None:
    del made["events"][0]


def _drop_middle(made: Document) -> None:
    del made["events"][3]


def _drop_last(made: Document) -> None:
    del made["events"][-1]


@pytest.mark.parametrize("drop", [_drop_first, _drop_middle, _drop_last])
def test_events_that_were_dropped_are_missed(shell: Shell, tmp_path: Path, drop: Callable[[Document], None]) -> None:
    """By the claim; where the claim is gone as well, a stream with a gap is not called whole."""
    _, made = run_proof(shell)
    drop(made)
    assert "and its events are not that" in refused(shell, tmp_path, made)
    del made["subject"]
    file = written(tmp_path, made)
    said = shell.json("verify", file)
    assert (said["ok"], said["streams"][0]["whole"]) == (True, drop is _drop_last)
    assert (drop is _drop_middle) == (" is not whole in it: it has version 1 to 3, 5 to " in shell("verify", file).out)


def _none(made: Document) -> None:
    made["events"] = []


def _none_claimed(made: Document) -> None:
    made["events"] = []
    del made["subject"]


def _twice(made: Document) -> None:
    made["events"].insert(1, made["events"][0])


def _turned(made: Document) -> None:
    made["events"].reverse()


def _foreign_key(made: Document) -> None:
    made["key"] = str(FOREIGN.verifier)


def _no_key(made: Document) -> None:
    made["key"] = "rubbish"


def _not_that_event(made: Document) -> None:
    made["events"][1] |= {key: made["events"][0][key] for key in ("canonical", "sha256")}


REFUSED: dict[str, tuple[Callable[[Document], None], str]] = {
    "no events": (_none, "It holds no event, so it proves nothing."),
    "no events and no claim": (_none_claimed, "It holds no event, so it proves nothing."),
    "an event twice": (_twice, "is in it 2 times"),
    "events in another order": (_turned, "do not stand in the order of the log"),
    "a key that did not sign": (_foreign_key, f"The key that it names, {FOREIGN.verifier}, is not the one that signed"),
    "a key that is none": (_no_key, "What it names as its key is none: it is not spelled name+id+base64"),
    "an event that was not signed": (_not_that_event, "is not the one that was signed"),
}


@pytest.mark.parametrize(("change", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_hold_is_named(
    shell: Shell, tmp_path: Path, change: Callable[[Document], None], told: str
) -> None:
    """Each with a sentence, and without a word that everything holds."""
    _, made = run_proof(shell)
    change(made)
    assert told in refused(shell, tmp_path, made)
    assert "Everything holds" not in shell("verify", str(tmp_path / "proof.json"), "--key", str(own_key(shell))).out


@pytest.mark.parametrize("change", [_foreign_key, _no_key])
def test_the_key_that_is_told_is_the_one_that_signed(
    shell: Shell, tmp_path: Path, change: Callable[[Document], None]
) -> None:
    """Whatever the file names, and whichever key of that name stands first among those that are trusted."""
    own, (_, made) = own_key(shell), run_proof(shell)
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{FOREIGN.verifier}\n{own}\n", encoding="utf-8")
    change(made)
    said, text = (
        shell.json("verify", written(tmp_path, made), "--key", str(keys)),
        shell("verify", written(tmp_path, made), "--key", str(keys)),
    )
    assert said["key"] == str(own)
    assert f"its key has the fingerprint {fingerprint(own)}." in text.out
    assert fingerprint(FOREIGN.verifier) not in text.out


def test_of_two_keys_of_one_name_the_one_that_signed_is_told(shell: Shell, tmp_path: Path) -> None:
    """A keeper may give a new key the name of the old one."""
    _, made = run_proof(shell)
    seen = read_checkpoint(made["checkpoint"])
    old, new = SigningKey("acme", b"\x01" * 32), SigningKey("acme", b"\x02" * 32)
    made["checkpoint"] = new.sign(seen.text().replace(seen.origin, "acme"))
    made["key"] = str(new.verifier)
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{old.verifier}\n{new.verifier}\n", encoding="utf-8")
    said = shell.json("verify", written(tmp_path, made), "--key", str(keys))
    assert (said["ok"], said["key"]) == (True, str(new.verifier))


NO_SUBJECTS = [1, [], {}, None, {"event_id": 1}, {"event_id": ""}, {"event_id": "e", "more": 1}, {"stream_id": "s"}]


@pytest.mark.parametrize("subject", [*NO_SUBJECTS, {"stream_id": "s", "events": True}, {"stream_id": "s", "events": 0}])
def test_a_claim_that_is_none_is_refused(shell: Shell, tmp_path: Path, subject: object) -> None:
    """Rather than passed over."""
    _, made = run_proof(shell)
    said = shell("verify", written(tmp_path, {**made, "subject": subject}))
    assert (said.code, "what it claims to prove has not the right form" in said.err) == (Exit.USAGE, True)


def test_a_bundle_says_which_run_it_proves(shell: Shell, tmp_path: Path) -> None:
    """In JSON as in text, with the key that signed it."""
    run_id = rows(shell.workspace, "SELECT run_id FROM runs_view WHERE status = 'completed'")[0]["run_id"]
    bundle = tmp_path / "run.zip"
    assert shell("export", run_id, "-o", str(bundle)).code == Exit.OK
    said = shell.json("verify", str(bundle))
    assert (said["run_id"], said["key"], said["ok"]) == (run_id, str(own_key(shell)), True)
