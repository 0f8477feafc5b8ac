"""Enrolment: a one-time code on paper becomes a person with a pass phrase, a telephone and two recovery sheets.

The code is wrapped by the pepper, lasts 72 hours and is shown once; a newer one kills it. Until the last page nothing
has happened: the code still works, and no row says that somebody began. The last page writes everything in one note;
who deletes the enrolment's row has won.
"""

from dataclasses import dataclass, field

from safetyplan.actors import AccountId, Actor, CaseId, Role, UnitId, new_id
from safetyplan.errors import N_, NotAccepted, Refused, Tampered
from safetyplan.fields import PRIVATE, Field
from safetyplan.people import accounts, drafts, groups, keys, sessions, throttle, totp
from safetyplan.people.drafts import Draft, Stage
from safetyplan.people.keys import USUAL, Hashing
from safetyplan.people.model import ENROLMENT_LIFE, Kind, SignInAgain, State, Whence, check_own_phrase
from safetyplan.people.phrases import new_phrase, same
from safetyplan.people.sessions import Session
from safetyplan.sealing.codes import CodeKind, new_enrolment_code, new_factor_codes, new_key_code
from safetyplan.sealing.derive import pack
from safetyplan.sealing.invalid import InvalidSeal, MistypedCode
from safetyplan.sealing.passphrases import (
    code_lookup,
    factor_code_hash,
    normalise_code,
    open_under_code,
    seal_under_code,
)
from safetyplan.store import hot, people
from safetyplan.store.engine import StoredRow
from safetyplan.vault import Access, Keyring, Note, Outcome, Vault, grants

_FORMAT = b"\x01"

MISTYPED = N_("This is not quite a code: one sign is missing or wrong. Look at the paper once more.")
NO_SUCH_CODE = N_(
    "This code does not work. It may be too old or used. Ask the person who gave it to you for a new one."
)

USED_MEANWHILE = N_("This slip cannot be withdrawn: it was used, or withdrawn before.")


@dataclass(frozen=True, slots=True)
class Code:
    """Shown once. ``expires_at`` in ms UTC."""

    code: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What is handed over in person: the only place where a user name is written."""

    account: AccountId
    user_name: str = field(repr=False)
    code: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What ``enrol`` hands to a script: everything a person would have written down, and their first session."""

    phrase: str = field(repr=False)
    totp_secret: str = field(repr=False)
    key_code: str = field(repr=False)
    factor_codes: tuple[str, ...] = field(repr=False)
    session: Session


# -- inviting ----------------------------------------------------------------------------------------------


def make_code(access: Access, account: AccountId, *, carried: bytes = b"") -> Code:
    """A one-time code for an invited account; older ones die. Raises Refused for an account that is not waiting.

    ``carried``: a resident's case keys, packed by whoever holds them (``visit.keys_for``).
    """
    row = accounts.vouched(access, account)
    if row.state != State.INVITED:
        raise Refused("not waiting for a code")
    for old in people.enrolments_of(access.tx, account):
        access.delete(people.ENROLMENT, old.id)
    code, pepper, row_id = new_enrolment_code(), access.house.secrets.current("pepper"), new_id()
    expires_at = access.now + ENROLMENT_LIFE
    access.add(
        people.ENROLMENT,
        id=row_id,
        account_id=account,
        lookup=code_lookup(code, pepper),
        pepper_version=pepper.version,
        sealed=seal_under_code(code, pepper, _info(row_id, account, expires_at), _FORMAT + carried),
        expires_at=expires_at,
        created_by=access.actor and access.actor.account,
        created_at=access.now,
    )
    return Code(code, expires_at)


def invite(
    vault: Vault,
    actor: Actor | None,
    *,
    role: Role,
    unit: UnitId | None,
    name: str,
    account: AccountId | None = None,
) -> Slip:
    """A new member of staff. By an administrator, or from the command line (no actor). Raises NotAccepted.

    ``account``: an id minted when the form was shown. MadeAlready where that form has made somebody: the slip was
    shown, and is not shown again.
    """
    with vault.note(actor, "account.invited") as note:
        _only_administrators(actor)
        if role is Role.RESIDENT:
            raise Refused("a resident is taken in, with a case")
        made = accounts.add(note, role, unit=unit, name=name, account=account)
        note.subject = made.account
        code = make_code(note, made.account)
        return Slip(made.account, made.user_name, code.code, code.expires_at)


def invite_again(vault: Vault, actor: Actor | None, *, account: AccountId) -> Slip:
    """A new slip, with a new user name, for staff who have not enrolled yet. The old slip dies."""
    with vault.note(actor, "account.invited", subject=account) as note:
        _only_administrators(actor)
        if accounts.vouched(note, account).role == Role.RESIDENT:
            raise Refused("her code must carry her case keys")
        made, code = accounts.rename(note, account), make_code(note, account)
        return Slip(account, made.user_name, code.code, code.expires_at)


