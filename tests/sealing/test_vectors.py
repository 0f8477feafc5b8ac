"""Frozen bytes. If one goes red, what a house has stored can no longer be opened: mend the code, never the vector."""

import json
from pathlib import Path
from typing import Any

import pytest

from safetyplan.errors import SettingsWrong, Tampered
from safetyplan.sealing import (
    InvalidSeal,
    SharesWrong,
    WrongPassphrase,
    authority,
    casekeys,
    envelope,
    keypairs,
    passphrases,
    secrets,
    sessions,
    shares,
)

FOLDER = Path(__file__).parent.parent / "vectors" / "sealing"
unhex = bytes.fromhex


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def test_envelopes() -> None:
    v = load("envelope")
    key, aad = envelope.FieldKey(unhex(v["key"]), v["place"]["generation"]), unhex(v["associated_data"])
    assert aad == envelope.associated_data(**v["place"])
    for good in v["good"]:
        assert unhex(good["plaintext"]) == key.open(aad, unhex(good["sealed"]))
        assert len(good["sealed"]) == len(key.seal(aad, unhex(good["plaintext"]))) * 2
        assert v["place"]["generation"] == envelope.generation_of(unhex(good["sealed"]))
        for place in v["elsewhere"]:
            with pytest.raises(InvalidSeal):
                key.open(envelope.associated_data(**place), unhex(good["sealed"]))


@pytest.mark.parametrize("bad", load("envelope")["bad"], ids=lambda bad: bad["why"])
def test_bad_envelopes(bad: Any) -> None:
    v = load("envelope")
    with pytest.raises(InvalidSeal):
        envelope.FieldKey(unhex(v["key"]), 7).open(unhex(v["associated_data"]), unhex(bad["sealed"]))


def test_key_pairs() -> None:
    v = load("key_pairs")
    private, public = unhex(v["private"]), unhex(v["public"])
    assert public == keypairs.public_of(private)
    assert unhex(v["private_from_seed"]) == keypairs.key_pair_from_seed(unhex(v["seed"])).private
    info = keypairs.grant_info(**v["grant"], public=public)
    assert unhex(v["grant_info"]) == info
    forever = keypairs.grant_info(**{**v["grant"], "expires_at": None}, public=public)
    assert unhex(v["grant_info_without_expiry"]) == forever
    assert unhex(v["secret"]) == keypairs.open_with(private, info, unhex(v["sealed"]))


@pytest.mark.parametrize("bad", load("key_pairs")["bad"], ids=lambda bad: bad["why"])
def test_bad_sealed_keys(bad: Any) -> None:
    with pytest.raises(InvalidSeal):
        keypairs.open_with(unhex(bad["private"]), unhex(bad["info"]), unhex(bad["sealed"]))


def test_case_keys() -> None:
    v = load("case_keys")
    key, place = unhex(v["case_key"]), (v["case"], v["compartment"], v["generation"])
    assert unhex(v["commitment"]) == casekeys.commitment(key, *place)
    assert unhex(v["succession"]) == casekeys.succession(unhex(v["previous_key"]), *place, unhex(v["commitment"]))
    aad = unhex(v["associated_data"])
    assert v["plaintext"].encode() == casekeys.field_key(key, *place).open(aad, unhex(v["sealed"]))
    own = casekeys.account_field_key(unhex(v["private"]), v["account"])
    assert own.open(aad, unhex(v["account_sealed"])) == b"totp"


def authority_row(v: Any, change: dict[str, object], mac: str) -> dict[str, object]:
    row = {**v["row"], **change}
    for column in v["bytes_columns"]:
        row[column] = unhex(row[column])
    return {**row, "mac": unhex(mac)}


def test_authority_rows() -> None:
    v = load("authority")
    secret = secrets.Secret("authority", v["version"], unhex(v["key"]))
    row = authority_row(v, {}, v["mac"])
    assert row["mac"] == authority.mac(secret, v["table"], row)
    authority.check(secrets.ServerSecrets([secret]), v["table"], row)


