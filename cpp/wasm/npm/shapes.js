// Arrays to the kernel's columns of shapes, with the checks and messages of heatgrid.core.arguments.

import { checkChoice, shown } from "./errors.js";

const BOX_FORMATS = ["xyxy", "xywh", "cxcywh"];
const encoder = new TextEncoder();

/** Return the shapes of arrays: the kernel's object, their number and plural, and the image sizes or null. */
export function arrayShapes(kernel, arena, kind, options) {
  const { exports } = kernel;
  const columns = { boxes, oriented, polygons, masks, points }[kind](arena, options);
  const { count } = columns;
  const shapes = arena.own(exports.heatgrid_shapes(count, 0), exports.heatgrid_shapes_free);
  kernel.check(columns.set(exports, shapes));
  const sizes = kind === "masks" ? null : asSizes(arena, options.size ?? null, count);
  const noun = kind === "oriented" ? "polygons" : kind;
  return { shapes, count, noun, sizes };
}

function asDoubles(values, name, columns) {
  const isNumeric = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!isNumeric) throw new TypeError(`${name} must hold real numbers, got ${shown(values)}`);
  const flat = Array.isArray(values[0]) ? values.flat() : values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    throw new TypeError(`${name} must hold real numbers, got dtype int64`);
  }
  if (Array.isArray(flat) && !flat.every((value) => typeof value === "number")) {
    throw new TypeError(`${name} must hold real numbers, got ${shown(flat.find((v) => typeof v !== "number"))}`);
  }
  const isFlat = flat === values;
  if (flat.length % columns || (!isFlat && !values.every((row) => row.length === columns))) {
    throw new RangeError(`${name} must have shape (N, ${columns}), got (${values.length},)`);
  }
  return flat instanceof Float64Array ? flat : Float64Array.from(flat);
}

/** Return whole numbers, one per item, that an array or typed array holds. */
function asIntegers(values, name) {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    throw new TypeError(`${name} must hold integers, got ${shown(values)}`);
  }
  const isWhole = (value) => typeof value === "bigint" || Number.isSafeInteger(value);
  const odd = Array.prototype.find.call(values, (value) => !isWhole(value));
  if (odd !== undefined) throw new TypeError(`${name} must hold integers, got ${shown(odd)}`);
  return values instanceof BigInt64Array ? values : Array.from(values, Number);
}

function asSizes(arena, size, count) {
  if (size === null) return null;
  const pairs = asDoubles(size, "size", 2);
  if (pairs.length !== 2 && pairs.length !== 2 * count) {
    throw new RangeError(
      `sizes must be one (width, height) pair or an array of shape (${count}, 2), one pair per annotation`,
    );
  }
  return arena.copy(pairs);
}

function boxes(arena, { boxes: values, box = "xyxy" }) {
  const corners = Float64Array.from(asDoubles(values, "xyxy", 4));
  checkChoice("box", box, BOX_FORMATS);
  for (let i = 0; box !== "xyxy" && i < corners.length; i += 4) {
    for (const axis of [0, 1]) {
      const extent = corners[i + 2 + axis];
      if (box === "cxcywh") corners[i + axis] -= extent / 2;
      corners[i + 2 + axis] = corners[i + axis] + extent;
    }
  }
  const block = arena.copy(corners);
  const count = corners.length / 4;
  return { count, set: (exports, shapes) => exports.heatgrid_set_boxes(shapes, block.pointer, count) };
}

function points(arena, { xy }) {
  const block = arena.copy(asDoubles(xy, "xy", 2));
  const count = block.length / 2;
  return { count, set: (exports, shapes) => exports.heatgrid_set_points(shapes, block.pointer, count, 0, 0, 0) };
}

function oriented(arena, { corners }) {
  const coords = asDoubles(corners, "corners", 8);
  const offsets = Float64Array.from({ length: coords.length / 8 + 1 }, (_, i) => 4 * i);
  return polygons(arena, { coords, offsets });
}

/** `offsets` are those of rings, or a list of those of rings, parts and annotations, as in Python. */
function polygons(arena, { coords, offsets }) {
  const levels = ["rings", "parts", "annotations"];
  const isNested = Array.isArray(offsets) && (offsets.length === 0 || typeof offsets[0] === "object");
  const arrays = isNested ? offsets : [offsets];
  if (arrays.length < 1 || arrays.length > 3) {
    throw new RangeError(
      `offsets must be one array or a tuple of one to 3 (${levels.join(", ")}), got ${arrays.length}`,
    );
  }
  const found = arrays.map((array, i) => asIntegers(array, `offsets of ${levels[i]}`));
  found.forEach((array, i) => {
    if (array.length) return;
    const name = levels[i];
    throw new RangeError(`offsets of ${name} must have one more entry than there are ${name}, got none`);
  });
  const vertices = arena.copy(asDoubles(coords, "coords", 2));
  const blocks = found.map((array) => arena.integers(array));
  const words = [0, 1, 2].flatMap((i) => (blocks[i] ? [blocks[i].pointer, blocks[i].length] : [0, 0]));
  const set = (exports, shapes) =>
    exports.heatgrid_set_polygons(shapes, vertices.pointer, vertices.length / 2, ...words);
  return { count: found.at(-1).length - 1, set };
}

function masks(arena, { masks: values }) {
  if (!Array.isArray(values)) throw new TypeError(`masks must be arrays or run-length codes, got ${shown(values)}`);
  const sizes = [];
  const [codes, runs] = [[], []];
  values.forEach((mask, i) => {
    const { size, counts } = mask ?? {};
    if (!size || size.length !== 2 || !Array.from(size).every(Number.isSafeInteger)) {
      throw new TypeError(`masks[${i}] must be {'size': [h, w], 'counts': ...}`);
    }
    sizes.push(...size);
    const isCode = typeof counts === "string" || counts instanceof Uint8Array;
    codes.push(typeof counts === "string" ? encoder.encode(counts) : isCode ? counts : new Uint8Array());
    runs.push(isCode ? [] : asRuns(counts, i));
  });
  const count = values.length;
  const size = arena.integers(sizes);
  const [code, codeOffsets] = joined(arena, codes, (length) => arena.make(Uint8Array, length));
  const [run, runOffsets] = joined(arena, runs, (length) => arena.make(BigInt64Array, length));
  const words = [size, count, code, code.length, codeOffsets, run, run.length, runOffsets];
  const set = (exports, shapes) =>
    exports.heatgrid_set_masks(shapes, ...words.map((word) => (typeof word === "number" ? word : word.pointer)));
  return { count, set };
}

/** Run lengths; -1, which makes the code invalid, for numbers that are not exact. */
function asRuns(counts, i) {
  const isList = Array.isArray(counts) || ArrayBuffer.isView(counts);
  if (!isList || !Array.from(counts).every((n) => typeof n === "bigint" || Number.isInteger(n))) {
    throw new TypeError(`masks[${i}]['counts'] must be bytes, a string or a list of ints`);
  }
  return Array.from(counts, (n) => (Number.isSafeInteger(Number(n)) ? Number(n) : -1));
}

/** Return all items in one block, and their offsets. */
function joined(arena, items, make) {
  const offsets = [0];
  for (const item of items) offsets.push(offsets.at(-1) + item.length);
  const block = make(offsets.at(-1));
  const isText = block.Type === Uint8Array;
  const values = block.values;
  items.forEach((item, i) => values.set(isText ? item : BigInt64Array.from(item, BigInt), offsets[i]));
  return [block, arena.integers(offsets)];
}
