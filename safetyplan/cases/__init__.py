"""A resident's stay: taking in, who is let in, the slip.

Rule: a case is born with its keys. ``take_in`` makes case, generations, grants, particulars and the resident's
enrolment code in one transaction; nothing half-done remains.

Decided: a new case is sealed to every lead of the unit who has a key, to the unit's emergency group (``plan``,
``record``) or life-in-danger group (``identity``), and to the recovery key; the staff whom the lead names get ``plan``
and ``record``. The house takes nobody in before it has an officer and the unit its group keys. The case's id is
minted in the form, so that a form sent twice makes one case. A lead sees the names of the own unit only. Taking a
grant away needs no key: it deletes, ends that person's sessions, and marks rotation due; the next writer mints.

A slip is shown in the answer to the form that made it, once: user name and code are stored nowhere in clear. A new
slip before enrolment carries a new user name and kills the one before.

Turned down: case numbers that count up (they tell how many people live here); storing the user name for reprints.
"""
