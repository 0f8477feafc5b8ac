"""Levels, reviews, the resident's own view, incidents.

Rule: nobody lowers a level alone, and nothing lowers one by itself. Raising, staying and the first assessment take
effect at once, by one person; a lower level waits until a second person, who did not write it and who has a grant
on the case, accepts it. The author can never settle: that is refused, and the refusal is an entry. Not assessed is
shown and due as high. A day that passes makes a review overdue, never a level lower.

No score. Factors are marked and described in words; nothing is counted, weighed, ranked or coloured by number, and
no item of a licensed instrument stands here. Where somebody used an instrument elsewhere, its name, day and
conclusion are kept. The resident's own view stands beside the level: it may open the discussion again (a review
below her own view needs words about the difference, and so does accepting one below what she has said since), it
never lowers anything.

Decided: nothing that a thief of the database can read tells a direction.
- Proposing writes two rows, whatever is proposed: the review, and how things stand after it. Settling, declining
  and taking back write two rows as well, under one action name (``review.settled``).
- Every review waits for a second person, also one that raised: then they confirm, or say that they see it
  differently (the level stays; going down is a new proposal). If only proposals to lower waited, a second entry
  would tell that a level had been about to fall. For the same reason an author may take any review back while it
  waits; what took effect stays.
- What the resident may see (``shared``) and the due time are sealed anew in every standing, changed or not.
- Bodies are filled up to whole steps (``bodies``), far coarser than the envelope's padding.
- Authors are sealed inside the bodies, and those are the ones compared: the clear column is for counting only.
What still shows: that a case has been assessed at all, and the rhythm of reviews. Acute cases are looked at more
often; rows cannot hide that.

Decided: one proposal waits at a time; a newer review takes its place, and settling the older one is Stale. A form
carries what its author had before them (level, draft, her own view); if any has changed, nothing is saved and the
form comes back with the news.

Turned down: a separate table of proposals (its rows would tell); confirming by whoever is on call; a level that
falls when its day passes; likelihoods in numbers; letting the resident settle.

Later: triggers that open tasks, house-set intervals and factors, closing by two (issue 5). Their rows are new
tables; ``due`` is already sealed for ``tick``.
"""
