"""SECURITY.md lists every clear column and every endpoint with its audience; the lists are made from the code.

``python -m tests.contracts.test_security_page`` writes them anew.
"""

import re
import tempfile
from pathlib import Path

from safetyplan.actors import Role
from safetyplan.app import create_app
from safetyplan.fields import CLEAR
from safetyplan.web.audience import audience_of
from tests.builders import build_house

PAGE = Path(__file__).parents[2] / "SECURITY.md"


def clear_columns() -> str:
    rows = ["| table | column | why |", "|---|---|---|"]
    for table, columns in sorted(CLEAR.items()):
        rows += [f"| {table} | {column} | {why} |" for column, why in columns.items()]
    return "\n".join(rows)


def endpoints() -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = build_house(Path(folder) / "house")
        app = create_app(home.settings, home.house)
        rows = set()
        for rule in app.url_map.iter_rules():
            who = audience_of(app, rule.endpoint)
            named = "anyone" if who is None else ", ".join(role for role in Role if role in who)
            methods = " ".join(sorted((rule.methods or set()) & {"GET", "POST"}))
            rows.add(f"| `{rule.rule}` | {methods} | {named} |")
        home.house.store.engine.dispose()
    return "\n".join(["| path | method | who |", "|---|---|---|", *sorted(rows)])


def written(page: str) -> str:
    for mark, made in (("clear columns", clear_columns()), ("endpoints", endpoints())):
        inside = re.compile(rf"<!-- {mark} -->.*?(?=\n## |\Z)", re.DOTALL)
        page = inside.sub(lambda _, mark=mark, made=made: f"<!-- {mark} -->\n\n{made}\n", page)
    return page


def test_the_security_page_is_true() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page, "say: python -m tests.contracts.test_security_page"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
