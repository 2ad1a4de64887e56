// COCO files: the kernel's scan to one batch, as heatgrid.io.formats.coco does. What the scan does not
// understand is reported as not read.

import { names as categoryNames } from "./categories.js";
import { FormatError } from "./errors.js";
import { OUTCOME, PENDING, Report, describe } from "./report.js";
import { scanCoco } from "./scan.js";
import { asSource } from "./source.js";

export const NOT_READ = "not read in the browser";
export const NO_GEOMETRY = "no geometry";
export const NEGATIVE = "negative width or height";
export const TOO_MANY = "more vertices than limits.vertices";
export const MAX_VERTICES = 1_000_000;
const KIND = { box: 1, polygon: 2, mask: 4, point: 8 };

/** Return the batch of a COCO file; its arrays belong to `arena`. */
export function readCoco(kernel, arena, source, { name = "annotations.json", split = null, onProgress } = {}) {
  const scan = scanCoco(kernel, arena, asSource(source), name, onProgress);
  onProgress?.({ phase: "select", done: 0, total: 1 });
  const report = new Report();
  const own = new CocoBatch(arena, scan, name, report);
  return own.finish(split);
}

/** Offsets of items of these lengths, halved; at least 0 each. */
function offsetsOf(arena, lengths, divisor = 1) {
  const block = arena.make(BigInt64Array, lengths.length + 1);
  const words = block.as(Int32Array);
  words[0] = words[1] = 0;
  for (let i = 0, at = 0; i < lengths.length; i++) {
    at += Math.max(0, lengths[i]) / divisor;
    words[2 * i + 2] = at;
    words[2 * i + 3] = 0;
  }
  return block;
}

class CocoBatch {
  #arena;
  #scan;
  #path;
  #report;
  #problems = new Map();

  constructor(arena, scan, path, report) {
    this.#arena = arena;
    this.#scan = scan;
    this.#path = path;
    this.#report = report;
    this.count = scan.ids.length;
    this.flags = null;
  }

