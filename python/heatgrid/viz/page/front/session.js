// Data set in a worker: read once, counted by any grid and rule, read again only after an interruption.

import { Client } from "./client.js";

export class Session {
  /** start: returns a new worker; wasm: the bytes of the kernel; files: `{ path, content }` each. */
  constructor(start, wasm, files) {
    Object.assign(this, { start, wasm, files, client: null, found: null });
  }

  /** Read the files unless they are in the worker. */
  read(onProgress) {
    if (this.client === null) {
      this.client = new Client({ worker: this.start(), wasm: this.wasm });
      this.found = this.client.read(this.files, { onProgress });
    }
    return this.found;
  }

  async count(options, geometry, onProgress) {
    await this.read(onProgress);
    return this.client.count(options, { geometry, onProgress });
  }

  async save(format, options, geometry) {
    await this.read();
    return this.client.save(format, options, { geometry });
  }

  /** Stop what the worker does, and free its memory. */
  close() {
    this.client?.close();
    this.client = null;
  }
}
