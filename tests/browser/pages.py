"""Every page that a role can open, from the map of addresses itself: a new page is looked at without being listed."""

import re
from collections.abc import Mapping, Sequence
from itertools import product

from flask import Flask

from safetyplan.actors import Role
from safetyplan.web.audience import audience_of

Known = Mapping[str, Sequence[str]]
"""What fills a part of an address: by "endpoint:part" or by the part's own name."""

_PREFIX = {"/n/": {Role.RESIDENT}, "/s/": {Role.STAFF, Role.LEAD}, "/o/": {Role.OFFICER}, "/a/": {Role.ADMINISTRATOR}}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_NO_PAGES = {"assets.file", "assets.robots", "oversight.proof"}


def addresses(app: Flask, role: Role | None, known: Known) -> list[str]:
    """What the role (None: nobody signed in) can GET. KeyError names a part of an address that nobody filled."""
    found = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in _NO_PAGES or not _is_for(app, rule.endpoint, role):
            continue
        theirs = next((roles for prefix, roles in _PREFIX.items() if rule.rule.startswith(prefix)), None)
        if theirs is not None and role not in theirs:
            continue
        names = _PART.findall(rule.rule)
        choices = [known[own] if (own := f"{rule.endpoint}:{name}") in known else known[name] for name in names]
        for chosen in product(*choices):
            values = dict(zip(names, chosen, strict=True))
            found.add(_PART.sub(lambda part, values=values: values[part[1]], rule.rule))  # type: ignore[misc]
    return sorted(found)


def _is_for(app: Flask, endpoint: str, role: Role | None) -> bool:
    allowed = audience_of(app, endpoint)
    if role is None:
        return allowed is None
    return allowed is not None and role in allowed