  finish(split) {
    const scan = this.#scan;
    this.#checkContent();
    this.#report.files = 1;
    const images = this.#images();
    const image = this.#match(images.index, images.hasTexts, scan.imageIds, "image_id");
    const others = scan.otherIndices.small();
    const position = positions(others, this.count);
    const { classes, label } = categoryNames({
      text: scan.categories.text,
      ids: scan.categoryIds,
      image,
      match: (index, hasTexts) => this.#match(index, hasTexts, scan.categoryIds, "category_id"),
      where: (i) => `${this.#path}: annotations[${position(i)}]`,
      path: this.#path,
      report: this.#report,
    });
    const id = scan.ids.keys();
    const idOf = (i) => (scan.traits.values[i] & 1 ? id(i) : null);
    const where = (i) => describe(this.#path, `annotations[${position(i)}]`, idOf(i));
    const boxes = this.#boxes();
    const columns = { boxes, polygons: this.#polygons(), masks: this.#masks(), points: this.#points() };
    const kinds = this.#kinds(columns);
    this.flags = this.#flags();
    const outcome = this.#outcomes(image, kinds, classes, label, where);
    for (const i of others) {
      this.#report.skip(NOT_READ, `${this.#path}: annotations[${i}]`);
    }
    return {
      ...columns,
      ...this.#sizes(images.sizes, image),
      count: this.count,
      classes,
      label,
      image,
      images: images.count,
      aspects: aspectsOf(images.sizes),
      flags: this.flags,
      kinds,
      outcome,
      split,
      where,
      record: (report) => report.merge(this.#report),
    };
  }

  #checkContent() {
    const { hasGeometry, hasCaptions, ids, otherIndices } = this.#scan;
    if (hasGeometry || (!hasCaptions && (!ids.length || otherIndices.length))) return;
    const kind = hasCaptions ? "image captions" : "labels of whole images";
    throw new FormatError(`${kind}, not boxes, polygons, masks or keypoints`, this.#path);
  }

  /** Return all images, each id once: their number by id, their sizes and their count. */
  #images() {
    const { imageNumbers, imageSizes, otherImageIndices, otherImages } = this.#scan;
    const report = this.#report;
    const index = new Map();
    const sizes = [];
    let hasTexts = false;
    const add = (i, key, width, height) => {
      if (typeof key !== "number" && typeof key !== "string" && typeof key !== "bigint") {
        report.note("image without an id ignored", `${this.#path}: images[${i}]`);
      } else if (index.has(key)) {
        report.note("duplicate image id: first one used", `${this.#path}: images[${i}] (id ${key})`);
      } else {
        index.set(key, index.size);
        hasTexts ||= typeof key === "string";
        if (Number.isNaN(width) || Number.isNaN(height)) sizes.push(NaN, NaN);
        else sizes.push(width, height);
      }
    };
    const indices = otherImageIndices.small();
    const others = this.#parsed(otherImages, indices.length);
    const [key, pairs] = [imageNumbers.keys(), imageSizes.values];
    for (let i = 0, row = 0, other = 0; i < imageNumbers.length + indices.length; i++) {
      if (indices[other] === i) {
        const one = others?.[other++];
        if (others) add(i, one?.id, side(one?.width), side(one?.height));
        continue;
      }
      add(i, key(row), pairs[2 * row], pairs[2 * row + 1]);
      row += 1;
    }
    report.images = index.size;
    return { index, hasTexts, sizes: Float64Array.from(sizes), count: index.size };
  }

  #parsed(block, count) {
    if (!count) return [];
    try {
      return JSON.parse(`[${block.text.slice(0, -1)}]`);
    } catch {
      this.#report.note("image not read in the browser", this.#path, count);
      return null;
    }
  }

  /** Return the number of each id; a number and its text are the same id. */
  #match(index, hasTexts, ids, key) {
    const found = new Int32Array(ids.length);
    const keyOf = ids.keys();
    const texts = hasTexts ? new Map([...index].map(([one, i]) => [String(one), i])) : null;
    let matched = 0;
    for (let i = 0; i < found.length; i++) {
      const one = keyOf(i);
      found[i] = index.get(one) ?? -1;
      if (found[i] < 0 && texts?.has(String(one))) {
        found[i] = texts.get(String(one));
        matched += 1;
      }
    }
    this.#report.note(`${key} matched as text`, this.#path, matched);
    return found;
  }

