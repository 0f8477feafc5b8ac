"""The one door to protected text.

Rule: nobody opens a resident's words unseen. ``visit`` (one case), ``visits`` (a list of cases, one transaction),
``note`` (an entry without a case: sign-ins, accounts), ``read_log`` (oversight, who-looked). Leaving a block commits
rows and entry together; only then does the caller answer. If the entry cannot be written, the access fails.

How a visit lets somebody in: the role may name the purpose; the case row's MAC holds; the actor holds a grant whose
MAC holds and which has not expired; the grant opens with the private key of the signed-in session; the key matches
the generation's commitment. No grant, no key, no visit. A refusal is an entry in a transaction of its own, and so is
whatever a visit had opened when it broke off.

Decided: keys are opened by compartment, when first needed in a visit. A resident's session carries her own case
keys (a visit then costs one HKDF), but the grant row must still stand. Writes go through ``add``, ``put`` and
``delete``, which hand the row to the store and its digest to the entry. Rows with a ``mac`` column are stamped here,
so that no feature can write an authority row without it.

Turned down: decrypting properties on rows; a permission table beside the grants; logging after the response.
"""

from safetyplan.accesslog.entry import Outcome
from safetyplan.accesslog.findings import Finding, Report
from safetyplan.accesslog.findings import Kind as FindingKind
from safetyplan.accesslog.log import Logged
from safetyplan.vault.access import TAMPERED, Access, Ref
from safetyplan.vault.door import LogReader, Note, Vault
from safetyplan.vault.house import CaseKeys, House, Keyring
from safetyplan.vault.recipients import Kind
from safetyplan.vault.revealed import Revealed, reveal
from safetyplan.vault.visit import Reader, Visit
from safetyplan.vault.watch import Look, Proof, Watch

__all__ = [
    "TAMPERED",
    "Access",
    "CaseKeys",
    "Finding",
    "FindingKind",
    "House",
    "Keyring",
    "Kind",
    "LogReader",
    "Logged",
    "Look",
    "Note",
    "Outcome",
    "Proof",
    "Reader",
    "Ref",
    "Report",
    "Revealed",
    "Vault",
    "Visit",
    "Watch",
    "reveal",
]
