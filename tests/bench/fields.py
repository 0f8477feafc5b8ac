"""Sealing and opening a 256-byte field, against one direct call of the cipher it uses."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safetyplan.actors import new_id
from safetyplan.fields import Field
from safetyplan.sealing.casekeys import field_key, new_case_key
from safetyplan.vault import Ref
from tests.bench.measure import ROUNDS, Figure, figure, seconds

TIMES = 20_000


def figures() -> list[Figure]:
    text, case = os.urandom(256), new_id()
    key = field_key(new_case_key(), case, "plan", 1)
    data = Ref(Field.PLAN_ITEM, new_id(), 1).data(case, 1)
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)

    def ours() -> bytes:
        return key.open(data, key.seal(data, text))

    def direct() -> bytes:
        return cipher.encrypt(nonce, text, data)

    ratios, ours_us, direct_us = [], [], []
    for _ in range(ROUNDS):
        a, b = seconds(ours, TIMES), seconds(direct, TIMES)
        ratios.append(a / b)
        ours_us.append(a * 1e6)
        direct_us.append(b * 1e6)
    middle = len(ours_us) // 2
    how = (
        f"seal and open 256 bytes {sorted(ours_us)[middle]:.2f} us ÷ one AESGCM.encrypt of the same"
        f" {sorted(direct_us)[middle]:.2f} us; associated data built beforehand for both; median of {ROUNDS} rounds"
    )
    return [figure("field_ratio", ratios, "ratio", "<= 4", how)]
