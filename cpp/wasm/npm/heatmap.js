// Heatmap: counts per class in the kernel's memory, to which arrays and batches are added.

import { boxesToFill, setColumns } from "./columns.js";
import { shown } from "./errors.js";
import { Grids } from "./grids.js";
import { Arena } from "./kernel.js";
import { NO_CLASS, OUTCOME, PENDING, Report, describe } from "./report.js";
import { arrayShapes } from "./shapes.js";
import { sizePoints } from "./sizes.js";
import { GEOMETRIES, RULES, asSpec, checkGeometry } from "./spec.js";

const IGNORE = 2; // flags of annotations that their file marks as not to count
const OUTSIDE = 16;

const registry = new FinalizationRegistry(({ kernel, grids }) => grids.free(kernel));

export class Heatmap {
  #kernel;
  #grids;
  #grows;
  #isFree = false;

  /** Use `heatgrid.heatmap(options)`. */
  constructor(kernel, options) {
    const { classes, byClass = true } = options;
    this.#kernel = kernel;
    this.spec = asSpec(options);
    this.classes = classes === undefined ? null : classNames(classes);
    this.#grows = classes === undefined && byClass;
    this.report = new Report();
    this.aspects = new Map();
    this.#grids = new Grids(this.spec.grid[0] * this.spec.grid[1]);
    registry.register(this, { kernel, grids: this.#grids }, this);
    this.#reserve();
  }

  /** Whether classes are added as they appear. */
  get grows() {
    return this.#grows;
  }

  get hasUnion() {
    return this.spec.count === "images" && this.classes !== null;
  }

  get kernel() {
    if (this.#isFree) throw new RangeError("the map was freed");
    return this.#kernel;
  }

  /** Release the memory; the map is of no use afterwards. */
  free() {
    if (this.#isFree) return;
    this.#grids.free(this.#kernel);
    registry.unregister(this);
    this.#isFree = true;
  }

  #reserve() {
    this.#grids.reserve(this.kernel, this.classes === null ? 1 : this.classes.length);
    if (this.hasUnion) this.#grids.reserveUnion(this.kernel);
  }

  // --- Results -------------------------------------------------------------------------------------------------

  #values(pointer, grids) {
    const Type = this.spec.rule === "area" ? Float64Array : BigInt64Array;
    return this.kernel.view(Type, pointer, grids * this.#grids.cells);
  }

  /** Lower median of the images' width over height, to three digits; null if sizes are unknown. */
  get aspect() {
    const sorted = [...this.aspects].sort((a, b) => a[0] - b[0]);
    const total = sorted.reduce((sum, [, number]) => sum + number, 0);
    let seen = 0;
    return sorted.find(([, number]) => 2 * (seen += number) >= total)?.[0] ?? null;
  }

  /** The counts of all classes, one grid after the other, row by row: int64, for areas float64. */
  get counts() {
    return this.#values(this.#grids.pointer, this.classes === null ? 1 : this.classes.length).slice();
  }

  /** The grid of all classes together where they do not simply add up (images), else null. */
  get union() {
    return this.hasUnion ? this.#values(this.#grids.union, 1).slice() : null;
  }

  /** Return the counts of a class, by its name or number, as numbers, row by row. */
  grid(name) {
    const index = typeof name === "number" ? name : (this.classes ?? []).indexOf(name);
    if (!(index >= 0 && index < (this.classes === null ? 1 : this.classes.length))) {
      const known = (this.classes ?? []).slice(0, 10).map(shown).join(", ") || "none yet";
      throw new RangeError(`no class ${shown(name)}; classes are ${known}`);
    }
    const { cells, pointer } = this.#grids;
    return Float64Array.from(this.#values(pointer + 8 * index * cells, 1), Number);
  }

  /** Return the counts of all classes together, as numbers, row by row. */
  total() {
    if (this.hasUnion) return Float64Array.from(this.union, Number);
    const total = new Float64Array(this.#grids.cells);
    const counts = this.#values(this.#grids.pointer, this.classes === null ? 1 : this.classes.length);
    for (let i = 0; i < counts.length; i++) total[i % total.length] += Number(counts[i]);
    return total;
  }

  /** Per class the annotations counted, the images with one of them, and the hits, the sum of the grid. */
  totals() {
    const rows = this.report.byClass();
    const names = this.classes ?? [NO_CLASS];
    return names.map((name, i) => ({
      name,
      counted: this.classes === null ? this.report.counted : (rows[name]?.counted ?? 0),
      images: this.classes === null ? this.report.images_counted : (rows[name]?.images ?? 0),
      hits: this.grid(i).reduce((sum, count) => sum + count, 0),
    }));
  }

  // --- Arrays --------------------------------------------------------------------------------------------------

  /** Add boxes (N, 4): corners, or as `box` says; normalized, or pixels with `size`. */
  addBoxes(boxes, options = {}) {
    return this.#addArrays("boxes", { boxes, ...options });
  }

  /** Add oriented boxes (N, 8): their four corners, as polygons. */
  addOrientedBoxes(corners, options = {}) {
    return this.#addArrays("oriented", { corners, ...options });
  }

  /** Add polygons: vertices (M, 2), and offsets of rings, of parts and of annotations. */
  addPolygons(coords, offsets, options = {}) {
    return this.#addArrays("polygons", { coords, offsets, ...options });
  }

  /** Add masks: COCO's run-length codes, `{ size: [h, w], counts }`. */
  addMasks(masks, options = {}) {
    return this.#addArrays("masks", { masks, ...options });
  }

  /** Add points (N, 2). */
  addPoints(xy, options = {}) {
    return this.#addArrays("points", { xy, ...options });
  }

  #addArrays(kind, options) {
    const { labels = null, images = null, outside = "drop" } = options;
    if (this.spec.count === "images" && images === null) {
      throw new RangeError("count='images' requires images=, the image of each annotation");
    }
    if (this.spec.count === "instances" && images !== null) {
      throw new RangeError("images is used with count='images' only");
    }
    if (kind === "points" && this.spec.rule === "area") {
      throw new RangeError("rule='area' cannot count points, which have no area");
    }
    if (this.spec.of === "size") throw new RangeError("of='size' counts files, not arrays");
    if (outside !== "drop" && outside !== "clamp") {
      throw new RangeError(`outside must be one of 'drop', 'clamp', got ${shown(outside)}`);
    }
    const add = (arena) => {
      const { shapes, count, noun, sizes } = arrayShapes(this.kernel, arena, kind, options);
      if (images !== null) checkLength(images, "images", count);
      const index = this.#indices(labels, count);
      const outcome = arena.make(Uint8Array, count);
      outcome.values.fill(PENDING);
      this.#count(arena, shapes, {
        sizes,
        isSizeShared: sizes !== null && sizes.length === 2,
        labels: index && arena.integers(index),
        images: images && arena.integers(images),
        outcome,
        clamp: outside === "clamp",
      });
      this.#recordArrays(outcome.values.slice(), index, images, noun);
      return outcome.values.slice();
    };
    return this.#undoing(() => Arena.use(this.kernel, add));
  }

  /** Return labels as indices of the grids, adding grids for names; null if there is a single grid. */
  #indices(labels, count) {
    const isNamed = labels !== null && (labels.length === 0 || typeof labels[0] === "string");
    if (labels !== null) checkLength(labels, "labels", count);
    if (labels === null && (!this.#grows || !this.classes?.length)) {
      if (this.classes !== null && this.classes.length !== 1) {
        throw new RangeError("labels are required: the map has classes");
      }
      return null;
    }
    const names = labels ?? new Array(count).fill(NO_CLASS);
    if (labels !== null && !isNamed) {
      if (this.classes === null) throw new RangeError("labels must be names, or the map must have classes");
      return names;
    }
    if (this.#grows) this.#addClasses([...new Set(names)]);
    if (this.classes === null) {
      if (!names.length) return null;
      throw new RangeError("labels must be names, or the map must have classes");
    }
    const number = new Map(this.classes.map((name, i) => [name, i]));
    return Int32Array.from(names, (name) => {
      if (!number.has(name)) throw new RangeError(`labels must name classes of the map, got ${shown(name)}`);
      return number.get(name);
    });
  }

  #recordArrays(outcome, index, images, noun) {
    let [image, number] = [null, 0];
    if (images !== null) {
      const numbers = new Map();
      image = Int32Array.from(images, (one) => {
        if (!numbers.has(one)) numbers.set(one, numbers.size);
        return numbers.get(one);
      });
      number = numbers.size;
      this.report.images += number;
      this.report.parts += 1;
    }
    const label = index ?? (this.classes?.length === 1 ? new Uint8Array(outcome.length) : null);
    const where = (i) => describe(`${noun}[${i}]`);
    this.report.record(outcome, this.classes ?? [], label && Int32Array.from(label, Number), image, number, where);
  }

  // --- Batches of files ----------------------------------------------------------------------------------------

  /** Add what a reader made of a file; the batch's arrays belong to `arena`. */
  addBatch(arena, batch, geometry = "auto") {
    checkGeometry(geometry, this.spec);
    this.#undoing(() => this.#addBatch(arena, batch, geometry));
  }

  /** Call a function; if it throws, no class is added. */
  #undoing(add) {
    const before = this.classes;
    try {
      return add();
    } catch (error) {
      this.classes = before;
      throw error;
    }
  }

  #addBatch(arena, batch, geometry) {
    const { kernel } = this;
    const { count, outcome } = batch;
    if (this.#grows && this.classes === null) this.#beginClasses();
    if (this.#grows) this.#addClasses(batch.classes);
    const labels = this.#match(arena, batch);
    const kinds = arena.make(Uint8Array, count);
    const notes = arena.make(Uint8Array, count);
    const isOfSizes = this.spec.of === "size";
    const wanted = isOfSizes ? "box" : geometry;
    const boxes = wanted === "box" && batch.polygons ? boxesToFill(arena, batch) : batch.boxes;
    const { heatgrid_select: select, heatgrid_shapes: make, heatgrid_shapes_free: release } = kernel.exports;
    const present = arena.own(make(count, batch.kinds.pointer), release);
    setColumns(kernel, present, batch, batch.boxes);
    kernel.check(
      select(
        present,
        GEOMETRIES.indexOf(wanted),
        this.spec.rule === "area" ? 1 : 0,
        batch.flags?.pointer ?? 0,
        batch.sized?.pointer ?? 0,
        outcome.pointer,
        kinds.pointer,
        notes.pointer,
        wanted === "box" && boxes ? boxes.pointer : 0,
      ),
    );
    const images = this.spec.count === "images" ? arena.integers(batch.image) : null;
    const { sizes, isSizeShared } = isOfSizes ? { sizes: null, isSizeShared: false } : batch;
    const shapes = arena.own(make(count, isOfSizes ? 0 : kinds.pointer), release);
    if (isOfSizes) this.#setSizes(arena, shapes, batch, boxes);
    else setColumns(kernel, shapes, batch, boxes);
    this.#count(arena, shapes, { sizes, isSizeShared, labels, images, outcome });
    this.#recordBatch(batch, notes.values);
  }

  /** Make the shapes one point per box. */
  #setSizes(arena, shapes, batch, boxes) {
    const { kernel } = this;
    const points = sizePoints(arena, boxes, batch, batch.outcome);
    kernel.check(kernel.exports.heatgrid_set_points(shapes, points.pointer, batch.count, 0, 0, 0));
  }

  #match(arena, batch) {
    if (this.classes === null) return null;
    const number = new Map(this.classes.map((name, i) => [name, i]));
    const gridOf = batch.classes.map((name) => number.get(name) ?? -1);
    const labels = new Int32Array(batch.count);
    const [outcome, flags] = [batch.outcome.values, batch.flags?.values];
    for (let i = 0; i < labels.length; i++) {
      const grid = batch.label[i] < 0 ? -1 : gridOf[batch.label[i]];
      labels[i] = Math.max(0, grid);
      const isKept = outcome[i] === PENDING && !(flags && flags[i] & (IGNORE | OUTSIDE));
      if (grid < 0 && isKept) outcome[i] = OUTCOME.other_class;
    }
    return this.classes.length ? arena.integers(labels) : null;
  }

