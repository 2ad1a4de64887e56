"""Sizes of images: those of the options, and those in the headers of image files near the annotations."""

from __future__ import annotations

import os
import re
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from heatgrid.io import places
from heatgrid.io.files import IMAGE_SUFFIXES, UNKNOWN, inside
from heatgrid.io.options import ReadOptions, Size, split_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.report import Report

    Header = tuple[float, float, bool]
    """Displayed width and height, and whether the file's orientation swaps them."""

DIFFERENT = "declared size differs from the image file, declared size used"
AMBIGUOUS = "image files of one name with different sizes, none used"
UNREADABLE = "image file without a readable header"
ON_MAP = "size of a raster on a map not used: give its transform, as coordinates may be those of the map"
ENDED = "search for image files ended early: give their folder as images"

_WORD = re.compile(r"[a-z]+")
_IMAGE_WORD = re.compile(
    r".*(?:image|img|jpe?g|png|photo|picture|pic|frame|sequence|raster|tile|scan|rgb)s?|"
    r"data|dataset|media|raw|originals?|uploads?"
)
_LABEL_FOLDERS = ("label", "ann")  # beginnings of names
_MOST_FOLDERS = 10_000
_BEGINNING = 1 << 16  # bytes of an image in an archive that are unpacked first
_SLICE = 64  # headers per task of a thread
_THREADS = 16
_TRANSPOSED = range(5, 9)  # Exif orientations that swap width and height
_EXIF_ORIENTATION = 0x0112
_TIFF_SIDES = (256, 257)
_TIFF_ON_MAP = {33550, 34264}  # pixel scale, transformation
WORLD_SUFFIXES = (".tfw", ".jgw", ".pgw", ".tifw", ".jpgw", ".pngw", ".jp2w", ".wld")
"""Suffixes of the files that place a raster on a map."""


class ImageSizes:
    """Sizes of the images of a source, which may be None for annotations in memory.

    A size that the annotation file lacks comes from the options by the image's name, from the image file, or
    from the options for all images. Image files are in the folder ``images`` of the options; without it they
    are below the source, or else below the folder that holds the source. Coordinates that may be ``on_map``
    get no sizes of rasters on a map.
    """

    def __init__(self, options: ReadOptions, source: Path | None = None, *, on_map: bool = False) -> None:
        size = options.size
        self._options = options
        self._by_name: dict[str, Size] = {}
        self._fixed: Size | None = None
        if isinstance(size, Mapping):
            self._by_name = {str(name): check_pair(pair) for name, pair in size.items()}
        elif size is not None:
            self._fixed = check_pair(size)
        self._files: _ImageFiles | None = None
        if options.images is not None:
            self._files = _ImageFiles(Path(options.images), alone=True)
        elif source is not None:
            self._files = _ImageFiles(source, avoids_maps=on_map)

    def find(self, name: str, file: str = "", report: Report | None = None) -> Size:
        """Return the size of an image whose annotation file gives none; NaN if it is unknown."""
        if (size := self._named(name)) is not None:
            return size
        if self._searches and self._files is not None:
            header = self._files.headers([_Image(name, file)], report)[0]
            if header[0] > 0:
                return float(header[0]), float(header[1])
        return self._fixed or UNKNOWN

    @property
    def _searches(self) -> bool:
        """True if image files supply missing sizes: a size for all images makes that needless."""
        return self._fixed is None or self._options.images is not None

    def _named(self, name: str) -> Size | None:
        if not self._by_name:
            return None
        path = PurePosixPath(name.replace("\\", "/"))
        keys = (name, path.name, path.stem, str(path.parent))  # the folder of frames names their video
        return next((self._by_name[key] for key in keys if key in self._by_name), None)

    def complete(self, batch: Annotations) -> NDArray[np.float64] | None:
        """Return the sizes of a batch's images, with those that its files lack; compare the others.

        Normalized coordinates need no sizes unless the options say so. Declared sizes are compared if the
        options name the folder of images or ask for it; they hold, and the report notes the differences.
        """
        options = self._options
        sizes = np.full((len(batch.image_names), 2), np.nan) if batch.sizes is None else batch.sizes.copy()
        known = ((sizes > 0) & (sizes < np.inf)).all(axis=1)
        is_given = options.images is not None or options.size is not None
        fills = not batch.normalized or options.needs_sizes or is_given
        missing = np.flatnonzero(~known) if fills else np.zeros(0, dtype=np.int64)
        compares = self._files is not None and (options.compares_sizes or options.images is not None)
        compared = np.flatnonzero(known) if compares else missing[:0]
        if not len(missing) and not len(compared):
            return batch.sizes
        for i in missing.tolist():
            sizes[i] = self._named(batch.image_names[i]) or UNKNOWN
        searched = missing[np.isnan(sizes[missing, 0])] if self._searches else missing[:0]
        if self._files is not None and len(searched) + len(compared):
            index = np.concatenate([searched, compared])
            files = batch.files or [batch.source] * len(sizes)
            images = [
                _Image(batch.image_names[i], files[i], batch.split, (sizes[i, 0], sizes[i, 1]))
                for i in index.tolist()
            ]
            headers = self._files.headers(images, batch.report)
            sizes[searched] = headers[: len(searched), :2]
            _compare(batch, sizes, compared, headers[len(searched) :])
        if self._fixed is not None:
            sizes[missing[np.isnan(sizes[missing, 0])]] = self._fixed
        return sizes