def withdraw(vault: Vault, actor: Actor | None, *, account: AccountId) -> None:
    """Nobody comes in with this slip any more. Raises NotAccepted where somebody has."""
    with vault.note(actor, "account.withdrawn", subject=account) as note:
        _only_administrators(actor)
        row = accounts.vouched(note, account)
        if row.role == Role.RESIDENT:
            raise Refused("a resident is not an administrator's")
        if row.state != State.INVITED:
            raise NotAccepted({"": USED_MEANWHILE})
        for code in people.enrolments_of(note.tx, account):
            note.delete(people.ENROLMENT, code.id)
        accounts.become(note, account, State.RETIRED)


# -- the person's own steps --------------------------------------------------------------------------------


def begin(vault: Vault, *, code: str, whence: Whence) -> str:
    """Open a code; the cookie of the draft. Raises NotAccepted for a slip of the pen or a code that does not work."""
    house, now = vault.house, vault.house.clock()
    try:
        normalise_code(code, CodeKind.ENROLMENT)
    except MistypedCode:
        raise NotAccepted({"code": MISTYPED}) from None
    taken = throttle.codes(vault, "account.enrolment_begun", now, whence.address)
    with vault.note(None, "account.enrolment_begun") as note:
        row = _living_code(note, code)
        if row is None:
            note.outcome = Outcome.REFUSED
        else:
            throttle.give_back(note.tx, taken)
            note.subject = AccountId(row.account_id)
            return drafts.store(note.tx, house, note.now, _first_draft(note, row, code))
    raise NotAccepted({"code": NO_SUCH_CODE})


def draft(vault: Vault, *, cookie: str | None) -> Draft:
    """The draft as it stands. Raises SignInAgain where there is none (any more)."""
    return drafts.current(vault.house, cookie)[1]


def written_down(vault: Vault, *, cookie: str) -> None:
    """The generated pass phrase is on paper."""
    drafts.change(vault.house, cookie, Stage.PHRASE, lambda draft: draft.onwards(own=False))


def choose_own(vault: Vault, *, cookie: str, phrase: str) -> None:
    """A resident's own pass phrase instead of ours. Raises NotAccepted if it is weak, Refused for anybody else."""
    if draft(vault, cookie=cookie).role is not Role.RESIDENT:
        raise Refused("staff phrases are always generated")
    check_own_phrase(phrase)
    drafts.change(vault.house, cookie, Stage.PHRASE, lambda draft: draft.onwards(phrase=phrase, own=True))


def show_again(vault: Vault, *, cookie: str) -> None:
    """Back from the check to the phrase; instead of an own one, which we do not show, a generated one."""

    def back(draft: Draft) -> Draft:
        return draft.back_to_phrase(new_phrase() if draft.own else draft.phrase)

    drafts.change(vault.house, cookie, Stage.CHECK, back)


def check_phrase(vault: Vault, *, cookie: str, phrase: str) -> None:
    """She types it from her paper: what is on the paper is what opens the door later. Raises NotAccepted."""
    if not same(draft(vault, cookie=cookie).phrase, phrase):
        raise NotAccepted({"phrase": N_("This is not the same. Look at your paper, or look at the words again.")})
    drafts.change(vault.house, cookie, Stage.CHECK, lambda draft: draft.onwards())


def confirm_phone(vault: Vault, *, cookie: str, code: str) -> None:
    """One code from the authenticator proves that it has the secret. Raises NotAccepted, saying if a clock is wrong."""
    secret, now = draft(vault, cookie=cookie).totp, vault.house.clock()
    step = totp.match(secret, code, now)
    if step is None:
        minutes = totp.minutes_wrong(secret, code, now)
        if minutes is None:
            raise NotAccepted({"code": N_("This is not the code. Take the newest one, six digits.")})
        raise NotAccepted({"code": N_("The clock of your phone is wrong. Set it to automatic, then take a new code.")})
    drafts.change(vault.house, cookie, Stage.PHONE, lambda draft: draft.onwards(step=step))


def sheet_kept(vault: Vault, *, cookie: str) -> None:
    """The key code's sheet is printed or written down; the next page follows."""
    drafts.change(vault.house, cookie, Stage.KEY_SHEET, lambda draft: draft if draft.last else draft.onwards())


def finish(vault: Vault, *, cookie: str, hashing: Hashing, whence: Whence) -> Session | None:
    """Everything at once, and signed in. None if the draft is not at its last page; NotAccepted if the code is gone."""
    row, kept = drafts.current(vault.house, cookie)
    if kept.kind is not Kind.ENROL or not kept.last:
        return None
    made = keys.new(vault.house, kept.account, phrase=kept.phrase, key_code=kept.key_code, hashing=hashing)
    ring = Keyring(AccountId(kept.account), made.private)
    inner = vault.with_keyring(ring)
    try:
        with inner.note(None, "account.enrolled", subject=ring.account) as note:
            account, giver = _use_code(note, row, kept)
            keys.add(note, account.id, made)
            _add_second_factors(note, kept)
            if kept.role is Role.RESIDENT:
                grants.install(note, account=ring.account, carried=kept.carried, granted_by=giver)
                grants.begin(note, case=CaseId(account.own_case), compartment=PRIVATE, account=ring.account)
            network = throttle.network_reference(vault.house.secrets, note.now, whence.address)
            session = sessions.begin(note, account, ring, network=network, agent=whence.agent)
    except NotAccepted:
        vault.refuse(None, "account.enrolled", subject=ring.account)
        raise
    groups.settle_quietly(vault.with_keyring(session.keyring), session.actor)
    return session


