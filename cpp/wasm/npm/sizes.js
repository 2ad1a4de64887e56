// Sizes of boxes, the points of a size map, as heatgrid.core.extents measures them.

import { OUTCOME, PENDING } from "./report.js";

/**
 * Return one point per box, its width and height in shares of the image's, (N, 2); NaN for shapes that are not
 * counted. Boxes without extent receive their outcome.
 */
export function sizePoints(arena, boxes, { count, sizes, isSizeShared }, outcome) {
  const points = arena.make(Float64Array, 2 * count);
  points.values.fill(NaN);
  if (boxes === null) return points;
  const [to, from, limits, codes] = [points.values, boxes.values, sizes?.values, outcome.values];
  for (let i = 0; i < count; i++) {
    if (codes[i] !== PENDING || !from.subarray(4 * i, 4 * i + 4).every(Number.isFinite)) continue;
    let isFlat = false;
    for (let axis = 0; axis < 2; axis++) {
      const [begin, end] = [from[4 * i + axis], from[4 * i + axis + 2]];
      const limit = limits ? limits[isSizeShared ? axis : 2 * i + axis] : 1;
      const low = clip(Math.min(begin, end), limit);
      const extent = clip(Math.max(begin, end), limit) - low;
      to[2 * i + axis] = extent / limit;
      isFlat ||= extent <= 0;
    }
    const [x, y, right, bottom] = from.subarray(4 * i, 4 * i + 4);
    if (isFlat) codes[i] = x !== right && y !== bottom ? OUTCOME.outside : OUTCOME.empty;
  }
  return points;
}

const clip = (value, limit) => Math.min(Math.max(value, 0), limit);