def _compare(
    batch: Annotations, sizes: NDArray[np.float64], index: NDArray[np.int64], headers: NDArray[np.float64]
) -> None:
    """Note the images whose declared size is not that of their file."""
    differs = (headers[:, 0] > 0) & (sizes[index] != headers[:, :2]).any(axis=1)
    text_of: dict[int, str] = {}
    for i, (*found, is_turned) in zip(index[differs].tolist(), headers[differs].tolist(), strict=True):
        declared = sizes[i].tolist()
        cause = ", EXIF orientation" if is_turned and declared == found[::-1] else ""
        numbers = (f"{pair[0]:.9g} × {pair[1]:.9g}" for pair in (declared, found))  # noqa: RUF001
        text_of[i] = "{}: {} declared, {} in the image{}".format(batch.image_names[i], *numbers, cause)
    files = batch.files or [batch.source] * len(sizes)
    batch.report.note_at(DIFFERENT, index[differs], lambda i: f"{files[i]}: {text_of[i]}")


class _Image(NamedTuple):
    """An image to find: its name, annotation file and split, and the size declared there."""

    name: str
    file: str
    split: str | None = None
    declared: Size = UNKNOWN


class _ImageFiles:
    """Image files below a source, or else in folders next to it; or below a folder ``alone``.

    Next to a source, and to a file that is one, only folders whose names suggest images are listed, so that
    data sets side by side are not confused. Folders are listed once, when nearer ones lack an image. Links to
    folders are not followed, and links to files only within the folder that holds the source, unless a folder
    is ``alone``, which the caller named.
    """

    def __init__(self, source: Path, *, alone: bool = False, avoids_maps: bool = False) -> None:
        path = Path(os.path.abspath(source))  # noqa: PTH100 - links that the caller names stay as they are
        self._home = path if places.is_dir(path) else path.parent
        outer = self._home.parent
        if outer.name.lower().startswith(_LABEL_FOLDERS):  # labels/train is next to images/train
            outer = outer.parent
        is_root = outer == outer.parent
        self._folders = [self._home] if alone or is_root else [self._home, outer]
        self._is_file = not places.is_dir(path)
        self._scope = None if alone else self._folders[-1].resolve()
        self._listed: list[dict[str, list[str]]] = []
        self._ended = False
        self._avoids_maps = avoids_maps

    def headers(self, images: Sequence[_Image], report: Report | None) -> NDArray[np.float64]:
        """Return the `Header` of each image, NaN without one."""
        chosen = [self._nearest(image) for image in images]
        paths = list(dict.fromkeys(chain.from_iterable(chosen)))
        header_of = dict(zip(paths, read_headers(paths), strict=True))
        on_map = set(filter(_is_on_map, paths if self._avoids_maps else ()))
        header_of |= dict.fromkeys(on_map)
        found = np.full((len(images), 3), np.nan)
        for row, own in enumerate(chosen):
            different = {header[:2]: header for path in own if (header := header_of[path]) is not None}
            declared = different.get(images[row].declared)
            if declared is not None or len(different) == 1:
                found[row] = declared or next(iter(different.values()))
            elif different and report is not None:
                report.note(AMBIGUOUS, where=f"{images[row].name}: {', '.join(sorted(own)[:3])}")
        for path, header in header_of.items():
            if header is None and report is not None:
                report.note(ON_MAP if path in on_map else UNREADABLE, where=path)
        if self._ended and report is not None:
            self._ended = False
            report.note(ENDED, where=str(self._folders[len(self._listed) - 1]))
        return found

    def _nearest(self, image: _Image) -> list[str]:
        """Return the image files of a name that share the deepest folder with the annotation file.

        Of several, those are nearest whose folders repeat those in the name, those of the annotation file, or
        mention its split.
        """
        name = PurePosixPath(image.name.replace("\\", "/"))
        around = Path(os.path.abspath(image.file)).parts[:-1]  # noqa: PTH100
        if len(name.parts) > 1 and self._scope is not None:
            own = Path(*around, name)
            if inside(own, self._scope) and places.is_file(own):
                return [str(own)]
        paths = self._find(name)
        if len(paths) < 2:
            return paths

        def nearness(path: str) -> tuple[int, ...]:
            *folders, own = Path(path).parts
            pairs = enumerate(zip(folders, around, strict=False))
            common = next((i for i, (a, b) in pairs if a != b), min(len(folders), len(around)))
            inner = folders[common:]
            named = _repeated(name.parts[:-1], folders)
            mirrored = _repeated(around[common:], inner)
            return own == name.name, common, named, mirrored, image.split == split_of(inner[::-1])

        ranks = [nearness(path) for path in paths]
        return [path for path, rank in zip(paths, ranks, strict=True) if rank == max(ranks)]

    def _find(self, name: PurePosixPath) -> list[str]:
        """Return the files of an image's name, of the nearest folders that have any."""
        is_file = name.suffix.lower() in IMAGE_SUFFIXES
        keys = [name.stem] if is_file else list(dict.fromkeys((name.name, name.stem, _number(name.name))))
        for depth in range(len(self._folders)):
            if depth == len(self._listed):
                self._listed.append(self._list(self._folders[depth], narrow=depth > 0 or self._is_file))
            for key in keys:
                if found := self._listed[depth].get(key):
                    return found
        return []

    def _list(self, top: Path, *, narrow: bool) -> dict[str, list[str]]:
        """Return the image files below a folder by stem; ``narrow``, in folders that suggest images only."""
        found: dict[str, list[str]] = {}
        folders = deque([str(top)])
        left = _MOST_FOLDERS
        while folders and left:
            left -= 1
            try:
                with places.scan(folders.popleft()) as entries:
                    for entry in entries:
                        if entry.name[0] == ".":
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            is_first = left == _MOST_FOLDERS - 1
                            if entry.path != str(self._home) and not (
                                narrow and is_first and not _suggests_images(entry.name)
                            ):
                                folders.append(entry.path)
                        elif entry.name.lower().endswith(IMAGE_SUFFIXES) and self._is_allowed(entry):
                            stem = entry.name.rpartition(".")[0]
                            for key in {stem, _number(stem)}:
                                found.setdefault(key, []).append(entry.path)
            except OSError:
                continue
        self._ended |= bool(folders)
        return found

    def _is_allowed(self, entry: places.Entry) -> bool:
        """Return whether an entry is a regular file, or a link to one that does not lead out."""
        if entry.is_file(follow_symlinks=False):
            return True
        return entry.is_file() and (self._scope is None or inside(entry.path, self._scope))


