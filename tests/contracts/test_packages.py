"""What ships: the sdist holds no key whatever lies about, and the wheel holds templates and compiled catalogues."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.contracts.sources import short, tracked

PLANTED = (
    "keys/root.key",
    "var/demo/safetyplan.sqlite",
    "safetyplan/keys/root.key",
    "safetyplan/store/copy.sqlite",
    "safetyplan/store/copy.sqlite-wal",
    "templates/recovery.pem",
    ".env",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both distributions, built from a copy of the repository in which secrets lie about."""
    copy = tmp_path_factory.mktemp("package") / "safetyplan"
    for path in tracked():
        target = copy / short(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in PLANTED:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("secret")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", "out"], cwd=copy, check=True, capture_output=True)
    return copy / "out"


def test_the_source_distribution_holds_no_secret(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names & set(PLANTED) == set()
    assert not any(name.startswith(("keys/", "var/", ".")) for name in names - {".gitignore"})
    assert {"LICENSE", "pyproject.toml", "safetyplan/__init__.py"} <= names


def test_the_wheel_holds_templates_and_languages_and_no_secret(built: Path) -> None:
    (archive,) = built.glob("*.whl")
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
    assert names & {*PLANTED, "safetyplan/templates/recovery.pem"} == set()
    assert {f"safetyplan/translations/{language}/LC_MESSAGES/messages.mo" for language in ("sv", "da", "en")} <= names
    templates = {f"safetyplan/{short(path)}" for path in tracked() if short(path).startswith("templates/")}
    assert templates <= names
