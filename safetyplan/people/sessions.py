"""Sessions: a row that opens only with the browser's cookie and the house's session salt together."""

import base64
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from safetyplan.actors import AccountId, Actor, CaseId, Role, UnitId, new_id
from safetyplan.errors import Refused, Tampered
from safetyplan.fields import Field
from safetyplan.people import devices, throttle
from safetyplan.people.model import (
    IDLE_OTHERS,
    LIFE,
    SEEN_EVERY,
    SESSION_LIFE,
    Kind,
    State,
    coarse_device,
    idle_limit,
)
from safetyplan.sealing import authority
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import generation_of
from safetyplan.sealing.invalid import InvalidSeal
from safetyplan.sealing.secrets import ServerSecrets
from safetyplan.sealing.sessions import cookie_hash, new_cookie, open_session, seal_session
from safetyplan.store import hot, people
from safetyplan.store.engine import StoredRow, Tx
from safetyplan.vault import Access, CaseKeys, House, Keyring, Note, Outcome, Revealed, Vault
from safetyplan.vault.grants import packed, unpacked

log = logging.getLogger(__name__)

_FORMAT = 1
_REFERENCE = 10


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, as one request sees them."""

    cookie: str = field(repr=False)
    actor: Actor
    keyring: Keyring
    begun_at: int


@dataclass(frozen=True, slots=True)
class Row:
    """A session row that the cookie has opened."""

    id: str
    kind: Kind
    payload: Mapping[str, Any] = field(repr=False)
    created_at: int
    seen_at: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of "my sessions". ``device`` is "kind/system"; times in ms UTC."""

    id: str
    device: Revealed
    begun_at: int
    seen_at: int
    this_one: bool


# -- rows of any kind --------------------------------------------------------------------------------------


def add(
    tx: Tx,
    secrets: ServerSecrets,
    now: int,
    kind: Kind,
    account: str,
    payload: Mapping[str, object],
    *,
    row_id: str | None = None,
    device: bytes | None = None,
) -> str:
    """A new row; its cookie, which nothing else knows."""
    row_id, cookie = row_id or new_id(), new_cookie()
    hot.add_session(
        tx,
        row_id=row_id,
        cookie_hash=cookie_hash(cookie),
        kind=kind,
        tag=_tag(secrets, secrets.current("session_salt").version, account),
        sealed=_seal(secrets, cookie, kind, row_id, {**payload, "account": account, "begun": now}),
        device=device,
        now=now,
    )
    return cookie


def find(tx: Tx, secrets: ServerSecrets, cookie: str | None, now: int, *kinds: Kind) -> Row | None:
    """The row that this cookie opens, if it is of one of the kinds and its life is not over."""
    try:
        row = hot.session(tx, cookie_hash(cookie or ""))
        if row is None or row.kind not in kinds:
            return None
        salt = secrets.version("session_salt", generation_of(row.sealed))
        payload = json.loads(open_session(cookie or "", salt, row.kind, row.id, row.sealed))
    except InvalidSeal:
        return None  # a cookie that is none, or a row that somebody planted or moved
    if payload.get("v") != _FORMAT or row.account_tag not in tags(secrets, payload["account"]):
        return None
    # The row's own time may have been changed; the one that counts was sealed.
    if not payload["begun"] <= now < payload["begun"] + LIFE[Kind(row.kind)]:
        return None
    return Row(row.id, Kind(row.kind), payload, payload["begun"], row.seen_at, row.sealed)


def reseal(tx: Tx, secrets: ServerSecrets, cookie: str, row: Row, payload: Mapping[str, object]) -> bool:
    """Replace a row's payload; False if another request was first."""
    return hot.reseal_session(tx, row.id, row.sealed, _seal(secrets, cookie, row.kind, row.id, payload))


def tags(secrets: ServerSecrets, account: str) -> list[bytes]:
    """By which an account's sessions are found with no key, under each version of the salt that is kept."""
    return [_tag(secrets, salt.version, account) for salt in secrets.versions("session_salt")]


