"""``python -m safetyplan.cli`` is the same as ``safetyplan``."""

from safetyplan.cli import main

main(prog_name="safetyplan")
