"""Sealing: all cryptography of the house, and nothing but. It opens no database, reads no setting, knows no
request.

The rule: **a value that is not exactly what was sealed, in exactly this place, raises.** There is no empty
value, no flag, no "unknown": `InvalidSeal` or the bytes. No key appears in a repr, a message or a default.

Decided
- One envelope (envelope.py) for everything symmetric: fields, locks, wrapped secrets, sessions. One format
  to freeze, one place that draws nonces. Keys are kept apart by HKDF labels, places by associated data.
- The case key itself never touches a field: HKDF gives the field key and the 32-byte commitment. AES-GCM is
  not committing, so the commitment is compared once a visit, instead of paying for a committing cipher at
  every field.
- A generation's commitment is also MACed under the key before it (casekeys.succession).
- Grants are bound through HPKE's `info`: `Suite` takes no associated data.
- Locks have two layers. The inner opens with the pass phrase, the outer with the pepper; both are bound to
  the account and to the Argon2 parameters, so that a lowered cost in the row opens nothing. Nothing stored
  can test a guess alone.
- Codes carry a check character: a slip of the pen is told at once and costs no try. All are groups of
  three.
- A bool is MACed as an integer, because SQLite and PostgreSQL hand it back differently.
- Changing the pepper re-locks private keys at once. Hashes under it (user names, factor codes) cannot be
  redone without what they hash: look them up under every version kept (`ServerSecrets.versions`).
- After a restore of a running machine's snapshot, processes are started afresh (envelope.py says why).

Turned down
- AES-GCM-SIV and XChaCha20: the first is slower here, the second not in the library we trust; 2**32 random
  nonces a key are far more than one compartment of one case will write.
- Deterministic or counter nonces: a restored database would count from the same number again.
- A stored password hash besides the lock: it would be something to test guesses against.
- A pass phrase on the recovery shares: SLIP-39 gives another seed, not an error, for a wrong one.
- Injectable randomness, even for tests: frozen vectors are opened, not made again.
"""

from safetyplan.sealing.envelope import Sealed
from safetyplan.sealing.invalid import InvalidSeal, MistypedCode, SharesWrong, WrongPassphrase

__all__ = ["InvalidSeal", "MistypedCode", "Sealed", "SharesWrong", "WrongPassphrase"]
