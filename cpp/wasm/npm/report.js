// Report: the outcome of every annotation, by class, and what was skipped and why, as heatgrid.core.report.

export const NO_CLASS = "(none)";
const EXAMPLES = 5;

/** Names of the outcomes, by code; these are the codes of cpp/include/heatgrid/grid/outcome.hpp. */
export const OUTCOMES = [
  "counted", "counted_as_point", "empty", "outside", "not_finite", "no_size", "no_geometry",
  "line_without_area", "point_without_area", "broken_mask", "too_few_vertices", "line_too_short",
  "no_visible_point", "too_complex", "other_class", "unreadable", "excluded",
]; // prettier-ignore
export const OUTCOME = Object.fromEntries(OUTCOMES.map((name, code) => [name, code]));
export const PENDING = 255;

const SKIPPED = {
  not_finite: "coordinate or image size not finite",
  no_size: "image size missing (give size= or images=)",
  no_geometry: "no geometry of the requested kind",
  line_without_area: "lines have no area",
  point_without_area: "points have no area",
  broken_mask: "mask whose run lengths do not sum to its size, or too large to letterbox",
  too_few_vertices: "fewer than three distinct points",
  line_too_short: "line of fewer than two points",
  no_visible_point: "no visible keypoint",
  too_complex: "polygon whose edges cross each other or the columns too often for limits.area_work",
  other_class: "class not among the map's fixed classes",
};
const SKIPPED_CODES = Object.keys(SKIPPED).map((name) => OUTCOME[name]);

/** Return a place in a file as reports show it: `FILE: annotations[12] (id 77)`. */
export function describe(path, position = "", id = null) {
  const place = path && position ? `${path}: ${position}` : path || position;
  return id === null ? place : `${place} (id ${id})`;
}

export class Report {
  name = "";
  files = 0;
  images = 0;
  images_counted = 0;
  parts = 0;
  splits = new Set();
  unreadable = {};
  refused = {};
  notes = {};
  examples = {};
  #classes = new Map();