def enrol(vault: Vault, *, code: str, hashing: Hashing = USUAL, phrase: str | None = None) -> Enrolled:
    """The same steps for a script (seeding, tests): what a person would do, without the pages.

    The telephone is confirmed with the code of the step before, so that the one that shows now can sign in.
    """
    cookie = begin(vault, code=code, whence=Whence())
    if phrase is None:
        written_down(vault, cookie=cookie)
    else:
        choose_own(vault, cookie=cookie, phrase=phrase)
    kept = draft(vault, cookie=cookie)
    check_phrase(vault, cookie=cookie, phrase=kept.phrase)
    before = totp.step_of(vault.house.clock()) - 1
    confirm_phone(vault, cookie=cookie, code=totp.code_at(kept.totp, before))
    sheet_kept(vault, cookie=cookie)
    session = finish(vault, cookie=cookie, hashing=hashing, whence=Whence())
    if session is None:
        raise SignInAgain("the enrolment is not at its last page")
    return Enrolled(kept.phrase, kept.totp, kept.key_code, kept.factor_codes, session)


# -- inside ------------------------------------------------------------------------------------------------


def _living_code(note: Note, code: str) -> StoredRow | None:
    """The row of a code that still works, all MACs checked."""
    found = [people.enrolment(note.tx, code_lookup(code, pepper)) for pepper in note.house.secrets.versions("pepper")]
    row = next((each for each in found if each is not None), None)
    if row is None:
        return None
    note.authority(people.ENROLMENT, row)
    account = accounts.vouched(note, row.account_id)
    return row if row.expires_at > note.now and account.state == State.INVITED else None


def _first_draft(note: Note, row: StoredRow, code: str) -> Draft:
    pepper = note.house.secrets.version("pepper", row.pepper_version)
    try:
        payload = open_under_code(code, pepper, _info(row.id, row.account_id, row.expires_at), row.sealed)
    except InvalidSeal as error:
        raise Tampered("enrolment", row.id) from error
    if payload[:1] != _FORMAT:
        raise Tampered("enrolment", row.id)
    return Draft(
        kind=Kind.ENROL,
        account=row.account_id,
        role=Role(accounts.vouched(note, row.account_id).role),
        phrase=new_phrase(),
        key_code=new_key_code(),
        enrolment=row.id,
        carried=payload[1:],
        totp=totp.new_secret(),
        factor_codes=tuple(new_factor_codes()),
    )


def _use_code(note: Note, row: sessions.Row, kept: Draft) -> tuple[StoredRow, str]:
    """Exactly one of those who finish with the same code gets past. The account, active now, and who made the code."""
    enrolment = people.enrolment_by_id(note.tx, kept.enrolment, lock=True)
    if enrolment is None or note.authority(people.ENROLMENT, enrolment).expires_at <= note.now:
        raise NotAccepted({"code": NO_SUCH_CODE})
    account = accounts.vouched(note, kept.account)
    if enrolment.account_id != account.id or account.state != State.INVITED:
        raise NotAccepted({"code": NO_SUCH_CODE})
    if not note.delete(people.ENROLMENT, enrolment.id) or not hot.end_session(note.tx, row.id):
        raise NotAccepted({"code": NO_SUCH_CODE})
    note.put(people.ACCOUNT, **(account._asdict() | {"state": str(State.ACTIVE)}))
    return accounts.vouched(note, account.id), enrolment.created_by or account.id


def _add_second_factors(note: Note, kept: Draft) -> None:
    totp_id, pepper = new_id(), note.house.secrets.current("pepper")
    sealed = note.seal(note.ref(Field.TOTP_SECRET, totp_id, 1), kept.totp)
    note.add(people.TOTP, id=totp_id, account_id=kept.account, secret=sealed, created_at=note.now)
    hot.advance_step(note.tx, kept.account, kept.step)
    for code in kept.factor_codes:
        note.add(
            people.FACTOR_CODE,
            id=new_id(),
            account_id=kept.account,
            hash=factor_code_hash(code, pepper),
            pepper_version=pepper.version,
            created_at=note.now,
        )


def _info(row_id: str, account: str, expires_at: int) -> bytes:
    return pack("enrolment", row_id, account, expires_at)


def _only_administrators(actor: Actor | None) -> None:
    if actor is not None and actor.role is not Role.ADMINISTRATOR:
        raise Refused("not for this role")