def sweep(tx: Tx, now: int) -> int:
    """Drop rows whose time is over, and counters of windows that are; how many."""
    gone = hot.sweep_throttle(tx, now)
    for kind, life in LIFE.items():
        idle = IDLE_OTHERS if kind is Kind.FULL else life
        gone += hot.sweep_sessions(tx, kind=kind, created_before=now - life, seen_before=now - idle)
    return gone


def sweep_up(house: House) -> None:
    """``sweep`` on the side: where it fails, what is over stays a little longer and opens nothing all the same."""
    try:
        with house.store.transaction() as tx:
            sweep(tx, house.clock())
    except SQLAlchemyError as error:
        log.warning("nothing swept: %s", type(error).__name__)


def _seal(secrets: ServerSecrets, cookie: str, kind: Kind, row_id: str, payload: Mapping[str, object]) -> bytes:
    text = json.dumps({**payload, "v": _FORMAT}, sort_keys=True, separators=(",", ":"))
    return seal_session(cookie, secrets.current("session_salt"), kind, row_id, text.encode())


def _tag(secrets: ServerSecrets, version: int, account: str) -> bytes:
    key = derive(secrets.version("session_salt", version).key, "account tag")
    return hmac.digest(key, pack(account), "sha256")


# -- full sessions -----------------------------------------------------------------------------------------


def begin(note: Note, account: StoredRow, keyring: Keyring, *, network: str, agent: str) -> Session:
    """A full session for the account (MAC checked by the caller), in the note that writes it down as its actor.

    ``keyring`` holds the private key; a resident's own case keys are opened here and carried from now on.
    """
    row_id = new_id()
    own_case = CaseId(account.own_case) if account.own_case else None
    case_keys: CaseKeys = {}
    if own_case is not None:
        case_keys = Vault(note.house, keyring).case_keys(note, own_case)
    ring = Keyring(keyring.account, keyring.private, case_keys)
    device = note.seal(note.ref(Field.SESSION_DEVICE, row_id, 1), coarse_device(agent))
    payload = {
        "role": account.role,
        "unit": account.unit_id,
        "own_case": own_case,
        "private": text_of(ring.private),
        "case_keys": text_of(packed(case_keys)),
    }
    cookie = add(note.tx, note.house.secrets, note.now, Kind.FULL, account.id, payload, row_id=row_id, device=device)
    note.actor = _actor(row_id, {**payload, "account": account.id}, network)
    return Session(cookie, note.actor, ring, note.now)


def load(house: House, cookie: str | None, *, address: str | None = None) -> Session | None:
    """Who is signed in with this cookie, or None. A session of an account that was tampered with ends here."""
    if not cookie:
        return None
    now = house.clock()
    with house.store.snapshot() as tx:
        row = find(tx, house.secrets, cookie, now, Kind.FULL)
        account = people.account(tx, row.payload["account"]) if row else None
    if row is None or now - row.seen_at >= idle_limit(Role(row.payload["role"])):
        return None
    if not _still_stands(house, row, account):
        return None
    if now - row.seen_at >= SEEN_EVERY:
        with house.store.transaction() as tx:
            hot.session_seen(tx, row.id, now, SEEN_EVERY)
    actor = _actor(row.id, row.payload, throttle.network_reference(house.secrets, now, address))
    carried = {place[:3]: place[3] for place in unpacked(bytes_of(row.payload["case_keys"]))}
    return Session(cookie, actor, Keyring(actor.account, bytes_of(row.payload["private"]), carried), row.created_at)


def _still_stands(house: House, row: Row, account: StoredRow | None) -> bool:
    """Whether the account is still the one that signed in: row untouched, active, same role, unit and case."""
    try:
        if account is not None:
            authority.check(house.secrets, people.ACCOUNT.name, account._asdict())
    except Tampered as error:
        log.critical("tampered: %s", error)
        with Vault(house).note(None, "session.ended", subject=AccountId(row.payload["account"])) as note:
            note.outcome = Outcome.FAILED
            note.reason("tampered")
            hot.end_session(note.tx, row.id)
        return False
    if account is None or account.state != State.ACTIVE:
        return False
    began_as = (row.payload["role"], row.payload["unit"], row.payload["own_case"])
    return bool((account.role, account.unit_id, account.own_case) == began_as)


