"""Frames of videos and folders of images, and detections per frame from files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.limits import DEFAULT, Limits
from heatgrid.core.report import Report
from heatgrid.errors import FormatError, require
from heatgrid.live.detections import Detections, from_annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.core.arguments import OnError
    from heatgrid.io.registry import FormatName
    from heatgrid.live.detections import ClassKey

IMAGES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
DEFAULT_RATE = Fraction(30)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: (height, width, 3) RGB, seconds from the start, and the image file's name, if any."""

    pixels: NDArray[np.uint8]
    time: float
    name: str = ""


class Frames:
    """Frames of any source, their size, rate per second, number if known, and the file with their sound."""

    size: tuple[int, int]
    rate: Fraction = DEFAULT_RATE
    count: int | None = None
    sound: Path | None = None

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames, in order."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Rotation:
    """Rotation and mirroring from the stored frame to the shown frame: first transpose, then mirror axes."""

    is_transposed: bool = False
    mirrors_x: bool = False
    mirrors_y: bool = False

    @classmethod
    def of(cls, matrix: Any) -> _Rotation:
        """Read FFmpeg's display matrix, a b u c d …: x' = a x + c y, y' = b x + d y; None: no rotation."""
        if matrix is None:
            return cls()
        a, b, _, c, d = np.frombuffer(matrix, dtype=np.int32)[:5].tolist()
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the shown frame, C-contiguous."""
        if self.is_transposed:
            pixels = pixels.swapaxes(0, 1)
        return np.ascontiguousarray(pixels[:: -1 if self.mirrors_y else 1, :: -1 if self.mirrors_x else 1])


class VideoFrames(Frames):
    """Frames of a video file that FFmpeg can read, decoded on demand and rotated as players show them."""

    def __init__(self, path: Path) -> None:
        self._av = require("av", "video")
        self._path = path
        with self._open() as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate or DEFAULT_RATE
            width, height = stream.codec_context.width, stream.codec_context.height
            self._rotation = self._find_rotation(container)
            self.size = (height, width) if self._rotation.is_transposed else (width, height)
            self.rate = Fraction(rate)
            self.count = stream.frames or None
            self.sound = path if container.streams.audio else None

    def _open(self) -> Any:
        if not self._path.exists():
            raise FileNotFoundError(2, "no such file", str(self._path))
        try:
            container = self._av.open(str(self._path))
        except self._av.FFmpegError as error:
            raise FormatError(f"not a video that FFmpeg reads: {error.strerror}", self._path) from error
        if not container.streams.video:
            container.close()
            raise FormatError("no video stream", self._path)
        return container

    def _find_rotation(self, container: Any) -> _Rotation:
        try:
            first = next(container.decode(video=0), None)
        except self._av.FFmpegError:  # reported when the frames are read
            return _Rotation()
        return _Rotation.of(None if first is None else first.side_data.get("DISPLAYMATRIX"))

    def __iter__(self) -> Iterator[Frame]:
        with self._open() as container:
            container.streams.video[0].thread_type = "AUTO"
            number = 0
            try:
                for frame in container.decode(video=0):
                    time = frame.time if frame.time is not None else float(number / self.rate)
                    yield Frame(self._rotation.apply(frame.to_ndarray(format="rgb24")), float(time))
                    number += 1
            except self._av.FFmpegError as error:
                where = f"frame {number + 1}"
                raise FormatError(f"broken video: {error.strerror}", self._path, where) from error


class ImageFrames(Frames):
    """Images of a folder as frames, in the order of the numbers in their names, all of one size."""

    def __init__(self, folder: Path, rate: Fraction = DEFAULT_RATE) -> None:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in IMAGES]
        if not paths:
            raise FormatError(f"no images ({', '.join(IMAGES)})", folder)
        self._paths = sorted(paths, key=lambda path: _natural_key(path.name))
        self.rate, self.count = rate, len(paths)
        self.size = _read_image(self._paths[0]).shape[1::-1]

    def __iter__(self) -> Iterator[Frame]:
        for number, path in enumerate(self._paths):
            pixels = _read_image(path)
            if pixels.shape[1::-1] != self.size:
                width, height = self.size
                raise FormatError(
                    f"images must have the size of the first, {width} x {height}, "
                    f"got {pixels.shape[1]} x {pixels.shape[0]}",
                    path,
                )
            yield Frame(pixels, float(number / self.rate), path.name)


class BlankFrames(Frames):
    """Black frames, for detections without a video."""

    def __init__(self, size: tuple[int, int], count: int, rate: Fraction = DEFAULT_RATE) -> None:
        self.size, self.rate, self.count = size, rate, count

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self.count or 0):
            yield Frame(np.zeros((self.size[1], self.size[0], 3), dtype=np.uint8), float(number / self.rate))


def open_frames(path: str, rate: Fraction | None) -> Frames:
    """Return the frames of a video file or of a folder of images; images have ``rate`` per second, or 30."""
    source = Path(path)
    if source.is_dir():
        return ImageFrames(source, rate or DEFAULT_RATE)
    if rate is not None:
        raise ValueError("rate must be None for a video: a video has its own")
    return VideoFrames(source)


def _read_image(path: Path) -> NDArray[np.uint8]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return np.array(image.convert("RGB"))
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise FormatError(f"not an image that can be read: {error}", path) from error


def _natural_key(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts img2 before img10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


class DetectionFile:
    """Detections per frame of one file or folder: ``count`` frames, and a ``report`` of what was left out.

    The file has any format that heatgrid reads and whose images are frames, such as MOT rows, COCO results,
    or JSON Lines of detections (`heatgrid.io.formats.detections`).

    ``first`` is the number of the first frame in the file; None: 0 if that number occurs, otherwise 1.
    ``format``, ``on_error`` and ``limits`` are as in `heatgrid.read`. Detections of less confidence than
    ``min_score`` are left out; those without confidence stay, unless no detection has one: then FormatError
    is raised.
    """

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        *,
        first: int | None = None,
        format: FormatName | None = None,  # noqa: A002
        min_score: float | None = None,
        on_error: OnError = "skip",
        limits: Limits = DEFAULT,
    ) -> None:
        self.report = Report()
        self.classes: dict[ClassKey, None] = {}  # of all detections, in order
        self._by_name: dict[str, Detections] = {}
        self._by_number: dict[int, Detections] = {}
        self._used: set[int] = set()  # of `id`
        has_scores = False
        for name, found in self._read(path, size, format, on_error, limits):
            kept = found
            self.classes |= dict.fromkeys(found.keys)
            if min_score is not None and found.scores is not None:
                kept = found.select(~(found.scores < min_score))
                has_scores |= not np.isnan(found.scores).all()
            self._by_name[Path(name).stem] = kept
            number = _LAST_NUMBER.search(name)
            if number:
                self._by_number[int(number[1])] = kept
        if not self._by_name:
            raise FormatError("no frames", path)
        if min_score is not None and not has_scores:
            raise FormatError("min_score requires detections with scores, but none has one", path)
        self._first = (0 if 0 in self._by_number else 1) if first is None else first
        self.count = max(self._by_number, default=self._first - 1) - self._first + 1

    def of(self, frame: Frame, index: int) -> Detections | None:
        """Return the detections of the frame with an index from 0: by its image's name, else by number."""
        found = self._by_name.get(Path(frame.name).stem) if frame.name else None
        if found is None:
            found = self._by_number.get(self._first + index)
        self._used.add(id(found))
        return found

    def report_unused(self) -> None:
        """Report detections in frames that were not asked for, except those before the first frame."""
        before = {id(found) for number, found in self._by_number.items() if number < self._first}
        known = self._used | before
        others = (found for found in self._by_name.values() if id(found) not in known)
        self.report.skip("frame that the video does not have", n=sum(map(len, others)))

    def _read(
        self,
        path: str,
        size: tuple[int, int],
        format: FormatName | None,  # noqa: A002
        on_error: OnError,
        limits: Limits,
    ) -> Iterator[tuple[str, Detections]]:
        from heatgrid.datasets import read

        for batch in read(path, format=format, size=size, on_error=on_error, limits=limits):
            self.report += batch.report
            if batch.normalized and batch.boxes is not None:
                raise FormatError("boxes must be in pixels of the frames", path)
            order = np.argsort(batch.image, kind="stable")
            ends = np.searchsorted(batch.image[order], np.arange(len(batch.image_names) + 1))
            found = from_annotations(batch)
            for i, name in enumerate(batch.image_names):
                yield name, found.take(order[ends[i] : ends[i + 1]])
