// Scan of a COCO file: the kernel's columns, or the reason why a text is none.

import { FormatError } from "./errors.js";
import { Block, NOT_COCO, NOT_UTF8 } from "./kernel.js";

const LARGEST_EXPLAINED = 1 << 25; // texts that are parsed once more for the reason why they are refused

/** Columns of heatgrid_coco_column, in its order. */
const COLUMNS = Object.entries({
  imageNumbers: BigInt64Array,
  imageSizes: Float64Array,
  otherImageIndices: BigInt64Array,
  otherImages: Uint8Array,
  categories: Uint8Array,
  imageIds: BigInt64Array,
  categoryIds: BigInt64Array,
  ids: BigInt64Array,
  traits: Uint8Array,
  boxLengths: BigInt64Array,
  boxes: Float64Array,
  ringCounts: BigInt64Array,
  ringLengths: BigInt64Array,
  rings: Float64Array,
  keypointLengths: BigInt64Array,
  keypoints: Float64Array,
  maskSizes: BigInt64Array,
  codeLengths: BigInt64Array,
  codes: Uint8Array,
  runLengths: BigInt64Array,
  runs: BigInt64Array,
  otherIndices: BigInt64Array,
  others: Uint8Array,
});

/** Return the columns of a file. */
export function scanCoco(kernel, arena, source, name, onProgress) {
  const { heatgrid_scan_coco: scan, heatgrid_coco_free: free, heatgrid_coco_content: contentOf } = kernel.exports;
  const place = arena.make(Uint32Array, 1);
  let done = 0;
  kernel.reader = (target) => {
    const count = source.read(target);
    done += count;
    onProgress?.({ phase: "read", done, total: source.size });
    return count;
  };
  const status = scan(source.size, place.pointer);
  kernel.reader = () => 0;
  if (status === NOT_UTF8) throw new FormatError("not UTF-8 text", name);
  if (status === NOT_COCO) throw new FormatError(reason(source.bytes), name);
  kernel.check(status);
  const object = arena.own(place.values[0], free);
  const content = contentOf(object);
  const found = { hasGeometry: (content & 1) !== 0, hasCaptions: (content & 2) !== 0 };
  COLUMNS.forEach(([column, Type], which) => {
    const pointer = kernel.exports.heatgrid_coco_column(object, which, place.pointer);
    found[column] = new Block(kernel, Type, pointer, place.values[0]);
  });
  return found;
}

/** Return why a text is no COCO file, in the words of Python. */
function reason(bytes) {
  const unknown = "not a COCO file that can be read in the browser: damaged, or with a list named twice";
  if (!bytes || bytes.length > LARGEST_EXPLAINED) return unknown;
  let document;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return `broken JSON: ${error.message}`;
  }
  if (document === null || typeof document !== "object" || Array.isArray(document)) {
    const type = Array.isArray(document) ? "a list" : document === null ? "null" : typeName(document);
    return `expected an object with images, annotations and categories, got ${type}`;
  }
  for (const list of ["images", "annotations", "categories"]) {
    const value = document[list];
    if (value === undefined || Array.isArray(value)) continue;
    return `${list}: expected a list, got ${value === null ? "null" : typeName(value)}`;
  }
  return document.images === undefined ? "no list of images, so no image sizes" : unknown;
}

function typeName(value) {
  return { object: "an object", string: "a string", boolean: "true or false" }[typeof value] ?? "a number";
}
