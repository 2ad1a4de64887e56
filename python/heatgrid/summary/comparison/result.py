"""Result of a comparison: numbers, sentences, pictures and files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis import jensen_shannon, shares, total_variation
from heatgrid.errors import html_table, printable
from heatgrid.export import OutputFormat, html, map_header, write
from heatgrid.viz.options import FigureOptions, NoOptions, PageOptions

if TYPE_CHECKING:
    from typing import Unpack

    from numpy.typing import NDArray

    from heatgrid.analysis import PermutationTest
    from heatgrid.export import Target
    from heatgrid.heatmap import Heatmap
    from heatgrid.viz import Figure
    from heatgrid.viz.options import SaveOptions

MAX_LISTED_CLASSES = 12


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """Difference of the positions of one class; None for both divergences if one map has no hits of it.

    ``shares`` are the class's shares of all hits in each map, ``annotations`` the numbers of its counted
    annotations. ``p_value`` is that of a permutation test on a coarser grid, not corrected for the number of
    classes; None for maps.
    """

    total_variation: float | None
    jensen_shannon: float | None
    shares: tuple[float, float]
    annotations: tuple[int, int]
    p_value: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain numbers."""
        return asdict(self) | {"shares": list(self.shares), "annotations": list(self.annotations)}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Comparison of two maps of one grid and definition, by the share of all hits in each cell.

    Attributes
    ----------
    names
        Names of the two.
    a, b
        The maps.
    difference
        (rows, columns) float64: a cell's share of the hits in ``a`` minus its share in ``b``; sums to 0.
    total_variation
        ``sum(|difference|) / 2``: the share of hits that would have to move, 0 (equal) to 1 (nothing in
        common); see `heatgrid.analysis.total_variation`.
    jensen_shannon
        The Jensen-Shannon divergence in bits (base 2), 0 to 1; see `heatgrid.analysis.jensen_shannon`.
    by_class
        One `ClassDifference` per class of either map, largest total variation first; empty for maps without
        classes.
    test
        The `PermutationTest` against chance; None for two maps, which do not record the hits of each image.

    Examples
    --------
    >>> import heatgrid as hg
    >>> found = hg.compare("train.json", "valid.json", 10)
    >>> found.difference.shape, found.test.images
    ((10, 10), (20, 20))
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
    def of(cls, a: Heatmap, b: Heatmap, names: tuple[str, str]) -> Comparison:
        """Compare two maps, or raise ValueError if they differ in definition or one has no shares."""
        a.spec.check_equal(b.spec)
        parts = []
        for heat, name in zip((a, b), names, strict=True):
            if not heat.counts.any():
                raise ValueError(f"{name}: nothing was counted; {heat.report.main_reason}")
            try:
                parts.append(shares(heat.counts))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        p, q = parts
        return cls(
            names=names,
            a=a,
            b=b,
            difference=p - q,
            total_variation=total_variation(p, q),
            jensen_shannon=jensen_shannon(p, q),
            by_class=_by_class(a, b),
        )

    @property
    def thirds(self) -> NDArray[np.float64]:
        """(3, 3) float64: the difference of shares per third of the height and third of the width."""
        row, column = (np.minimum(2, (2 * np.arange(n) + 1) * 3 // (2 * n)) for n in self.difference.shape)
        sums = np.zeros((3, 3))
        np.add.at(sums, (row[:, np.newaxis], column[np.newaxis]), self.difference)
        return sums

    @property
    def cells_beyond_chance(self) -> int | None:
        """Number of cells with a difference beyond chance; None without a test on the maps' own grid."""
        if self.test is None or self.test.shape != self.a.shape:
            return None
        return int((np.abs(self.difference) > self.test.cell_limit).sum())

    @property
    def verdict(self) -> str:
        """Answer to the question whether the maps differ."""
        a, b = self.names
        if self.total_variation == 0:
            return f"{a} and {b} do not differ"
        if self.test is None:
            return f"{a} compared with {b}"
        return f"{a} and {b} differ" + ("" if self.test.significant else " no more than expected by chance")

    @property
    def details(self) -> list[str]:
        """Size and position of the difference, in words."""
        if self.total_variation == 0:
            return ["every cell has the same share of hits"]
        of, test = self.a.spec.of, self.test
        differ = "are in different places" if of == "place" else "differ in size"
        size = f"{_percent(self.total_variation)} % of hits {differ}"
        if test is None:
            chance = "maps alone cannot be tested against chance"
        else:
            chance = f"{_percent(test.expected)} % expected by chance, p = {test.p_value:.2g}"
            if test.shape != self.a.shape:
                chance = f"{_percent(test.statistic)} % on the coarser grid of the test, {chance}"
            if test.paired:
                chance = f"{chance}, {self._pairs(test)}"
        sums, positions = self.thirds, []
        for name, sign in zip(self.names, (1, -1), strict=True):
            row, column = divmod(int((sign * sums).argmax()), 3)
            if (excess := sign * sums[row, column]) > 0:
                percent = _percent(excess)
                points = f"{percent} percentage point{'' if percent == '1' else 's'}"
                positions.append(f"{name} has {points} more of its hits {_WHERE[of][row][column]}")
        same = f"each ninth of the {'image' if of == 'place' else 'sizes'} has the same share of hits in both"
        return [f"{size} ({chance})", ", ".join(positions) or same]

    def _pairs(self, test: PermutationTest) -> str:
        """Return the number of images of a paired test, and of those that it leaves out."""
        others = zip(test.unpaired_images, self.names, strict=True)
        without = "".join(f", without {n:,} that only {name} has" for n, name in others if n)
        return f"the same {test.images[0]:,} images in pairs{without}"

    @property
    def sentences(self) -> list[str]:
        """Verdict, size and position of the difference as sentences."""
        first, *others = self.details
        return [f"{self.verdict}: {first}.", *(f"{other}." for other in others)]

    def image(self, **options: Unpack[FigureOptions]) -> NDArray[np.uint8]:
        """Return a finished picture, (height, width, 4) uint8 RGBA; options as in `FigureOptions`."""
        return _figure(self, **options).pixels()

    def save(
        self,
        path: Target,
        *,
        format: str | None = None,  # noqa: A002
        **options: Unpack[SaveOptions],
    ) -> None:
        """Write the comparison in the format of the file's suffix; arguments are as in `Heatmap.save`.

        The formats are ``.png`` and ``.svg`` (a finished picture), ``.html`` (an interactive page that works
        offline) and ``.json`` (all numbers). Options of pages are `heatgrid.viz.options.PageOptions`.
        """
        write(self, FORMATS, path, format, {**options})

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the grids as plain numbers, strings, lists and dicts."""
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

    def text(self, width: int = 80) -> str:
        """Return the sentences and a table by class; names of classes are cut to lines of ``width``."""
        return printable("\n".join([*self.sentences, "", *_table(self, width)]))

    def _repr_html_(self) -> str:
        from heatgrid.viz.figure import NOTEBOOK_SIZE, figure_html

        both = [(n, d.total_variation, d.jensen_shannon) for n, d in self.by_class.items()]
        rows = [("all classes", self.total_variation, self.jensen_shannon), *both]
        texts = [
            (name, *("-" if one is None else f"{one:.4f}" for one in numbers)) for name, *numbers in rows
        ]
        picture = figure_html(_figure(self, size=NOTEBOOK_SIZE))
        return picture + html_table(("", "total variation", "Jensen-Shannon"), texts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self).partition(chr(10))[0]}>"

    def __str__(self) -> str:
        return self.text()


def _by_class(a: Heatmap, b: Heatmap) -> dict[str, ClassDifference]:
    """Compare class by class: largest total variation first, classes of one map only last."""
    totals = [
        dict(zip(heat.classes, heat.by_class.sum(axis=(1, 2), dtype=np.float64).tolist(), strict=True))
        for heat in (a, b)
    ]
    sums = [sum(total.values()) for total in totals]
    counted = [{name: row["counted"] for name, row in heat.report.by_class().items()} for heat in (a, b)]
    differences = {}
    for name in dict.fromkeys((*a.classes, *b.classes)):
        own = [total.get(name, 0.0) for total in totals]
        variation = divergence = None
        if all(own):
            p, q = (shares(heat[name].counts) for heat in (a, b))
            variation, divergence = total_variation(p, q), jensen_shannon(p, q)
        parts = own[0] / sums[0] if sums[0] else 0.0, own[1] / sums[1] if sums[1] else 0.0
        numbers = (counted[0].get(name, 0), counted[1].get(name, 0))
        differences[name] = ClassDifference(variation, divergence, parts, numbers)
    return dict(sorted(differences.items(), key=lambda item: -(item[1].total_variation or 0.0)))


_THIRDS = ("a small", "a middle", "a large")
_WHERE = {
    "place": (
        ("in the upper left", "at the top", "in the upper right"),
        ("on the left", "in the center", "on the right"),
        ("in the lower left", "at the bottom", "in the lower right"),
    ),
    "size": tuple(tuple(f"at {width} width and {height} height" for width in _THIRDS) for height in _THIRDS),
}


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.3g}" if percent >= 10 else f"{percent:.2g}"


def _table(comparison: Comparison, width: int) -> list[str]:
    """Return lines of numbers: all classes together, then the classes with the largest differences."""
    both = {name: own for name, own in comparison.by_class.items() if own.total_variation is not None}
    counted = comparison.a.report.counted, comparison.b.report.counted
    whole = ClassDifference(comparison.total_variation, comparison.jensen_shannon, (1.0, 1.0), counted)
    if comparison.test is not None:
        whole = replace(whole, p_value=comparison.test.p_value)
    rows = {"all classes": whole} | dict(list(both.items())[:MAX_LISTED_CLASSES])
    names = (name if len(name) < 11 else f"…{name[-9:]}" for name in comparison.names)
    heads = [*names, "variation", "JS, bits", "p"]
    room = max(11, min(max(map(len, rows)), width - 11 * len(heads)))
    lines = [f"{'annotations':<{room}}" + "".join(f"{head:>11}" for head in heads)]
    for name, own in rows.items():
        short = name if len(name) <= room else f"{name[: room - 1]}…"
        numbers = "".join(f"{number:>11,}" for number in own.annotations)
        numbers += f"{own.total_variation:>11.4f}{own.jensen_shannon:>11.4f}"
        lines.append(f"{short:<{room}}{numbers}" + ("" if own.p_value is None else f"{own.p_value:>11.2g}"))
    if len(both) > MAX_LISTED_CLASSES:
        lines.append(f"and {len(both) - MAX_LISTED_CLASSES:,} more classes")
    if one_sided := len(comparison.by_class) - len(both):
        lines.append(
            f"{one_sided:,} of {len(comparison.by_class):,} classes have hits in only one of the two"
        )
    return lines


def _figure(comparison: Comparison, **options: Unpack[FigureOptions]) -> Figure:
    """Return the figure of the difference in red and blue, with its numbers and their meaning."""
    from heatgrid.viz import grid_figure
    from heatgrid.viz.canvas import bounded_aspect

    cards = {
        "total variation, %": 100 * comparison.total_variation,
        "Jensen-Shannon, bits": comparison.jensen_shannon,
    }
    if comparison.test is not None:
        cards |= {"by chance, %": 100 * comparison.test.expected, "p": comparison.test.p_value}
    percent = 100 * comparison.difference
    limit = float(abs(percent).max()) or 1.0
    defaults: dict[str, Any] = {
        "title": comparison.verdict,
        "subtitle": " · ".join(comparison.details),
        "stats": cards,
        "legend": "% of hits",
        "colormap": "balance",
        "footnote": _footnote(comparison),
        "ends": [f"more in {name}" for name in comparison.names],
        "chance": _chance(comparison),
        "upwards": comparison.a.spec.of == "size",
        "aspect": bounded_aspect(comparison.a),
    }
    if not options.keys() & {"vmin", "vmax", "scale"}:
        defaults |= {"vmin": -limit, "vmax": limit}
    return grid_figure(percent, **(defaults | {**options}))


def _chance(comparison: Comparison) -> float | None:
    """Return the difference in percent that chance alone makes, if it is known for the maps' own cells."""
    if comparison.test is None or comparison.cells_beyond_chance is None:
        return None
    return 100 * comparison.test.cell_limit


def _footnote(comparison: Comparison) -> str:
    a, b = comparison.names
    images = comparison.a.report.images, comparison.b.report.images
    rows, columns = comparison.a.shape
    parts = [
        f"red: larger share in {a}, blue: larger share in {b}",
        f"share of hits in percent, {a} minus {b}, {rows} by {columns} cells",
    ]
    if all(images):
        parts.append(f"{images[0]:,} and {images[1]:,} images")
    if (beyond := comparison.cells_beyond_chance) is not None and comparison.test is not None:
        limit = 100 * comparison.test.cell_limit
        parts.append(f"{beyond:,} cells differ by more than the {limit:.2g} % expected by chance")
    return " · ".join(parts)


def _html(comparison: Comparison, **options: Unpack[PageOptions]) -> bytes:
    defaults: dict[str, Any] = {
        "title": comparison.verdict,
        "subtitle": " · ".join(comparison.details),
        "difference": comparison.names,
        "chance": _chance(comparison),
    }
    maps = dict(zip(comparison.names, (comparison.a, comparison.b), strict=True))
    return html(maps, **(defaults | {**options}))


def _json(comparison: Comparison) -> bytes:
    document = comparison.to_dict()
    document |= {
        name: map_header(heat) | {"table": heat.table().to_dict(), "report": heat.report.to_dict()}
        for name, heat in (("a", comparison.a), ("b", comparison.b))
    }
    document["difference"] = comparison.difference.tolist()
    return json.dumps(document).encode() + b"\n"


FORMATS: dict[str, OutputFormat] = {
    ".png": OutputFormat(lambda c, **options: _figure(c, **options).png(), FigureOptions, "picture"),
    ".svg": OutputFormat(lambda c, **options: _figure(c, **options).svg().encode(), FigureOptions, "picture"),
    ".html": OutputFormat(_html, PageOptions, "interactive page, works offline"),
    ".json": OutputFormat(_json, NoOptions, "all numbers"),
}
"""Output formats of a comparison by suffix."""
