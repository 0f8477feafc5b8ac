"""Guided answers: *a guide never says more than its source.*

A guide asks a few questions, one at a time, and composes a personal answer from what stands in `content/`.

Decided
- Content is YAML that people who are no programmers can read and correct: one file a guide, the three languages side
  by side, `shared.yaml` for what all guides share, `facts.yaml` for facts and sources. Reading is strict: an unknown
  key, a missing language, an unknown fact, an undefined placeholder or a repeated key stops the start and names file
  and key.
- Each point is of one kind. `fact` rests on facts of status A or B, or C that somebody has checked; `differs` says
  that sources disagree; `ask` is a question and names whom to ask; `practice` is advice, shown as "practice, not a
  rule". A fact that nobody has sourced can stand behind `ask` and `practice` only; the loader refuses anything else.
- A point belongs to Sweden, to Denmark or to both. Someone in Denmark never reads a Swedish rule: where Denmark has
  no checked answer the guide says so and whom to ask, and the check demands such a point of every topic.
- A question that was skipped, or never asked, has the value `unknown`, and conditions may name it. Content is written
  so that `unknown` gets the careful, general answer.
- Conditions are four small frozen classes, parsed once. No expression language, no `eval`.
- Protection that general advice can break (`fingerade personuppgifter`) ends the guide at once.
- Numbers to ring and Swedish or Danish terms are placeholders defined once, so that a number is corrected in one place.
- Answers are kept as choices, never as text; the guide's name lies inside the sealed body with them. Answers to shared
  questions are taken along to the next guide, except whether somebody else can see the device: that is asked each time.

Turned down
- gettext for the content: a reviewer must see the three languages of one sentence together.
- A tree of pages a guide: every change would have been made in several branches.
- Links to sources: a tap would leave the address in the history of a phone that somebody else may read. They are text.
- A score of how safe somebody is. A guide does not know.
"""
