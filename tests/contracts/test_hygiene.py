"""What must stand in no file."""

import ast
import re
import stat

from tests.contracts.sources import PACKAGE, TEMPLATES, modules, short, templates, texts, tracked

# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|not " r"implemented yet|lorem " r"ipsum", re.IGNORECASE
)
REGISTRIES = re.compile(
    r"py" r"pi\.org|python" r"hosted\.org|registry\.np" r"mjs|npm" r"js\.org|deb\.debian\." r"org|np" r"mmirror"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(wo" r"rk|ro" r"ot|ho" r"me/\w+|Us" r"ers/\w+)/")
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a handler attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script element with text": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "an address outside the house": re.compile(r"(src|action)=[\"']?(https?:)?//", re.IGNORECASE),
}
PHYSICAL = re.compile(
    r"(?<![\w-])((margin|padding)-(left|right)|border-(left|right)(-\w+)?|text-align\s*:\s*(left|right)|float\s*:|left|right)\s*[:;]"
)


def test_templates_carry_nothing_inline() -> None:
    found = []
    for path, text in templates():
        text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        found += [f"{short(path)}: {what}" for what, pattern in INLINE.items() if pattern.search(text)]
    assert found == []


def test_style_sheets_know_no_left_and_right() -> None:
    """Logical properties only: Arabic and Dari read the other way."""
    found = []
    for path in sorted(PACKAGE.rglob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{short(path)}: {match[0]}" for match in PHYSICAL.finditer(text)]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    own = [(path, text) for path, text in texts() if not _is_vendored(path)]
    assert [short(path) for path, text in own if UNFINISHED.search(text)] == []


def test_no_function_is_a_stub() -> None:
    stubs = []
    for name, _path, tree in modules():
        protocols = {
            id(function)
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name | ast.Subscript) and "Protocol" in ast.dump(base) for base in node.bases)
            for function in node.body
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
                stubs.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.FunctionDef) and id(node) not in protocols and _only_dots(node):
                stubs.append(f"{name}:{node.lineno} {node.name}")
    assert stubs == []


def _only_dots(function: ast.FunctionDef) -> bool:
    if any("overload" in ast.dump(decorator) for decorator in function.decorator_list):
        return False
    body = [n for n in function.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    dots = [n for n in function.body if isinstance(n, ast.Expr) and getattr(n.value, "value", None) is Ellipsis]
    return not body and bool(dots)


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path, text in texts():
        for pattern in (REGISTRIES, MACHINE_PATHS):
            found += [f"{short(path)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_no_key_or_database_is_tracked() -> None:
    assert [short(path) for path in tracked() if short(path).startswith(("keys/", "var/"))] == ["keys/.gitignore"]
    assert [short(path) for path in tracked() if path.suffix in (".key", ".sqlite", ".mo")] == []


def test_every_room_states_its_rule() -> None:
    silent = [
        short(path)
        for path in sorted(PACKAGE.glob("*/__init__.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_folder_of_templates_belongs_to_a_room() -> None:
    rooms = {path.stem for path in (PACKAGE / "web").glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/*.py")
    }
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders <= rooms | {"components", "errors", "public"}


def test_scripts_to_run_can_be_run() -> None:
    runnable = [path for path, text in texts() if text.startswith("#!")]
    assert [short(path) for path in runnable if not path.stat().st_mode & stat.S_IXUSR] == []


def _is_vendored(path: object) -> bool:
    return any(word in str(path) for word in ("/vendor", ".min.", "/fonts/", "wordlist", "words/"))