  /** Return the corners, NaN without a valid box, in the scan's own memory where possible. */
  #boxes() {
    const { boxes, boxLengths } = this.#scan;
    const lengths = boxLengths.small();
    if (!lengths.some((length) => length !== 0)) return null;
    const isRegular = lengths.every((length) => length === 4);
    const target = isRegular ? boxes : this.#arena.make(Float64Array, 4 * this.count);
    const [from, to] = [boxes.values, target.values];
    for (let i = 0, at = 0; i < lengths.length; at += Math.max(0, lengths[i]), i++) {
      const [x, y, width, height] = [from[at], from[at + 1], from[at + 2], from[at + 3]];
      let isValid = lengths[i] === 4;
      if (!isValid && lengths[i] !== 0) {
        const turned = "box rotated by an unknown convention";
        this.#problems.set(i, lengths[i] === 5 ? turned : "bbox is not four numbers");
      } else if (isValid && (width < 0 || height < 0) && [x, y, width, height].every(Number.isFinite)) {
        this.#problems.set(i, NEGATIVE);
        isValid = false;
      }
      to[4 * i] = isValid ? x : NaN;
      to[4 * i + 1] = isValid ? y : NaN;
      to[4 * i + 2] = isValid ? x + width : NaN;
      to[4 * i + 3] = isValid ? y + height : NaN;
      this.hasBox[i] = isValid ? KIND.box : 0;
    }
    return target;
  }

  get hasBox() {
    return (this.boxMarks ??= new Uint8Array(this.count));
  }

  /** Return the rings, each of them a part of its own; broken ones are dropped. */
  #polygons() {
    const { rings, ringLengths, ringCounts } = this.#scan;
    if (!ringLengths.length) return null;
    const [lengths, counts] = [ringLengths.small(), ringCounts.small()];
    const kept = new Uint8Array(lengths.length).fill(1);
    const owned = Int32Array.from(counts);
    let isRegular = true;
    for (let i = 0, ring = 0; i < counts.length; i++) {
      const [begin, end] = [ring, ring + counts[i]];
      let numbers = 0;
      for (; ring < end; ring++) numbers += Math.max(0, lengths[ring]);
      const isLarge = numbers > 2 * MAX_VERTICES;
      const reasons = [];
      for (let r = begin; r < end; r++) {
        const isOdd = (lengths[r] & 1) !== 0;
        if (!isOdd && !isLarge) continue;
        kept[r] = 0;
        owned[i] -= 1;
        isRegular = false;
        reasons.push(lengths[r] < 0 ? 0 : isOdd ? 1 : 2);
      }
      const texts = ["coordinate is not a number", "ring with an odd number of coordinates", TOO_MANY];
      if (reasons.length && !this.#problems.has(i)) this.#problems.set(i, texts[Math.min(...reasons)]);
    }
    if (isRegular) {
      const [offsets, annotations] = [offsetsOf(this.#arena, lengths, 2), offsetsOf(this.#arena, counts)];
      return { coords: rings, rings: offsets, annotations, counts };
    }
    const good = lengths.filter((_, ring) => kept[ring]);
    const values = rings.values;
    let to = 0;
    for (let ring = 0, from = 0; ring < lengths.length; ring++) {
      const length = Math.max(0, lengths[ring]);
      if (kept[ring]) {
        values.copyWithin(to, from, from + length);
        to += length;
      }
      from += length;
    }
    const coords = { pointer: rings.pointer, length: to };
    const [offsets, annotations] = [offsetsOf(this.#arena, good, 2), offsetsOf(this.#arena, owned)];
    return { coords, rings: offsets, annotations, counts: owned };
  }

  /** Return the keypoints; a positive visibility means visible. */
  #points() {
    const { keypoints, keypointLengths } = this.#scan;
    const lengths = keypointLengths.small();
    if (!lengths.some((length) => length !== 0)) return null;
    lengths.forEach((length, i) => {
      const isLarge = length > 3 * MAX_VERTICES;
      if (length >= 0 && length % 3 === 0 && !isLarge) return;
      const text = length < 0 ? "coordinate is not a number" : "keypoints are not in threes";
      if (!this.#problems.has(i)) this.#problems.set(i, isLarge && length % 3 === 0 ? TOO_MANY : text);
    });
    const isGood = (length) => length > 0 && length % 3 === 0 && length <= 3 * MAX_VERTICES;
    const counts = lengths.map((length) => (isGood(length) ? length / 3 : 0));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const coords = this.#arena.make(Float64Array, 2 * total);
    const visible = this.#arena.make(Uint8Array, total);
    const offsets = offsetsOf(this.#arena, counts);
    const [from, to, marks] = [keypoints.values, coords.values, visible.values];
    for (let i = 0, at = 0, point = 0; i < lengths.length; at += Math.max(0, lengths[i]), i++) {
      for (let k = 0; k < counts[i]; k++, point++) {
        to[2 * point] = from[at + 3 * k];
        to[2 * point + 1] = from[at + 3 * k + 1];
        marks[point] = from[at + 3 * k + 2] > 0 ? 1 : 0;
      }
    }
    return { coords, offsets, visible, counts };
  }

  #masks() {
    const { maskSizes, codes, codeLengths, runs, runLengths } = this.#scan;
    if (!codes.length && !runs.length) return null;
    const codeOffsets = offsetsOf(this.#arena, codeLengths.small());
    const runOffsets = offsetsOf(this.#arena, runLengths.small());
    return { sizes: maskSizes, codes, codeOffsets, runs, runOffsets };
  }

  #kinds({ polygons, masks, points }) {
    const kinds = this.#arena.make(Uint8Array, this.count);
    const [values, sizes] = [kinds.values, masks?.sizes.small()];
    for (let i = 0; i < values.length; i++) {
      values[i] = this.hasBox[i];
      if (polygons && polygons.counts[i] > 0) values[i] |= KIND.polygon;
      if (sizes && sizes[2 * i] > 0) values[i] |= KIND.mask;
      if (points && points.counts[i] > 0) values[i] |= KIND.point;
    }
    return kinds;
  }

  #flags() {
    const flags = this.#arena.make(Uint8Array, this.count);
    const [values, traits] = [flags.values, this.#scan.traits.values];
    for (let i = 0; i < values.length; i++) values[i] = traits[i] >> 1; // crowd 1, ignore 2
    return flags;
  }

  /** Return pending outcomes; report the annotations that have no image or no geometry. */
  #outcomes(image, kinds, classes, label, where) {
    const report = this.#report;
    const outcome = this.#arena.make(Uint8Array, this.count);
    const [values, has] = [outcome.values.fill(PENDING), kinds.values];
    const isUsable = (i) => image[i] >= 0 && has[i] !== 0;
    report.noteAt("duplicate annotation id, kept", this.#duplicates(image), where);
    for (const [i, problem] of [...this.#problems].sort((a, b) => a[0] - b[0])) {
      if (isUsable(i)) report.note(`${problem}: ignored, other geometry kept`, where(i));
    }
    for (let i = 0; i < values.length; i++) {
      if (isUsable(i)) continue;
      const text = image[i] < 0 ? "unknown image_id" : (this.#problems.get(i) ?? NO_GEOMETRY);
      report.skip(text, where(i), { label: label[i] < 0 ? null : classes[label[i]] });
      values[i] = OUTCOME.unreadable;
    }
    return outcome;
  }

  #duplicates(image) {
    const [id, traits] = [this.#scan.ids.keys(), this.#scan.traits.values];
    let isRising = true;
    for (let i = 1; i < this.count && isRising; i++) isRising = id(i) > id(i - 1);
    const again = [];
    if (isRising) return again;
    const seen = new Set();
    for (let i = 0; i < this.count; i++) {
      if (image[i] < 0 || !(traits[i] & 1)) continue;
      if (seen.has(id(i))) again.push(i);
      seen.add(id(i));
    }
    return again;
  }

  /** Return the image size of each annotation, and which are known; one pair if there is one image. */
  #sizes(sizes, image) {
    let areKnown = true;
    for (const value of sizes) areKnown &&= value > 0 && value < Infinity;
    const sized = areKnown ? null : this.#arena.make(Uint8Array, this.count);
    if (sizes.length === 2) {
      sized?.values.fill(0);
      return { sizes: this.#arena.copy(sizes), isSizeShared: true, sized };
    }
    const pairs = this.#arena.make(Float64Array, 2 * this.count);
    const [values, known] = [pairs.values, sized?.values];
    for (let i = 0; i < image.length; i++) {
      const [width, height] = image[i] < 0 ? [NaN, NaN] : [sizes[2 * image[i]], sizes[2 * image[i] + 1]];
      values[2 * i] = width;
      values[2 * i + 1] = height;
      if (known) known[i] = width > 0 && height > 0 && width + height < Infinity ? 1 : 0;
    }
    return { sizes: pairs, isSizeShared: false, sized };
  }
}

function side(value) {
  const text = typeof value === "string" && value.trim() !== "";
  return typeof value === "number" || text ? Number(value) : NaN;
}

/** Return a function from the row of an annotation to its index in the file. */
function positions(others, count) {
  if (!others.length) return (i) => i;
  const found = new Int32Array(count);
  for (let i = 0, at = 0, other = 0; i < count; at++) {
    if (others[other] === at) other += 1;
    else found[i++] = at;
  }
  return (i) => found[i];
}

/** Return width over height of the images of known size, to three digits. */
export function aspectsOf(sizes) {
  const found = [];
  for (let i = 0; i < sizes.length; i += 2) {
    const [width, height] = [sizes[i], sizes[i + 1]];
    if (width > 0 && height > 0 && width + height < Infinity) {
      found.push(Number((width / height).toPrecision(3)));
    }
  }
  return found;
}
