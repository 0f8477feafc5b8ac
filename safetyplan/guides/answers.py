"""What a resident has answered, guide by guide, and how it reads and writes. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from safetyplan.guides.conditions import UNKNOWN
from safetyplan.guides.model import Guide
from safetyplan.vault import Revealed, reveal

FORMAT = 1
STEP = 2048
"""Bodies are filled up with blanks to whole steps of bytes: how many guides were answered must not show in a length."""

ASKED_EACH_TIME = frozenset({"K6"})
"""Whether somebody else can see the device is asked each time: it may be another device today."""


@dataclass(frozen=True, slots=True)
class GuideAnswers:
    """Answers to one guide. ``version`` is the guide's when the last of them was given."""

    version: int
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AllAnswers:
    """Guide → answers. What the content no longer knows is kept until she forgets it, and counts for nothing."""

    guides: Mapping[str, GuideAnswers] = field(default_factory=dict)

    def of(self, guide: Guide) -> GuideAnswers | None:
        return self.guides.get(guide.id)

    def with_answers(self, guide: Guide, answers: Mapping[str, str]) -> "AllAnswers":
        return AllAnswers({**self.guides, guide.id: GuideAnswers(guide.version, dict(answers))})

    def without(self, guide: Guide) -> "AllAnswers":
        return AllAnswers({name: kept for name, kept in self.guides.items() if name != guide.id})

    def carried_to(self, guide: Guide) -> dict[str, str]:
        """Answers that another guide has to questions both share. Skipped ones are asked again."""
        shared = {question.id for question in guide.questions if question.shared} - ASKED_EACH_TIME
        found: dict[str, str] = {}
        for name in sorted(self.guides.keys() - {guide.id}):
            answers = self.guides[name].answers
            found |= {q: choice for q, choice in answers.items() if q in shared and choice != UNKNOWN}
        return found

    def to_body(self) -> str:
        guides = {name: {"answers": dict(g.answers), "version": g.version} for name, g in self.guides.items()}
        body = {"format": FORMAT, "guides": guides}
        text = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return text + " " * (-len(text) % STEP)

    @classmethod
    def from_body(cls, body: Revealed) -> "AllAnswers":
        """Raises ValueError for anything but the one encoding."""
        read = json.loads(reveal(body))
        found = cls({name: GuideAnswers(kept["version"], kept["answers"]) for name, kept in read["guides"].items()})
        if found.to_body() != reveal(body):
            raise ValueError("not in the one encoding")
        return found
