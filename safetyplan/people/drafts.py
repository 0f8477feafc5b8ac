"""What an enrolment, or a new phrase after a lost one, keeps until it is finished: one session row, under her cookie.

Nothing of it stands anywhere else. A draft that is never finished is swept away with its row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from safetyplan.actors import Role
from safetyplan.people import sessions
from safetyplan.people.model import Kind, SignInAgain
from safetyplan.people.sessions import bytes_of, text_of
from safetyplan.store.engine import Tx
from safetyplan.vault import House


class Stage(StrEnum):
    """The pages, in their order."""

    PHRASE = "phrase"
    CHECK = "check"
    PHONE = "phone"
    KEY_SHEET = "key-sheet"
    CODE_SHEET = "code-sheet"


STAGES = {
    Kind.ENROL: (Stage.PHRASE, Stage.CHECK, Stage.PHONE, Stage.KEY_SHEET, Stage.CODE_SHEET),
    Kind.RENEW: (Stage.PHRASE, Stage.CHECK, Stage.KEY_SHEET),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """``enrolment``, ``carried``, ``totp`` and ``factor_codes`` belong to an enrolment; ``private`` (the key pair to be
    replaced) and ``key_version`` to a renewal. ``step`` is the TOTP step that confirmed the telephone."""

    kind: Kind
    account: str
    role: Role
    phrase: str = field(repr=False)
    key_code: str = field(repr=False)
    stage: Stage = Stage.PHRASE
    own: bool = False
    enrolment: str = ""
    carried: bytes = field(default=b"", repr=False)
    totp: str = field(default="", repr=False)
    step: int = 0
    factor_codes: tuple[str, ...] = field(default=(), repr=False)
    private: bytes = field(default=b"", repr=False)
    key_version: int = 0

    @property
    def position(self) -> tuple[int, int]:
        """This page's number, and how many there are."""
        stages = STAGES[self.kind]
        return stages.index(self.stage) + 1, len(stages)

    @property
    def last(self) -> bool:
        return self.stage is STAGES[self.kind][-1]

    def onwards(self, **changes: Any) -> "Draft":
        stages = STAGES[self.kind]
        return replace(self, stage=stages[stages.index(self.stage) + 1], **changes)

    def back_to_phrase(self, phrase: str) -> "Draft":
        return replace(self, stage=Stage.PHRASE, phrase=phrase, own=False)

    def payload(self) -> dict[str, object]:
        return {
            "role": str(self.role),
            "phrase": self.phrase,
            "key_code": self.key_code,
            "stage": str(self.stage),
            "own": self.own,
            "enrolment": self.enrolment,
            "carried": text_of(self.carried),
            "totp": self.totp,
            "step": self.step,
            "factor_codes": list(self.factor_codes),
            "private": text_of(self.private),
            "key_version": self.key_version,
        }


def read(kind: Kind, payload: Mapping[str, Any]) -> Draft:
    return Draft(
        kind=kind,
        account=payload["account"],
        role=Role(payload["role"]),
        phrase=payload["phrase"],
        key_code=payload["key_code"],
        stage=Stage(payload["stage"]),
        own=payload["own"],
        enrolment=payload["enrolment"],
        carried=bytes_of(payload["carried"]),
        totp=payload["totp"],
        step=payload["step"],
        factor_codes=tuple(payload["factor_codes"]),
        private=bytes_of(payload["private"]),
        key_version=payload["key_version"],
    )


def store(tx: Tx, house: House, now: int, draft: Draft) -> str:
    """A new row for the draft; its cookie."""
    return sessions.add(tx, house.secrets, now, draft.kind, draft.account, draft.payload())


def current(house: House, cookie: str | None) -> tuple[sessions.Row, Draft]:
    """The draft as it stands. Raises SignInAgain where there is none (any more)."""
    with house.store.snapshot() as tx:
        return _found(tx, house, cookie)


def change(house: House, cookie: str, stage: Stage, how: Callable[[Draft], Draft]) -> None:
    """Change a draft that stands at ``stage``; one that stands elsewhere (an old page, a second tap) stays as it is."""
    with house.store.transaction() as tx:
        row, draft = _found(tx, house, cookie)
        if draft.stage is stage:
            kept = {"account": draft.account, "begun": row.created_at}
            sessions.reseal(tx, house.secrets, cookie, row, {**how(draft).payload(), **kept})


def _found(tx: Tx, house: House, cookie: str | None) -> tuple[sessions.Row, Draft]:
    row = sessions.find(tx, house.secrets, cookie, house.clock(), Kind.ENROL, Kind.RENEW)
    if row is None:
        raise SignInAgain("no draft")
    return row, read(row.kind, row.payload)
