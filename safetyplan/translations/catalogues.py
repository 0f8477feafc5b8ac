"""Reading, writing and compiling the catalogues. Imports nothing of the house: the build hook runs it alone."""

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("sv", "da", "en")
HOME = Path(__file__).resolve().parent

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: safetyplan\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""

PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[a-z]|%[sd]|\{[a-z_0-9]*\}", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)


def po_path(language: str, home: Path = HOME) -> Path:
    return home / language / "LC_MESSAGES" / "messages.po"


def read(language: str, home: Path = HOME) -> Catalog:
    """An empty catalogue if there is no file yet."""
    path = po_path(language, home)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def write(language: str, catalogue: Catalog, home: Path = HOME) -> bool:
    """The catalogue in its one form: sorted, unwrapped, no dates or line numbers. True if the file changed."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)
    header = HEADER.format(language=language, plural_forms=catalogue.plural_forms)
    return _replace(po_path(language, home), header.encode() + body.getvalue().rstrip() + b"\n")


def compiled(language: str, home: Path = HOME) -> bytes:
    """The bytes of the .mo file. Raises ValueError if a placeholder or a plural form is broken."""
    catalogue = read(language, home)
    broken = [f"{message.id!r}: {error}" for message, errors in catalogue.check() for error in errors]
    if broken:
        raise ValueError(f"{po_path(language, home)}: " + "; ".join(broken))
    catalogue.creation_date = NO_DATE  # Babel would write the minute of compiling: the same words, other bytes
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def compile_all(home: Path = HOME) -> list[Path]:
    """Every .mo file beside its .po file; touches only what changed, and returns that."""
    paths = {language: po_path(language, home).with_suffix(".mo") for language in LANGUAGES}
    present = [language for language in LANGUAGES if po_path(language, home).exists()]
    return [paths[language] for language in present if _replace(paths[language], compiled(language, home))]


def sentences(catalogue: Catalog) -> Iterator[Message]:
    """All messages but the header."""
    return (message for message in catalogue if message.id)


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def problems(language: str, wanted: Catalog, home: Path = HOME) -> list[str]:
    """What keeps this language from being whole, against the sentences `wanted` by code and templates."""
    present = read(language, home)
    found = []
    for message in sentences(wanted):
        name = f"{language}: {ids(message)[0]!r}"
        translation = present.get(message.id, message.context)
        if translation is None or ids(translation) != ids(message):
            found.append(f"{name} is not in the catalogue")
        else:
            found += [f"{name} {problem}" for problem in _faults(translation, present.num_plurals)]
    for message in sentences(present):
        if wanted.get(message.id, message.context) is None:
            found.append(f"{language}: {ids(message)[0]!r} is no longer in code or templates")
    return found


def _faults(message: Message, plural_forms: int) -> Iterator[str]:
    forms = strings(message)
    if message.fuzzy:
        yield "is marked fuzzy"
    if len(forms) != (plural_forms if len(ids(message)) > 1 else 1):
        yield f"has {len(forms)} forms"
    if not all(form.strip() for form in forms):
        yield "is not translated"
        return
    # The singular may say "one" where the English says "%(num)s"; everything else must be kept.
    allowed = [set(PLACEHOLDER.findall(text)) for text in ids(message)]
    for number, form in enumerate(forms):
        used = set(PLACEHOLDER.findall(form))
        if used not in allowed and not (number == 0 and len(forms) > 1 and used <= allowed[-1]):
            yield f"has other placeholders: {sorted(used)}"
        if sorted(TAG.findall(form)) != sorted(TAG.findall(ids(message)[min(number, len(ids(message)) - 1)])):
            yield "has other tags"


def _replace(path: Path, content: bytes) -> bool:
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
    return True
