"""What a verification found, and the report it hands back."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST = 1_000  # findings kept; a rewritten log would otherwise name every entry


class Kind(StrEnum):
    """Closed list, for translation and for alarms."""

    ENTRY_ALTERED = "entry_altered"
    ENTRY_MISSING = "entry_missing"
    ENTRY_FOREIGN = "entry_foreign"
    NODE_ALTERED = "node_altered"
    INDEX_ALTERED = "index_altered"
    TAIL_CUT = "tail_cut"
    HEADS_MISSING = "heads_missing"
    HEAD_TORN = "head_torn"
    HEAD_DIFFERS = "head_differs"
    CHECKPOINTS_MISSING = "checkpoints_missing"
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_FORGED = "checkpoint_forged"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    ROW_PLANTED = "row_planted"
    ROW_MISSING = "row_missing"
    ROW_CHANGED = "row_changed"
    ROW_RESTORED = "row_restored"
    SCHEMA_DIFFERS = "schema_differs"
    EXPORT_BROKEN = "export_broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: an entry (``seq``), or a row (``table`` and ``row``), or a file."""

    kind: Kind
    sentence: str
    seq: int | None = None
    table: str | None = None
    row: str | None = None


@dataclass(slots=True)
class Report:
    """``ok`` only with no finding at all. ``more`` counts findings beyond the first thousand."""

    size: int = 0
    root: bytes = b""
    writes: int = 0
    rows: int = 0
    heads: int = 0
    checkpoints: int = 0
    signed: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def add(self, finding: Finding) -> None:
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.more += 1
