// YOLO label files: rows of numbers to one batch, as heatgrid.io.formats.yolo does.

import { MAX_VERTICES, NEGATIVE, TOO_MANY } from "./coco.js";
import { clean } from "./errors.js";
import { Block } from "./kernel.js";
import { PENDING, Report, describe } from "./report.js";

const BAD_CLASS = "class is not a whole number from 0 up";
const FAULTS = [
  BAD_CLASS,
  "fewer than five columns",
  "odd number of polygon coordinates",
  TOO_MANY,
  NEGATIVE,
  "sixth number is neither a confidence nor a track, perhaps an angle",
];
const NOT_A_NUMBER = "row holds something that is not a number";
const LARGEST_CLASS = 2 ** 31;
const FAR = 2;
const KIND = { box: 1, polygon: 2, point: 8 };

/**
 * Return the batch of label files, `{ name, content }` each, one per image; its arrays belong to `arena`.
 * A content of null is an image without a label file.
 * `names` are the names of the classes, a list or a map by number; `keypoints` is `kpt_shape` of data.yaml.
 */
export function readYolo(kernel, arena, files, { names = [], keypoints = null, task = null, split = null } = {}) {
  const report = new Report();
  const paths = files.map(({ name }) => name);
  const bad = [];
  let rows = readRows(kernel, arena, files, bad);
  report.images = files.length;
  report.files = files.filter(({ content }) => content !== null).length;
  report.note("image without a label file, counted as background", null, report.images - report.files);
  if (keypoints === null && (task === null || task === "pose")) {
    keypoints = guessKeypoints(rows);
    if (task === null && !arePoses(rows, keypoints)) keypoints = null;
    else if (keypoints !== null) report.note(`rows read as boxes with ${keypoints[0]} keypoints`);
  }
  const tracked = findTracks(rows, keypoints);
  rows = { ...rows, lengths: rows.lengths.map((length, i) => length - tracked[i]) };
  const { kinds, scored } = kindsOf(rows, tracked, keypoints, task);
  const classes = new NumberedClasses(names);
  if (classes.merged) report.note("classes of the same name merged", null, classes.merged);
  const faults = findFaults(rows, kinds, scored);
  const valid = [];
  faults.forEach((fault, i) => {
    if (fault < 0) return void valid.push(i);
    const number = rows.values[rows.begins[i]];
    const label = fault === 0 ? null : classes.name(number);
    bad.push({ file: rows.file[i], line: rows.line[i], reason: FAULTS[fault], label });
  });
  bad.sort((a, b) => a.file - b.file || a.line - b.line);
  for (const { file, line, reason, label } of bad) {
    report.skip(reason, describe(paths[file], `line ${line}`), { label });
  }
  return new YoloBatch(arena, rows, valid, { kinds, scored, tracked, keypoints, classes, paths, report }).batch(split);
}

/** Return the rows of all files; lines that are not numbers become bad lines. */
function readRows(kernel, arena, files, bad) {
  const { heatgrid_rows: make, heatgrid_rows_free: free, heatgrid_rows_add: add } = kernel.exports;
  const object = arena.own(make(), free);
  const contents = files.map(({ content }) => asBytes(content));
  const largest = contents.reduce((most, content) => Math.max(most, content.length), 0);
  const text = arena.make(Uint8Array, largest);
  const isRead = arena.make(Int32Array, 1);
  const tryAdd = (target, bytes, file) => {
    text.values.set(bytes);
    kernel.check(add(target, text.pointer, bytes.length, file, isRead.pointer));
    return isRead.values[0] === 1;
  };
  contents.forEach((content, file) => {
    if (tryAdd(object, content, file)) return;
    const trial = make();
    const lines = linesOf(content).map((line, i) => {
      const bytes = new TextEncoder().encode(line.replace(/[\v\f]/g, " "));
      if (bytes.length <= largest && tryAdd(trial, bytes, file)) return line;
      bad.push({ file, line: i + 1, reason: NOT_A_NUMBER, label: null });
      return "";
    });
    free(trial);
    tryAdd(object, new TextEncoder().encode(lines.join("\n").replace(/[\v\f]/g, " ")), file);
  });
  const size = arena.make(Uint32Array, 1);
  const column = (which, Type) => {
    const pointer = kernel.exports.heatgrid_rows_column(object, which, size.pointer);
    return new Block(kernel, Type, pointer, size.values[0]);
  };
  const values = column(0, Float64Array).values.slice();
  const lengths = column(1, BigInt64Array).small();
  const begins = new Int32Array(lengths.length);
  for (let i = 1; i < begins.length; i++) begins[i] = begins[i - 1] + lengths[i - 1];
  return { values, lengths, begins, file: column(2, BigInt64Array).small(), line: column(3, BigInt64Array).small() };
}

