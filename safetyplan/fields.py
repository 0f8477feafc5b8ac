"""Every protected field and every clear column, on one page.

A field's number is immutable and is bound into its ciphertext, so that a column can be renamed and a ciphertext
cannot be moved. Numbers are never reused. A contract test fails on any column that is neither here nor in ``CLEAR``.
"""

from enum import Enum
from typing import Final

Compartment = str
"""An open name, not an enum: a release to a commissioner can become a compartment later."""

PLAN: Final = "plan"
RECORD: Final = "record"
IDENTITY: Final = "identity"
PRIVATE: Final = "private"
COMPARTMENTS: Final = (PLAN, RECORD, IDENTITY, PRIVATE)

OPERATIONS: Final = "operations"
DIRECTORY: Final = "directory"
ACCOUNT: Final = "account"


class Field(Enum):
    """number, table, column, scope: a compartment of a case, a server secret, or the account's own key."""

    PLAN_ITEM = (1, "plan_item", "body", PLAN)
    PLAN_SECTION = (2, "plan_section", "body", PLAN)
    PLAN_SECTION_DUE = (3, "plan_section", "due", OPERATIONS)
    GUIDE_ANSWER = (4, "guide_answer", "body", PLAN)
    PARTICULARS = (5, "case_particulars", "body", PLAN)
    THREAT_REVIEW = (10, "threat_review", "body", RECORD)
    THREAT_LEVEL = (11, "threat_level", "body", RECORD)
    THREAT_LEVEL_SHARED = (12, "threat_level", "shared", PLAN)
    THREAT_LEVEL_DUE = (13, "threat_level", "due", OPERATIONS)
    OWN_VIEW = (14, "own_view", "body", PLAN)
    INCIDENT = (15, "incident", "body", PLAN)
    STAFF_NAME = (20, "account", "name", DIRECTORY)
    UNIT_NAME = (21, "unit", "name", DIRECTORY)
    TOTP_SECRET = (22, "totp", "secret", ACCOUNT)
    SESSION_DEVICE = (23, "session", "device", ACCOUNT)

    def __init__(self, number: int, table: str, column: str, scope: str) -> None:
        self.number, self.table, self.column, self.scope = number, table, column, scope


KEY_MATERIAL: dict[str, frozenset[str]] = {
    "account_key": frozenset({"sealed", "recovery_sealed"}),
    "enrolment": frozenset({"sealed"}),
    "session": frozenset({"sealed"}),
    "group_key_copy": frozenset({"sealed"}),
    "case_key_grant": frozenset({"sealed"}),
    "server_secret": frozenset({"wrapped"}),
}
"""Columns that hold sealed keys rather than sealed text."""

HOT: frozenset[str] = frozenset({"session", "totp_step", "throttle"})
"""Tables outside the log's equality: they change at every request and disclose nothing when they lie (a planted
session cannot be opened, a lowered TOTP step only allows a code again within its 90 seconds)."""

CLEAR: dict[str, dict[str, str]] = {}
"""table → column → why it may be read by whoever steals the database. Filled in ``CLEAR.update`` below."""

_IDS = "random id; says nothing about the person"
_TIME = "rhythm of activity shows; SECURITY.md says so"
_MAC = "integrity only"

