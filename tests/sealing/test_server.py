"""The house's own secrets, authority rows, sessions and recovery shares."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyplan.errors import SettingsWrong, Tampered
from safetyplan.sealing import InvalidSeal, SharesWrong, authority, casekeys, keypairs, secrets, sessions, shares
from safetyplan.sealing.passphrases import Cost, lock

SECRETS = secrets.ServerSecrets(secrets.new_secret(name, version) for name in secrets.NAMES for version in (1, 2))
ROW: dict[str, Any] = {
    "id": "r1",
    "role": "staff",
    "unit": None,
    "active": True,
    "created_at": 1_900_000_000_000,
    "public": b"key",
}
SIGNED: dict[str, Any] = {**ROW, "mac": authority.mac(SECRETS.current("authority"), "account", ROW)}


@pytest.fixture
def root(tmp_path: Path) -> secrets.FileRoot:
    return secrets.FileRoot.create(tmp_path / "keys" / "root.key")


def test_a_root_key_is_ours_alone_and_never_overwritten(root: secrets.FileRoot) -> None:
    assert root.path.stat().st_mode & 0o7777 == 0o600
    before = root.path.read_bytes()
    with pytest.raises(SettingsWrong, match="already"):
        secrets.FileRoot.create(root.path)
    assert before == root.path.read_bytes()
    wrapped = root.wrap("pepper", 1, bytes(32))
    assert bytes(32) == secrets.FileRoot.load(root.path).unwrap("pepper", 1, wrapped)


def test_the_umask_does_not_loosen_or_tighten_it(tmp_path: Path) -> None:
    for number, mask in enumerate((0o000, 0o377)):
        old = os.umask(mask)
        try:
            (tmp_path / f"keys{number}").mkdir(mode=0o700)
            (tmp_path / f"keys{number}").chmod(0o700)
            path = secrets.FileRoot.create(tmp_path / f"keys{number}" / "root.key").path
        finally:
            os.umask(old)
        assert path.stat().st_mode & 0o7777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601, 0o610, 0o666])
def test_looser_rights_are_refused_with_the_mend(root: secrets.FileRoot, mode: int) -> None:
    root.path.chmod(mode)
    with pytest.raises(SettingsWrong, match="chmod 600"):
        secrets.FileRoot.load(root.path)


@pytest.mark.parametrize(
    ("mode", "owner", "group", "user", "tight"),
    [
        (0o100600, 1000, 1000, 1000, True),
        (0o100400, 1000, 1000, 1000, True),
        (0o100600, 1001, 1000, 1000, False),
        (0o100600, 0, 0, 1000, False),
        (0o100440, 0, 0, 1000, True),  # a systemd credential
        (0o100440, 0, 0, 0, False),
        (0o100440, 0, 1000, 1000, False),
        (0o100640, 0, 0, 1000, False),
        (0o040600, 1000, 1000, 1000, False),
        (0o020600, 1000, 1000, 1000, False),
    ],
)
def test_whose_file_it_may_be(mode: int, owner: int, group: int, user: int, tight: bool) -> None:
    assert tight == secrets.rights_are_tight(os.stat_result((mode, 1, 1, 1, owner, group, 60, 0, 0, 0)), user)


def test_a_missing_file_a_link_a_folder_and_a_pipe_are_refused(root: secrets.FileRoot, tmp_path: Path) -> None:
    link, folder, pipe = tmp_path / "link", tmp_path / "folder", tmp_path / "pipe"
    link.symlink_to(root.path)
    folder.mkdir(mode=0o700)
    os.mkfifo(pipe, 0o600)
    for path in (tmp_path / "none", link, folder, pipe):
        with pytest.raises(SettingsWrong):
            secrets.FileRoot.load(path)


def rows(root: secrets.FileRoot) -> list[dict[str, object]]:
    return [
        {"id": name, "name": name, "version": 1, "wrapped": root.wrap(name, 1, bytes([at]) * 32)}
        for at, name in enumerate(secrets.NAMES)
    ]


def test_secrets_come_back_from_their_rows(root: secrets.FileRoot) -> None:
    held = secrets.ServerSecrets.from_rows(root, rows(root))
    assert [bytes([at]) * 32 for at in range(6)] == [held.current(name).key for name in secrets.NAMES]


def test_a_secret_in_anothers_place_is_named(root: secrets.FileRoot) -> None:
    for change in ({"name": "directory"}, {"version": 2}, {"wrapped": b""}, {"wrapped": None}, {"version": "1"}):
        stored = rows(root)
        stored[0].update(change)
        with pytest.raises(Tampered) as raised:
            secrets.ServerSecrets.from_rows(root, stored)
        assert (raised.value.table, raised.value.row_id) == ("server_secret", "pepper")


def test_another_houses_root_key_is_told_with_the_mend(root: secrets.FileRoot, tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="does not belong to this database"):
        secrets.ServerSecrets.from_rows(secrets.FileRoot.create(tmp_path / "other.key"), rows(root))


def test_the_highest_version_is_current() -> None:
    assert (SECRETS.current("pepper").version, SECRETS.version("pepper", 1).version) == (2, 1)
    assert [secret.version for secret in SECRETS.versions("pepper")] == [2, 1]
    with pytest.raises(InvalidSeal):
        SECRETS.version("pepper", 3)
    with pytest.raises(SettingsWrong):
        secrets.ServerSecrets([]).current("pepper")
    with pytest.raises(ValueError):
        secrets.new_secret("papper")


def test_user_names_are_found_however_they_are_typed() -> None:
    pepper = SECRETS.current("pepper")
    assert secrets.name_hash("Gran-7", pepper) == secrets.name_hash(" gran-7\n", pepper)
    assert secrets.name_hash("gran-7", pepper) != secrets.name_hash("gran-8", pepper)
    assert secrets.name_hash("gran-7", pepper) != secrets.name_hash("gran-7", SECRETS.version("pepper", 1))


def test_operations_fields_open_with_the_right_secret_only() -> None:
    sealed = secrets.server_field_key(SECRETS.current("operations")).seal(b"", b"due")
    assert secrets.server_field_key(SECRETS.current("operations")).open(b"", sealed) == b"due"
    for other in (SECRETS.current("directory"), SECRETS.version("operations", 1)):
        with pytest.raises(InvalidSeal):
            secrets.server_field_key(other).open(b"", sealed)


def test_an_authority_row_is_whole() -> None:
    authority.check(SECRETS, "account", SIGNED)
    authority.check(SECRETS, "account", {**SIGNED, "active": 1})
    authority.check(SECRETS, "account", dict(reversed(SIGNED.items())))
    older = {**ROW, "mac": authority.mac(SECRETS.version("authority", 1), "account", ROW)}
    authority.check(SECRETS, "account", older)


@pytest.mark.parametrize(
    "change",
    [
        {"role": "officer"},
        {"unit": ""},
        {"unit": "u1"},
        {"active": False},
        {"created_at": "1900000000000"},
        {"created_at": 1.9},
        {"public": b"kex"},
        {"id": "r2"},
        {"id": None},
        {"more": None},
        {"mac": None},
        {"mac": b""},
        {"mac": SIGNED["mac"][:-1]},
        {"mac": SIGNED["mac"] + b"\x00"},
    ],
)
def test_a_changed_authority_row_is_named(change: dict[str, Any]) -> None:
    row = {**SIGNED, **change}
    with pytest.raises(Tampered) as raised:
        authority.check(SECRETS, "account", row)
    assert ("account", str(row["id"])) == (raised.value.table, raised.value.row_id)


def test_a_column_left_out_and_another_table_are_named() -> None:
    for column in SIGNED:
        with pytest.raises(Tampered):
            authority.check(SECRETS, "account", {name: value for name, value in SIGNED.items() if name != column})
    with pytest.raises(Tampered):
        authority.check(SECRETS, "group", SIGNED)


@given(st.integers(0, 36), st.integers(1, 255))
def test_any_changed_byte_of_a_mac_is_named(at: int, change: int) -> None:
    changed = bytearray(SIGNED["mac"])
    changed[at] ^= change
    with pytest.raises(Tampered):
        authority.check(SECRETS, "account", {**ROW, "mac": bytes(changed)})


def test_no_other_secret_vouches_for_rows() -> None:
    with pytest.raises(ValueError):
        authority.mac(SECRETS.current("pepper"), "account", ROW)
    with pytest.raises(TypeError):
        authority.mac(SECRETS.current("authority"), "account", {"role": "staff"})


def test_a_session_opens_with_its_cookie_salt_kind_and_row() -> None:
    salt, cookie = SECRETS.current("session_salt"), sessions.new_cookie()
    assert len(cookie) == 43 and cookie != sessions.new_cookie()
    sealed = sessions.seal_session(cookie, salt, "signed in", "s1", b"state")
    assert sessions.open_session(cookie, salt, "signed in", "s1", sealed) == b"state"
    for wrong in (
        (sessions.new_cookie(), salt, "signed in", "s1", sealed),
        (cookie, SECRETS.version("session_salt", 1), "signed in", "s1", sealed),
        (cookie, secrets.new_secret("session_salt", 2), "signed in", "s1", sealed),
        (cookie, salt, "half signed in", "s1", sealed),
        (cookie, salt, "signed in", "s2", sealed),
        (cookie, salt, "signed in", "s1", sealed[:-1]),
    ):
        with pytest.raises(InvalidSeal):
            sessions.open_session(*wrong)


@given(st.text(max_size=60))
def test_what_is_no_cookie_raises(text: str) -> None:
    with pytest.raises(InvalidSeal):
        sessions.cookie_hash(text)


def test_the_row_does_not_hold_the_cookie() -> None:
    cookie = sessions.new_cookie()
    assert len(sessions.cookie_hash(cookie)) == 32
    assert sessions.cookie_hash(cookie) != sessions.cookie_hash(sessions.new_cookie())


SEED = bytes(range(32))
SHARES = shares.split(SEED)


@pytest.mark.parametrize("held", [SHARES[:2], SHARES[1:], SHARES[::-2], SHARES, [s.upper() for s in SHARES[:2]]])
def test_any_two_shares_or_all_give_the_seed(held: list[str]) -> None:
    assert shares.combine(held) == SEED


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ([], "Two shares are needed"),
        (SHARES[:1], "one more"),
        ([SHARES[0], SHARES[0]], "same share twice"),
        ([SHARES[0], shares.split(SEED)[1]], "do not belong together"),
        ([SHARES[0], SHARES[1].rsplit(" ", 1)[0]], "Share 2"),
        ([SHARES[0].replace(SHARES[0].split()[5], "nonsense"), SHARES[1]], "Share 1"),
        (["", SHARES[1]], "Share 1"),
        ([SHARES[0], " ".join(reversed(SHARES[1].split()))], "Share 2"),
    ],
)
def test_wrong_shares_say_what_to_do(held: list[str], says: str) -> None:
    with pytest.raises(SharesWrong, match=says):
        shares.combine(held)


def test_no_key_shows_in_a_repr(root: secrets.FileRoot) -> None:
    pair = keypairs.new_key_pair()
    key, secret = casekeys.new_case_key(), SECRETS.current("pepper")
    shown = {
        key: casekeys.field_key(key, "c", "plan", 1),
        pair.private: pair,
        secret.key: [secret, SECRETS, secrets.ServerSecrets([secret])],
        pair.private[:50]: lock(pair.private, "phrase", secret, "a", cost=Cost(8, 1, 1)),
    }
    for hidden, value in shown.items():
        for text in (repr(value), str(value), f"{value}"):
            assert repr(hidden)[2:14] not in text and hidden.hex() not in text and "\\x" not in text
    assert root.path.read_text().split()[1] not in repr(root) and "\\x" not in repr(root)
