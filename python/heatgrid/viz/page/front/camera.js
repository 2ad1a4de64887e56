// Visible part of the map. All state is whole numbers, so that zooming in and out is exact: a step moves the origin
// by less than half a pixel of the map, and the step back rounds that away.

import { clamp } from "./numbers.js";

/** Zoom steps from 1x to 10x. */
export const STEPS = 96;

/** Approximate length of the map's longer side in its own pixels; a cell is a whole number of them. */
const FINENESS = 65536;

export class Camera {
  /** isUpwards: whether the picture begins with the last row, as that of a map of sizes. */
  constructor(rows, columns, isUpwards = false) {
    this.unit = Math.max(1, Math.ceil(FINENESS / Math.max(rows, columns)));
    this.rows = rows;
    this.columns = columns;
    this.isUpwards = isUpwards;
    this.reset();
  }

  reset() {
    [this.level, this.x, this.y] = [0, 0, 0];
  }

  get width() {
    return this.columns * this.unit;
  }

  get height() {
    return this.rows * this.unit;
  }

  get zoom() {
    return 10 ** (this.level / STEPS);
  }

  /** The visible part of the map, in its own pixels. */
  get seen() {
    return { x: this.x, y: this.y, width: this.width / this.zoom, height: this.height / this.zoom };
  }

  /** Zoom by steps around a point of the view, in shares of its sides. Returns whether anything changed. */
  zoomBy(steps, at) {
    const before = this.level;
    const point = this.pointAt(at);
    this.level = clamp(before + Math.round(steps), 0, STEPS);
    this.lookAt(point, at);
    return this.level !== before;
  }

  /** Move a point of the map to a point of the view, within the map's edges. */
  lookAt(point, at) {
    const { width, height } = this.seen;
    this.x = clamp(Math.round(point.x - at.u * width), 0, Math.floor(this.width - width));
    this.y = clamp(Math.round(point.y - at.v * height), 0, Math.floor(this.height - height));
  }

  /** Move by shares of the view, relative to the start of a drag. */
  moveFrom(start, du, dv) {
    const { width, height } = this.seen;
    this.lookAt({ x: start.x + du * width, y: start.y + dv * height }, { u: 0, v: 0 });
  }

  pointAt({ u, v }) {
    const { x, y, width, height } = this.seen;
    return { x: x + u * width, y: y + v * height };
  }

  /** Return the line of the picture that shows a row of the map, or the row that a line shows. */
  turned(row) {
    return this.isUpwards ? this.rows - 1 - row : row;
  }

  /** Return the cell under a point of the view. */
  cellAt(at) {
    const { x, y } = this.pointAt(at);
    return [
      this.turned(clamp(Math.floor(y / this.unit), 0, this.rows - 1)),
      clamp(Math.floor(x / this.unit), 0, this.columns - 1),
    ];
  }

  /** Return the rectangle of cells in a view of a size in pixels; rows and columns are half-open ranges. */
  place([top, left, bottom, right], width, height) {
    const seen = this.seen;
    const across = (column) => ((column * this.unit - seen.x) / seen.width) * width;
    const down = (line) => ((line * this.unit - seen.y) / seen.height) * height;
    const [first, last] = [this.turned(top), this.turned(bottom - 1)].sort((a, b) => a - b);
    return { x: across(left), y: down(first), width: across(right) - across(left), height: down(last + 1) - down(first) };
  }

  /** Move as little as possible to make a cell visible. */
  show([row, column]) {
    const { width, height } = this.seen;
    const near = (at, size, origin, span) => clamp(origin, (at + 1) * size - span, at * size);
    this.lookAt({ x: near(column, this.unit, this.x, width), y: near(this.turned(row), this.unit, this.y, height) }, { u: 0, v: 0 });
  }
}
