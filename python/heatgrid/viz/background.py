"""Background images: from memory, files and addresses, or the mean of a data set's images."""

from __future__ import annotations

import os
import time
from base64 import b64encode
from io import BytesIO
from pathlib import Path, PurePath, PurePosixPath
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO
from warnings import warn

import numpy as np

from heatgrid.core.arguments import refuse_masked
from heatgrid.core.limits import DEFAULT, Limits, check_stop
from heatgrid.errors import HeatgridWarning
from heatgrid.viz.pixels import check_background

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PIL.Image import Image

    from heatgrid.core.spec import Fit
    from heatgrid.viz.options import Background, Images, PathName, Pixels

MEAN = "mean"
_SCHEMES = ("http", "https", "data")
MAX_EMBEDDED = 1600
"""Longer side of an embedded image in pixels; larger ones are reduced."""


def load(
    source: Background, images: Images | None = None, *, fit: Fit = "stretch", limits: Limits = DEFAULT
) -> Pixels:
    """Return a background as (height, width, 3 or 4) uint8 RGB or RGBA.

    ``source`` is (height, width) or (height, width, 3 or 4), uint8 or floats in [0, 1]: gray, RGB or RGBA; a
    Pillow image; the path of an image; an ``http:``, ``https:`` or ``data:`` address, which is fetched; or a
    folder or ``"mean"``: the mean of the images in the folder, or of ``images``. For ``fit="letterbox"``,
    black bars make the image a square. ``limits`` bounds what is fetched and decoded.
    """
    is_letterbox = fit == "letterbox"
    refuse_masked(source, "background")
    if isinstance(source, str | os.PathLike):
        if is_letterbox and (source == MEAN or Path(source).is_dir()):
            raise ValueError(
                "background must be one image for a map with fit='letterbox', "
                f"got {source!r}: a mean stretches images to one size"
            )
        pixels = _from_name(source, images, limits)
    elif isinstance(source, np.ndarray):
        pixels = _from_array(source)
    elif hasattr(source, "convert") and hasattr(source, "mode"):
        pixels = _pixels(source)
    else:
        raise TypeError(f"background must be an array, a path or an address, got {type(source).__name__}")
    if not is_letterbox:
        return pixels
    height, width, channels = pixels.shape
    side = max(height, width)
    square = np.zeros((side, side, channels), dtype=np.uint8)
    square[..., 3:] = 255
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = pixels
    return square


def muted(pixels: Pixels) -> Pixels:
    """Return an image in pale gray (luma of ITU-R BT.601), with its transparency."""
    gray = pixels[..., :3] @ np.array([0.299, 0.587, 0.114])
    pale = pixels.copy()
    pale[..., :3] = np.rint(255 - 0.4 * (255 - gray))[..., np.newaxis]
    return pale


def data_url(pixels: Pixels) -> str:
    """Return an image as a data URL: JPEG, or PNG if it has transparency."""
    from PIL import Image

    image, stream = Image.fromarray(pixels), BytesIO()
    image.thumbnail((MAX_EMBEDDED, MAX_EMBEDDED))
    kind = "png" if image.mode == "RGBA" else "jpeg"
    image.save(stream, kind, quality=85, optimize=True)
    return f"data:image/{kind};base64,{b64encode(stream.getvalue()).decode()}"


def named_images(folder: PathName, names: Iterable[str]) -> list[Path]:
    """Return the images in a folder that have these names: with their own folder, without it, or as stems."""
    by_key: dict[str, Path] = {}
    for path in _found(folder):
        for key in _keys(path):
            by_key.setdefault(key, path)
    wanted = (_keys(PurePosixPath(name.replace("\\", "/"))) for name in names)
    found = (next((by_key[key] for key in keys if key in by_key), None) for keys in wanted)
    return list(dict.fromkeys(path for path in found if path is not None))


def _keys(path: PurePath) -> tuple[str, str, str]:
    return "/".join(path.parts[-2:]), path.name, path.stem


