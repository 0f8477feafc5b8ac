"""What the vault works with: the house's store, log, secrets and clock; and the keys of one signed-in person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from safetyplan.accesslog.log import AccessLog
from safetyplan.actors import AccountId, CaseId
from safetyplan.fields import Compartment
from safetyplan.sealing.secrets import ServerSecrets
from safetyplan.store.engine import Store

Clock = Callable[[], int]
"""Milliseconds since 1970, UTC. Read once a visit."""

CaseKeys = Mapping[tuple[CaseId, Compartment, int], bytes]
"""(case, compartment, generation) → case key."""


@dataclass(frozen=True, slots=True)
class House:
    store: Store
    log: AccessLog
    secrets: ServerSecrets
    clock: Clock


@dataclass(frozen=True, slots=True)
class Keyring:
    """The unlocked keys of one session. ``case_keys`` holds a resident's own; staff open theirs a visit."""

    account: AccountId
    private: bytes = field(repr=False)
    case_keys: CaseKeys = field(repr=False, default_factory=dict)
