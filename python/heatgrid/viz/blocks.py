"""Blocks of a figure: heading, map with axes and color bar, small maps, cards of numbers, and notes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.canvas import CARD, FAINT, INK, MUTED, RULE, Layout
from heatgrid.viz.pixels import over_white
from heatgrid.viz.scales import color_bar
from heatgrid.viz.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from heatgrid.viz.canvas import Canvas
    from heatgrid.viz.options import Pixels
    from heatgrid.viz.pixels import Style
    from heatgrid.viz.scales import Floats
    from heatgrid.viz.text import Measure

TITLE, SUBTITLE, VALUE, LABEL, NOTE, TICK, NAME = 28, 16, 22, 13, 13, 13, 14
"""Font sizes in design units."""
BAR_WIDTH, GAP = 18, 20
NOTHING, EMPTY = "Nothing was counted", 40


@dataclass(frozen=True, slots=True)
class Block:
    """Rectangle of a figure; ``draw`` takes a canvas and the upper left corner."""

    width: int
    height: int
    draw: Callable[[Canvas, int, int], None]


def heading(m: Measure, width: int, title: str, subtitle: str | None) -> Block:
    """Return a title with at most two lines below it."""
    lines = m.wrap(subtitle or "", SUBTITLE, width, 2)
    below = len(lines) * m.line(SUBTITLE) + m.px(4) if lines else 0

    def draw(canvas: Canvas, x: int, y: int) -> None:
        canvas.write((x, y), m.cut(title, TITLE, width), size=TITLE, color=INK)
        for i, line in enumerate(lines):
            top = y + m.line(TITLE) + m.px(4) + i * m.line(SUBTITLE)
            canvas.write((x, top), line, size=SUBTITLE, color=MUTED)

    return Block(width, m.line(TITLE) + below, draw)


def note(m: Measure, width: int, text: str) -> Block:
    """Return small print of at most three lines."""
    lines = m.wrap(text, NOTE, width, 3)

    def draw(canvas: Canvas, x: int, y: int) -> None:
        for i, line in enumerate(lines):
            canvas.write((x, y + i * m.line(NOTE)), line, size=NOTE, color=MUTED)

    return Block(width, len(lines) * m.line(NOTE), draw)


def cards(m: Measure, width: int, numbers: Mapping[str, float]) -> Block:
    """Return a row of named numbers."""
    height, gap = m.line(LABEL) + m.line(VALUE) + m.px(26), m.px(10)

    def draw(canvas: Canvas, x: int, y: int) -> None:
        for i, (name, value) in enumerate(numbers.items()):
            left = x + i * (width + gap) // len(numbers)
            right = x + (i + 1) * (width + gap) // len(numbers) - gap
            canvas.box((left, y, right - 1, y + height - 1), outline=RULE, fill=CARD, radius=m.px(8))
            inside, space = left + m.px(14), right - left - m.px(22)
            canvas.write((inside, y + m.px(11)), m.cut(name, LABEL, space), size=LABEL, color=MUTED)
            top = y + m.px(13) + m.line(LABEL)
            canvas.write((inside, top), m.cut(number(value), VALUE, space), size=VALUE, color=INK)

    return Block(width, height, draw)


def bar(
    m: Measure,
    style: Style,
    layout: Layout,
    height: int,
    *,
    whole: bool,
    ends: Sequence[str] | None = None,
) -> Block:
    """Return the color bar of a style, in colors as they look over the layout's background.

    ``ends`` are texts above and below the bar.
    """
    total, line = height, m.line(TICK) + m.px(8)
    ends = [m.cut(end, TICK, m.px(160)) for end in ends or ()]
    height -= 2 * line if ends else 0
    gap = max(0.09, 1.6 * m.line(TICK) / height)
    values, ticks = color_bar(style.scale, whole=whole, length=height, gap=gap)
    colors = layout.swatches(style.color(values[:, np.newaxis])[:, 0])
    width = m.px(BAR_WIDTH)

    def draw(canvas: Canvas, x: int, y: int) -> None:
        if ends:
            canvas.write((x, y), ends[0], size=TICK, color=INK)
            canvas.write((x, y + total), ends[1], size=TICK, color=INK, anchor="ls")
            y += line
        canvas.cells(colors[::-1, np.newaxis], Layout(height, width), x, y)
        if len(colors) == len(ticks):  # each color is the block of one number
            for i in range(1, len(colors)):
                at = y + i * height // len(colors)
                canvas.line((x, at, x + width - 1, at), CARD)
        canvas.box((x - 1, y - 1, x + width, y + height), outline=FAINT)
        for tick in ticks:
            at = y + round((1.0 - tick.position) * (height - 1))
            canvas.line((x + width + 1, at, x + width + m.px(4), at), FAINT)
            canvas.write((x + width + m.px(10), at), tick.label, size=TICK, color=MUTED, anchor="lm")

    labels = max((m.width(tick.label, TICK) for tick in ticks), default=0)
    texts = max((m.width(end, TICK) for end in ends), default=0)
    return Block(max(width + m.px(10) + labels, texts), total, draw)


def plot(
    m: Measure,
    cells: Pixels,
    layout: Layout,
    side_bar: Block,
    *,
    legend: str,
    values: Floats | None,
    empty: str,
    upwards: bool = False,
) -> Block:
    """Return a map with axes and a color bar; whole ``values`` are written into the cells if they fit.

    ``empty`` says in large type why nothing was counted. The vertical axis rises if ``upwards``.
    """
    left = m.width("0.25", TICK) + m.px(11)
    head = m.line(TICK) + m.px(8) if legend or upwards else 0
    width = left + layout.width + m.px(22) + side_bar.width

    def draw(canvas: Canvas, x: int, y: int) -> None:
        if legend:
            text = m.cut(legend, TICK, width)
            canvas.write((x + width, y), text, size=TICK, color=MUTED, anchor="ra")
        if upwards:  # a map of sizes
            canvas.write((x + left, y), "height", size=TICK, color=MUTED)
        x, y = x + left, y + head
        canvas.cells(cells, layout, x, y)
        _draw_grid(canvas, m, cells, layout, (x, y))
        if values is not None:
            _draw_values(canvas, m, cells, layout, (x, y), values=values)
        canvas.box((x - 1, y - 1, x + layout.width, y + layout.height), outline=FAINT)
        _draw_axes(canvas, m, layout, (x, y), upwards=upwards)
        if empty:
            _draw_empty(canvas, m, layout, (x, y), empty)
        side_bar.draw(canvas, x + layout.width + m.px(22), y)

    return Block(width, head + layout.height + m.line(TICK) + m.px(9), draw)


def _draw_axes(canvas: Canvas, m: Measure, layout: Layout, at: tuple[int, int], *, upwards: bool) -> None:
    x, y = at
    bottom, tick = y + layout.height, m.px(5)
    for share in _shares(m, layout.width):
        left = x + round(share * (layout.width - 1))
        canvas.line((left, bottom + 1, left, bottom + tick), FAINT)
        canvas.write((left, bottom + m.px(9)), number(share), size=TICK, color=MUTED, anchor="ma")
    if upwards:
        left = x + round(0.875 * layout.width)
        canvas.write((left, bottom + m.px(9)), "width", size=TICK, color=MUTED, anchor="ma")
    for share in _shares(m, layout.height):
        top = y + round((1.0 - share if upwards else share) * (layout.height - 1))
        canvas.line((x - 1 - tick, top, x - 2, top), FAINT)
        canvas.write((x - m.px(11), top), number(share), size=TICK, color=MUTED, anchor="rm")


def _shares(m: Measure, length: int) -> tuple[float, ...]:
    return (0.0, 0.25, 0.5, 0.75, 1.0) if length >= m.px(240) else (0.0, 0.5, 1.0)


def _draw_empty(canvas: Canvas, m: Measure, layout: Layout, at: tuple[int, int], reason: str) -> None:
    """Write that nothing was counted, and why, into the middle of the map."""
    width = layout.width - m.px(32)
    lines = [(NOTHING, EMPTY, INK)] + [(line, SUBTITLE, MUTED) for line in m.wrap(reason, SUBTITLE, width, 3)]
    y = at[1] + (layout.height - sum(m.line(size) for _, size, _ in lines)) // 2
    for line, size, color in lines:
        canvas.write(
            (at[0] + layout.width / 2, y), m.cut(line, size, width), size=size, color=color, anchor="ma"
        )
        y += m.line(size)


def _draw_grid(canvas: Canvas, m: Measure, cells: Pixels, layout: Layout, at: tuple[int, int]) -> None:
    """Draw thin lines between large cells."""
    (x, y), (rows, columns), width, height = at, cells.shape[:2], layout.width, layout.height
    if min(height // rows, width // columns) < m.px(32) or not layout.is_plain:
        return
    for i in range(1, rows):
        top = y + i * height // rows
        canvas.line((x, top, x + width - 1, top), RULE)
    for i in range(1, columns):
        left = x + i * width // columns
        canvas.line((left, y, left, y + height - 1), RULE)


def _draw_values(
    canvas: Canvas, m: Measure, cells: Pixels, layout: Layout, at: tuple[int, int], *, values: Floats
) -> None:
    """Write the values into the cells if all of them fit."""
    high, wide = layout.height / cells.shape[0], layout.width / cells.shape[1]
    if min(high, wide) < m.px(40):
        return
    texts = [[number(v) if v else "" for v in row] for row in np.nan_to_num(values).tolist()]
    size = min(max(min(high, wide) / m.unit / 5, TICK), 24)
    if max(m.width(text, size) for row in texts for text in row) > wide - m.px(8):
        return
    linear = (over_white(cells) / 255.0) ** 2.2
    is_light = linear @ (0.2126, 0.7152, 0.0722) > 0.2  # dark letters have more contrast there
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            center = (at[0] + (j + 0.5) * wide, at[1] + (i + 0.5) * high)
            canvas.write(center, text, size=size, color=INK if is_light[i, j] else CARD, anchor="mm")


def panels(
    m: Measure,
    maps: Sequence[Pixels],
    layout: Layout,
    side_bar: Block,
    *,
    legend: str,
    names: Sequence[tuple[str, str]],
    columns: int,
) -> Block:
    """Return small maps in rows, each below its name and detail, and one color bar to the right."""
    head, gap = m.line(NAME) + m.px(6), m.px(GAP)
    step_x, step_y = layout.width + gap, head + layout.height + gap

    def draw(canvas: Canvas, x: int, y: int) -> None:
        for i, (cells, (name, detail)) in enumerate(zip(maps, names, strict=True)):
            row, column = divmod(i, columns)
            left, top = x + 1 + column * step_x, y + row * step_y
            is_wide = m.width(detail, NAME) > layout.width / 2
            number_only = detail.partition(" ")[0] if is_wide else detail
            space = layout.width - m.width(f"  {number_only}", NAME)
            canvas.write((left - 1, top), m.cut(name, NAME, space), size=NAME, color=INK)
            canvas.write((left + layout.width, top), number_only, size=NAME, color=MUTED, anchor="ra")
            top += head
            canvas.cells(cells, layout, left, top)
            canvas.box((left - 1, top - 1, left + layout.width, top + layout.height), outline=FAINT)
        right = x + 1 + columns * step_x
        canvas.write((right - 1, y), legend, size=TICK, color=MUTED)
        side_bar.draw(canvas, right, y + head)

    width = columns * step_x + max(side_bar.width, m.width(legend, TICK))
    return Block(width, max(math.ceil(len(maps) / columns) * step_y - gap, head + side_bar.height + 1), draw)
