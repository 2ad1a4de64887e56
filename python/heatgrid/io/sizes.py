"""Image sizes from elsewhere, where annotations give none: a fixed size, a mapping, or image headers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heatgrid.io.options import ReadOptions, Size

IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"),
    *(".jp2", ".avif", ".heic", ".dng", ".mpo", ".pfm"),
)
UNKNOWN = (float("nan"), float("nan"))
_TRANSPOSED = range(5, 9)  # Exif orientations that show the image lying on its side
_EXIF_ORIENTATION = 0x0112


class ImageSizes:
    """Look image sizes up by name, as the options say."""

    def __init__(self, options: ReadOptions) -> None:
        self._fixed: Size | None = None
        self._sizes: dict[str, Size] = {}
        self._folder = None if options.images is None else Path(options.images)
        self._paths: dict[str, Path] | None = None
        if isinstance(options.size, Mapping):
            self._sizes = {name: _pair(size) for name, size in options.size.items()}
        elif options.size is not None:
            self._fixed = _pair(options.size)

    def __bool__(self) -> bool:
        return self._fixed is not None or bool(self._sizes) or self._folder is not None

    def find(self, name: str) -> Size:
        """Return the width and height in pixels of the image of this name, NaN where nothing tells."""
        path = PurePosixPath(name.replace("\\", "/"))
        for key in (name, path.name, path.stem):
            if key in self._sizes:
                return self._sizes[key]
        if self._folder is not None:
            return self._scan(path)
        return self._fixed or UNKNOWN

    def _scan(self, name: PurePosixPath) -> Size:
        if self._paths is None:
            self._paths = {}
            for path in sorted(self._folder.rglob("*")) if self._folder is not None else ():
                if path.suffix.lower() in IMAGE_SUFFIXES:
                    self._paths.setdefault(path.stem, path)
                    self._paths.setdefault(path.name, path)
        found = self._paths.get(name.name) or self._paths.get(name.stem)
        size = header_size(found) if found is not None else None
        return size or self._fixed or UNKNOWN


def header_size(path: Path) -> Size | None:
    """Return an image's width and height as it is shown, from its header; None where it cannot be read."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            if image.getexif().get(_EXIF_ORIENTATION) in _TRANSPOSED:
                width, height = height, width
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return float(width), float(height)


def _pair(size: Size) -> Size:
    try:
        width, height = size
        pair = float(width), float(height)
    except (TypeError, ValueError) as error:
        message = f"size: expected (width, height) in pixels, got {size!r}"
        raise ValueError(message) from error
    if not (0 < pair[0] < float("inf") and 0 < pair[1] < float("inf")):
        message = f"size: expected a positive width and height, got {size!r}"
        raise ValueError(message)
    return pair
