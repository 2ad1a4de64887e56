// Columns of a batch as the kernel takes them.

/** Return a copy of the boxes, or NaN, into which the bounding boxes of polygons go. */
export function boxesToFill(arena, batch) {
  const boxes = arena.make(Float64Array, 4 * batch.count);
  if (batch.boxes) boxes.values.set(batch.boxes.values);
  else boxes.values.fill(NaN);
  return boxes;
}

/** Set the columns that a batch has. */
export function setColumns(kernel, shapes, { count, polygons, masks, points }, boxes) {
  const { exports } = kernel;
  if (boxes) kernel.check(exports.heatgrid_set_boxes(shapes, boxes.pointer, count));
  if (polygons) {
    const { coords, rings, annotations } = polygons;
    const [r, a] = [rings.pointer, annotations.pointer];
    const vertices = coords.length / 2;
    const { heatgrid_set_polygons: set } = exports;
    kernel.check(set(shapes, coords.pointer, vertices, r, rings.length, 0, 0, a, annotations.length));
  }
  if (masks) {
    const { sizes, codes, codeOffsets, runs, runOffsets } = masks;
    const { heatgrid_set_masks: set } = exports;
    const [c, r] = [codeOffsets.pointer, runOffsets.pointer];
    kernel.check(
      set(shapes, sizes.pointer, count, codes.pointer, codes.length, c, runs.pointer, runs.length, r),
    );
  }
  if (points) {
    const { coords, offsets, visible } = points;
    const { heatgrid_set_points: set } = exports;
    const number = coords.length / 2;
    kernel.check(
      set(shapes, coords.pointer, number, offsets.pointer, offsets.length, visible.pointer),
    );
  }
}
