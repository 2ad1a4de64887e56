"""Seeded run-length masks with the sizes of COCO's objects, in both encodings of COCO."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Self, TypedDict

import numpy as np

from bench.workloads import MEDIAN_SIDE, SEED, Tags, make_frames, make_tags, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT = 480
WIDTH = 640
# A letter holds five bits of a run, and a sixth bit if more letters follow; this letter is zero.
FIRST_LETTER = 48


class Code(TypedDict):
    """One compressed mask of a COCO file."""

    size: list[int]
    counts: bytes


@dataclass(frozen=True, eq=False)
class Masks:
    """Run-length masks of 480 x 640 pixels: column-major runs of alternating zeros and ones, zeros first.

    Attributes
    ----------
    counts : ndarray of uint32, shape (R,)
        Run lengths in pixels, of all masks.
    offsets : ndarray of int64, shape (N + 1,)
        Start of the runs of each mask.
    codes : list of dict
        The same masks, compressed.
    areas : ndarray of float64, shape (N,)
        Set pixels of each mask.
    """

    counts: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    codes: list[Code]
    areas: NDArray[np.float64]
    tags: Tags

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def sample(self, n: int) -> Self:
        """Return n masks, spread evenly over all areas."""
        chosen = spread(self.areas, n)
        runs = self.runs()
        kept = [runs[i] for i in chosen]
        offsets = np.cumsum([0, *map(len, kept)])
        return replace(
            self,
            counts=np.concatenate(kept),
            offsets=offsets,
            codes=[self.codes[i] for i in chosen],
            areas=self.areas[chosen],
            tags=self.tags.pick(chosen),
        )

    def runs(self) -> list[NDArray[np.uint32]]:
        """Return the run lengths of each mask."""
        return np.split(self.counts, self.offsets[1:-1])

    def uncompressed(self) -> list[dict[str, object]]:
        """Return the masks as dictionaries with their run lengths as arrays."""
        return [{"size": [HEIGHT, WIDTH], "counts": runs} for runs in self.runs()]

    def reads(self) -> tuple[NDArray[np.uint8], ...]:
        """Return the compressed codes as one array, the input that a count must read at least once."""
        return (np.frombuffer(b"".join(code["counts"] for code in self.codes), dtype=np.uint8),)


@lru_cache(maxsize=2)
def masks(n: int, *, seed: int = SEED) -> Masks:
    """Generate n blobs, every third with a hole, in frames like those of the boxes."""
    rng = np.random.default_rng(seed + 2)
    centers, sides = make_frames(n, rng, MEDIAN_SIDE)
    runs = [blob_runs(centers[i], sides[i], rng, hole=i % 3 == 0) for i in range(n)]
    return Masks(
        counts=np.concatenate(runs),
        offsets=np.cumsum([0, *map(len, runs)]),
        codes=[{"size": [HEIGHT, WIDTH], "counts": compress(run)} for run in runs],
        areas=np.array([run[1::2].sum() for run in runs], dtype=np.float64),
        tags=make_tags(n, rng),
    )


def blob_runs(
    center: NDArray[np.float64], side: NDArray[np.float64], rng: np.random.Generator, *, hole: bool
) -> NDArray[np.uint32]:
    """Return the run lengths of one blob: an ellipse with noise at its edge."""
    ends = np.clip([center[0] - side[0] / 2, center[0] + side[0] / 2], 0, 1)
    left, right = np.rint(WIDTH * ends).astype(int)
    columns = np.arange(left, max(right, left + 1))
    across = (columns + 0.5 - WIDTH * center[0]) / max(WIDTH * side[0] / 2, 1.0)
    half = HEIGHT * side[1] / 2 * np.sqrt(np.maximum(1 - across**2, 0.02))
    middle = HEIGHT * center[1]
    rough = 1 + 0.08 * rng.standard_normal((2, len(columns)))
    edges = [middle - half * rough[0], middle + half * rough[1]]
    if hole:
        edges[1:1] = [middle - 0.3 * half, middle + 0.2 * half]
    rows = np.rint(np.clip(np.sort(np.stack(edges, axis=1)), 0, HEIGHT)).astype(np.int64)
    return runs_between((columns[:, None] * HEIGHT + rows).ravel())


def runs_between(edges: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the runs, which sum to the whole image, of ascending pairs of positions where a mask changes."""
    places, times = np.unique(edges, return_counts=True)
    changes = places[times % 2 == 1]
    bounds = np.concatenate(([0], changes, [HEIGHT * WIDTH]))
    runs = np.diff(bounds)
    # A mask that includes the last pixel has no final run of zeros.
    return (runs[:-1] if runs[-1] == 0 else runs).astype(np.uint32)


def compress(runs: NDArray[np.uint32]) -> bytes:
    """Encode runs like COCO: five bits per letter, from the fourth on as difference to the run two before."""
    rest = runs.astype(np.int64)
    rest[3:] -= runs[1:-2].astype(np.int64)
    groups: list[NDArray[np.int64]] = []
    written: list[NDArray[np.bool_]] = []
    unfinished = np.ones(len(rest), dtype=bool)
    while unfinished.any():
        group = rest & 31
        rest = rest >> 5
        more = np.where(group & 16, rest != -1, rest != 0)
        groups.append(group + np.where(more, 32, 0) + FIRST_LETTER)
        written.append(unfinished)
        unfinished = unfinished & more
    letters = np.stack(groups, axis=1)[np.stack(written, axis=1)]
    return letters.astype(np.uint8).tobytes()
