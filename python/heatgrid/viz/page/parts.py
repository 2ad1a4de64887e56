"""Files that pages are made of: the front end's, and the kernel's for browsers with its JavaScript."""

from __future__ import annotations

import tarfile
from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def parts() -> dict[str, bytes]:
    """Return the files by folder and name, as ``front/viewer.js``, ``npm/coco.js`` and ``page/kernel.wasm``.

    Wheels hold them as one archive, a third smaller than the files; in a source tree they are not packed.
    """
    packed = files("heatgrid.viz.page") / "parts.tar.xz"
    if packed.is_file():
        with packed.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:xz") as archive:
            members = [(member.name, archive.extractfile(member)) for member in archive]
            return {_key(Path(name)): content.read() for name, content in members if content}
    page = Path(__file__).parent
    npm = page.parents[3] / "cpp" / "wasm" / "npm"
    paths = [page / "kernel.wasm", *(page / "front").iterdir(), *npm.glob("*.js")]
    return {_key(path): path.read_bytes() for path in paths}


def _key(path: Path) -> str:
    return "/".join(path.parts[-2:])


def text_of(folder: str, name: str) -> str:
    """Return the text of a file; an empty one if there is no such style sheet."""
    content = parts().get(f"{folder}/{name}", b"") if name.endswith(".css") else parts()[f"{folder}/{name}"]
    return content.decode()
