export type Rule = "center" | "touch" | "point" | "area";
export type Geometry = "auto" | "box" | "polygon" | "mask" | "point" | "line";
export type Numbers = ArrayLike<number> | ArrayLike<ArrayLike<number>>;
export type Integers = ArrayLike<number> | BigInt64Array;

export interface Options {
  /** Rows and columns; a number n means n rows and n columns. */
  grid: number | readonly [number, number];
  /** Which cells a shape hits; "center" by default. */
  rule?: Rule;
  /** "images": every image adds at most 1 to a cell. */
  count?: "instances" | "images";
  /** Fixed classes; by default, classes are added as they appear. */
  classes?: Iterable<string>;
  /** False: one grid of all classes. */
  byClass?: boolean;
  /** Share of the image above which a box hits only the cell of its center. */
  largeBoxRatio?: number | null;
  /** "size": columns are widths and rows heights of boxes, in shares of the image; counts files only. */
  of?: "place" | "size";
}

export interface ArrayOptions {
  /** Image size in pixels, (width, height), one for all or one per shape; without it coordinates are normalized. */
  size?: Numbers;
  /** Class names, or numbers of the map's classes. */
  labels?: ArrayLike<string> | Integers;
  /** The image of each shape, for `count: "images"`. */
  images?: Integers;
}

export interface Progress {
  phase: "read" | "select" | "count";
  done: number;
  total: number;
}

/** A text: itself, its bytes, a Blob (in a worker), or pieces that `read` writes into `target`, 0 at the end. */
export type Source =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | { size: number; read(target: Uint8Array): number };

export interface ReadOptions {
  geometry?: Geometry;
  split?: string | null;
  onProgress?(progress: Progress): void;
}

export interface CocoOptions extends ReadOptions {
  /** Name of the file in the report and in errors. */
  name?: string;
}

export interface YoloOptions extends ReadOptions {
  /** Class names, in order or by number. */
  names?: readonly string[] | Record<number, string>;
  /** `kpt_shape` of data.yaml. */
  keypoints?: readonly [number, number] | null;
  task?: "detect" | "segment" | "obb" | "pose" | null;
}

export interface LabelFile {
  name: string;
  /** null: an image without a label file. */
  content: string | ArrayBuffer | Uint8Array | null;
}

/** A file of a data set; paths tell splits and YOLO folders apart. */
export interface SourceFile {
  path: string;
  content: string | ArrayBuffer | Uint8Array | Blob;
}

/** A file that was not read. */
export interface Refused {
  path: string;
  reason: string;
}

/** Annotations in the kernel's memory, which are counted again without being read again. */
export interface Dataset {
  /** Names of the splits; null for annotations without one. */
  readonly splits: (string | null)[];
  readonly annotations: number;
  readonly refused: Refused[];
  /** Return a new map of a split, of all without one; it must be freed. */
  count(options: Options, reading?: ReadOptions): Heatmap;
  free(): void;
}

export interface RunLengthCode {
  size: readonly [number, number];
  /** COCO's compressed text, or run lengths along the columns. */
  counts: string | Uint8Array | Integers;
}

export interface ClassSums {
  read: number;
  counted: number;
  empty: number;
  outside: number;
  skipped: number;
  excluded: number;
  /** Images with at least one counted annotation. */
  images: number;
}

export interface ReportValues {
  name: string;
  files: number;
  images: number;
  images_counted: number;
  parts: number;
  read: number;
  counted: number;
  empty: number;
  outside: number;
  counted_as_point: number;
  excluded: number;
  skipped: Record<string, number>;
  unreadable: Record<string, number>;
  refused: Record<string, number>;
  notes: Record<string, number>;
  examples: Record<string, string[]>;
  splits: (string | null)[];
  regions: Record<string, never>;
  classes: Record<string, Record<string, number>>;
}

/** The outcome of every annotation: read = counted + empty + outside + skipped. */
export interface Report extends Omit<ReportValues, "splits" | "regions" | "classes"> {
  readonly splits: Set<string | null>;
  readonly classes: string[];
  byClass(): Record<string, ClassSums>;
  toJSON(): ReportValues;
}

export interface ClassTotals {
  name: string;
  counted: number;
  images: number;
  /** Sum of the grid; for people, `counted` is the number of objects. */
  hits: number;
}

export interface Spec {
  readonly grid: [number, number];
  readonly rule: Rule;
  readonly count: "instances" | "images";
  readonly largeBoxRatio: number | null;
  readonly of: "place" | "size";
}

/** Counts per class on a grid. The memory is freed by `free()`, or some time after the map is unreachable. */
export interface Heatmap {
  readonly spec: Spec;
  /** Names of the classes in the order of their grids; null: one grid without classes. */
  readonly classes: string[] | null;
  readonly report: Report;
  /** Lower median of the images' width over height; null if unknown. */
  readonly aspect: number | null;
  /** A copy of the counts, one grid after the other, row by row: int64; float64 for `rule: "area"`. */
  readonly counts: BigInt64Array | Float64Array;
  /** All classes together where they do not add up (`count: "images"`). */
  readonly union: BigInt64Array | null;
  /** The counts of a class as numbers. */
  grid(name: string | number): Float64Array;
  /** The counts of all classes together as numbers. */
  total(): Float64Array;
  totals(): ClassTotals[];
  /** Boxes (N, 4). Returns one outcome code per shape. */
  addBoxes(boxes: Numbers, options?: ArrayOptions & { box?: "xyxy" | "xywh" | "cxcywh" }): Uint8Array;
  /** Oriented boxes (N, 8), their corners. */
  addOrientedBoxes(corners: Numbers, options?: ArrayOptions): Uint8Array;
  /** Vertices (M, 2); offsets of rings, or of rings, parts and annotations. */
  addPolygons(coords: Numbers, offsets: Integers | readonly Integers[], options?: ArrayOptions): Uint8Array;
  addMasks(masks: readonly RunLengthCode[], options?: Omit<ArrayOptions, "size">): Uint8Array;
  /** Points (N, 2). */
  addPoints(xy: Numbers, options?: ArrayOptions & { outside?: "drop" | "clamp" }): Uint8Array;
  addCoco(source: Source, options?: CocoOptions): this;
  addYolo(files: Iterable<LabelFile>, options?: YoloOptions): this;
  free(): void;
}

/** The loaded kernel. */
export interface Heatgrid {
  heatmap(options: Options): Heatmap;
  /** Read COCO files, the files of a YOLO folder, or ZIP archives of either. */
  read(files: readonly SourceFile[], options?: { onProgress?(progress: Progress): void }): Promise<Dataset>;
  /** Size of the kernel's memory in bytes; it never shrinks. */
  readonly bytes: number;
}

/** A file, or one annotation in it, cannot be read. */
export class FormatError extends Error {
  readonly text: string;
  readonly path: string;
  readonly where: string;
}

/** Load the kernel: from its bytes or a compiled module, else from kernel.wasm next to this module. */
export function load(wasm?: ArrayBuffer | ArrayBufferView | WebAssembly.Module): Promise<Heatgrid>;

/** Return a map as the bytes of an NPZ archive, which `heatgrid.load` in Python reads. */
export function saveNpz(map: Heatmap): Uint8Array;

/** Return a map as JSON text, which `heatgrid.load` in Python reads. */
export function saveJson(map: Heatmap): string;