def _actor(row_id: str, payload: Mapping[str, Any], network: str) -> Actor:
    role = Role(payload["role"])
    return Actor(
        account=AccountId(payload["account"]),
        role=role,
        unit=UnitId(payload["unit"]) if payload["unit"] else None,
        session=row_id[:_REFERENCE],
        own_case=CaseId(payload["own_case"]) if payload["own_case"] else None,
        network=None if role is Role.RESIDENT else network,
    )


# -- what a person does with them --------------------------------------------------------------------------


def mine(vault: Vault, actor: Actor) -> list[Listed]:
    """The actor's live sessions, newest first. Opening the devices' names is an entry."""
    with vault.note(actor, "session.listed") as note:
        rows = hot.sessions_of(note.tx, tags(note.house.secrets, actor.account), Kind.FULL)
        return [_listed(note, actor, row) for row in rows if _is_live(row, actor.role, note.now)]


def end_one(vault: Vault, actor: Actor, *, session: str) -> None:
    """End one of the actor's own sessions. Raises Refused if there is no such one."""
    with vault.note(actor, "session.ended", subject=actor.account) as note:
        rows = hot.sessions_of(note.tx, tags(note.house.secrets, actor.account), Kind.FULL)
        if session not in [row.id for row in rows] or not hot.end_session(note.tx, session):
            raise Refused("no such session")


def end_others(vault: Vault, actor: Actor) -> int:
    """End all of the actor's sessions but this one, half-begun ones too; how many."""
    with vault.note(actor, "session.ended", subject=actor.account) as note:
        theirs = tags(note.house.secrets, actor.account)
        here = [row.id for row in hot.sessions_of(note.tx, theirs, Kind.FULL) if _is_this(row, actor)]
        return hot.end_sessions(note.tx, theirs, but=here[0] if here else None)


def mark_device(vault: Vault, actor: Actor) -> str:
    """The mark for a device that the actor calls their own: strangers' tries never make them wait on it."""
    with vault.note(actor, "device.marked", subject=actor.account) as note:
        return devices.new_mark(note.house.secrets, actor.account)


def end_all(access: Access, account: str) -> int:
    """Sign somebody out everywhere, within somebody else's act; how many sessions there were."""
    return hot.end_sessions(access.tx, tags(access.house.secrets, account))


def end(vault: Vault, cookie: str | None, *, address: str | None = None) -> None:
    """Sign out: end whatever this cookie opens. No session, no entry, no error."""
    house, now = vault.house, vault.house.clock()
    with house.store.snapshot() as tx:
        row = find(tx, house.secrets, cookie, now, *Kind)
    if row is None:
        return
    if row.kind is not Kind.FULL:
        with house.store.transaction() as tx:
            hot.end_session(tx, row.id)
        return
    actor = _actor(row.id, row.payload, throttle.network_reference(house.secrets, now, address))
    with vault.note(actor, "session.ended", subject=actor.account) as note:
        hot.end_session(note.tx, row.id)


def _listed(note: Note, actor: Actor, row: StoredRow) -> Listed:
    device = note.open(note.ref(Field.SESSION_DEVICE, row.id, 1), row.device)
    return Listed(row.id, device, row.created_at, row.seen_at, _is_this(row, actor))


def _is_live(row: StoredRow, role: Role, now: int) -> bool:
    return bool(now - row.created_at < SESSION_LIFE and now - row.seen_at < idle_limit(role))


def _is_this(row: StoredRow, actor: Actor) -> bool:
    return str(row.id[:_REFERENCE]) == actor.session


def text_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def bytes_of(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


__all__ = [
    "Listed",
    "Row",
    "Session",
    "add",
    "begin",
    "bytes_of",
    "end",
    "end_all",
    "end_one",
    "end_others",
    "find",
    "load",
    "mine",
    "reseal",
    "sweep",
    "sweep_up",
    "tags",
    "text_of",
]
