"""Reading where facts come from. A title stays in its own language; what we say about a source is said in all three."""

from safetyplan.guides.model import LANGUAGES, Source, Text
from safetyplan.guides.strict import Entry


def read_sources(listed: Entry) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for key in listed.names():
        entry = listed.entry(key)
        sources[key] = Source(
            id=key,
            publisher=_named(entry, "publisher"),
            title=_named(entry, "title"),
            date=entry.date_or_none("date"),
            remark=_said(entry, "remark") if entry.has("remark") else None,
            address=entry.words("address"),
        )
        entry.close()
    return sources


def _named(entry: Entry, key: str) -> Text:
    """A name, the same for every reader; or, for what has none of its own, a description in each language."""
    if isinstance(entry.value(key), dict):
        return _said(entry, key)
    line = ((entry.words(key),),)
    return Text(line, line, line)


def _said(entry: Entry, key: str) -> Text:
    languages = entry.entry(key)
    lines = {lang: ((languages.words(lang),),) for lang in LANGUAGES}
    languages.close()
    return Text(**lines)
