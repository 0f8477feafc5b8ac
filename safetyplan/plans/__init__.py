"""Living safety plans: *nothing she wrote is ever lost, and she sees who can read it.*

A plan is sections, a section is items, an item is its revisions; the newest revision is how it stands.

Decided
- Every save adds a row; nothing is overwritten. Taking an item away is a revision too, and it can be brought back.
- Which section an item belongs to is sealed with it, and a section's name with its date: that something stands under
  "children" must not show. Addresses of pages carry a section's number, never its name.
- Two people at once: whoever saves second with words that differ from what was saved meanwhile gets both versions
  side by side and chooses (``Stale``, 409). Taps (done, still right) say what they want, not what they saw, and never
  clash. What only one of two people changed is not a clash.
- A form to add carries the new item's id, so that sending it twice makes one item. If the words differ the second
  time, the two versions meet as any other two.
- Any section may stay empty; nothing counts how much has been written. A date that has passed is said once, calmly.
- A resident's plan is named by her session and staff name a case; the purpose follows from that and the role must
  fit the purpose, so one set of verbs serves both.
- Beside each section stand the people whose grants open it, read from the grants themselves in the same visit.
- The code word is left out of the printed plan.

Turned down
- Merging texts without asking: a sentence put together by a machine may be wrong where it matters. The merge is
  offered in the box for both together, and she reads it first.
- Differences of single characters: people read words.
- A column for the section or for "done": both would be read by whoever steals the database.
- Moving an item between sections: an item's section is fixed at its first revision; its history stays in one place.
"""
