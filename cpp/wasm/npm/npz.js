// Saved maps, as heatgrid.io.npz reads them: JSON, or a ZIP archive, not compressed, of NPY arrays.

const encoder = new TextEncoder();

/** Return the specification, the classes and the report of a map, as heatgrid.io.npz names them. */
function header(map) {
  const { grid, rule, count, largeBoxRatio, of } = map.spec;
  return {
    format: "heatgrid",
    version: 1,
    classes: map.classes,
    grid,
    rule,
    count,
    fit: "stretch",
    weighted: false,
    large_box_ratio: largeBoxRatio === Infinity ? null : largeBoxRatio,
    of,
    unit: null,
    grows: map.grows,
    report: map.report.toJSON(),
    aspects: [...map.aspects],
  };
}

/** Return a map as JSON text, which `heatgrid.load` reads. */
export function saveJson(map) {
  const [rows, columns] = map.spec.grid;
  const lines = (grid) => Array.from({ length: rows }, (_, i) => [...grid.subarray(i * columns, (i + 1) * columns)]);
  const plain = { ...header(map), counts: lines(map.total()) };
  const own = map.classes?.map((name, i) => [name, lines(map.grid(i))]);
  return JSON.stringify(own ? { ...plain, by_class: Object.fromEntries(own) } : plain);
}

/** Return a map as the bytes of an NPZ archive, which `heatgrid.load` reads. */
export function saveNpz(map) {
  const [rows, columns] = map.spec.grid;
  const { counts, union } = map;
  const dtype = counts instanceof Float64Array ? "<f8" : "<i8";
  const text = JSON.stringify(header(map));
  const points = Uint32Array.from(text, (character) => character.codePointAt(0));
  const files = [
    ["heatgrid.npy", array(`<U${points.length}`, [], points)],
    ["counts.npy", array(dtype, [counts.length / (rows * columns), rows, columns], counts)],
  ];
  if (union !== null) files.push(["union.npy", array(dtype, [rows, columns], union)]);
  return zip(files);
}

/** Return a typed array as an NPY file; all machines that run WebAssembly are little-endian. */
function array(descr, shape, values) {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = encoder.encode(`${text.padEnd(length - 1)}\n`);
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8);
  return joined([magic, header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** Return the CRC-32 of bytes that follow others of the checksum `before`. */
export function crc32(bytes, before = 0) {
  let value = ~before;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Return a ZIP archive of stored files (PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
function zip(files) {
  const [bodies, entries] = [[], []];
  let at = 0;
  for (const [name, content] of files) {
    const title = encoder.encode(name);
    // Version 2.0, no flags, stored, 1980-01-01, checksum, both sizes, length of the name.
    const common = new DataView(new ArrayBuffer(26));
    const [sum, size] = [crc32(content), content.length];
    [20, 0, 0, 0, 33].forEach((value, i) => common.setUint16(2 * i, value, true));
    [sum, size, size].forEach((value, i) => common.setUint32(10 + 4 * i, value, true));
    common.setUint16(22, title.length, true);
    const fields = new Uint8Array(common.buffer);
    const tail = new DataView(new ArrayBuffer(14));
    tail.setUint32(10, at, true);
    bodies.push(Uint8Array.of(0x50, 0x4b, 3, 4), fields, title, content);
    entries.push(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0), fields, new Uint8Array(tail.buffer), title);
    at += 30 + title.length + content.length;
  }
  const directory = joined(entries);
  if (at + directory.length >= 2 ** 32) throw new RangeError("counts of 4 GB and more do not fit in the archive");
  const end = new DataView(new ArrayBuffer(22));
  [0x06054b50, 0, (files.length << 16) | files.length].forEach((value, i) => end.setUint32(4 * i, value, true));
  [directory.length, at].forEach((value, i) => end.setUint32(12 + 4 * i, value, true));
  return joined([...bodies, directory, new Uint8Array(end.buffer)]);
}
