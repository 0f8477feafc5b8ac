"""Rounds, medians, and what a figure says."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. ``spread``: lowest and highest of the rounds; ``how``: with what else measured beside it."""

    id: str
    value: float
    unit: str
    bar: str
    spread: tuple[float, float]
    how: str

    @property
    def holds(self) -> bool:
        relation, bound = self.bar.split(" ")
        limit = float(bound.replace(",", ""))
        return self.value <= limit if relation == "<=" else self.value >= limit

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "value": round(self.value, 3),
            "unit": self.unit,
            "bar": self.bar,
            "spread": [round(each, 3) for each in self.spread],
            "how": self.how,
        }

    def as_line(self) -> str:
        mark = "ok  " if self.holds else "MISS"
        low, high = self.spread
        what = f"{mark} {self.id:18} {self.value:>12,.3f} {self.unit:6} ({self.bar})"
        return f"{what}  {low:,.3f} to {high:,.3f}  {self.how}"


def seconds(work: Callable[[], object], times: int) -> float:
    """Seconds a call of ``work``, over ``times`` of them."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def figure(id: str, values: list[float], unit: str, bar: str, how: str) -> Figure:
    return Figure(id, statistics.median(values), unit, bar, (min(values), max(values)), how)