  #recordBatch(batch, notes) {
    const { report } = this;
    const texts = [
      "box used, no usable polygon",
      "box used, no usable mask",
      "bounding box of the polygon used, no usable box",
      "ring of fewer than three vertices ignored",
    ];
    batch.record(report);
    if (batch.images) report.splits.add(batch.split);
    const outcome = batch.outcome.values;
    report.record(outcome, batch.classes, batch.label, batch.image, batch.images, batch.where);
    texts.forEach((text, bit) => {
      const index = [];
      notes.forEach((note, i) => note & (1 << bit) && index.push(i));
      report.noteAt(text, index, batch.where);
    });
    for (const aspect of batch.aspects ?? []) this.aspects.set(aspect, (this.aspects.get(aspect) ?? 0) + 1);
  }

  // --- Grids ---------------------------------------------------------------------------------------------------

  /** Turn the single grid into that of annotations without a class, or into none if it is empty. */
  #beginClasses() {
    const single = this.#values(this.#grids.pointer, 1).slice();
    this.classes = single.every((count) => Number(count) === 0) ? [] : [NO_CLASS];
    if (!this.hasUnion) return;
    this.#grids.reserveUnion(this.kernel);
    this.#values(this.#grids.union, 1).set(single);
  }

  /** Add grids for the names that have none. */
  #addClasses(names) {
    if (this.classes === null && names.some((name) => name !== NO_CLASS)) this.#beginClasses();
    if (this.classes === null) return;
    const known = new Set(this.classes);
    const classes = [...this.classes, ...names.filter((name) => !known.has(name))];
    this.#grids.reserve(this.kernel, classes.length);
    this.classes = classes;
    this.#reserve();
  }

  #count(arena, shapes, { sizes, isSizeShared, labels, images, outcome, clamp = false }) {
    const { kernel } = this;
    const [rows, columns] = this.spec.grid;
    const classes = this.classes === null ? 1 : this.classes.length;
    if (classes === 0) return;
    const isFresh = this.report.counted === 0 && !this.hasUnion;
    const ratio = this.spec.largeBoxRatio;
    const isLimited = ratio !== null && ratio !== Infinity;
    const pointers = [sizes, labels, images, outcome].map((block) => block?.pointer ?? 0);
    const request = arena.copy(
      Uint32Array.of(
        RULES.indexOf(this.spec.rule),
        rows,
        columns,
        classes,
        this.#grids.pointer,
        this.hasUnion ? this.#grids.union : 0,
        pointers[0],
        isSizeShared ? 1 : 0,
        pointers[1],
        pointers[2],
        0,
        pointers[3],
        isLimited ? arena.copy(Float64Array.of(ratio)).pointer : 0,
        clamp ? 1 : 0,
        isFresh ? 1 : 0,
      ),
    );
    const status = kernel.exports.heatgrid_count(shapes, request.pointer);
    if (status !== 0 && isFresh) this.#grids.clear(kernel, classes);
    kernel.check(status);
  }
}

function classNames(classes) {
  const names = Array.from(classes);
  if (!names.every((name) => typeof name === "string")) {
    throw new TypeError(`classes must be names, got ${shown(names.find((name) => typeof name !== "string"))}`);
  }
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RangeError(`classes must be different, got ${shown(twice)} twice`);
  return names;
}

function checkLength(array, name, count) {
  if (array.length === count) return;
  throw new RangeError(`${name} must have shape (${count},), one entry per annotation`);
}
