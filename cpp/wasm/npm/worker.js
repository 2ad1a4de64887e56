// Worker: counts one request at a time and posts progress and the result. client.js is its other side.

import { load, saveNpz } from "./heatgrid.js";

let heatgrid = null;

/** Return a map as values that can be posted. */
function posted(map) {
  const { classes, spec, counts, union } = map;
  return { classes, spec, counts, union, totals: map.totals(), report: map.report.toJSON(), npz: saveNpz(map) };
}

async function answer({ wasm, options, method, source, reading }, onProgress) {
  heatgrid ??= load(wasm);
  const map = (await heatgrid).heatmap(options);
  try {
    const files = method === "addYolo" ? await contents(source) : source;
    map[method](files, { ...reading, onProgress });
    return posted(map);
  } finally {
    map.free();
  }
}

/** Return label files with their contents, which may be Blobs. */
function contents(files) {
  const isBlob = (content) => typeof Blob !== "undefined" && content instanceof Blob;
  const read = async ({ name, content }) => ({ name, content: isBlob(content) ? await content.text() : content });
  return Promise.all(files.map(read));
}

globalThis.onmessage = async ({ data }) => {
  let [last, phase] = [0, ""];
  const onProgress = (progress) => {
    const now = performance.now();
    if (now - last < 50 && progress.phase === phase && progress.done < progress.total) return;
    [last, phase] = [now, progress.phase];
    globalThis.postMessage({ id: data.id, progress });
  };
  try {
    globalThis.postMessage({ id: data.id, result: await answer(data, onProgress) });
  } catch (error) {
    const { name, message } = error;
    globalThis.postMessage({ id: data.id, error: { name, message } });
  }
};
