// Runs requests, one JSON list on stdin, against the page's worker, and writes what the viewer would be given.
//
// A request is { files: [{ path, file }], options, geometry, base, title, texts }; `base` is the description of an empty map.
// A result has the description, the planes as lists, the files that were refused, and the saved maps; or the error.

import { readFileSync } from "node:fs";

const file = new URL("../../python/heatgrid/viz/page/front/payload.js", import.meta.url);
const { payloadOf } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(file, "utf-8"))}`);
const wasm = readFileSync(new URL("../../python/heatgrid/viz/page/kernel.wasm", import.meta.url));

let answer = null;
globalThis.postMessage = (message) => message.progress || answer(message);
await import("../../cpp/wasm/npm/worker.js");

const ask = (request) =>
  new Promise((resolve, reject) => {
    answer = ({ result, error }) => (error ? reject(error) : resolve(result));
    globalThis.onmessage({ data: structuredClone({ id: 1, wasm, ...request }) });
  });

const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f8: Float64Array };

async function run({ files, options, geometry, base, title, texts }) {
  const saved = (format) => ask({ method: "save", source: format, options, reading: { geometry } });
  try {
    const source = files.map(({ path, file }) => ({ path, content: new Uint8Array(readFileSync(file)) }));
    const { splits, refused } = await ask({ method: "read", source });
    const maps = await ask({ method: "count", options, reading: { geometry } });
    const { meta, buffer } = payloadOf({ meta: base, buffer: new ArrayBuffer(0) }, maps, { title, texts });
    const planes = meta.planes.map(({ type, start, length }) => {
      const Type = TYPES[type];
      return [...new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT))];
    });
    const [npz, json] = [await saved("npz"), await saved("json")];
    return { meta, planes, splits, refused, npz: Buffer.from(npz).toString("base64"), json };
  } catch ({ name, message }) {
    return { error: message, type: name };
  }
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const results = [];
for (const request of JSON.parse(Buffer.concat(chunks).toString())) results.push(await run(request));
process.stdout.write(JSON.stringify(results));
