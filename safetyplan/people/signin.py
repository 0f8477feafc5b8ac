"""Signing in, in two steps; and the way back in when something was lost.

First step: user name and pass phrase (or the key code from paper). It opens the private key, and nothing else does.
Second step: a code from the telephone (or one from the other sheet). Never both from paper.
"""

import hmac
from dataclasses import dataclass, field
from typing import Any

from safetyplan.actors import AccountId, Role
from safetyplan.errors import N_, NotAccepted, Tampered, Throttled
from safetyplan.fields import Field
from safetyplan.people import accounts, devices, drafts, groups, keys, sessions, throttle, totp
from safetyplan.people.drafts import Draft
from safetyplan.people.keys import Hashing
from safetyplan.people.model import LONGEST_PHRASE, Kind, SignInAgain, State, WaitForNext, Whence, plain_name
from safetyplan.people.phrases import new_phrase
from safetyplan.people.sessions import Session, bytes_of, text_of
from safetyplan.people.throttle import Taken
from safetyplan.sealing.codes import CodeKind, new_key_code, normalise_code
from safetyplan.sealing.invalid import MistypedCode
from safetyplan.sealing.passphrases import factor_code_hash, spend_as_unlock
from safetyplan.sealing.secrets import name_hash
from safetyplan.sealing.sessions import new_cookie
from safetyplan.store import hot, people
from safetyplan.store.engine import StoredRow
from safetyplan.vault import House, Keyring, Note, Outcome, Vault

NOT_RIGHT = N_("The name or the words are not right. Look at them once more, letter by letter.")
CODE_NOT_RIGHT = N_("The name or the code is not right. Look at your paper once more.")
MISTYPED = N_("This is not quite a code: one sign is missing or wrong. Look at the paper once more.")
NOT_THE_CODE = N_("This is not the code. Take the newest one, six digits.")
NOT_THIS_CODE = N_("This code does not work. Each one works once. Take another from your paper.")

_LONGEST_NAME = 100
_PHRASE, _KEY_CODE = "phrase", "key code"


def new_token() -> str:
    """A cookie that opens nothing, of the same shape as those that do."""
    return new_cookie()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``mark`` is set for a device that she called her own just now."""

    session: Session
    mark: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Renewing:
    """The key code was right: before anything else she gets a new phrase and a new key code. The draft's cookie."""

    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Halfway:
    """What the second page must know: whether a code from paper may be used, and whether the device is known."""

    on_paper_allowed: bool
    known_device: bool


@dataclass(frozen=True, slots=True)
class _Try:
    """A counted try. ``account`` and ``key`` are None for a name nobody has, and for whoever may not sign in."""

    taken: Taken
    known_device: bool
    named: AccountId | None
    account: StoredRow | None
    key: StoredRow | None


# -- the first step ----------------------------------------------------------------------------------------


def first_step(vault: Vault, *, name: str, phrase: str, whence: Whence, hashing: Hashing) -> str:
    """User name and pass phrase; the half session's cookie.

    Raises NotAccepted in the same words and the same time whether the name or the phrase is wrong; Throttled before
    any hashing.
    """
    if len(name) > _LONGEST_NAME or len(phrase) > LONGEST_PHRASE:
        raise NotAccepted({"": NOT_RIGHT})
    this = _counted(vault, name, whence, by_code=False)
    try:
        with throttle.WAITING.room(this.known_device):
            private = _hashed(vault.house, this, phrase, hashing)
    except Throttled:  # no place was free: nothing was tried
        throttle.take_back(vault.house, this.taken)
        raise
    return _half(vault, this, private, via=_PHRASE, otherwise=NOT_RIGHT)


def first_step_on_paper(vault: Vault, *, name: str, code: str, whence: Whence) -> str:
    """User name and the key code of the first sheet, for a lost phrase. Raises as ``first_step``."""
    try:
        normalise_code(code, CodeKind.KEY)
    except MistypedCode:
        raise NotAccepted({"code": MISTYPED}) from None
    if len(name) > _LONGEST_NAME:
        raise NotAccepted({"": CODE_NOT_RIGHT})
    this = _counted(vault, name, whence, by_code=True)
    private = None if this.key is None else keys.open_with_code(vault.house, this.key, code)
    return _half(vault, this, private, via=_KEY_CODE, otherwise=CODE_NOT_RIGHT)


