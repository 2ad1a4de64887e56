"""Images under maps: from memory, files and addresses, or the mean of a data set's images."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from warnings import warn

import numpy as np

from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PIL.Image import Image

    from heatgrid.core.spec import Fit

    Pixels = NDArray[np.uint8]
    PathName = str | os.PathLike[str]
    Source = PathName | NDArray[Any] | Image
    Images = PathName | Iterable[PathName]

MEAN = "mean"
MOST_BYTES = 64 << 20
"""The most that is fetched from an address."""
PATIENCE = 30.0
"""Seconds without an answer after which an address is given up."""
LONGEST = 1600
"""Pixels of the longer side, beyond which an image is embedded smaller: it only lies under a map."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image under a map.

    Attributes
    ----------
    pixels
        (height, width, 3 or 4) uint8 RGB or RGBA.
    """

    pixels: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def data_url(self) -> str:
        """The image as an address that holds all of it: JPEG, or PNG where it has transparency."""
        from PIL import Image

        image, stream = Image.fromarray(self.pixels), BytesIO()
        image.thumbnail((LONGEST, LONGEST))
        kind = "png" if image.mode == "RGBA" else "jpeg"
        image.save(stream, kind, quality=85, optimize=True)
        return f"data:image/{kind};base64,{b64encode(stream.getvalue()).decode()}"


def load(source: Source, images: Images | None = None, *, fit: Fit = "stretch") -> Picture:
    """Return the image that is meant.

    Parameters
    ----------
    source
        (height, width) or (height, width, 3 or 4), uint8 or floats in [0, 1]: grey, RGB or RGBA; a Pillow
        image; the path of an image; an ``http:``, ``https:`` or ``data:`` address, which is fetched; or a
        folder or ``"mean"``: the mean of the images in the folder, or of ``images``.
    images
        For ``"mean"``: a folder, or the paths of images.
    fit
        That of the map: with ``"letterbox"``, black bars make the image a square, as they do the map's.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    OSError
        The address cannot be fetched.
    ValueError
        What is there is no image, or the array has another shape or dtype or values out of range; or a mean
        is asked for under a map with ``fit="letterbox"``, whose images are not stretched to one size.
    TypeError
        The source is none of these.
    """
    if fit == "letterbox":
        if isinstance(source, str | os.PathLike) and (source == MEAN or Path(source).is_dir()):
            raise ValueError(
                "background: the mean of images, which are stretched to one size, does not go with a map of "
                "fit='letterbox'; give one image"
            )
        return Picture(_square(_loaded(source, images)))
    return Picture(_loaded(source, images))


def _loaded(source: Source, images: Images | None) -> Pixels:
    if isinstance(source, str | os.PathLike):
        return _named(source, images)
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if not (hasattr(source, "convert") and hasattr(source, "mode")):
        raise TypeError(f"background must be an array, a path or an address, got {type(source).__name__}")
    return _pixels(source)


def _square(pixels: Pixels) -> Pixels:
    """Return an image centred between black bars."""
    height, width, channels = pixels.shape
    side = max(height, width)
    square = np.zeros((side, side, channels), dtype=np.uint8)
    square[..., 3:] = 255
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square


def mean_image(
    images: Images,
    *,
    size: tuple[int, int] | None = None,
    limit: int | None = 1000,
) -> Pixels:
    """Return the mean of images, one in memory at a time: where the street is, where the shelf, the sky.

    Parameters
    ----------
    images
        A folder, searched with all folders in it, or the paths of images.
    size
        Width and height that all images are stretched to, in pixels; None: the median of theirs, at most
        960 on the longer side.
    limit
        The most images to read, evenly chosen where there are more; None reads all. The mean of a thousand
        differs from that of all by a grey level or two.

    Returns
    -------
    ndarray
        (height, width, 3) uint8 RGB.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    ValueError
        There is no image, or none that can be read.

    Warns
    -----
    HeatgridWarning
        Some images cannot be read; they are left out.
    """
    paths = _chosen(_found(images), limit)
    width, height = size or _median_size(paths)
    total = np.zeros((height, width, 3))
    broken = []
    for path in paths:
        try:
            total += _stretched(path, (width, height))
        except (OSError, ValueError) as error:
            broken.append(str(error))
    if len(broken) == len(paths):
        raise ValueError(f"images: none of {len(paths)} can be read, the first: {broken[0]}")
    if broken:
        warn(f"{len(broken)} of {len(paths)} images left out: {broken[0]}", HeatgridWarning, stacklevel=2)
    return np.rint(total / (len(paths) - len(broken))).astype(np.uint8)


def _named(source: PathName, images: Images | None) -> Pixels:
    if source == MEAN:
        if images is None:
            raise ValueError(f"background={MEAN!r} needs images=, a folder or the paths of images")
        return mean_image(images)
    if isinstance(source, str) and source.startswith(("http://", "https://", "data:")):
        return _opened(BytesIO(_fetched(source)), source[:80])
    name = os.fspath(source)
    if Path(name).is_dir():
        return mean_image(name)
    with open(name, "rb") as file:  # noqa: PTH123 - the error shall say the name as it was given
        return _opened(file, name)


def _from_array(array: NDArray[Any]) -> Pixels:
    from PIL import Image

    if array.dtype.kind == "f":
        if not ((array >= 0) & (array <= 1)).all():
            raise ValueError("background of floats must have values in [0, 1]")
        array = np.rint(array * 255).astype(np.uint8)
    good = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not good or 0 in array.shape:
        raise ValueError(
            "background must be uint8 of shape (height, width) or (height, width, 3 or 4), "
            f"or floats in [0, 1], got {array.dtype} {array.shape}"
        )
    return _pixels(Image.fromarray(np.ascontiguousarray(array)))


def _fetched(address: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - of one of three kinds
        data: bytes = answer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"background {address[:80]!r} is larger than {MOST_BYTES:,} bytes")
    return data


def _opened(stream: BinaryIO, name: str, near: tuple[int, int] | None = None) -> Pixels:
    """Decode an image, upright as its camera was held; a JPEG file not much larger than ``near``."""
    from PIL import Image, ImageOps

    try:
        with Image.open(stream) as image:
            if near is not None:
                image.draft("RGB", near)
            return _pixels(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"background {name!r} cannot be read as an image: {error}") from error


def _pixels(image: Image) -> Pixels:
    """Return an image's RGB or RGBA, whatever its mode."""
    if image.mode.startswith("I;16"):  # which Pillow would cut off at 255
        grey = (np.asarray(image, dtype=np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _found(images: Images) -> list[Path]:
    from heatgrid.io.files import IMAGE_SUFFIXES

    if not isinstance(images, str | os.PathLike):
        paths = [Path(path) for path in images]
    elif not Path(images).is_dir():
        raise FileNotFoundError(2, "images: no such folder", os.fspath(images))
    else:
        paths = sorted(path for path in Path(images).rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise ValueError(f"images: no image in {images}")
    return paths


def _chosen(paths: list[Path], limit: int | None) -> list[Path]:
    if limit is None or len(paths) <= limit:
        return paths
    if limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit!r}")
    return [paths[i * len(paths) // limit] for i in range(limit)]


def _median_size(paths: list[Path], longest: int = 960) -> tuple[int, int]:
    from heatgrid.io.files import header_size

    sizes = [size for path in paths if (size := header_size(path)) is not None]
    if not sizes:
        raise ValueError(f"images: none of {len(paths)} can be read, the first is {paths[0]}")
    width, height = np.median(sizes, axis=0).tolist()
    shrink = min(1.0, longest / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _stretched(path: Path, size: tuple[int, int]) -> Pixels:
    from PIL import Image

    with path.open("rb") as file:
        pixels = Image.fromarray(_opened(file, str(path), near=size)).convert("RGB")
    return np.asarray(pixels.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
