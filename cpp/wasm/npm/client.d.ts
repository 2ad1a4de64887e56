import type { ClassTotals, CocoOptions, LabelFile, Options, ReportValues, Spec, YoloOptions } from "./heatgrid.js";

/** A counted map as plain values. */
export interface Counted {
  classes: string[] | null;
  spec: Spec;
  counts: BigInt64Array | Float64Array;
  union: BigInt64Array | null;
  totals: ClassTotals[];
  report: ReportValues;
  /** The map as `heatgrid.load` in Python reads it. */
  npz: Uint8Array;
}

/** Counts in a worker, without blocking the page. */
export class Client {
  constructor(options?: { worker?: Worker; wasm?: ArrayBuffer | ArrayBufferView | null });
  coco(source: string | ArrayBuffer | ArrayBufferView | Blob, options: Options, reading?: CocoOptions): Promise<Counted>;
  yolo(
    files: readonly (Omit<LabelFile, "content"> & { content: LabelFile["content"] | Blob })[],
    options: Options,
    reading?: YoloOptions,
  ): Promise<Counted>;
  close(): void;
}
