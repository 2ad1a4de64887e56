"""The outcome of a comparison: where two maps differ, and by how much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis import jensen_shannon, shares, total_variation
from heatgrid.comparison.words import sentences, thirds

if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from numpy.typing import NDArray

    from heatgrid.comparison.permutation import PermutationTest
    from heatgrid.heatmap import Heatmap

LISTED = 12
"""How many classes a comparison's text lists."""


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """How far the places of one class differ.

    Attributes
    ----------
    total_variation, jensen_shannon
        As in `Comparison`; None where one of the maps has no hits of the class.
    shares
        The class's share of all hits in each of the maps.
    """

    total_variation: float | None
    jensen_shannon: float | None
    shares: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as plain ones."""
        return asdict(self) | {"shares": list(self.shares)}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two maps of one grid and definition, compared by the shares that cells have of all hits.

    Attributes
    ----------
    names
        What the two are called.
    a, b
        The maps.
    difference
        (rows, columns) float64: a cell's share of the hits in ``a`` minus that in ``b``; sums to 0.
    total_variation
        ``sum(|difference|) / 2``: the share of hits that would have to move, 0 (equal) to 1 (nothing in
        common); see `heatgrid.analysis.total_variation`.
    jensen_shannon
        The Jensen-Shannon divergence in bits (base 2), 0 to 1; see `heatgrid.analysis.jensen_shannon`.
    by_class
        A `ClassDifference` a class of either map, greatest total variation first; empty for maps without
        classes.
    test
        Whether that is more than chance, a `PermutationTest`; None where two maps were given, of which
        nobody knows what each image added.
    """

    names: tuple[str, str]
    a: Heatmap
    b: Heatmap
    difference: NDArray[np.float64]
    total_variation: float
    jensen_shannon: float
    by_class: dict[str, ClassDifference]
    test: PermutationTest | None = None

    @classmethod
    def of(
        cls, a: Heatmap, b: Heatmap, names: tuple[str, str], test: PermutationTest | None = None
    ) -> Comparison:
        """Compare two maps.

        Raises
        ------
        ValueError
            The maps differ in definition, or one of them has no hits or negative counts.
        """
        a.spec.check_equal(b.spec)
        p, q = (_shares(heat, name) for heat, name in ((a, names[0]), (b, names[1])))
        return cls(
            names=names,
            a=a,
            b=b,
            difference=p - q,
            total_variation=total_variation(p, q),
            jensen_shannon=jensen_shannon(p, q),
            by_class=_by_class(a, b),
            test=test,
        )

    @property
    def thirds(self) -> NDArray[np.float64]:
        """(3, 3) float64: the difference of shares in each third of the image by each third."""
        return thirds(self.difference)

    @property
    def cells_beyond_chance(self) -> int | None:
        """The number of cells whose difference chance does not explain; None without a test on this grid."""
        if self.test is None or self.test.shape != self.a.shape:
            return None
        return int((np.abs(self.difference) > self.test.cell_limit).sum())

    @property
    def sentences(self) -> list[str]:
        """Whether, by how much and where the maps differ, in plain words."""
        return sentences(self)

    def image(self, **options: Any) -> NDArray[np.uint8]:
        """Return a finished picture, (height, width, 4) uint8 RGBA.

        Parameters
        ----------
        **options
            As `heatgrid.viz.picture` takes them: ``title``, ``vmax``, ``blur``, ``size`` …
        """
        from heatgrid.comparison.files import picture

        return picture(self, **options).pixels()

    def save(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,  # noqa: A002
        **options: Any,
    ) -> None:
        """Write the comparison, as its suffix says.

        Parameters
        ----------
        path
            ``.png`` or ``.svg`` (a finished picture), ``.html`` (a page to look around in, offline) or
            ``.json`` (all numbers); or a file open for writing bytes, with ``format``.
        format
            The suffix to go by where ``path`` has none or another.
        **options
            For pictures, as in `image`; for pages, as in `heatgrid.viz.page.page`.

        Raises
        ------
        ValueError
            The suffix is not known.
        """
        from heatgrid.comparison.files import save

        save(self, path, format=format, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it but the grids as plain numbers, strings, lists and dicts."""
        return {
            "names": list(self.names),
            "sentences": self.sentences,
            "total_variation": self.total_variation,
            "jensen_shannon": self.jensen_shannon,
            "thirds": self.thirds.tolist(),
            "cells_beyond_chance": self.cells_beyond_chance,
            "by_class": {name: own.to_dict() for name, own in self.by_class.items()},
            "test": None if self.test is None else self.test.to_dict(),
        }

    def __str__(self) -> str:
        return "\n".join([*self.sentences, "", *_table(self)])


def _shares(heat: Heatmap, name: str) -> NDArray[np.float64]:
    try:
        return shares(heat.counts)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _by_class(a: Heatmap, b: Heatmap) -> dict[str, ClassDifference]:
    """Compare class by class, those of greatest total variation first, those of one map alone last."""
    totals = [_totals(heat) for heat in (a, b)]
    sums = [sum(total.values()) for total in totals]
    found = {}
    for name in dict.fromkeys((*a.classes, *b.classes)):
        own = [total.get(name, 0.0) for total in totals]
        variation = divergence = None
        if all(own):
            p, q = (shares(heat[name].counts) for heat in (a, b))
            variation, divergence = total_variation(p, q), jensen_shannon(p, q)
        parts = own[0] / sums[0] if sums[0] else 0.0, own[1] / sums[1] if sums[1] else 0.0
        found[name] = ClassDifference(variation, divergence, parts)
    return dict(sorted(found.items(), key=lambda item: -(item[1].total_variation or 0.0)))


def _totals(heat: Heatmap) -> dict[str, float]:
    """Return the hits of each class."""
    return dict(zip(heat.classes, heat.by_class.sum(axis=(1, 2), dtype=np.float64).tolist(), strict=True))


def _table(comparison: Comparison) -> list[str]:
    """Return the numbers in lines: all classes together, then the classes that differ most."""
    both = {name: own for name, own in comparison.by_class.items() if own.total_variation is not None}
    rows: dict[str, Comparison | ClassDifference] = {"all together": comparison}
    rows |= dict(list(both.items())[:LISTED])
    lines = [f"{'':<24}{'total variation':>16}{'Jensen-Shannon':>16}"]
    lines += [
        f"{name[:23]:<24}{own.total_variation:>16.4f}{own.jensen_shannon:>16.4f}"
        for name, own in rows.items()
    ]
    if len(both) > LISTED:
        lines.append(f"and {len(both) - LISTED:,} classes more")
    if alone := len(comparison.by_class) - len(both):
        lines.append(f"{alone:,} of {len(comparison.by_class):,} classes lack hits in one of the two")
    return lines
