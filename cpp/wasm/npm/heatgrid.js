// heatgrid in the browser and in Node: exact count heat maps of annotations, by the kernel of the Python package.

import { readCoco } from "./coco.js";
import { Dataset } from "./dataset.js";
import { FormatError } from "./errors.js";
import { Heatmap as Base } from "./heatmap.js";
import { Arena, Kernel } from "./kernel.js";
import { saveJson, saveNpz } from "./npz.js";
import { readYolo } from "./yolo.js";

export { FormatError, saveJson, saveNpz };

/** Counts per class on a grid, with a report of every annotation. */
export class Heatmap extends Base {
  /** Add the annotations of a COCO file. */
  addCoco(source, { geometry = "auto", ...options } = {}) {
    const { onProgress } = options;
    Arena.use(this.kernel, (arena) => {
      const batch = readCoco(this.kernel, arena, source, options);
      onProgress?.({ phase: "count", done: 0, total: batch.count });
      this.addBatch(arena, batch, geometry);
      onProgress?.({ phase: "count", done: batch.count, total: batch.count });
    });
    this.report.parts += 1;
    return this;
  }

  /** Add the annotations of YOLO label files, `{ name, content }` each. */
  addYolo(files, { geometry = "auto", ...options } = {}) {
    const all = Array.from(files);
    for (let begin = 0; begin < all.length || begin === 0; begin += FILES_PER_BATCH) {
      const some = all.slice(begin, begin + FILES_PER_BATCH);
      Arena.use(this.kernel, (arena) => {
        this.addBatch(arena, readYolo(this.kernel, arena, some, options), geometry);
      });
      options.onProgress?.({ phase: "read", done: begin + some.length, total: all.length });
    }
    this.report.parts += 1;
    return this;
  }
}

const FILES_PER_BATCH = 4096;

/** The loaded kernel. */
export class Heatgrid {
  #kernel;

  constructor(kernel) {
    this.#kernel = kernel;
  }

  /** Return an empty map. */
  heatmap(options) {
    return new Heatmap(this.#kernel, options);
  }

  /** Return the promise of a data set: files that are counted again without being read again. */
  read(files, options) {
    return Dataset.read(this.#kernel, files, options);
  }

  /** The size of the kernel's memory in bytes; it never shrinks. */
  get bytes() {
    return this.#kernel.bytes;
  }
}

/**
 * Load the kernel: from its bytes or a compiled module, else from kernel.wasm next to this file. Pages that
 * are opened as files must pass the bytes.
 */
export async function load(wasm) {
  return new Heatgrid(await Kernel.from(wasm ?? (await fetched(new URL("kernel.wasm", import.meta.url)))));
}

async function fetched(url) {
  if (url.protocol === "file:" && typeof process !== "undefined" && process.versions?.node) {
    const { readFile } = await import("node:fs/promises");
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}
