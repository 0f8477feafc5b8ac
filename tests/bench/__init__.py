"""The speed bars, measured side by side in one run: ``python -m tests.bench`` (or ``make bench``).

A ratio is the median over rounds of A ÷ B, the two in turn within each round, so that a machine that speeds up or
slows down moves both. Nothing here is part of the product; the pass-through sealing and log exist here only.
"""