@pytest.mark.parametrize("bad", load("authority")["bad"], ids=lambda bad: bad["why"])
def test_bad_authority_rows(bad: Any) -> None:
    v = load("authority")
    held = secrets.ServerSecrets([secrets.Secret("authority", v["version"], unhex(v["key"]))])
    with pytest.raises(Tampered):
        authority.check(held, bad["table"], authority_row(v, bad["change"], bad["mac"]))


def locked_key(stored: Any) -> passphrases.LockedKey:
    return passphrases.LockedKey(**{**stored, "salt": unhex(stored["salt"]), "sealed": unhex(stored["sealed"])})


def test_locks_and_codes() -> None:
    v = load("locks")
    pepper = secrets.Secret("pepper", v["pepper_version"], unhex(v["pepper"]))
    private, account = unhex(v["private"]), v["account"]
    for phrase in (v["phrase"], *v["also_typed_as"]):
        assert private == passphrases.unlock(locked_key(v["locked"]), phrase, pepper, account)
    assert private == passphrases.unlock_with_code(locked_key(v["locked_with_code"]), v["key_code"], pepper, account)
    assert unhex(v["factor_code_hash"]) == passphrases.factor_code_hash(v["factor_code"], pepper)
    assert unhex(v["code_lookup"]) == passphrases.code_lookup(v["enrolment_code"], pepper)
    payload = passphrases.open_under_code(v["enrolment_code"], pepper, unhex(v["info"]), unhex(v["under_code"]))
    assert v["payload"].encode() == payload


@pytest.mark.parametrize("bad", load("locks")["bad"], ids=lambda bad: bad["why"])
def test_bad_locks(bad: Any) -> None:
    v = load("locks")
    pepper = secrets.Secret("pepper", v["pepper_version"], unhex(v["pepper"]))
    with pytest.raises(InvalidSeal) as raised:
        passphrases.unlock(locked_key({**v["locked"], **bad["change"]}), bad["phrase"], pepper, bad["account"])
    assert bad["outcome"] == type(raised.value).__name__
    assert (bad["outcome"] == "WrongPassphrase") == isinstance(raised.value, WrongPassphrase)


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def test_server_secrets_sessions_and_shares(tmp_path: Path) -> None:
    v = load("server")
    root = secrets.FileRoot.load(written(tmp_path / "root.key", v["root_file"]))
    held = secrets.ServerSecrets.from_rows(root, [{**row, "wrapped": unhex(row["wrapped"])} for row in v["secrets"]])
    assert [unhex(row["key"]) for row in v["secrets"]] == [held.version(row["name"], 3).key for row in v["secrets"]]
    for name in (v["user_name"], *v["also_typed_as"]):
        assert unhex(v["name_hash"]) == secrets.name_hash(name, held.current("pepper"))
    due = secrets.server_field_key(held.current("operations")).open(b"place", unhex(v["operations_sealed"]))
    assert v["operations_plaintext"].encode() == due
    assert unhex(v["cookie_hash"]) == sessions.cookie_hash(v["cookie"])
    salt = held.current("session_salt")
    state = sessions.open_session(v["cookie"], salt, v["kind"], v["row"], unhex(v["session"]))
    assert v["payload"].encode() == state
    for pair in (v["shares"][:2], v["shares"][1:], v["shares"][::2]):
        assert unhex(v["seed"]) == shares.combine(pair)


def test_bad_root_files_cookies_and_shares(tmp_path: Path) -> None:
    v = load("server")
    for text in v["bad_root_files"]:
        with pytest.raises(SettingsWrong, match="not a root key"):
            secrets.FileRoot.load(written(tmp_path / "root.key", text))
    for cookie in v["bad_cookies"]:
        with pytest.raises(InvalidSeal):
            sessions.cookie_hash(cookie)
    with pytest.raises(SharesWrong):
        shares.combine([v["shares"][0], v["foreign_share"]])
