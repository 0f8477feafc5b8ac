"""What hatchling does for us: .po to .mo in every build, and templates/ into wheels.

An editable installation reads the checkout's templates/ in place; a copy in the package would go stale there.
"""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TEMPLATES = (".html", ".svg", ".txt")


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg,unused-ignore]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        translations = Path(self.root, "safetyplan", "translations")
        # By path, since neither the package nor what it needs is installed where wheels are built.
        runpy.run_path(str(translations / "catalogues.py"))["compile_all"](translations)
        if self.target_name == "wheel" and version != "editable":
            # File by file: whatever else lies in the folder stays there.
            for path in sorted(Path(self.root, "templates").rglob("*")):
                if path.suffix in TEMPLATES:
                    build_data["force_include"][str(path)] = f"safetyplan/{path.relative_to(self.root)}"
