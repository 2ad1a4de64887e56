// The compiled kernel: its memory, its functions and their errors.
//
// Memory that a call needs belongs to an Arena, which frees it at the end. Views are made when they are
// used, since memory may grow, and move, with every allocation.

import { FormatError } from "./errors.js";

const decoder = new TextDecoder();

/** What a status of cpp/wasm/interface.cpp becomes; 5 and 6 are left to the caller. */
const OK = 0;
const INVALID = 1;
const NO_MEMORY = 2;
const OVERFLOW = 3;
export const NOT_UTF8 = 5;
export const NOT_COCO = 6;

export class Kernel {
  /** Return the kernel from the bytes of kernel.wasm, or a compiled module of them. */
  static async from(source) {
    const kernel = new Kernel();
    const isModule = source instanceof WebAssembly.Module;
    const made = await WebAssembly.instantiate(source, kernel.imports());
    kernel.exports = (isModule ? made : made.instance).exports;
    kernel.exports._initialize();
    return kernel;
  }

  /** The text that is scanned: fills an array, and returns the number of bytes, 0 at the end. */
  reader = () => 0;
  failure = null;

  imports() {
    const zero = (...places) => {
      for (const place of places) this.words(place, 2).fill(0);
      return 0;
    };
    return {
      env: {
        emscripten_notify_memory_growth() {},
        heatgrid_read: (to, capacity) => {
          try {
            return this.reader(this.view(Uint8Array, to >>> 0, capacity >>> 0));
          } catch (error) {
            this.failure = error;
            return -1;
          }
        },
      },
      wasi_snapshot_preview1: {
        proc_exit: (code) => {
          throw new Error(`the kernel stopped with code ${code}`);
        },
        clock_time_get: (_clock, _precision, place) => zero(place),
        environ_get: () => 0,
        environ_sizes_get: (count, size) => {
          this.words(count, 1)[0] = this.words(size, 1)[0] = 0;
          return 0;
        },
        fd_close: () => 8,
        fd_seek: () => 8,
        fd_write: () => 8,
      },
    };
  }

  /** The size of the memory in bytes. */
  get bytes() {
    return this.exports.memory.buffer.byteLength;
  }

  view(Type, pointer, length) {
    return new Type(this.exports.memory.buffer, pointer >>> 0, length >>> 0);
  }

  words(pointer, length) {
    return this.view(Uint32Array, pointer, length);
  }

  /** Return new memory, or throw a RangeError. */
  allocate(bytes) {
    if (!(bytes < 2 ** 32 - 16)) throw noMemory();
    const pointer = this.exports.malloc(Math.max(1, bytes)) >>> 0;
    if (pointer === 0) throw noMemory();
    return pointer;
  }

  free(pointer) {
    this.exports.free(pointer);
  }

  /** Throw what a status says. */
  check(status) {
    if (status === OK) return;
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
    if (status === NO_MEMORY) throw noMemory();
    const start = this.exports.heatgrid_message() >>> 0;
    const bytes = this.view(Uint8Array, start, Math.min(4096, this.bytes - start));
    const text = decoder.decode(bytes.slice(0, Math.max(0, bytes.indexOf(0))));
    if (status === INVALID || status === OVERFLOW) throw new RangeError(text);
    throw new FormatError(text || `status ${status}`);
  }
}

function noMemory() {
  return new RangeError("not enough memory");
}

/** Memory and objects of the kernel that are freed together. */
export class Arena {
  #kernel;
  #releases = [];

  constructor(kernel) {
    this.#kernel = kernel;
  }

  /** Return the result of a function with an arena, which is freed afterwards. */
  static use(kernel, use) {
    const arena = new Arena(kernel);
    try {
      return use(arena);
    } finally {
      arena.free();
    }
  }

  /** Release an object of the kernel together with the arena. */
  own(object, release) {
    if (object === 0) throw noMemory();
    this.#releases.push(() => release(object));
    return object;
  }

  /** Return new memory for `length` values of a type. */
  make(Type, length) {
    const pointer = this.#kernel.allocate(length * Type.BYTES_PER_ELEMENT);
    this.#releases.push(() => this.#kernel.free(pointer));
    return new Block(this.#kernel, Type, pointer, length);
  }

  /** Return a copy of a typed array. */
  copy(array) {
    const block = this.make(array.constructor, array.length);
    block.values.set(array);
    return block;
  }

  /** Return whole numbers, which an iterable or array holds, as int64. */
  integers(numbers) {
    if (numbers instanceof BigInt64Array) return this.copy(numbers);
    const block = this.make(BigInt64Array, numbers.length);
    const words = block.as(Int32Array);
    for (let i = 0; i < numbers.length; i++) {
      words[2 * i] = numbers[i];
      words[2 * i + 1] = Math.floor(numbers[i] / 2 ** 32);
    }
    return block;
  }

  free() {
    for (const release of this.#releases.splice(0).reverse()) release();
  }
}

/** A typed array in the kernel's memory. */
export class Block {
  #kernel;

  constructor(kernel, Type, pointer, length) {
    this.#kernel = kernel;
    Object.assign(this, { Type, pointer: pointer >>> 0, length });
  }

  /** The values; not to be kept over an allocation. */
  get values() {
    return this.as(this.Type);
  }

  /** The same memory as values of another type. */
  as(Type) {
    const length = (this.length * this.Type.BYTES_PER_ELEMENT) / Type.BYTES_PER_ELEMENT;
    return this.#kernel.view(Type, this.pointer, length);
  }

  /** Whole numbers between -2**31 and 2**31, without the detour over BigInt. */
  small() {
    const words = this.as(Int32Array);
    const numbers = new Int32Array(this.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = words[2 * i];
    return numbers;
  }

  /** Whole numbers as they are compared: numbers, or BigInt beyond 2**53. */
  keys() {
    let [low, high] = [this.as(Uint32Array), this.as(Int32Array)];
    return (i) => {
      if (low.length === 0) [low, high] = [this.as(Uint32Array), this.as(Int32Array)]; // memory has moved
      const top = high[2 * i + 1];
      if (top >= -(2 ** 20) && top < 2 ** 20) return top * 2 ** 32 + low[2 * i];
      return this.values[i];
    };
  }

  get text() {
    return decoder.decode(this.values.slice());
  }
}