def _suggests_images(folder: str) -> bool:
    """Return whether the first or last word of a folder's name is one for images, or it names a split."""
    words = _WORD.findall(folder.lower())
    return split_of([folder]) is not None or any(map(_IMAGE_WORD.fullmatch, words[:1] + words[-1:]))


def _number(stem: str) -> str:
    """Return the key of a frame's number, however many zeros precede it, or the stem of other images."""
    return f"number {stem.lstrip('0')}" if stem.isdecimal() else stem


def _repeated(names: Sequence[str], folders: Sequence[str]) -> int:
    """Return how many of the last names occur in this order among the folders."""
    rest = iter(reversed(folders))
    return sum(name in rest for name in reversed(names))


def read_headers(paths: Sequence[str]) -> list[Header | None]:
    """Return the header of each file, None if it cannot be read; many are read in parallel."""
    if len(paths) <= _SLICE:
        return [_read_header(path) for path in paths]
    from concurrent.futures import ThreadPoolExecutor

    slices = [paths[begin : begin + _SLICE] for begin in range(0, len(paths), _SLICE)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(chain.from_iterable(pool.map(lambda own: [*map(_read_header, own)], slices)))


def header_size(image: str | Path | bytes) -> Size | None:
    """Return the displayed width and height of an image, a file or its content, from its header.

    None if it cannot be read.
    """
    header = _header_in(BytesIO(image)) if isinstance(image, bytes) else _read_header(image)
    return None if header is None else header[:2]


def is_own_picture(path: Path) -> bool:
    """Return whether a picture is a map that heatgrid wrote."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return image.info.get("Software") == "heatgrid"
    except OSError:
        return False


def _read_header(path: str | Path) -> Header | None:
    try:
        if not places.is_inner(path):
            with _open(path) as content:
                return _header_in(content)
        begin = places.read_beginning(path, _BEGINNING)  # of an archive; it suffices as a rule
        if (header := _header_in(BytesIO(begin))) is not None or len(begin) < _BEGINNING:
            return header
        with _open(path) as content:
            return _header_in(content)
    except (OSError, ValueError):  # a FormatError is a ValueError
        return None


def _header_in(content: IO[bytes]) -> Header | None:
    from PIL import Image

    try:
        image = _open_image(content)
        width, height = image.size
        if image.format == "TIFF":  # new versions of Pillow give the displayed size
            width, height = (image.tag_v2[side] for side in _TIFF_SIDES)
        # Not the getexif of the format: that of PNG reads the whole image.
        is_turned = Image.Image.getexif(image).get(_EXIF_ORIENTATION) in _TRANSPOSED
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, struct.error):
        return None
    return (float(height), float(width), True) if is_turned else (float(width), float(height), False)


@contextmanager
def _open(path: str | Path) -> Iterator[IO[bytes]]:
    with places.open_regular(path) as (file, _), open(file, "rb", closefd=False) as content:
        yield content


def _is_on_map(path: str) -> bool:
    """Return whether a raster has a world file, or a place on a map in its header."""
    stem = path.rpartition(".")[0]
    if any(places.exists(own + suffix) for own in (stem, path) for suffix in WORLD_SUFFIXES):
        return True
    with suppress(OSError, ValueError, SyntaxError, LookupError), _open(path) as content:
        tags = getattr(_open_image(content), "tag_v2", {})
        return any(tag in tags for tag in _TIFF_ON_MAP)
    return False


def _open_image(content: IO[bytes]) -> Any:
    """Open an image as Pillow does, without its limit on pixels, as nothing is decoded."""
    from PIL import Image

    prefix = content.read(16)
    for load_plugins in (Image.preinit, Image.init):
        load_plugins()
        for factory, accepts in map(Image.OPEN.__getitem__, Image.ID):
            if accepts is None or accepts(prefix) is True:
                content.seek(0)
                with suppress(SyntaxError, LookupError, TypeError, struct.error):
                    return factory(content, "")
    raise SyntaxError("not an image")


def check_pair(size: Size) -> Size:
    """Return a size as floats; raise ValueError unless it is a positive width and height."""
    try:
        width, height = size
        pair = float(width), float(height)
    except (TypeError, ValueError) as error:
        raise ValueError(f"size must be (width, height) in pixels, got {size!r}") from error
    if not (0 < pair[0] < float("inf") and 0 < pair[1] < float("inf")):
        raise ValueError(f"size must be a positive width and height, got {size!r}")
    return pair
