"""When a part of a guide is shown: four frozen classes, and what they make of answers.

- `{job: looking}`: the answer to `job` is `looking`
- `{job: [looking, unknown]}`: it is one of these; `unknown` is a question skipped or never asked
- `{not: {…}}`, `{all: [{…}, …]}`, `{any: [{…}, …]}`
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "unknown"
NOT, ALL, ANY = "not", "all", "any"
WORDS: Final = frozenset({NOT, ALL, ANY})

Answers = Mapping[str, str]
"""Question → choice, or `UNKNOWN` where the question was skipped. A question never asked is not in it."""


@dataclass(frozen=True, slots=True)
class Is:
    """The answer to ``question`` is one of ``values``."""

    question: str
    values: frozenset[str]

    def holds(self, answers: Answers) -> bool:
        return answers.get(self.question, UNKNOWN) in self.values

    def could(self, answers: Answers, still_open: Collection[str]) -> bool | None:
        """True or False if that is settled already, None if a question still open decides it."""
        return None if self.question in still_open else self.holds(answers)

    def atoms(self) -> frozenset["Is"]:
        return frozenset({self})


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"

    def holds(self, answers: Answers) -> bool:
        return not self.part.holds(answers)

    def could(self, answers: Answers, still_open: Collection[str]) -> bool | None:
        settled = self.part.could(answers, still_open)
        return None if settled is None else not settled

    def atoms(self) -> frozenset[Is]:
        return self.part.atoms()


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]

    def holds(self, answers: Answers) -> bool:
        return all(part.holds(answers) for part in self.parts)

    def could(self, answers: Answers, still_open: Collection[str]) -> bool | None:
        settled = [part.could(answers, still_open) for part in self.parts]
        return False if False in settled else None if None in settled else True

    def atoms(self) -> frozenset[Is]:
        return frozenset().union(*(part.atoms() for part in self.parts))


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Condition", ...]

    def holds(self, answers: Answers) -> bool:
        return any(part.holds(answers) for part in self.parts)

    def could(self, answers: Answers, still_open: Collection[str]) -> bool | None:
        settled = [part.could(answers, still_open) for part in self.parts]
        return True if True in settled else None if None in settled else False

    def atoms(self) -> frozenset[Is]:
        return frozenset().union(*(part.atoms() for part in self.parts))


Condition = Is | Not | Every | Some
