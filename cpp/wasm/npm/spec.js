// Count specification: the grid, the hit rule and the counting mode, validated as heatgrid.core.spec does.

import { checkChoice, shown } from "./errors.js";

export const RULES = ["center", "touch", "point", "area"];
export const GEOMETRIES = ["auto", "box", "polygon", "mask", "point", "line"];
const COUNTS = ["instances", "images"];
const MAX_CELLS = 2 ** 26;

/** Return `[rows, columns]`; a number n means `[n, n]`. */
export function asGrid(grid) {
  const axes = typeof grid === "number" ? [grid, grid] : grid;
  const expected = "an int or a pair of ints (rows, columns)";
  const isList = Array.isArray(axes) || ArrayBuffer.isView(axes);
  if (!isList || !Array.from(axes).every(Number.isInteger)) {
    throw new TypeError(`grid must be ${expected}, got ${shown(grid)}`);
  }
  if (axes.length !== 2) throw new RangeError(`grid must be ${expected}, got ${shown(grid)}`);
  const [rows, columns] = axes;
  if (!(rows >= 1 && rows <= MAX_CELLS && columns >= 1 && columns <= MAX_CELLS)) {
    throw new RangeError(`grid must have 1 to 2**26 cells along each axis, got ${shown(grid)}`);
  }
  return [rows, columns];
}

/** Return a validated specification. */
export function asSpec({ grid, rule = "center", count = "instances", largeBoxRatio = null, of = "place" }) {
  const spec = { grid: asGrid(grid), rule, count, largeBoxRatio, of };
  checkChoice("rule", rule, RULES);
  checkChoice("count", count, COUNTS);
  checkChoice("of", of, ["place", "size"]);
  if (of === "size" && (rule !== "center" || largeBoxRatio !== null)) {
    const name = rule === "center" ? "large_box_ratio" : "rule";
    throw new RangeError(`${name} cannot be combined with of='size': each annotation is one point`);
  }
  if (largeBoxRatio !== null && typeof largeBoxRatio !== "number") {
    throw new TypeError(`large_box_ratio must be a number or None, got ${shown(largeBoxRatio)}`);
  }
  if (largeBoxRatio !== null && !(largeBoxRatio >= 0)) {
    throw new RangeError(`large_box_ratio must not be negative, got ${largeBoxRatio}`);
  }
  if (count === "images" && rule === "area") {
    throw new RangeError("count='images' cannot be combined with rule='area', which counts shares of cells");
  }
  if (largeBoxRatio !== null && rule === "area") {
    throw new RangeError("large_box_ratio cannot be combined with rule='area': no cell holds a large area");
  }
  return spec;
}

/** Throw unless a geometry is known, and the rule can count it. */
export function checkGeometry(geometry, spec) {
  checkChoice("geometry", geometry, GEOMETRIES);
  if ((geometry === "point" || geometry === "line") && spec.rule === "area") {
    throw new RangeError(
      `geometry='${geometry}' cannot be combined with rule='area': ${geometry}s have no area`,
    );
  }
}
