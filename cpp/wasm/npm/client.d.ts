import type {
  ClassTotals,
  CocoOptions,
  Geometry,
  LabelFile,
  Options,
  Progress,
  Refused,
  ReportValues,
  SourceFile,
  Spec,
  YoloOptions,
} from "./heatgrid.js";

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

/** The counted map of a split: grids in the smallest types that hold them. */
export interface CountedSplit {
  split: string | null;
  classes: string[] | null;
  spec: Spec;
  aspect: number | null;
  hasUnion: boolean;
  /** Grids by the index of their class; null: all classes together. */
  planes: { class: number | null; values: Uint8Array | Uint16Array | Uint32Array | Float64Array }[];
  report: ReportValues;
}

interface Reading {
  geometry?: Geometry;
  onProgress?(progress: Progress): void;
}

/** Counts in a worker, without blocking the page. */
export class Client {
  constructor(options?: { worker?: Worker; wasm?: ArrayBuffer | ArrayBufferView | null });
  coco(
    source: string | ArrayBuffer | ArrayBufferView | Blob,
    options: Options,
    reading?: CocoOptions,
  ): Promise<Counted>;
  yolo(
    files: readonly (Omit<LabelFile, "content"> & { content: LabelFile["content"] | Blob })[],
    options: Options,
    reading?: YoloOptions,
  ): Promise<Counted>;
  /** Read a data set, which replaces the last one. */
  read(
    files: readonly SourceFile[],
    reading?: Pick<Reading, "onProgress">,
  ): Promise<{ splits: (string | null)[]; annotations: number; refused: Refused[] }>;
  /** Count the data set, by split. */
  count(options: Options, reading?: Reading): Promise<CountedSplit[]>;
  save(format: "npz", options: Options, reading?: Reading): Promise<Uint8Array>;
  save(format: "json", options: Options, reading?: Reading): Promise<string>;
  close(): void;
}