function asBytes(content) {
  if (content === null) return new Uint8Array();
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  if (content instanceof Uint8Array) return content;
  throw new TypeError("content of a label file must be text or bytes");
}

/** Return the lines of a text, UTF-16 if it begins with that mark. */
function linesOf(content) {
  const [first, second] = content;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const encoding = isWide ? (first === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  return new TextDecoder(encoding).decode(content).split(/\r\n|\r|\n/);
}

/** Return the shape of keypoints that fits the most frequent number of columns. */
function guessKeypoints({ lengths }) {
  const counts = new Map();
  for (const length of lengths) if (length > 6) counts.set(length - 5, (counts.get(length - 5) ?? 0) + 1);
  if (!counts.size) return null;
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  const size = [3, 2].find((one) => most % one === 0);
  return size === undefined ? null : [most / size, size];
}

/** Return whether the rows have a visibility, 0, 1 or 2, in each third place. */
function arePoses({ values, lengths, begins }, keypoints) {
  if (keypoints === null || keypoints[1] !== 3) return false;
  let hasVisible = false;
  for (let i = 0; i < lengths.length; i++) {
    if (lengths[i] !== 5 + 3 * keypoints[0]) continue;
    for (let k = 0; k < keypoints[0]; k++) {
      const visible = values[begins[i] + 7 + 3 * k];
      if (visible !== 0 && visible !== 1 && visible !== 2) return false;
      hasVisible ||= visible === 2;
    }
  }
  return hasVisible;
}

/** Return 1 for the rows that end with the number of a track: see are_tracked in Python. */
function findTracks({ values, lengths, begins }, keypoints) {
  const whole = new Uint8Array(lengths.length);
  let [isAnyCertain, areAllWhole, areSevensWhole] = [false, true, true];
  const lastOf = (i) => values[begins[i] + lengths[i] - 1];
  for (let i = 0; i < lengths.length; i++) {
    const last = lastOf(i);
    let isWhole = lengths[i] >= 6 && last >= 1 && last < LARGEST_CLASS && Number.isInteger(last);
    if (keypoints !== null && keypoints[1] === 3) isWhole &&= lengths[i] !== 5 + 3 * keypoints[0];
    for (let k = 1; k < lengths[i] - 1 && isWhole; k++) isWhole = Math.abs(values[begins[i] + k]) <= FAR;
    whole[i] = isWhole ? 1 : 0;
    isAnyCertain ||= isWhole && last > 1;
    if (lengths[i] >= 6) areAllWhole &&= isWhole;
    if (lengths[i] === 7) areSevensWhole &&= isWhole;
  }
  if (isAnyCertain && areAllWhole) return whole;
  return whole.map((one, i) => (one && (lastOf(i) > 1 || (lengths[i] === 7 && areSevensWhole)) ? 1 : 0));
}

function kindsOf({ lengths }, tracked, keypoints, task) {
  const kinds = new Uint8Array(lengths.length);
  const scored = new Uint8Array(lengths.length);
  lengths.forEach((length, i) => {
    let isPose = false;
    let isScored = length === 6;
    if (keypoints !== null && (task === null || task === "detect" || task === "pose")) {
      const extra = length - 5 - keypoints[0] * keypoints[1];
      isPose = extra === 0 || extra === 1;
      if (isPose) isScored = extra === 1;
    }
    if (task === "obb") isScored ||= length === 10;
    isScored ||= tracked[i] === 1 && length > 6 && length % 2 === 0 && !isPose;
    const isBox = isPose || length === 5 || length === 6;
    kinds[i] = (isBox ? KIND.box : length >= 5 ? KIND.polygon : 0) | (isPose ? KIND.point : 0);
    scored[i] = isScored ? 1 : 0;
  });
  return { kinds, scored };
}

/** Return the index in FAULTS of the first fault of each row, -1 if it is valid. */
function findFaults({ values, lengths, begins }, kinds, scored) {
  const isSix = (i) => lengths[i] === 6 && scored[i] === 1;
  const isOdd = (i) => isSix(i) && (values[begins[i] + 5] < 0 || values[begins[i] + 5] > 1);
  let [sixes, odd] = [0, 0];
  for (let i = 0; i < lengths.length; i++) {
    sixes += isSix(i) ? 1 : 0;
    odd += isOdd(i) ? 1 : 0;
  }
  const areAngles = 2 * odd > sixes;
  return Int8Array.from(lengths, (length, i) => {
    const number = values[begins[i]];
    if (!(number >= 0 && number < LARGEST_CLASS && Number.isInteger(number))) return 0;
    if (length < 5) return 1;
    if (kinds[i] & KIND.polygon && (length - scored[i]) % 2 === 0) return 2;
    if (length > 2 * MAX_VERTICES + 2) return 3;
    if (kinds[i] & KIND.box && (values[begins[i] + 3] < 0 || values[begins[i] + 4] < 0)) return 4;
    return areAngles ? (isSix(i) ? 5 : -1) : isOdd(i) ? 5 : -1;
  });
}

/** Class names in order, and the index of each class number; numbers without a name add `class_<number>`. */
class NumberedClasses {
  names = [];
  #index = new Map();

  constructor(names) {
    const given = Array.isArray(names) ? names.map((name, i) => [i, name]) : Object.entries(names);
    for (const [number, name] of given.map(([key, name]) => [Number(key), name]).sort((a, b) => a[0] - b[0])) {
      this.#add(number, clean(name));
    }
    this.merged = given.length - this.names.length;
    this.named = new Set(this.#index.keys());
  }

  #add(number, name) {
    if (!this.names.includes(name)) this.names.push(name);
    this.#index.set(number, this.names.indexOf(name));
  }

  name(number) {
    return this.#index.has(number) ? this.names[this.#index.get(number)] : `class_${number}`;
  }

  /** Return the index of each number; new ones are added in rising order. */
  labels(numbers) {
    const unknown = [...new Set(numbers)].filter((number) => !this.#index.has(number));
    for (const number of unknown.sort((a, b) => a - b)) this.#add(number, this.name(number));
    return Int32Array.from(numbers, (number) => this.#index.get(number));
  }
}

class YoloBatch {
  #arena;
  #rows;
  #valid;
  #about;

  constructor(arena, rows, valid, about) {
    this.#arena = arena;
    this.#rows = rows;
    this.#valid = valid;
    this.#about = about;
  }

  batch(split) {
    const { values, begins, lengths, file, line } = this.#rows;
    const { kinds: all, tracked, classes, paths, report } = this.#about;
    const valid = this.#valid;
    const count = valid.length;
    const numbers = valid.map((i) => values[begins[i]]);
    const label = classes.labels(numbers);
    const kind = Uint8Array.from(valid, (i) => all[i]);
    const kinds = this.#arena.copy(kind);
    const tracks = valid.map((i) => (tracked[i] ? values[begins[i] + lengths[i]] : 0));
    const place = (k) => describe(paths[file[valid[k]]], `line ${line[valid[k]]}`, tracks[k] || null);
    const which = (test) => valid.flatMap((i, k) => (test(i, k) ? [k] : []));
    report.noteAt(
      "class number without a name, kept as class_<number>",
      which((_, k) => !classes.named.has(numbers[k])),
      place,
    );
    report.noteAt("last number of the row read as the number of a track", which((i) => tracked[i]), place);
    report.noteAt("coordinates far outside [0, 1], perhaps pixels", which((i) => this.#isFar(i)), place);
    const outcome = this.#arena.make(Uint8Array, count);
    outcome.values.fill(PENDING);
    return {
      boxes: this.#boxes(kind),
      polygons: this.#polygons(kind),
      points: this.#points(kind),
      masks: null,
      sizes: null,
      isSizeShared: false,
      sized: null,
      count,
      classes: [...classes.names],
      label,
      image: Int32Array.from(valid, (i) => file[i]),
      images: paths.length,
      flags: null,
      kinds,
      outcome,
      split,
      where: place,
      record: (target) => target.merge(report),
    };
  }

  #isFar(i) {
    const { values, begins, lengths } = this.#rows;
    const { kinds, scored } = this.#about;
    const isFar = (value) => Math.abs(value) > FAR;
    if (kinds[i] & KIND.box) {
      const [x, y, width, height] = values.subarray(begins[i] + 1, begins[i] + 5);
      const corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
      if (corners.some(isFar)) return true;
    }
    const end = begins[i] + lengths[i] - scored[i];
    return (kinds[i] & KIND.polygon) !== 0 && values.subarray(begins[i] + 1, end).some(isFar);
  }

  #boxes(kinds) {
    if (!kinds.some((kind) => kind & KIND.box)) return null;
    const { values, begins } = this.#rows;
    const block = this.#arena.make(Float64Array, 4 * kinds.length);
    const corners = block.values.fill(NaN);
    this.#valid.forEach((i, k) => {
      if (!(kinds[k] & KIND.box)) return;
      const [x, y, width, height] = values.subarray(begins[i] + 1, begins[i] + 5);
      corners.set([x - width / 2, y - height / 2, x + width / 2, y + height / 2], 4 * k);
    });
    return block;
  }

  #polygons(kinds) {
    if (!kinds.some((kind) => kind & KIND.polygon)) return null;
    const { values, begins, lengths } = this.#rows;
    const [numbers, rings, annotations] = [[], [0], [0]];
    this.#valid.forEach((i, k) => {
      if (kinds[k] & KIND.polygon) {
        const end = begins[i] + lengths[i] - this.#about.scored[i];
        for (let at = begins[i] + 1; at < end; at++) numbers.push(values[at]);
        rings.push(numbers.length / 2);
      }
      annotations.push(rings.length - 1);
    });
    const coords = this.#arena.copy(Float64Array.from(numbers));
    return { coords, rings: this.#arena.integers(rings), annotations: this.#arena.integers(annotations) };
  }

  #points(kinds) {
    const { keypoints } = this.#about;
    if (keypoints === null || !kinds.some((kind) => kind & KIND.point)) return null;
    const { values, begins } = this.#rows;
    const [count, size] = keypoints;
    const [numbers, marks, offsets] = [[], [], [0]];
    this.#valid.forEach((i, k) => {
      for (let point = 0; kinds[k] & KIND.point && point < count; point++) {
        const at = begins[i] + 5 + point * size;
        numbers.push(values[at], values[at + 1]);
        const isVisible = size === 3 ? values[at + 2] > 0 : values[at] !== 0 || values[at + 1] !== 0;
        marks.push(isVisible ? 1 : 0);
      }
      offsets.push(marks.length);
    });
    return {
      coords: this.#arena.copy(Float64Array.from(numbers)),
      offsets: this.#arena.integers(offsets),
      visible: this.#arena.copy(Uint8Array.from(marks)),
    };
  }
}
