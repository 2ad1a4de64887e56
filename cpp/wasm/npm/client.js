// Client of worker.js: counts files without blocking the page.

import { FormatError } from "./errors.js";

const ERRORS = { FormatError, RangeError, TypeError };

/** Counts in a worker, one file or set of label files after the other. */
export class Client {
  #worker;
  #wasm;
  #waiting = new Map();
  #next = 0;

  /** `worker` runs worker.js; `wasm` holds the bytes of kernel.wasm where the worker cannot fetch them. */
  constructor({ worker, wasm = null } = {}) {
    this.#worker = worker ?? new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.#wasm = wasm;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#fail(new Error(event.message || "the worker could not start"));
  }

  /** Count a COCO file: text, bytes or a Blob, which is read piece by piece. */
  coco(source, options, reading = {}) {
    return this.#send("addCoco", source, options, reading);
  }

  /** Count YOLO label files, `{ name, content }` each. */
  yolo(files, options, reading = {}) {
    return this.#send("addYolo", files, options, reading);
  }

  /** Read a data set, files `{ path, content }`, which `count` counts and `save` saves; it replaces the last one. */
  read(files, reading = {}) {
    return this.#send("read", files, null, reading);
  }

  /** Count what was read, by split: grids in the smallest types that hold them. */
  count(options, reading = {}) {
    return this.#send("count", null, options, reading);
  }

  /** Return all of what was read as the content of a file, "npz" or "json". */
  save(format, options, reading = {}) {
    return this.#send("save", format, options, reading);
  }

  /** Stop the worker; what it has not finished is rejected. */
  close() {
    this.#worker.terminate();
    this.#fail(new Error("the worker was closed"));
  }

  #send(method, source, options, { onProgress, ...reading }) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, wasm: this.#wasm ?? undefined, method, source, options, reading });
    });
  }

  #receive({ id, progress, result, error }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (progress) return void waiting.onProgress?.(progress);
    this.#waiting.delete(id);
    if (!error) return void waiting.resolve(result);
    const Type = ERRORS[error.name] ?? Error;
    waiting.reject(new Type(error.message));
  }

  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
