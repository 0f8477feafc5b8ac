"""People: accounts, enrolment, the two steps of signing in, sessions, recovery codes, groups.

Rule: **nothing about a person is known to the house before their own secret has opened it.** There is no stored
password and no stored name: a user name is a peppered HMAC, a pass phrase is right when it opens a private key, a
session is right when its cookie opens its row. Whoever holds the database alone can neither sign in nor test a guess.

Decided
- A sign-in is three transactions: the counters (before hashing), the first step, the second step. The last one holds
  everything a session needs (TOTP step or used code, half session gone, full session, groups' memberships checked, the
  entry), so that either all of it happened or none. What cannot be written down does not happen.
- Who wins a race is decided by a row count: one conditional UPDATE for a TOTP step, the delete of the half session,
  the delete of the enrolment. Never by reading first.
- Counters count tries, not failures: a try is counted before it is made and given back when both steps are right, so
  that neither a hundred tries at once nor somebody who knows the words alone can slip past. A try is counted for the
  *typed* name, whether or not somebody has it. A full counter is only read: a flood never holds the write lock.
- What a form makes (an account, a unit) bears an id that was minted when the form was shown: sending it again is told,
  and makes nobody twice.
- zxcvbn knows English. The frequent words of Swedish and Danish are vendored as plain lists, without the library they
  come from.
- A known device (opt-in) has counters of its own and a hashing place of its own. A stranger's tries therefore never
  reach hers. From a device nobody knows, the key code of her recovery sheet is a way past somebody who uses up her
  tries: it cannot be guessed, and is counted only by network.
- The enrolment row is deleted when enrolment is finished, not when it begins: until then nothing has happened, and
  her paper code still works. Everything shown in between stands in one session row, sealed under her cookie.
- The user name is on the slip only. A second slip before the first is used therefore carries a new name.
- Intake is one group for the house ("is she here already?" must be answered for every unit), emergency and
  life-in-danger are one a unit, oversight one for the house. A group's id follows from its kind and unit, so that two
  who found it at once collide instead of making two.
- Using the key code makes a new key pair at once and moves every grant and group copy to it, because a sheet that was
  lying about may have been copied. It ends every other session. A factor code ends every other session too.
- A session whose account row is not as the house wrote it is ended, and says so in the log.
- Leave works whatever fails: the cookie goes even where the database does not answer.

Turned down
- pyotp's ``verify``: it accepts the same code twice and does not say which step matched.
- Locking an account after wrong tries: it hands whoever threatens her the key to keep her out.
- Flask-Login's remember cookie and session protection: the first outlives a sign-out, the second writes a searchable
  hash of address and browser.
- Asking the pass phrase and the code on one page: the phrase would be in the browser's memory of that form.
- Counting typing slips: recovery codes carry a check character, and a slip costs no try.
"""
