// Runs requests, one JSON list on stdin, against the module, and writes their results, one JSON list.
//
// A request is { options, calls: [[method, ...arguments]] }. Arrays of numbers are { f64 } or { i64 }, bytes
// { bytes }, in base64; { file } is the content of a file. A result has the map as NPZ, or the error. With
// "moving" as argument, the kernel's memory moves at every allocation, so that no view is kept over one.

import { readFileSync } from "node:fs";
import { load, saveNpz } from "../../cpp/wasm/npm/heatgrid.js";
import { Kernel } from "../../cpp/wasm/npm/kernel.js";

const heatgrid = await load(readFileSync(new URL("../../python/heatgrid/viz/page/kernel.wasm", import.meta.url)));

if (process.argv.includes("moving")) {
  const { allocate } = Kernel.prototype;
  Kernel.prototype.allocate = function (bytes) {
    const pointer = allocate.call(this, bytes);
    this.exports.memory.grow(1);
    return pointer;
  };
}

const bytesOf = (text) => new Uint8Array(Buffer.from(text, "base64"));

function revived(key, value) {
  if (value === null || typeof value !== "object") return value;
  if ("f64" in value) return new Float64Array(bytesOf(value.f64).buffer);
  if ("i64" in value) return new BigInt64Array(bytesOf(value.i64).buffer);
  if ("bytes" in value) return bytesOf(value.bytes);
  if ("file" in value) return new Uint8Array(readFileSync(value.file));
  return value;
}

function run({ options, calls }) {
  let map;
  try {
    map = heatgrid.heatmap(options);
    const outcomes = calls.map(([method, ...values]) => {
      const result = map[method](...values);
      return result instanceof Uint8Array ? [...result] : null;
    });
    return {
      npz: Buffer.from(saveNpz(map)).toString("base64"),
      report: map.report.toJSON(),
      totals: map.totals(),
      outcomes,
      bytes: heatgrid.bytes,
    };
  } catch (error) {
    return { error: error.message, type: error.constructor.name, bytes: heatgrid.bytes };
  } finally {
    map?.free();
  }
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const results = JSON.parse(Buffer.concat(chunks).toString(), revived).map(run);
process.stdout.write(JSON.stringify(results));