def _counted(vault: Vault, name: str, whence: Whence, *, by_code: bool) -> _Try:
    """Look the name up and count the try, both before anything costly happens."""
    house, now = vault.house, vault.house.clock()
    with house.store.snapshot() as tx:
        account = accounts.by_name(tx, house.secrets, name)
    named = AccountId(account.id) if account else None
    known = named is not None and devices.is_known(house.secrets, named, whence.mark)
    if by_code:
        taken = throttle.codes(vault, "session.refused", now, whence.address, subject=named)
    elif known:
        wanted = (throttle.KNOWN_DEVICE, (whence.mark or "",))
        taken = throttle.spend(vault, "session.refused", now, wanted, subject=named)
    else:
        taken = throttle.spend(vault, "session.refused", now, *_strangers(vault, now, name, whence), subject=named)
    with house.store.snapshot() as tx:
        key = people.account_key(tx, account.id) if account else None
    for table, row in ((people.ACCOUNT, account), (people.ACCOUNT_KEY, key)):
        if row is not None:
            accounts.check(house, table, row)
    may = account is not None and account.state == State.ACTIVE
    return _Try(taken, known, named, account if may else None, key if may else None)


def _hashed(house: House, this: _Try, phrase: str, hashing: Hashing) -> bytes | None:
    """The private key if the phrase opens it. One hashing, whether or not there is anything to open."""
    if this.key is None:
        spend_as_unlock(phrase, known_device=this.known_device, cost=hashing)
        return None
    return keys.open_with_phrase(house, this.key, phrase, known_device=this.known_device)


def _strangers(vault: Vault, now: int, name: str, whence: Whence) -> tuple[throttle.Wanted, ...]:
    secrets = vault.house.secrets
    network = throttle.network_reference(secrets, now, whence.address)
    # By the typed name, somebody's or nobody's; never stored as itself.
    typed = name_hash(plain_name(name), secrets.current("pepper"))
    return (
        (throttle.ACCOUNT_FROM_NETWORK, (typed, network)),
        (throttle.NETWORK, (network,)),
        (throttle.ACCOUNT_FROM_STRANGERS, (typed,)),
        (throttle.EVERYBODY, ()),
    )


def _half(vault: Vault, this: _Try, private: bytes | None, *, via: str, otherwise: str) -> str:
    account = this.account
    if private is None or account is None or this.key is None:
        vault.refuse(None, "session.refused", subject=this.named)
        raise NotAccepted({"": otherwise})
    payload = {
        "private": text_of(private),
        "via": via,
        "known": this.known_device,
        "key_version": this.key.version,
        "counted": this.taken.ids,  # given back when the second step is right too
    }
    with vault.note(None, "session.halfway", subject=this.named) as note:
        cookie = sessions.add(note.tx, note.house.secrets, note.now, Kind.HALF, account.id, payload)
    sessions.sweep_up(vault.house)
    return cookie


# -- the second step ---------------------------------------------------------------------------------------


def halfway(vault: Vault, *, cookie: str | None) -> Halfway:
    """Raises SignInAgain where the five minutes are over, or never began."""
    payload = _half_row(vault, cookie).payload
    return Halfway(payload["via"] == _PHRASE, payload["known"])


def second_step(
    vault: Vault, *, cookie: str, code: str, whence: Whence, own_device: bool = False
) -> SignedIn | Renewing:
    """The six digits. Raises NotAccepted, WaitForNext for a code that was used already, Throttled, SignInAgain."""
    row, ring = _opened(vault, cookie)
    if not totp.normalise(code):
        raise NotAccepted({"code": NOT_THE_CODE})
    device = "known" if row.payload["known"] else "unknown"
    wanted = (throttle.SECOND_STEP, (ring.account, device)), (throttle.SECOND_STEP_DAY, (ring.account, device))
    taken = throttle.spend(vault, "session.refused", vault.house.clock(), *wanted, subject=ring.account)
    done: SignedIn | Renewing | None = None
    with vault.with_keyring(ring).note(None, "session.begun", subject=ring.account) as note:
        step = totp.match(_secret(note, ring), code, note.now)
        fresh = step is not None and hot.advance_step(note.tx, ring.account, step)
        if step is not None:
            throttle.give_back(note.tx, taken)
        if fresh:
            done = _through(note, row, ring, whence, own_device=own_device)
        else:
            _refused(note, "wrong_code" if step is None else "code_used_before")
    if done is None:
        raise NotAccepted({"code": NOT_THE_CODE}) if step is None else WaitForNext("used before")
    return _settled(vault, done)


def second_step_on_paper(vault: Vault, *, cookie: str, code: str, whence: Whence) -> SignedIn:
    """One of the ten codes, for a lost telephone. It works once and ends every other session.

    Raises NotAccepted, SignInAgain; also for somebody who came with the key code: never both from paper.
    """
    row, ring = _opened(vault, cookie)
    if row.payload["via"] != _PHRASE:
        raise SignInAgain("never both from paper")
    try:
        normalise_code(code, CodeKind.FACTOR)
    except MistypedCode:
        raise NotAccepted({"code": MISTYPED}) from None
    taken = throttle.spend(
        vault, "code.used", vault.house.clock(), (throttle.ON_PAPER, (ring.account,)), subject=ring.account
    )
    done: SignedIn | Renewing | None = None
    with vault.with_keyring(ring).note(None, "code.used", subject=ring.account) as note:
        if _use_factor_code(note, ring.account, code):
            throttle.give_back(note.tx, taken)
            done = _through(note, row, ring, whence, own_device=False, ends_others=True)
        else:
            _refused(note, "wrong_code")
    if not isinstance(done, SignedIn):
        raise NotAccepted({"code": NOT_THIS_CODE})
    _settled(vault, done)
    return done