  /** Return the row of a class: its images, and the number of annotations per outcome. */
  #row(name) {
    if (!this.#classes.has(name)) {
      this.#classes.set(name, { images: 0, outcomes: new Array(OUTCOMES.length).fill(0) });
    }
    return this.#classes.get(name);
  }

  /** The names of the classes of all annotations. */
  get classes() {
    return [...this.#classes.keys()];
  }

  #sum(...codes) {
    let sum = 0;
    for (const { outcomes } of this.#classes.values()) for (const code of codes) sum += outcomes[code];
    return sum;
  }

  get counted() {
    return this.#sum(OUTCOME.counted, OUTCOME.counted_as_point);
  }

  get read() {
    return this.#sum(...OUTCOMES.keys()) - this.excluded;
  }

  get counted_as_point() {
    return this.#sum(OUTCOME.counted_as_point);
  }

  get empty() {
    return this.#sum(OUTCOME.empty);
  }

  get outside() {
    return this.#sum(OUTCOME.outside);
  }

  get excluded() {
    return this.#sum(OUTCOME.excluded);
  }

  /** Annotations skipped, by reason. */
  get skipped() {
    const found = Object.entries(SKIPPED).map(([name, text]) => [text, this.#sum(OUTCOME[name])]);
    return { ...Object.fromEntries(found.filter(([, n]) => n)), ...this.unreadable };
  }

  /** Per class the annotations read, counted, empty, outside, skipped and excluded, and the images. */
  byClass() {
    const rows = [...this.#classes].map(([name, { images, outcomes }]) => {
      const sum = (codes) => codes.reduce((total, code) => total + outcomes[code], 0);
      const excluded = outcomes[OUTCOME.excluded];
      const own = {
        read: sum([...OUTCOMES.keys()]) - excluded,
        counted: sum([OUTCOME.counted, OUTCOME.counted_as_point]),
        empty: outcomes[OUTCOME.empty],
        outside: outcomes[OUTCOME.outside],
        skipped: sum([...SKIPPED_CODES, OUTCOME.unreadable]),
        excluded,
        images,
      };
      return [name, own];
    });
    return Object.fromEntries(rows);
  }

  /**
   * Record the outcomes of a batch, one code per annotation; codes of `unreadable` are recorded by `skip`.
   * `label` holds indices of `classes`, `image` numbers below `images`; null: unknown.
   */
  record(outcome, classes, label, image, images, where) {
    const names = label === null ? (outcome.length ? [NO_CLASS] : []) : classes;
    const rows = names.map((name) => this.#row(name));
    const seen = new Array(rows.length).fill(null);
    const marks = () => new Uint32Array((images >>> 5) + 1);
    const all = marks();
    const examples = new Map();
    for (let i = 0; i < outcome.length; i++) {
      const code = outcome[i];
      if (code === OUTCOME.unreadable) continue;
      const row = label === null ? 0 : label[i];
      rows[row].outcomes[code] += 1;
      if (code > OUTCOME.outside && SKIPPED[OUTCOMES[code]]) {
        if (!examples.has(code)) examples.set(code, []);
        if (examples.get(code).length < EXAMPLES) examples.get(code).push(i);
      }
      if (image === null || code > OUTCOME.counted_as_point) continue;
      const [word, bit] = [image[i] >>> 5, 1 << (image[i] & 31)];
      seen[row] ??= marks();
      if ((seen[row][word] & bit) === 0) {
        seen[row][word] |= bit;
        rows[row].images += 1;
      }
      if ((all[word] & bit) === 0) {
        all[word] |= bit;
        this.images_counted += 1;
      }
    }
    for (const code of SKIPPED_CODES) {
      for (const i of examples.get(code) ?? []) this.#example(SKIPPED[OUTCOMES[code]], where(i));
    }
  }

  /** Record annotations that a reader skips; `label` is their class. */
  skip(reason, where = null, { label = null, n = 1 } = {}) {
    if (n < 1) return;
    this.#row(label ?? NO_CLASS).outcomes[OUTCOME.unreadable] += n;
    this.#add(this.unreadable, reason, where, n);
  }

  /** Record files that were not read. */
  refuse(reason, where = null, n = 1) {
    this.#add(this.refused, reason, where, n);
  }

  /** Record cases of a repair or choice that skipped no annotation. */
  note(text, where = null, n = 1) {
    this.#add(this.notes, text, where, n);
  }

  /** Record the annotations at these indices as cases of a repair or choice. */
  noteAt(text, index, where) {
    for (const i of index.slice(0, EXAMPLES)) this.note(text, where(i));
    this.note(text, null, index.length - EXAMPLES);
  }

  #add(table, reason, where, n) {
    if (n < 1) return;
    table[reason] = (table[reason] ?? 0) + n;
    if (where !== null) this.#example(reason, where);
  }

  #example(reason, where) {
    const places = (this.examples[reason] ??= []);
    if (places.length < EXAMPLES && !places.includes(where)) places.push(where);
  }

  /** Add another report to this one. */
  merge(other) {
    for (const name of ["files", "images", "images_counted", "parts"]) this[name] += other[name];
    for (const split of other.splits) this.splits.add(split);
    for (const [name, row] of other.#classes) {
      const own = this.#row(name);
      own.images += row.images;
      row.outcomes.forEach((n, code) => (own.outcomes[code] += n));
    }
    for (const table of ["unreadable", "refused", "notes"]) {
      for (const [reason, n] of Object.entries(other[table])) this.#add(this[table], reason, null, n);
    }
    for (const [reason, places] of Object.entries(other.examples)) {
      for (const place of places) this.#example(reason, place);
    }
  }

  /** Return the report as plain values, as Report.to_dict in Python. */
  toJSON() {
    const plain = {};
    for (const name of ["name", "files", "images", "images_counted", "parts", "read", "counted", "empty"]) {
      plain[name] = this[name];
    }
    for (const name of ["outside", "counted_as_point", "excluded", "skipped"]) plain[name] = this[name];
    for (const name of ["unreadable", "refused", "notes", "examples"]) plain[name] = { ...this[name] };
    plain.splits = [...this.splits];
    plain.regions = {};
    plain.classes = {};
    for (const [name, { images, outcomes }] of this.#classes) {
      const found = OUTCOMES.map((outcome, code) => [outcome, outcomes[code]]).filter(([, n]) => n);
      plain.classes[name] = { images, ...Object.fromEntries(found) };
    }
    return plain;
  }
}
