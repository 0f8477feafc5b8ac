"""Oversight: the security officer's log, and who has looked at a case.

Rule: **who looks is seen, what was looked at is not.** Nothing in this room opens a resident's words: an officer sees
pseudonyms, roles and units; a resident and her staff see names from the house's directory, and kinds of things ("your
plan"), never what stands in them, never a network or a session. Reading the log is itself an entry.

Decided
- The sentence on the log's state rests on two things, and says which: a quick look made now (noted heads, the stamp of
  the last entry, the newest checkpoint) and the result of the last whole check, which is an entry of the log like any
  other. A whole check that is older than ``RECENT`` does not count, nor does a signature that leaves more than a day
  unsigned go unsaid. The sentence is also there when the log cannot be written and every other page is shut.
- What the service itself met on its way (a row that was not as it wrote it: an entry that failed, for tampering) is
  said before anything else until a whole check finds nothing. A log younger than ``RECENT`` lacks no check yet.
- A whole check by an officer that finds nothing signs the log: so signatures follow wherever somebody looks.
- A pseudonym is the first thirty bits of the account's random id with a letter for the role. It is no secret who is
  meant, for whoever has the staff list beside it; it keeps names out of sight and out of addresses.
- "Signed up to" names the time of the last signed entry, which nobody can alter, not the time of a file.
- One's own visits are folded into one line a day, and equal visits of one person too; that somebody met the case in
  their list is a line a person and day, below what was opened, and no visit in the picture by week. So
  the list stays a page that somebody who is afraid can read.
- The officer's button checks at most ``MOST_ON_A_PAGE`` entries; a longer log is checked by command, where a bar shows.
- A refused attempt by somebody who is not staff is told without saying who: it would name another resident.

Turned down
- The officer unsealing reasons here: that belongs to a review, with a purpose of its own.
- Counting page views: an entry counts what was opened.
- A table of states beside the log: it could be changed without a trace.
"""
