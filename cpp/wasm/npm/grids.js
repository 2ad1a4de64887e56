// Class grids in the kernel's memory.

/** Grids in the kernel's memory: one per class, and one of all together where classes do not add up. */
export class Grids {
  pointer = 0;
  capacity = 0;
  union = 0;

  constructor(cells) {
    this.cells = cells;
  }

  /** Make room for `classes` grids, zero where new; int64 and float64 take eight bytes alike. */
  reserve(kernel, classes) {
    if (classes <= this.capacity) return;
    const capacity = Math.max(classes, Math.min(2 * this.capacity, this.capacity + 64));
    const pointer = kernel.allocate(8 * capacity * this.cells);
    const values = kernel.view(Float64Array, pointer, capacity * this.cells);
    values.fill(0);
    values.set(kernel.view(Float64Array, this.pointer, this.capacity * this.cells));
    if (this.pointer) kernel.free(this.pointer);
    Object.assign(this, { pointer, capacity });
  }

  reserveUnion(kernel) {
    if (this.union) return;
    this.union = kernel.allocate(8 * this.cells);
    kernel.view(Float64Array, this.union, this.cells).fill(0);
  }

  clear(kernel, classes) {
    kernel.view(Float64Array, this.pointer, classes * this.cells).fill(0);
  }

  free(kernel) {
    for (const pointer of [this.pointer, this.union]) if (pointer) kernel.free(pointer);
    Object.assign(this, { pointer: 0, union: 0, capacity: 0, cells: 0 });
  }
}
