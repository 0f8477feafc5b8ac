"""Measure, print a table, write ``var/bench.json``; exit 1 if a bar is missed."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench import fields, log, page
from tests.bench.measure import Figure

OUT = Path("var/bench.json")


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path("var") if Path("var").is_dir() else None))
    try:
        figures: list[Figure] = [
            *page.figures(folder),
            *fields.figures(),
            *log.figures(folder),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([figure.as_json() for figure in figures], indent=1) + "\n", encoding="utf-8")
    for figure in figures:
        print(figure.as_line())
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