def mean_image(
    images: Images,
    *,
    size: tuple[int, int] | None = None,
    limit: int | None = 1000,
    limits: Limits = DEFAULT,
) -> Pixels:
    """Return the mean of images, with one image in memory at a time.

    Parameters
    ----------
    images
        A folder, which is searched recursively, or the paths of images.
    size
        Width and height in pixels to which all images are stretched; None: their median, limited to 960 on
        the longer side.
    limit
        Maximum number of images to read, evenly chosen from all; None reads all. The mean of a thousand
        differs from that of all by a gray level or two.
    limits
        ``limits.background_pixels`` is the largest image that is decoded.

    Returns
    -------
    ndarray
        (height, width, 3) uint8 RGB.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    ValueError
        There is no image, or no image can be read.

    Warns
    -----
    HeatgridWarning
        Some images cannot be read and are skipped.

    Examples
    --------
    >>> import heatgrid as hg
    >>> hg.mean_image(["images/a.png", "images/b.png"], size=(64, 48)).shape
    (48, 64, 3)
    """
    paths = _found(images)
    if limit is not None and len(paths) > limit:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit!r}")
        paths = [paths[i * len(paths) // limit] for i in range(limit)]
    width, height = size or _median_size(paths)
    total = np.zeros((height, width, 3))
    broken = []
    for path in paths:
        try:
            total += _stretched(path, (width, height), limits)
        except (OSError, ValueError) as error:
            broken.append(str(error))
    if len(broken) == len(paths):
        raise ValueError(f"images: none of {len(paths)} can be read, the first: {broken[0]}")
    if broken:
        warn(f"{len(broken)} of {len(paths)} images skipped: {broken[0]}", HeatgridWarning, stacklevel=2)
    return np.rint(total / (len(paths) - len(broken))).astype(np.uint8)


def _from_name(source: PathName, images: Images | None, limits: Limits) -> Pixels:
    if source == MEAN:
        if images is None:
            raise ValueError(f"background={MEAN!r} requires images=, a folder or the paths of images")
        return mean_image(images, limits=limits)
    if isinstance(source, str) and (scheme := _scheme_of(source)):
        return _decoded(BytesIO(_fetched(source, scheme, limits)), source[:80], limits)
    name = os.fspath(source)
    if Path(name).is_dir():
        return mean_image(name, limits=limits)
    with open(name, "rb") as file:  # noqa: PTH123 - the error names the path as the caller wrote it
        return _decoded(file, name, limits)


def _scheme_of(source: str) -> str | None:
    """Return the scheme of an address in lower case; None for a path (also for a Windows drive)."""
    scheme, colon, rest = source.partition(":")
    is_address = colon and len(scheme) > 1 and (rest.startswith("//") or scheme.lower() == "data")
    return scheme.lower() if is_address else None


def _fetched(address: str, scheme: str, limits: Limits) -> bytes:
    """Return what is at an address; all of it must arrive within the limits."""
    result: list[bytes | Exception] = []
    if scheme in _SCHEMES:
        # In a thread, since a server may send a byte at a time for ever.
        thread = Thread(target=_download, args=(address, limits, result), daemon=True)
        thread.start()
        deadline = time.monotonic() + limits.background_seconds
        try:
            while thread.is_alive() and time.monotonic() < deadline:
                check_stop()
                thread.join(0.1)
        finally:  # ends the thread
            limit = f"limits.background_seconds={limits.background_seconds:g}"
            result.append(TimeoutError(f"it did not arrive within {limit}"))
    else:
        result.append(ValueError("it must be an http, https or data address"))
    if isinstance(result[0], bytes):
        return result[0]
    raise ValueError(f"background {address[:80]!r} cannot be fetched: {result[0]}")


def _download(address: str, limits: Limits, result: list[bytes | Exception]) -> None:
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, build_opener

    class Redirects(HTTPRedirectHandler):
        def redirect_request(self, *request: Any, **more: Any) -> Any:
            if _scheme_of(request[5]) not in ("http", "https"):
                request[1].close()
                raise ValueError(f"it leads to {request[5][:80]!r}, not to an http or https address")
            return super().redirect_request(*request, **more)

    limit = limits.background_bytes
    try:
        with build_opener(Redirects).open(address, timeout=limits.background_seconds) as answer:
            data = bytearray()
            while not result and len(data) <= limit and (chunk := answer.read1()):
                data += chunk
        too_large = ValueError(f"it is larger than limits.background_bytes={limit:,}")
        result.append(bytes(data) if len(data) <= limit else too_large)
    except HTTPError as error:
        error.close()
        result.append(error)
    except Exception as error:  # noqa: BLE001  # the caller raises it
        result.append(error)


def _from_array(array: NDArray[Any]) -> Pixels:
    from PIL import Image

    if array.dtype.kind == "f":
        if not ((array >= 0) & (array <= 1)).all():
            raise ValueError("background of floats must have values in [0, 1]")
        array = np.rint(array * 255).astype(np.uint8)
    check_background(array)
    return _pixels(Image.fromarray(np.ascontiguousarray(array)))


def _decoded(stream: BinaryIO, name: str, limits: Limits, near: tuple[int, int] | None = None) -> Pixels:
    """Decode an image, rotated as its EXIF data says; ``near`` is a size that suffices for JPEG."""
    from PIL import Image, ImageOps

    try:
        with Image.open(stream) as image:
            if near is not None:
                image.draft("RGB", near)
            _check_pixels(image, limits.background_pixels)
            return _pixels(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"background {name!r} cannot be read as an image: {error}") from error


def _check_pixels(image: Image, most: int) -> None:
    if image.width * image.height > most:
        pixels = image.width * image.height
        raise ValueError(f"{pixels:,} pixels are more than limits.background_pixels={most:,}")


def _pixels(image: Image) -> Pixels:
    """Return the RGB or RGBA of an image of any mode."""
    if image.mode.startswith("I;16"):  # Pillow would clip it at 255
        gray = (np.asarray(image, dtype=np.uint16) >> 8).astype(np.uint8)
        return np.repeat(gray[..., np.newaxis], 3, axis=2)
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


def _median_size(paths: list[Path], longest: int = 960) -> tuple[int, int]:
    from heatgrid.io.images import header_size

    sizes = [size for path in paths if (size := header_size(path)) is not None]
    if not sizes:
        raise ValueError(f"images: none of {len(paths)} can be read, the first is {paths[0]}")
    width, height = np.median(sizes, axis=0).tolist()
    shrink = min(1.0, longest / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _stretched(path: Path, size: tuple[int, int], limits: Limits) -> Pixels:
    from PIL import Image

    with path.open("rb") as file:
        pixels = Image.fromarray(_decoded(file, str(path), limits, near=size)).convert("RGB")
    return np.asarray(pixels.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
