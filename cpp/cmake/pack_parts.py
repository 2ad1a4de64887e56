"""Pack what pages are made of into one archive, a third smaller than as files: ``pack_parts.py ROOT OUT``.

Comments that fill lines of JavaScript and CSS are left out, as pages would carry them to every reader.
"""

import io
import re
import sys
import tarfile
from pathlib import Path

COMMENTS = re.compile(rb"^[ \t]*(?://[^\n]*|/\*.*?\*/[ \t]*)\n", re.DOTALL | re.MULTILINE)


def main(root: Path, out: Path) -> None:
    """Write the archive, the same for the same files."""
    page = root / "python/heatgrid/viz/page"
    files = [*(root / "cpp/wasm/npm").glob("*.js"), *(page / "front").iterdir(), page / "kernel.wasm"]
    with tarfile.open(out, "w:xz", format=tarfile.USTAR_FORMAT, preset=9) as archive:
        for file in sorted(files):
            content = file.read_bytes()
            if file.suffix in {".css", ".js"}:
                content = COMMENTS.sub(b"", content)
            member = tarfile.TarInfo(file.relative_to(root).as_posix())
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


main(Path(sys.argv[1]), Path(sys.argv[2]))
