"""Limits before hashing: fixed windows in one hot table, under names that are keyed anew each day.

A try is counted before it is made. The narrowest counter comes first and a full one ends the count there, so that a
flood from one place, or against one name, stops using up what everybody shares.
"""

import hmac
import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from safetyplan.actors import AccountId
from safetyplan.errors import LogUnavailable, Throttled
from safetyplan.people.model import DAY, MINUTE
from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.secrets import ServerSecrets
from safetyplan.store import hot
from safetyplan.store.engine import Tx
from safetyplan.vault import House, Outcome, Vault


@dataclass(frozen=True, slots=True)
class Budget:
    """So many tries in a window of so many milliseconds."""

    name: str
    tries: int
    window: int


ACCOUNT_FROM_NETWORK = Budget("account from network", 10, 15 * MINUTE)
NETWORK = Budget("network", 60, 15 * MINUTE)
ACCOUNT_FROM_STRANGERS = Budget("account from strangers", 40, 15 * MINUTE)
EVERYBODY = Budget("everybody", 200, MINUTE)
KNOWN_DEVICE = Budget("known device", 10, 15 * MINUTE)
CODES_FROM_NETWORK = Budget("codes from network", 30, 15 * MINUTE)
CODES_OF_EVERYBODY = Budget("codes of everybody", 300, MINUTE)
SECOND_STEP = Budget("second step", 5, 5 * MINUTE)
SECOND_STEP_DAY = Budget("second step, day", 50, DAY)
ON_PAPER = Budget("second step on paper", 20, 15 * MINUTE)

Wanted = tuple[Budget, tuple[str | bytes, ...]]


class Taken(NamedTuple):
    """Counters that were taken from. ``full_for`` is set (in ms) where one of them was full already."""

    ids: tuple[str, ...]
    full_for: int | None = None
    just_full: bool = False


class _Counter(NamedTuple):
    """``most`` tries under this name, which is good until then."""

    name: str
    most: int
    until: int


def take(house: House, now: int, *wanted: Wanted) -> Taken:
    """Count one try in a transaction of its own. Raises LogUnavailable where it cannot be counted: fails closed.

    Where a counter is full already nothing is written: a flood of tries must not hold everybody's write lock.
    """
    counters = [
        _Counter(_name(house.secrets, now, *each), each[0].tries, (now // each[0].window + 1) * each[0].window)
        for each in wanted
    ]
    try:
        with house.store.snapshot() as tx:
            so_far = hot.tries(tx, [counter.name for counter in counters])
        for counter in counters:
            if so_far.get(counter.name, 0) > counter.most:
                return Taken((), counter.until - now)
        with house.store.transaction() as tx:
            return _take(tx, now, counters)
    except SQLAlchemyError as error:
        raise LogUnavailable("the counters cannot be written") from error


def _take(tx: Tx, now: int, counters: list[_Counter]) -> Taken:
    ids: list[str] = []
    for counter in counters:
        count = hot.count_try(tx, counter.name, counter.until)
        if count > counter.most:
            return Taken(tuple(ids), counter.until - now, count == counter.most + 1)
        ids.append(counter.name)
    return Taken(tuple(ids))


def take_back(house: House, taken: Taken) -> None:
    """``give_back`` where no other transaction follows."""
    try:
        with house.store.transaction() as tx:
            give_back(tx, taken)
    except SQLAlchemyError as error:
        raise LogUnavailable("the counters cannot be written") from error


def give_back(tx: Tx, taken: Taken) -> None:
    """The try was right: it does not count."""
    for name in taken.ids:
        hot.uncount_try(tx, name)


def spend(vault: Vault, action: str, now: int, *wanted: Wanted, subject: AccountId | None = None) -> Taken:
    """Count one try, or raise Throttled. The first one too many in a window is an entry, the others only counts."""
    taken = take(vault.house, now, *wanted)
    if taken.full_for is None:
        return taken
    if taken.just_full:
        with vault.note(None, action, subject=subject) as note:
            note.outcome = Outcome.REFUSED
            note.reason("throttled")
    raise Throttled(max(1, -(-taken.full_for // 1000)))


def codes(vault: Vault, action: str, now: int, address: str | None, subject: AccountId | None = None) -> Taken:
    """For codes nobody can guess: they are counted only so that the database is not flooded, never by account."""
    network = network_reference(vault.house.secrets, now, address)
    wanted = ((CODES_FROM_NETWORK, (network,)), (CODES_OF_EVERYBODY, ()))
    return spend(vault, action, now, *wanted, subject=subject)


def network_reference(secrets: ServerSecrets, now: int, address: str | None) -> str:
    """16 characters that stand for a network today and for nothing tomorrow. IPv6 by its /64, which one home has."""
    return hmac.digest(_key_of_the_day(secrets, now), pack("network", _network(address)), "sha256").hex()[:16]


def _network(address: str | None) -> str:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address
    return str(parsed)


def _name(secrets: ServerSecrets, now: int, budget: Budget, values: tuple[str | bytes, ...]) -> str:
    # The number of the window is part of the name: a window ends by itself, and no row is ever set back.
    place = pack("throttle", budget.name, now // budget.window, *values)
    return hmac.digest(_key_of_the_day(secrets, now), place, "sha256").hex()


def _key_of_the_day(secrets: ServerSecrets, now: int) -> bytes:
    return derive(secrets.current("session_salt").key, "throttle", now // DAY)


class Waiting:
    """How many strangers may wait for a hashing place at once. More are sent away at once, so that a flood of
    guesses never takes the threads that everybody else's pages need."""

    def __init__(self, places: int = 3) -> None:
        self._places = places
        self.empty()

    def empty(self) -> None:
        self._free = BoundedSemaphore(self._places)

    @contextmanager
    def room(self, known_device: bool) -> Iterator[None]:
        free = self._free
        if known_device:
            yield
            return
        if not free.acquire(blocking=False):
            raise Throttled(5)
        try:
            yield
        finally:
            free.release()


WAITING = Waiting()
os.register_at_fork(after_in_child=WAITING.empty)
