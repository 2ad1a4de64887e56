"""Images with most errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from heatgrid.summary.evaluation.matches import Matches

LISTED = 100
"""Maximum number of images that are listed."""


@dataclass(frozen=True, slots=True)
class ImageErrors:
    """An image with its numbers of objects found and missed, and of false alarms."""

    image: str
    found: int
    missed: int
    false: int


def worst_images(matches: Matches) -> list[ImageErrors]:
    """Return the images with most misses and false alarms together."""
    count = len(matches.truth.image_names)
    found, missed = (
        np.bincount(matches.truth.image[which], minlength=count) for which in (matches.found, matches.missed)
    )
    false = np.bincount(matches.image[matches.is_false], minlength=count)
    order = np.argsort(-(missed + false), kind="stable")[:LISTED]
    names = matches.truth.image_names
    return [
        ImageErrors(names[i], int(found[i]), int(missed[i]), int(false[i]))
        for i in order.tolist()
        if missed[i] + false[i]
    ]
