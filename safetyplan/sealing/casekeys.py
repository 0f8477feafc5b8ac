"""Case keys: one a compartment and generation. Only what is derived from them touches a field."""

import hmac
import secrets

from safetyplan.sealing.derive import derive, pack
from safetyplan.sealing.envelope import FieldKey
from safetyplan.sealing.invalid import InvalidSeal


def new_case_key() -> bytes:
    return secrets.token_bytes(32)


def field_key(case_key: bytes, case: str, compartment: str, generation: int) -> FieldKey:
    return FieldKey(derive(_whole(case_key), "field key", case, compartment, generation), generation)


def commitment(case_key: bytes, case: str, compartment: str, generation: int) -> bytes:
    """32 bytes that fix the key without telling it. AES-GCM alone lets one envelope open under two keys."""
    return derive(_whole(case_key), "commitment", case, compartment, generation)


def check_commitment(case_key: bytes, case: str, compartment: str, generation: int, expected: bytes) -> None:
    """Once a visit, when a case key is opened.

    Raises InvalidSeal if it is not the key that was committed to.
    """
    if not hmac.compare_digest(commitment(case_key, case, compartment, generation), expected):
        raise InvalidSeal("the case key is not the one committed to")


def succession(previous_key: bytes, case: str, compartment: str, generation: int, committed: bytes) -> bytes:
    """MAC of a generation's commitment under the generation before.

    Only who held the old key can name the next.
    """
    key = derive(_whole(previous_key), "succession", case, compartment, generation - 1)
    return hmac.digest(key, pack(case, compartment, generation, committed), "sha256")


def check_succession(
    previous_key: bytes, case: str, compartment: str, generation: int, committed: bytes, expected: bytes
) -> None:
    if not hmac.compare_digest(succession(previous_key, case, compartment, generation, committed), expected):
        raise InvalidSeal("this generation does not follow from the one before")


def account_field_key(private: bytes, account: str, generation: int = 1) -> FieldKey:
    """For what is sealed to one account alone, such as its TOTP secret.

    `private` is the account's private key.
    """
    return FieldKey(derive(private, "account field key", account, generation), generation)


def _whole(key: bytes) -> bytes:
    if len(key) != 32:
        raise InvalidSeal("a case key has 32 bytes")
    return key
