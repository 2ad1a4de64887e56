"""Write ``_core.pyi``, the types of the installed kernel, or say how it differs: ``stub.py [--check]``."""
# ruff: noqa: INP001, S603

from __future__ import annotations

import difflib
import enum
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from heatgrid import _core  # noqa: TID251

STUB = Path(__file__).resolve().parents[2] / "python" / "heatgrid" / "_core.pyi"


def run(*command: str, text: str | None = None) -> str:
    """Run a module of this Python and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command], input=text, text=True, check=True, stdout=subprocess.PIPE
    )
    return done.stdout


def with_members(text: str, enumeration: type[enum.Enum]) -> str:
    """Write an enumeration's members as the typing rules want them: with their values, nothing else."""
    name = enumeration.__name__
    members = "".join(f"    {member.name} = {member.value!r}\n" for member in enumeration)
    pattern = rf"(class {name}\(enum\.(?:Int)?Enum\):\n)(?:[ ]{{4}}.*\n)+"
    return re.sub(pattern, rf"\g<1>{members}", text)


def generate() -> str:
    """Return the text of the stub."""
    with tempfile.TemporaryDirectory() as folder:
        run("pybind11_stubgen", "heatgrid._core", "--exit-code", "--output-dir", folder)
        text = (Path(folder) / "heatgrid" / "_core.pyi").read_text(encoding="utf-8")
    for value in vars(_core).values():
        if isinstance(value, type) and issubclass(value, enum.Enum):
            text = with_members(text, value)
    return run("ruff", "format", "--stdin-filename", STUB.name, "-", text=text)


def main() -> int:
    """Write the stub; with ``--check``, print the difference and return 1 if there is one."""
    found = STUB.read_text(encoding="utf-8") if STUB.exists() else ""
    expected = generate()
    if "--check" not in sys.argv[1:]:
        STUB.write_text(expected, encoding="utf-8")
        return 0
    before, after = found.splitlines(keepends=True), expected.splitlines(keepends=True)
    sys.stdout.writelines(difflib.unified_diff(before, after, "_core.pyi", "_core.pyi as generated"))
    return int(found != expected)


if __name__ == "__main__":
    sys.exit(main())
