"""The texts of the house in Swedish, Danish and English, and the tool that keeps them whole.

Rule: the English sentence in the code is the key; every language has every sentence, with the same
placeholders, or the tests fail. `python -m safetyplan.translations update` reads code and templates and lays
new sentences into the catalogues; translators work in the `.po` files with any editor; the build, an
installation and every `make` compile them.

Decided: English is filled in by the tool, never by hand, so that it cannot drift from the code. Headers carry
no dates and no line numbers, so that a change in a catalogue is always a change of words. Sentences that left
the code leave the catalogues: git remembers them. No fuzzy guesses: a sentence about safety that was nearly
right is wrong.
Turned down: `.mo` files in git (two truths), and a template catalogue in git (it can be made at any time).
"""
