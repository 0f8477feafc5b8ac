"""Argon2id over pass phrases, and how many may run at once."""

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2.low_level import Type, hash_secret_raw

from safetyplan.errors import Throttled


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id: RFC 9106 section 4, second choice (t=3, 64 MiB), with one lane: two sign-ins fill two cores."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 1


USUAL_COST = Cost()


class HashingPlaces:
    """At most two Argon2 at once in a process; the second is kept for devices we know.

    Strangers' guesses can therefore fill one place, never keep her out. Who waits longer than `patience_s`
    seconds is Throttled, so that a queue of guesses does not take every thread of the server.
    """

    def __init__(self, patience_s: float = 10.0) -> None:
        self._patience_s = patience_s
        self.empty()

    def empty(self) -> None:
        self._all, self._strangers = BoundedSemaphore(2), BoundedSemaphore(1)

    @contextmanager
    def place(self, known_device: bool) -> Iterator[None]:
        with self._taken(self._all) if known_device else self._stranger():
            yield

    @contextmanager
    def _stranger(self) -> Iterator[None]:
        with self._taken(self._strangers), self._taken(self._all):
            yield

    @contextmanager
    def _taken(self, places: BoundedSemaphore) -> Iterator[None]:
        if not places.acquire(timeout=self._patience_s):
            raise Throttled(5)
        try:
            yield
        finally:
            places.release()


PLACES = HashingPlaces()
# A thread of the parent that held a place does not exist in the child and would never give it back.
os.register_at_fork(after_in_child=PLACES.empty)


def normalise_phrase(phrase: str) -> str:
    """The same phrase from every keyboard: NFKC, case folded, single spaces.

    NFKC a second time, because folding can take a text out of it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", phrase).casefold())
    return " ".join(folded.split())


def stretch(phrase: str, salt: bytes, cost: Cost, known_device: bool) -> bytes:
    """32 bytes. Raises Throttled when no place comes free."""
    with PLACES.place(known_device):
        return hash_secret_raw(
            normalise_phrase(phrase).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=cost.iterations,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=32,
            type=Type.ID,
        )
