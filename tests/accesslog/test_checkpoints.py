"""C2SP checkpoints: the formats byte for byte, keys, the folder, and what is proved before signing."""

from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.accesslog.checkpoints import CheckpointFolder, InvalidCheckpoint, Signer, VerifierKey, parse, verify
from safetyplan.accesslog.heads import Head
from safetyplan.errors import LogUnavailable
from tests.accesslog.conftest import SIGNER, House, digest, looked, wrote

# From golang.org/x/mod/sumdb/note, the reference of the signed-note format.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

HEAD = Head(11, digest("root"))
NOTE = SIGNER.sign(HEAD)


def test_keys_are_those_of_the_reference() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert str(key) == GO_KEY
    assert key == Signer("PeterNeumann", b64decode(GO_PRIVATE)[1:]).key
    raw = b64decode(GO_SIGNATURE)
    assert key.id == raw[:4]
    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], GO_TEXT.encode())


def test_a_checkpoint_reads_as_the_standard_says() -> None:
    lines = NOTE.split("\n")
    assert lines[:2] == ["safetyplan.example/log", "11"]
    assert HEAD.root == b64decode(lines[2])
    assert [lines[3], lines[5]] == ["", ""]
    assert lines[4].startswith("— safetyplan.example/log ")
    assert verify(NOTE, [SIGNER.key]).head == HEAD
    assert "01020304" not in repr(SIGNER)


@given(st.data())
def test_a_changed_checkpoint_is_refused(data: st.DataObject) -> None:
    raw = NOTE.encode()
    place = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 127))]) + raw[place + 1 :]
    with pytest.raises((InvalidCheckpoint, UnicodeDecodeError)):
        verify(changed.decode(), [SIGNER.key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n11\n", "\n011\n"),
        ("\n11\n", "\n+11\n"),
        ("\n11\n", "\n١١\n"),
        ("\n11\n", "\n-1\n"),
        ("\n\n—", "\n—"),
        ("— ", "- "),
        ("=\n\n", "\n\n"),
        ("\n11\n", "\n\n11\n"),
    ],
)
def test_what_is_not_a_checkpoint_is_not_parsed(old: str, new: str) -> None:
    assert old in NOTE
    with pytest.raises(InvalidCheckpoint):
        parse(NOTE.replace(old, new, 1))


def test_several_versions_of_the_key_and_strangers() -> None:
    new = Signer(SIGNER.key.name, bytes(32))
    stranger = Signer("witness.example", bytes(32))
    with pytest.raises(InvalidCheckpoint):
        verify(NOTE, [new.key])
    assert verify(NOTE, [new.key, SIGNER.key]).head == HEAD
    cosigned = NOTE + stranger.sign(HEAD).split("\n\n")[1]
    assert verify(cosigned, [SIGNER.key]).head == HEAD
    with pytest.raises(InvalidCheckpoint):  # the stranger signed another origin: wrong for a key we know
        verify(cosigned, [SIGNER.key, stranger.key])
    only = parse(NOTE).text + "\n" + stranger.sign(HEAD).split("\n\n")[1]
    with pytest.raises(InvalidCheckpoint):
        verify(only, [SIGNER.key])


def test_extension_lines_are_allowed_and_signed() -> None:
    with pytest.raises(InvalidCheckpoint):
        verify(NOTE.replace("\n\n", "\nextension\n\n", 1), [SIGNER.key])
    assert parse(NOTE.replace("\n\n", "\nextension\n\n", 1)).head == HEAD


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_names_without_spaces_and_plus(name: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        Signer(name, bytes(32))


# --- the folder


def test_a_checkpoint_is_never_overwritten(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    assert folder.last() is None
    path = folder.write(NOTE)
    with pytest.raises(FileExistsError):
        folder.write(SIGNER.sign(Head(11, digest("other"))))
    assert path.read_text(encoding="utf-8") == NOTE
    folder.write(SIGNER.sign(Head(102, digest("x"))))
    assert [checkpoint.head.size for checkpoint in folder.all()] == [11, 102]
    assert folder.last().head.size == 102
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.write(NOTE).rename(tmp_path / f"{12:020d}.checkpoint")
    with pytest.raises(InvalidCheckpoint):
        folder.last()


# --- issuing


def test_issuing_signs_what_is_there_and_once(anywhere: House) -> None:
    first = anywhere.checkpoints.last()
    assert (11, anywhere.log.head(anywhere.connection).root) == first.head
    assert first == anywhere.issue()
    anywhere.append(looked(20))
    assert anywhere.issue().head.size == 12
    assert len(anywhere.checkpoints.files()) == 2


def test_an_empty_log_can_be_signed(house: House) -> None:
    assert house.issue().head.size == 0
    house.append(looked(0))
    house.issue()
    assert house.verify().findings == []


def test_a_shorter_log_is_not_signed(lived_in: House) -> None:
    lived_in.attack("DELETE FROM log_entry WHERE seq = 10")
    with pytest.raises(LogUnavailable, match="log tail cut: 11 entries were signed, 10 are left"):
        lived_in.issue()


def test_another_history_is_not_signed(lived_in: House) -> None:
    lived_in.attack("DELETE FROM log_entry")
    from safetyplan.accesslog.heads import HeadNotes

    other = lived_in.process(HeadNotes(lived_in.heads.folder, "other"))
    for number in range(15):
        lived_in.append(looked(number + 50), log=other)
    with pytest.raises(LogUnavailable, match="does not continue"):
        lived_in.issue()


def test_an_entry_altered_since_is_not_signed(anywhere: House) -> None:
    anywhere.append(looked(20), wrote(21, "row-1", "three"), looked(22))
    anywhere.attack("UPDATE log_entry SET body = (SELECT body FROM log_entry WHERE seq = 4) WHERE seq = 12")
    with pytest.raises(LogUnavailable, match="entry 12"):
        anywhere.issue()


def test_a_forged_last_checkpoint_stops_signing(lived_in: House) -> None:
    lived_in.checkpoints.write(Signer(SIGNER.key.name, bytes(32)).sign(Head(1, digest("x"))).replace("\n1\n", "\n99\n"))
    with pytest.raises(LogUnavailable, match="cannot be trusted"):
        lived_in.issue()


def test_a_missing_folder_stops_signing(lived_in: House) -> None:
    lived_in.checkpoints = CheckpointFolder(lived_in.folder / "nowhere")
    with pytest.raises(LogUnavailable):
        lived_in.issue()
