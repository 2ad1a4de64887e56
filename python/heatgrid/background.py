"""Images to lay under a map: from arrays, files and addresses, and the mean of many."""

from __future__ import annotations

import base64
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PIL.Image import Image

    Source = str | os.PathLike[str] | NDArray[Any]

LONGEST = 1600
"""Pixels of the longer side, beyond which an image is made smaller: it only lies under a map."""

MOST_BYTES = 64 << 20
"""The most that is fetched from an address."""

MEAN_SIDE, MEAN_IMAGES = 800, 500
"""Pixels of a mean image's longer side, and how many images are averaged; of more, evenly chosen ones."""

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image under a map.

    Attributes
    ----------
    pixels
        (height, width, 3 or 4) uint8 RGB or RGBA.
    """

    pixels: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def data_url(self) -> str:
        """The image as an address that holds all of it: JPEG, or PNG where it has transparency."""
        from PIL import Image

        image, stream = Image.fromarray(self.pixels), io.BytesIO()
        kind = "png" if image.mode == "RGBA" else "jpeg"
        image.save(stream, kind, quality=85, optimize=True)
        return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"


def load(source: Source) -> Picture:
    """Read an image.

    Parameters
    ----------
    source
        (height, width) grey, or (height, width, 3 or 4) RGB or RGBA, uint8; or a file's path; or an
        ``http:``, ``https:`` or ``data:`` address, which is fetched.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    OSError
        The address cannot be fetched.
    ValueError
        What is there is no image, or the array has another shape or dtype.
    TypeError
        The source is none of these.
    """
    if isinstance(source, np.ndarray):
        return Picture(_from_array(source))
    if isinstance(source, str) and source.startswith(("http://", "https://", "data:")):
        return Picture(_decoded(io.BytesIO(_fetched(source)), source[:80]))
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        with open(name, "rb") as file:  # noqa: PTH123 - the error shall say the name as it was given
            return Picture(_decoded(cast("io.BytesIO", file), name))
    raise TypeError(f"background must be an array, a path or an address, got {type(source).__name__}")


def mean(paths: Iterable[str | os.PathLike[str]]) -> Picture:
    """Average images, each stretched to the size of the first, made smaller where it is large.

    Parameters
    ----------
    paths
        Image files; of more than `MEAN_IMAGES`, evenly chosen ones are taken.

    Raises
    ------
    ValueError
        There are none, or a file is no image.
    """
    every = list(paths)
    if not every:
        raise ValueError("background: there are no images to average")
    step = max(1.0, len(every) / MEAN_IMAGES)
    chosen = [every[int(i * step)] for i in range(min(len(every), MEAN_IMAGES))]
    first = _image(chosen[0])
    first.thumbnail((MEAN_SIDE, MEAN_SIDE))
    total = np.asarray(first, dtype=np.float64).copy()
    for path in chosen[1:]:
        total += np.asarray(_image(path).resize(first.size))
    return Picture(np.rint(total / len(chosen)).astype(np.uint8))


def _from_array(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if (
        pixels.dtype != np.uint8
        or pixels.size == 0
        or not (pixels.ndim == 2 or pixels.shape[2:] in ((3,), (4,)))
    ):
        raise ValueError(
            "background must be uint8 of shape (height, width) or (height, width, 3 or 4), "
            f"got {pixels.dtype} {pixels.shape}"
        )
    from PIL import Image

    return _small(Image.fromarray(np.ascontiguousarray(pixels)))


def _decoded(stream: io.BytesIO, name: str) -> NDArray[np.uint8]:
    return _small(_opened(stream, name))


def _image(path: str | os.PathLike[str]) -> Image:
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return _opened(cast("io.BytesIO", file), os.fspath(path)).convert("RGB")


def _opened(stream: io.BytesIO, name: str) -> Image:
    """Decode an image, upright as its camera was held."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        image = Image.open(stream)
        return ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError(f"background {name!r} cannot be read as an image: {error}") from error


def _small(image: Image) -> NDArray[np.uint8]:
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    small = image.convert("RGBA" if has_alpha else "RGB")
    small.thumbnail((LONGEST, LONGEST))
    return np.asarray(small)


def _fetched(address: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(address, timeout=30) as answer:  # noqa: S310 - the caller gave the address, of one of three kinds
        data = cast("bytes", answer.read(MOST_BYTES + 1))
    if len(data) > MOST_BYTES:
        raise ValueError(f"background {address[:80]!r} is larger than {MOST_BYTES >> 20} MiB")
    return data