def _half_row(vault: Vault, cookie: str | None) -> sessions.Row:
    house = vault.house
    with house.store.snapshot() as tx:
        row = sessions.find(tx, house.secrets, cookie, house.clock(), Kind.HALF)
    if row is None:
        raise SignInAgain("no half session")
    return row


def _opened(vault: Vault, cookie: str) -> tuple[sessions.Row, Keyring]:
    row = _half_row(vault, cookie)
    return row, Keyring(AccountId(row.payload["account"]), bytes_of(row.payload["private"]))


def _secret(note: Note, ring: Keyring) -> str:
    row = people.totp(note.tx, ring.account)
    if row is None:
        raise Tampered("totp", ring.account)
    return note.open_bytes(note.ref(Field.TOTP_SECRET, row.id, 1), row.secret).decode()


def _use_factor_code(note: Note, account: str, code: str) -> bool:
    """Whether it is one of the account's unused codes; it is used from now on. Every row is compared, always."""
    found: StoredRow | None = None
    for row in people.factor_codes(note.tx, account, lock=True):
        note.authority(people.FACTOR_CODE, row)
        typed = factor_code_hash(code, note.house.secrets.version("pepper", row.pepper_version))
        if hmac.compare_digest(typed, row.hash) and row.used_at is None:
            found = row
    if found is None:
        return False
    note.put(people.FACTOR_CODE, **(found._asdict() | {"used_at": note.now}))
    return True


def _refused(note: Note, why: str) -> None:
    note.action, note.outcome = "session.refused", Outcome.REFUSED
    note.reason(why)


def _through(
    note: Note, row: sessions.Row, ring: Keyring, whence: Whence, *, own_device: bool, ends_others: bool = False
) -> SignedIn | Renewing:
    """Both steps are right. Who deletes the half session goes on; everything else in the same transaction."""
    throttle.give_back(note.tx, Taken(tuple(row.payload["counted"])))
    # The account's row first: whoever locks an account takes it before the sessions, too.
    account = accounts.vouched(note, ring.account)
    if account.state != State.ACTIVE:
        raise SignInAgain("not active any more")
    if not hot.end_session(note.tx, row.id):
        raise SignInAgain("another request was first")
    if row.payload["via"] == _KEY_CODE:
        note.action = "recovery.begun"
        return Renewing(drafts.store(note.tx, note.house, note.now, _renewal(account, ring, row.payload)))
    if ends_others:
        sessions.end_all(note, account.id)
    network = throttle.network_reference(note.house.secrets, note.now, whence.address)
    session = sessions.begin(note, account, ring, network=network, agent=whence.agent)
    mark = devices.new_mark(note.house.secrets, account.id) if own_device else None
    return SignedIn(session, mark)


def _settled(vault: Vault, done: SignedIn | Renewing) -> SignedIn | Renewing:
    if isinstance(done, SignedIn):
        groups.settle_quietly(vault.with_keyring(done.session.keyring), done.session.actor)
    return done


# -- a new phrase after the key code -----------------------------------------------------------------------


def _renewal(account: StoredRow, ring: Keyring, payload: Any) -> Draft:
    return Draft(
        kind=Kind.RENEW,
        account=account.id,
        role=Role(account.role),
        phrase=new_phrase(),
        key_code=new_key_code(),
        private=ring.private,
        key_version=payload["key_version"],
    )


def renew(vault: Vault, *, cookie: str, hashing: Hashing, whence: Whence) -> Session | None:
    """The new phrase and key code are on paper: a new key pair, all that was sealed to the old one moved to it, every
    other session ended. None if the draft is not at its last page; SignInAgain if another request was first."""
    row, kept = drafts.current(vault.house, cookie)
    if kept.kind is not Kind.RENEW or not kept.last:
        return None
    made = keys.new(vault.house, kept.account, phrase=kept.phrase, key_code=kept.key_code, hashing=hashing)
    old = Keyring(AccountId(kept.account), kept.private)
    inner = vault.with_keyring(Keyring(old.account, made.private))
    with inner.note(None, "recovery.completed", subject=old.account) as note:
        account = accounts.vouched(note, old.account)
        if account.state != State.ACTIVE or not hot.end_session(note.tx, row.id):
            raise SignInAgain("another request was first")
        ring = keys.replace(note, old, made, version=kept.key_version)
        sessions.end_all(note, old.account)
        network = throttle.network_reference(vault.house.secrets, note.now, whence.address)
        session = sessions.begin(note, account, ring, network=network, agent=whence.agent)
    groups.settle_quietly(vault.with_keyring(session.keyring), session.actor)
    return session
