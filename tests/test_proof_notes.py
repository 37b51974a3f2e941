"""Signed notes, checkpoints and keys: the specifications' examples, and whatever is not one of them is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_webapp.proof.notes import (
    BadKey,
    BadNote,
    Checkpoint,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    open_note,
    read_checkpoint,
    sign_checkpoint,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_OTHER_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"
"""The example that came with the format: golang.org/x/mod/sumdb/note."""
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
"""The example of c2sp.org/tlog-checkpoint."""
KEY = SigningKey("vm-log/a", bytes(32))
OTHER = SigningKey("vm-log/b", b"\x01" * 32)
CHECKPOINT = sign_checkpoint(KEY, size=5, root=b"\x07" * 32)


def test_the_published_note_opens_and_is_signed_again() -> None:
    """Ed25519 is deterministic, so signing gives the same bytes."""
    assert open_note(NOTE, [VerifierKey.parse(PETER)]) == TEXT
    assert SigningKey.parse(PETERS_OTHER_KEY).sign(TEXT) == NOTE
    assert str(SigningKey.parse(PETERS_OTHER_KEY).verifier) == PETER
    assert SigningKey.parse(PETERS_OTHER_KEY).spelled() == PETERS_OTHER_KEY


def test_the_published_checkpoint_is_read() -> None:
    """Origin, size and root."""
    found = read_checkpoint(SOFA)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert base64.b64encode(found.root).decode() == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert SOFA.startswith(found.text())


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_says_what_was_signed(size: int, root: bytes) -> None:
    """To whoever has the key."""
    note = sign_checkpoint(KEY, size=size, root=root)
    assert open_checkpoint(note, [OTHER.verifier, KEY.verifier]) == Checkpoint("vm-log/a", size, root)


@given(st.data())
def test_a_note_with_one_bit_changed_does_not_open(data: st.DataObject) -> None:
    """Wherever it is."""
    content = bytearray(CHECKPOINT.encode())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadNote):
        open_checkpoint(bytes(content), [KEY.verifier])


@given(st.integers(0, len(CHECKPOINT.encode()) - 1))
def test_a_note_that_was_cut_does_not_open(length: int) -> None:
    """At any byte."""
    with pytest.raises(BadNote):
        open_checkpoint(CHECKPOINT.encode()[:length], [KEY.verifier])


def test_signatures_of_others_are_passed_over() -> None:
    """A witness may add its own line; without one of a known key the note says nothing."""
    _, _, theirs = OTHER.sign(read_checkpoint(CHECKPOINT).text()).rpartition("\n\n")
    both = CHECKPOINT + theirs
    assert open_checkpoint(both, [KEY.verifier]).size == 5
    with pytest.raises(BadNote, match="none of the keys at hand has signed it"):
        open_note(CHECKPOINT, [OTHER.verifier])
    with pytest.raises(BadNote, match="none of the keys at hand"):
        open_checkpoint(both, [OTHER.verifier])


def test_a_signature_of_a_known_key_has_to_hold() -> None:
    """Even beside another that does."""
    text = read_checkpoint(CHECKPOINT).text()
    forged = f"\u2014 vm-log/b {base64.b64encode(OTHER.verifier.key_id + bytes(64)).decode()}\n"
    with pytest.raises(BadNote, match="the signature of vm-log/b does not hold"):
        open_note(KEY.sign(text) + forged, [KEY.verifier, OTHER.verifier])


BROKEN_NOTES = {
    "no signature": TEXT,
    "no empty line": TEXT + SIGNATURE,
    "no newline at the end": NOTE[:-1],
    "a hyphen for the dash": NOTE.replace("\u2014", "-"),
    "no base64": NOTE.replace("x08go/", "x08g*/"),
    "base64 with bits to spare": NOTE.replace("JnAM=", "JnAN="),
    "a control character": NOTE.replace("you", "y\ru"),
    "a tab": NOTE.replace("you think", "you\tthink"),
    "too many signatures": NOTE + SIGNATURE * 100,
    "too large": "x" * 1_000_001,
    "only a key's id": f"{TEXT}\n\u2014 PeterNeumann x08gow==\n",
    "half a character": NOTE.replace("you", "\ud800"),
}


@pytest.mark.parametrize("note", BROKEN_NOTES.values(), ids=BROKEN_NOTES.keys())
def test_what_is_no_note_is_refused(note: str) -> None:
    """Whatever it says."""
    with pytest.raises(BadNote):
        open_note(note, [VerifierKey.parse(PETER)])


def test_bytes_that_are_no_text_are_no_note() -> None:
    """A witness file may hold anything."""
    with pytest.raises(BadNote, match="not UTF-8"):
        open_note(b"\xff" + NOTE.encode(), [])


ROOT = base64.b64encode(bytes(32)).decode()
BROKEN_CHECKPOINTS = {
    "no root": "o\n1\n",
    "no origin": f"\n1\n{ROOT}\n",
    "a leading zero": f"o\n01\n{ROOT}\n",
    "a sign": f"o\n+1\n{ROOT}\n",
    "other digits": f"o\n\u0661\n{ROOT}\n",
    "a short root": f"o\n1\n{base64.b64encode(bytes(31)).decode()}\n",
    "no base64": f"o\n1\n{ROOT[:-1]}\n",
    "an empty extension": f"o\n1\n{ROOT}\n\n\n",
}


@pytest.mark.parametrize("text", BROKEN_CHECKPOINTS.values(), ids=BROKEN_CHECKPOINTS.keys())
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """Though it may be a note."""
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_extension_lines_are_passed_over() -> None:
    """We write none, others may."""
    assert Checkpoint.parse(f"o\n1\n{ROOT}\nmore\n").size == 1


@pytest.mark.parametrize("text", [TEXT[:-1], "a\x00\n", ""])
def test_what_cannot_be_a_notes_text_is_not_signed(text: str) -> None:
    """Nobody could open it."""
    with pytest.raises(BadNote):
        KEY.sign(text)


def test_a_mangled_key_is_none() -> None:
    """No piece of it, and none with a byte changed."""
    pieces = [PETER[:end] for end in range(len(PETER))] + [PETER[start:] for start in range(1, len(PETER))]
    changed = [PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :] for at in range(len(PETER))]
    longer = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="
    unknown = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    for text in [*pieces, *changed, longer, unknown]:
        with pytest.raises(BadKey):
            VerifierKey.parse(text)


@pytest.mark.parametrize("text", ["", PETER, PETERS_OTHER_KEY[:-4], PETERS_OTHER_KEY.replace("c74f20a3", "c74f20a4")])
def test_a_mangled_secret_is_none_and_is_not_shown(text: str) -> None:
    """The error says what is the matter, not what it is."""
    with pytest.raises(BadKey) as caught:
        SigningKey.parse(text)
    assert "AYEKF" not in str(caught.value)


OWN_NAME = "vm-log/139e3940e64b5491"
"""What log_tree/keys calls the key of 32 zeros, after the SHA-256 of its public half."""


def test_a_name_that_follows_from_a_key_is_read_with_that_key() -> None:
    """And so is any key under a name of another kind."""
    for name in (OWN_NAME, "vm-log/given", "acme", "vm-log/139e3940e64b5491-2", "other/139e3940e64b5491"):
        key = SigningKey(name, bytes(32))
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        assert SigningKey.parse(key.spelled()).verifier == key.verifier


@pytest.mark.parametrize(
    "name",
    [
        OWN_NAME.replace("139e", "139f"),
        OWN_NAME.upper(),
        OWN_NAME.replace("e", "E"),
        OWN_NAME.replace("1", "\uff11"),
        OWN_NAME.replace("/", "/\u200b"),
    ],
)
def test_a_name_that_is_another_keys_is_refused(name: str) -> None:
    """With the name that would be the key's, and also where it only looks like such a name."""
    key = SigningKey(name, bytes(32))
    for read, spelled in ((VerifierKey.parse, str(key.verifier)), (SigningKey.parse, key.spelled())):
        with pytest.raises(BadKey, match=f"it is called {name}, which is not its name: that is {OWN_NAME}"):
            read(spelled)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b"])
def test_a_key_has_a_name_that_notes_can_bear(name: str) -> None:
    """Neither spaces nor a plus."""
    with pytest.raises(BadKey):
        SigningKey(name, bytes(32))