CLEAR.update(
    {
        "unit": {"id": _IDS, "created_at": _TIME, "mac": _MAC},
        "account": {
            "id": _IDS,
            "name_hash": "HMAC of a generated user name under the pepper",
            "pepper_version": "which pepper",
            "role": "needed before any key is open",
            "unit_id": _IDS,
            "state": "invited, active, locked, retired",
            "own_case": _IDS,
            "language": "none, or the language the person chose for signing in",
            "created_at": _TIME,
            "mac": _MAC,
        },
        "account_key": {
            "id": _IDS,
            "account_id": _IDS,
            "version": "counts key pairs",
            "public": "public key",
            "salt": "Argon2id salt",
            "memory_kib": "Argon2id cost",
            "iterations": "Argon2id cost",
            "lanes": "Argon2id cost",
            "pepper_version": "which pepper",
            "recovery_pepper_version": "which pepper",
            "recovery_used_at": _TIME,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "totp": {"id": _IDS, "account_id": _IDS, "created_at": _TIME},
        "totp_step": {"id": _IDS, "step": "last accepted 30-second step"},
        "factor_code": {
            "id": _IDS,
            "account_id": _IDS,
            "hash": "HMAC of an 80-bit code under the pepper",
            "pepper_version": "which pepper",
            "used_at": _TIME,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "enrolment": {
            "id": _IDS,
            "account_id": _IDS,
            "lookup": "HMAC of a 128-bit code under the pepper",
            "pepper_version": "which pepper",
            "expires_at": _TIME,
            "created_by": _IDS,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "session": {
            "id": _IDS,
            "cookie_hash": "SHA-256 of 32 random bytes",
            "kind": "half or full, or an enrolment that is not finished",
            "account_tag": "HMAC of the account under the session salt",
            "created_at": _TIME,
            "seen_at": _TIME,
        },
        "throttle": {"id": "HMAC keyed anew each day", "count": "tries", "expires_at": _TIME},
        "access_group": {
            "id": _IDS,
            "kind": "which group",
            "unit_id": _IDS,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "group_member": {
            "id": _IDS,
            "group_id": _IDS,
            "account_id": _IDS,
            "added_by": _IDS,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "group_key": {
            "id": _IDS,
            "group_id": _IDS,
            "version": "counts key pairs",
            "public": "public key",
            "created_at": _TIME,
            "mac": _MAC,
        },
        "group_key_copy": {
            "id": _IDS,
            "group_key_id": _IDS,
            "recipient_kind": "account or recovery",
            "recipient_id": _IDS,
            "granted_by": _IDS,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "recovery_key": {
            "id": _IDS,
            "version": "counts key pairs",
            "public": "public key",
            "created_at": _TIME,
            "mac": _MAC,
        },
        "server_secret": {
            "id": _IDS,
            "name": "which secret",
            "version": "counts",
            "created_at": _TIME,
            "mac": _MAC,
        },
        "case_file": {
            "id": _IDS,
            "reference": "drawn at random; printed on slips",
            "unit_id": _IDS,
            "state": "open or closed",
            "opened_at": _TIME,
            "opened_by": _IDS,
            "mac": _MAC,
        },
        "case_generation": {
            "id": _IDS,
            "case_id": _IDS,
            "compartment": "which compartment; every case has the same",
            "generation": "counts key changes",
            "commitment": "HKDF output; binds the key, tells nothing of it",
            "link": "MAC of the commitment under the generation before",
            "rotation_due": "somebody's grant was taken away",
            "created_at": _TIME,
            "created_by": _IDS,
            "mac": _MAC,
        },
        "case_key_grant": {
            "id": _IDS,
            "case_id": _IDS,
            "compartment": "which compartment",
            "generation": "which key",
            "recipient_kind": "account, group or recovery",
            "recipient_id": _IDS,
            "granted_by": _IDS,
            "expires_at": _TIME,
            "created_at": _TIME,
            "mac": _MAC,
        },
        "log_entry": {
            "seq": "position in the log",
            "body": "canonical entry; nothing personal in clear",
            "nodes": "tree hashes",
            "actor": _IDS,
            "case_id": _IDS,
        },
    }
)

_REVISIONS = {
    "id": _IDS,
    "case_id": _IDS,
    "revision": "counts saves",
    "created_at": _TIME,
    "created_by": _IDS,
}
CLEAR["case_particulars"] = dict(_REVISIONS)
CLEAR["plan_item"] = {**_REVISIONS, "item_id": _IDS}
CLEAR["plan_section"] = {**_REVISIONS, "section_id": _IDS}
CLEAR["guide_answer"] = dict(_REVISIONS)
CLEAR["threat_review"] = {**_REVISIONS, "review_id": _IDS}
CLEAR["threat_level"] = {**_REVISIONS, "review_id": _IDS}
CLEAR["own_view"] = dict(_REVISIONS)
CLEAR["incident"] = {**_REVISIONS, "incident_id": _IDS}
