"""Finding the sentences in code and templates."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from safetyplan.translations.catalogues import HOME, LANGUAGES, ids, read, sentences, strings, write

CHECKOUT = HOME.parent.parent
ROOMS = ("safetyplan", "templates")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "N_": None,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "lazy_npgettext": ((1, "c"), 2, 3),
}


def wanted(checkout: Path = CHECKOUT) -> Catalog:
    """Every sentence that code and templates ask for. Raises on a template that does not parse: it keeps its texts."""
    with (HOME / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog(charset="utf-8")
    for path, _line, text, comments, context in extract_from_dir(
        checkout,
        methods,
        options,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=lambda folder: _is_ours(checkout, Path(folder)),
    ):
        found.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    return found


def update(language: str, sentences_wanted: Catalog, home: Path = HOME) -> bool:
    """Lay what is wanted into the catalogue and keep what is translated. True if the file changed."""
    old = read(language, home)
    new = Catalog(locale=language, charset="utf-8")
    for message in sentences(sentences_wanted):
        known = old.get(message.id, message.context)
        plural = len(ids(message)) > 1
        forms = ("",) * new.num_plurals if plural else ("",)
        if language == "en":
            forms = ids(message)
        elif known is not None and ids(known) == ids(message):
            forms = strings(known)
        entry = new.add(
            message.id,
            forms if plural else forms[0],
            locations=sorted(set(message.locations)),
            auto_comments=sorted(set(message.auto_comments)),
            user_comments=known.user_comments if known is not None else (),
            context=message.context,
        )
        if known is not None and known.fuzzy:
            entry.flags.add("fuzzy")
    return write(language, new, home)


def untranslated(language: str, home: Path = HOME) -> list[str]:
    return [ids(m)[0] for m in sentences(read(language, home)) if m.fuzzy or not all(strings(m))]


def update_all() -> list[str]:
    """The languages whose catalogue changed."""
    found = wanted()
    return [language for language in LANGUAGES if update(language, found)]


def _is_ours(checkout: Path, folder: Path) -> bool:
    parts = folder.relative_to(checkout).parts
    return not parts or (parts[0] in ROOMS and parts[-1] not in ("__pycache__", "static"))
