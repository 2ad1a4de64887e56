// Planes by split and class: unpacking, selection and sums.

const TYPES = {
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array,
  i1: Int8Array, i2: Int16Array, i4: Int32Array, f8: Float64Array,
};

const SMALL = 65536;

/** Decompress zlib data. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** Return one array of the buffer. */
export function arrayAt(buffer, { type, start, length }) {
  const Type = TYPES[type];
  return new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT));
}

/** A grid of numbers with its statistics. */
export class Grid {
  constructor(values) {
    this.values = values;
    let [min, max, total, whole, covered, missing] = [Infinity, -Infinity, 0, true, 0, 0];
    for (const value of values) {
      if (Number.isNaN(value)) {
        missing += 1;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      if (value !== 0) covered += 1;
      if (whole && !Number.isInteger(value)) whole = false;
      total += value;
    }
    if (min > max) [min, max] = [0, 0];
    Object.assign(this, { min, max, total, whole, covered, missing });
  }

  /** Return all values except NaN, in rising order. */
  ordered() {
    if (!this.sorted) this.sorted = this.whole && this.min >= 0 && this.max < SMALL ? this.counted() : this.compared();
    return this.sorted;
  }

  compared() {
    const known = this.missing ? this.values.filter((value) => !Number.isNaN(value)) : this.values.slice();
    return known.sort();
  }

  /** Sort whole numbers by counting, many times faster than by comparing. */
  counted() {
    const cells = new Uint32Array(this.max + 1);
    for (const value of this.values) if (!Number.isNaN(value)) cells[value] += 1;
    const sorted = new Float64Array(this.values.length - this.missing);
    let end = 0;
    for (let value = 0; value < cells.length; value++) {
      sorted.fill(value, end, end + cells[value]);
      end += cells[value];
    }
    return sorted;
  }
}

/** Return the number of objects of planes, null if that of one is unknown. */
export const objectsOf = (planes) => planes.reduce((sum, { objects }) => (sum === null || objects === null ? null : sum + objects), 0);

/** All planes of a payload. */
export class Layers {
  constructor(meta, buffer) {
    Object.assign(this, { rows: meta.rows, columns: meta.columns, splits: meta.splits, classes: meta.classes });
    this.planes = meta.planes.map((plane) => ({ ...plane, values: arrayAt(buffer, plane) }));
    this.hasUnion = meta.has_union;
    this.maps = meta.maps;
    this.display = meta.display && arrayAt(buffer, meta.display);
  }

  /** Return the number of objects of a class in the selected splits, null if it is unknown. */
  objectsOf(name, splits) {
    const number = this.classes.indexOf(name);
    return objectsOf(this.planes.filter((plane) => plane.class === number && isSelected(splits, this.splits[plane.split])));
  }

  /** Add up the planes of the selected splits and classes; null selects all. */
  sum(splits, classes) {
    const whole = this.hasUnion && (classes === null || this.classes.every((name) => classes.includes(name)));
    const sum = new Float64Array(this.rows * this.columns);
    for (const plane of this.planes) {
      if (!isSelected(splits, this.splits[plane.split])) continue;
      const isUnion = plane.class === null;
      if (this.classes.length && isUnion !== whole) continue;
      if (!isUnion && !isSelected(classes, this.classes[plane.class])) continue;
      const { values } = plane;
      for (let i = 0; i < sum.length; i++) sum[i] += values[i];
    }
    return sum;
  }

  /** Return the selected grid: counts, or the difference of two shares in percentage points. */
  select({ splits, classes, difference }) {
    if (!difference) return new Grid(this.sum(splits, classes));
    const [a, b] = difference.map((name) => this.share(name, difference, splits, classes));
    return new Grid(a.map((share, i) => 100 * (share - b[i])));
  }

  share(name, difference, splits, classes) {
    const bySplit = difference.every((other) => this.splits.includes(other));
    const counts = bySplit ? this.sum([name], classes) : this.sum(splits, [name]);
    const total = counts.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
    return total ? counts.map((value) => value / total) : counts;
  }

  /** Return whether some of the classes are added up, although all of them do not simply add up. */
  addsUp({ classes, difference }) {
    const part = classes !== null && classes.length < this.classes.length;
    return this.hasUnion && !difference && part && classes.length > 1;
  }
}

export function isSelected(names, name) {
  return names === null || names.includes(name);
}
