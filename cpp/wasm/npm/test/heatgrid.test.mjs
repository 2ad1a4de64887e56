// The module by itself; tests/wasm compares it with Python. Expected values are counted by hand.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FormatError, load, saveNpz } from "../heatgrid.js";

const bytes = readFileSync(new URL("../../../../python/heatgrid/viz/page/kernel.wasm", import.meta.url));
const heatgrid = await load(bytes);

const COCO = JSON.stringify({
  images: [{ id: 1, width: 100, height: 100 }],
  categories: [
    { id: 7, name: "cat" },
    { id: 9, name: "dog" },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 7, bbox: [0, 0, 50, 50] },
    { id: 2, image_id: 1, category_id: 9, segmentation: [[0, 0, 100, 0, 100, 100, 0, 100]] },
    { id: 3, image_id: 1, category_id: 9, bbox: [200, 200, 5, 5] },
  ],
});

test("boxes are counted by class", () => {
  const map = heatgrid.heatmap({ grid: [2, 2] });
  map.addBoxes([0, 0, 0.5, 1, 0, 0, 1, 1], { labels: ["a", "b"] });
  assert.deepEqual(map.classes, ["a", "b"]);
  assert.deepEqual([...map.grid("a")], [1, 0, 1, 0]);
  assert.deepEqual([...map.grid("b")], [1, 1, 1, 1]);
  assert.deepEqual([...map.total()], [2, 1, 2, 1]);
  assert.deepEqual(map.counts, BigInt64Array.of(1n, 0n, 1n, 0n, 1n, 1n, 1n, 1n));
});

test("areas are shares of cells", () => {
  const map = heatgrid.heatmap({ grid: 2, rule: "area" });
  map.addBoxes([0, 0, 0.75, 0.25]);
  assert.deepEqual(map.counts, Float64Array.of(0.5, 0.25, 0, 0));
});

test("a COCO file is counted, with every annotation in the report", () => {
  const phases = [];
  const map = heatgrid.heatmap({ grid: 2 });
  map.addCoco(COCO, { name: "a.json", onProgress: ({ phase }) => phases.push(phase) });
  assert.deepEqual([...map.grid("cat")], [1, 0, 0, 0]);
  assert.deepEqual([...map.grid("dog")], [1, 1, 1, 1]);
  const { read, counted, outside } = map.report;
  assert.deepEqual({ read, counted, outside }, { read: 3, counted: 2, outside: 1 });
  assert.deepEqual(map.totals()[1], { name: "dog", counted: 1, images: 1, hits: 4 });
  assert.deepEqual([...new Set(phases)], ["read", "select", "count"]);
});

test("a file is read in pieces", () => {
  const text = new TextEncoder().encode(COCO);
  let at = 0;
  const read = (target) => {
    const part = text.subarray(at, at + Math.min(7, target.length));
    target.set(part);
    at += part.length;
    return part.length;
  };
  const map = heatgrid.heatmap({ grid: 2 }).addCoco({ size: text.length, read });
  assert.equal(map.report.counted, 2);
});

test("an error of the source is passed on", () => {
  const read = () => {
    throw new Error("the disk is gone");
  };
  const map = heatgrid.heatmap({ grid: 2 });
  assert.throws(() => map.addCoco({ size: 9, read }), /the disk is gone/);
  assert.equal(map.addCoco(COCO).report.counted, 2);
});

test("label files are counted", () => {
  const files = [
    { name: "a.txt", content: "0 0.25 0.25 0.5 0.5\n1 0 0 1 0 1 1 0 1\n" },
    { name: "b.txt", content: "" },
  ];
  const map = heatgrid.heatmap({ grid: 2 }).addYolo(files, { names: ["cat"] });
  assert.deepEqual(map.classes, ["cat", "class_1"]);
  assert.deepEqual([...map.total()], [2, 1, 1, 1]);
  assert.equal(map.report.images, 2);
});

test("wrong arguments are named", () => {
  assert.throws(() => heatgrid.heatmap({ grid: 4, rule: "x" }), {
    name: "RangeError",
    message: "rule must be one of 'center', 'touch', 'point', 'area', got 'x'",
  });
  assert.throws(() => heatgrid.heatmap({ grid: 2 }).addBoxes([1, 2, 3]), RangeError);
  assert.throws(() => heatgrid.heatmap({ grid: 2 }).addCoco("{"), FormatError);
});

test("what throws adds nothing", () => {
  const map = heatgrid.heatmap({ grid: 2, classes: ["a"] });
  map.addBoxes([0, 0, 1, 1], { labels: [0] });
  assert.throws(() => map.addBoxes([0, 0, 1, 1, 0, 0, 1, 1], { labels: [0, 1] }), /labels\[1\] is 1/);
  assert.deepEqual([...map.total()], [1, 1, 1, 1]);
  assert.equal(map.report.read, 1);
});

test("memory is freed", () => {
  const grow = () => {
    for (let i = 0; i < 200; i++) {
      const map = heatgrid.heatmap({ grid: 256 });
      map.addCoco(COCO);
      assert.throws(() => map.addCoco("["), FormatError);
      map.free();
    }
    return heatgrid.bytes;
  };
  assert.equal(grow(), grow());
});

test("a freed map says so", () => {
  const map = heatgrid.heatmap({ grid: 2 });
  map.free();
  map.free();
  assert.throws(() => map.total(), /the map was freed/);
});

test("a saved map is a ZIP archive of three arrays at most", () => {
  const bytes = saveNpz(heatgrid.heatmap({ grid: 2 }).addCoco(COCO));
  assert.deepEqual([...bytes.subarray(0, 4)], [0x50, 0x4b, 3, 4]);
  const end = new DataView(bytes.buffer, bytes.length - 22);
  assert.equal(end.getUint16(10, true), 2);
});

test("a data set is counted again without being read again", async () => {
  const text = (x) => `0 ${x} 0.25 0.5 0.5\n`;
  const files = [
    { path: "set/data.yaml", content: "train: train/images\nval: val/images\nnames: [cat]\n" },
    { path: "set/train/labels/a.txt", content: text(0.25) },
    { path: "set/val/labels/b.txt", content: text(0.75) },
    { path: "set/picture.psd", content: "" },
  ];
  const dataset = await heatgrid.read(files);
  assert.deepEqual(dataset.splits, ["train", "val"]);
  assert.deepEqual(dataset.refused, [{ path: "set/picture.psd", reason: "not read in the browser" }]);
  const grid = (options, reading) => {
    const map = dataset.count(options, reading);
    const counts = [...map.grid("cat")];
    map.free();
    return counts;
  };
  assert.deepEqual(grid({ grid: [2, 2] }), [1, 1, 0, 0]);
  assert.deepEqual(grid({ grid: [2, 2] }, { split: "val" }), [0, 1, 0, 0]);
  assert.deepEqual(grid({ grid: [1, 4], rule: "area" }), [1, 1, 1, 1].map((n) => n / 2));
  assert.deepEqual(grid({ grid: [2, 2], of: "size" }), [0, 0, 0, 2]);
  dataset.free();
});
