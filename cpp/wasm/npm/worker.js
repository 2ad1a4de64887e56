// Worker: answers one request after the other, and posts progress and the result. client.js is its other side.

import { load, saveJson, saveNpz } from "./heatgrid.js";
import { bytesOf } from "./source.js";

let heatgrid = null;
let dataset = null;

/** What each request returns, and the buffers that are handed over with it. */
const METHODS = {
  async addCoco({ source, options, reading }) {
    return withMap((await heatgrid).heatmap(options), (map) => plain(map.addCoco(source, reading)));
  },
  async addYolo({ source, options, reading }) {
    const read = async ({ name, content }) => ({ name, content: await bytesOf(content) });
    const files = await Promise.all(source.map(read));
    return withMap((await heatgrid).heatmap(options), (map) => plain(map.addYolo(files, reading)));
  },
  async read({ source, reading }) {
    dataset?.free();
    dataset = null;
    dataset = await (await heatgrid).read(source, reading);
    const { splits, annotations, refused } = dataset;
    return { splits, annotations, refused };
  },
  async count({ options, reading }) {
    const counted = (split) => dataset.count(options, { ...reading, split });
    return dataset.splits.map((split) => withMap(counted(split), (map) => ({ split, ...grids(map) })));
  },
  async save({ source: format, options, reading }) {
    return withMap(dataset.count(options, reading), format === "json" ? saveJson : saveNpz);
  },
};

function withMap(map, use) {
  try {
    return use(map);
  } finally {
    map.free();
  }
}

/** Return a map as values that can be posted. */
function plain(map) {
  const { classes, spec, counts, union } = map;
  return { classes, spec, counts, union, totals: map.totals(), report: map.report.toJSON(), npz: saveNpz(map) };
}

/** Return what a viewer needs of a map: its grids in the smallest types that hold them. */
function grids(map) {
  const { classes, spec, aspect, hasUnion } = map;
  const names = classes ?? [null];
  const planes = names.map((_, i) => ({ class: classes === null ? null : i, values: smallest(map.grid(i)) }));
  if (hasUnion) planes.unshift({ class: null, values: smallest(map.total()) });
  if (classes?.length === 0) planes.push({ class: null, values: smallest(map.total()) });
  return { classes, spec, aspect, hasUnion, planes, report: map.report.toJSON() };
}

const TYPES = [[Uint8Array, 0, 255], [Uint16Array, 0, 65535], [Uint32Array, 0, 2 ** 32 - 1]];

function smallest(values) {
  let [high, isWhole] = [0, true];
  for (const value of values) {
    if (value > high) high = value;
    isWhole &&= Number.isInteger(value);
  }
  const [Type] = (isWhole && TYPES.find(([, , most]) => high <= most)) || [Float64Array];
  return Type === Float64Array ? values : Type.from(values);
}

globalThis.onmessage = async ({ data }) => {
  const { id, wasm, method, reading } = data;
  let [last, phase] = [0, ""];
  const onProgress = (progress) => {
    const now = performance.now();
    if (now - last < 50 && progress.phase === phase && progress.done < progress.total) return;
    [last, phase] = [now, progress.phase];
    globalThis.postMessage({ id, progress });
  };
  try {
    heatgrid ??= load(wasm);
    const result = await METHODS[method]({ ...data, reading: { ...reading, onProgress } });
    globalThis.postMessage({ id, result });
  } catch (error) {
    const { name, message } = error;
    globalThis.postMessage({ id, error: { name, message } });
  }
};
